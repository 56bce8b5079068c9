/// A moment as capture files keep it: seconds and nanoseconds since 1970-01-01 00:00 UTC. Moments before 1970 and
/// after 2106 are clamped.
public struct Timestamp: Hashable, Sendable {
  public let seconds: UInt32
  /// 0 to 999,999,999.
  public let nanoseconds: UInt32

  public init(seconds: UInt32, nanoseconds: UInt32) {
    let carry = nanoseconds / 1_000_000_000
    let (sum, overflow) = seconds.addingReportingOverflow(carry)
    self.seconds = overflow ? .max : sum
    self.nanoseconds = nanoseconds % 1_000_000_000
  }

  /// Seconds from `other` to this moment; negative where it comes before.
  public func seconds(since other: Timestamp) -> Double {
    Double(seconds) - Double(other.seconds) + (Double(nanoseconds) - Double(other.nanoseconds)) / 1e9
  }
}

extension Timestamp: Comparable {
  public static func < (a: Timestamp, b: Timestamp) -> Bool {
    a.seconds != b.seconds ? a.seconds < b.seconds : a.nanoseconds < b.nanoseconds
  }
}
