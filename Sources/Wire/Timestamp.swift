/// A moment as capture files keep it: seconds and nanoseconds since 1970-01-01 00:00 UTC. Moments before 1970 and
/// after 2106 are clamped.
public struct Timestamp: BitwiseCopyable, Hashable, Sendable {
  // One number, so that comparing takes one step.
  @usableFromInline let order: UInt64

  /// 0 to 999,999,999.
  @inlinable public var nanoseconds: UInt32 { UInt32(truncatingIfNeeded: order) }
  @inlinable public var seconds: UInt32 { UInt32(truncatingIfNeeded: order >> 32) }

  /// A second's worth of `nanoseconds` or more is carried over.
  @inlinable
  public init(seconds: UInt32, nanoseconds: UInt32) {
    if nanoseconds < 1_000_000_000 {
      order = UInt64(seconds) << 32 | UInt64(nanoseconds)
    } else {
      let (sum, overflow) = seconds.addingReportingOverflow(nanoseconds / 1_000_000_000)
      order = UInt64(overflow ? .max : sum) << 32 | UInt64(nanoseconds % 1_000_000_000)
    }
  }

  public static let earliest = Timestamp(seconds: 0, nanoseconds: 0)
  public static let latest = Timestamp(seconds: .max, nanoseconds: 999_999_999)

  /// Seconds from `other` to this moment; negative where it comes before.
  public func seconds(since other: Timestamp) -> Double {
    Double(seconds) - Double(other.seconds) + (Double(nanoseconds) - Double(other.nanoseconds)) / 1e9
  }
}

extension Timestamp {
  /// The stretch of time that it lies in. A second has two, which part at 2^29 nanoseconds; their numbers rise with time.
  @inlinable public var stretch: UInt64 { order >> 29 }

  /// The last moment of a stretch.
  public init(endOfStretch stretch: UInt64) {
    self.init(
      seconds: UInt32(clamping: stretch >> 3), nanoseconds: stretch & 7 == 0 ? 1 << 29 - 1 : 999_999_999)
  }
}

extension Timestamp: Comparable {
  @inlinable
  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.order < b.order }
}

extension Timestamp {
  /// So many nanoseconds later, or earlier for less than 0; clamped.
  public func shifted(byNanoseconds shift: Int64) -> Timestamp {
    if shift == 0 { return self }
    let moment = Int64(seconds) * 1_000_000_000 + Int64(nanoseconds)
    let (sum, overflow) = moment.addingReportingOverflow(shift)
    if sum < 0 || overflow && shift < 0 { return .earliest }
    if overflow || sum / 1_000_000_000 > Int64(UInt32.max) { return .latest }
    return Timestamp(seconds: UInt32(sum / 1_000_000_000), nanoseconds: UInt32(sum % 1_000_000_000))
  }
}
