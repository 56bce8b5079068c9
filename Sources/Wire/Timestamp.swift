/// A moment as capture files keep it: seconds and nanoseconds since 1970-01-01 00:00 UTC. Moments before 1970 and
/// after 2106 are clamped.
public struct Timestamp: Hashable, Sendable {
  // In this order the two make one number in memory on most machines, and comparing takes one step.
  /// 0 to 999,999,999.
  public let nanoseconds: UInt32
  public let seconds: UInt32

  /// A second's worth of `nanoseconds` or more is carried over.
  @inlinable
  public init(seconds: UInt32, nanoseconds: UInt32) {
    if nanoseconds < 1_000_000_000 {
      self.nanoseconds = nanoseconds
      self.seconds = seconds
    } else {
      let (sum, overflow) = seconds.addingReportingOverflow(nanoseconds / 1_000_000_000)
      self.nanoseconds = nanoseconds % 1_000_000_000
      self.seconds = overflow ? .max : sum
    }
  }

  /// Seconds from `other` to this moment; negative where it comes before.
  public func seconds(since other: Timestamp) -> Double {
    Double(seconds) - Double(other.seconds) + (Double(nanoseconds) - Double(other.nanoseconds)) / 1e9
  }
}

extension Timestamp: Comparable {
  @inlinable
  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.order < b.order }

  @inlinable var order: UInt64 { UInt64(seconds) << 32 | UInt64(nanoseconds) }
}
