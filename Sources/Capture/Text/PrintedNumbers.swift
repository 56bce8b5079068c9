import Wire

/// Gives TCP's printed numbers back their absolute values.
///
/// tcpdump prints those of a SYN, and of the first acknowledging segment of a 4-tuple, as they are, and later ones relative to
/// these, across all links. Where no SYN was printed the first may be either, and is not told; the others are relative to a
/// beginning that is not told, or all as they are (-S): they hold beside each other.
/// A class, for a copy of it would have to keep every flow again.
final class PrintedNumbers {
  private struct Key: Hashable {
    var (low, high): (IPAddress, IPAddress)
    var (lowPort, highPort): (UInt16, UInt16)
  }

  private struct Base {
    /// Of the lower end and of the higher, as absolute numbers; `nil` where it was not printed.
    var own: [UInt32?] = [nil, nil]
    /// A SYN with an acknowledgment was printed: later numbers are relative to these, unless -S was given.
    var isTold = false
    var isAbsolute: Bool?
  }

  /// More than any trace that is pasted has; beyond it, new flows have no numbers.
  private static let limit = 1 << 20
  private var bases: [Key: Base] = [:]
  /// Flows that were under way when the text began.
  private var underWay: Set<Key> = []

  struct Told {
    var sequence: UInt32?
    var acknowledgment: UInt32
    var isRelative = false
  }

  /// The absolute numbers of a segment; `nil` where they are not told. A bare acknowledgment is printed without its sequence
  /// number.
  func resolve(
    _ flags: TCPHeader.Flags, sequence: UInt32?, acknowledgment: UInt32?, from source: (IPAddress, UInt16),
    to destination: (IPAddress, UInt16)
  ) -> Told? {
    let isLower = source.0 != destination.0 ? source.0 < destination.0 : source.1 <= destination.1
    let (low, high) = isLower ? (source, destination) : (destination, source)
    let key = Key(low: low.0, high: high.0, lowPort: low.1, highPort: high.1)
    let (own, other) = isLower ? (0, 1) : (1, 0)
    guard flags.contains(.ack) else {
      // Such are never relative.
      guard let sequence else { return nil }
      if flags.contains(.syn), bases.count < Self.limit {
        var base = bases[key] ?? Base()
        base.own[own] = sequence
        bases[key] = base
      }
      return Told(sequence: sequence, acknowledgment: 0)
    }
    guard let acknowledgment else { return nil }
    if flags.contains(.syn) {
      guard let sequence, bases.count < Self.limit else { return nil }
      var base = Base(isTold: true)
      base.own[own] = sequence
      base.own[other] = acknowledgment &- 1
      base.isAbsolute = bases[key]?.isAbsolute
      bases[key] = base
      return Told(sequence: sequence, acknowledgment: acknowledgment)
    }
    guard var base = bases[key] else {
      guard underWay.contains(key) else {
        if underWay.count < Self.limit { underWay.insert(key) }
        return nil
      }
      return Told(sequence: sequence, acknowledgment: acknowledgment, isRelative: true)
    }
    if !base.isTold {
      // The first that acknowledges: as it is. The SYN that was printed proves it.
      let isProved =
        base.own[other].map { acknowledgment == $0 &+ 1 } ?? base.own[own].map { sequence == $0 &+ 1 } ?? false
      if isProved, let sequence, flags.contains(.rst) {
        return Told(sequence: sequence, acknowledgment: acknowledgment)
      }
      return nil
    }
    guard let start = base.own[own], let otherStart = base.own[other] else { return nil }
    if base.isAbsolute == nil, acknowledgment == 1 || acknowledgment == otherStart &+ 1 {
      base.isAbsolute = acknowledgment != 1
      bases[key] = base
    }
    // A capture that shows replies late, or one half only.
    if base.isAbsolute == nil, let sequence, sequence <= 1 || sequence == start &+ 1 {
      base.isAbsolute = sequence > 1
      bases[key] = base
    }
    guard let isAbsolute = base.isAbsolute else { return nil }
    // A bare acknowledgment has no printed sequence number.
    return Told(
      sequence: sequence.map { isAbsolute ? $0 : $0 &+ start },
      acknowledgment: isAbsolute ? acknowledgment : acknowledgment &+ otherStart)
  }
}
