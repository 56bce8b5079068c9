/// How a packet that was read from text, as tcpdump prints it, is written down again: headers made of what the text tells.
///
/// What it does not tell is 0: a TTL, an identification, an ARP request's sender hardware address. The last byte says what
/// the headers begin with, and whether the numbers in them are those of the wire.
public enum Transcript {
  /// The last byte of a frame.
  public struct Mark: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// TCP's sequence and acknowledgment numbers are absolute; UDP's payload is there.
    public static let numbers = Mark(rawValue: 1 << 0)
    /// It begins with a cooked header, and has no destination.
    public static let cooked = Mark(rawValue: 1 << 1)
    /// It begins with an EtherType: no MAC was printed.
    public static let bare = Mark(rawValue: 1 << 2)
    /// The bytes themselves were printed, from the network header on.
    public static let bytes = Mark(rawValue: 1 << 3)
    /// TCP's acknowledgment number alone is told: tcpdump prints no sequence number of a bare acknowledgment.
    public static let acknowledgment = Mark(rawValue: 1 << 4)
    /// These numbers are relative to a beginning that is not told: they hold beside others of the same flow alone.
    public static let relative = Mark(rawValue: 1 << 5)
    /// These numbers count from a beginning that was made up for the connection: they hold in it alone.
    public static let counted = Mark(rawValue: 1 << 6)
  }

  /// Which numbers of a segment are known.
  public enum Told: Sendable {
    case everything
    /// All of the connection, and nothing that tells it from one in another capture.
    case counted
    case acknowledgment
    /// Both, beside other segments of the flow.
    case relative
    case relativeAcknowledgment
    case nothing
  }
}

extension Dissection {
  mutating func walkTranscript(_ frame: Span<UInt8>, end: Int) throws(Stop) {
    try frame.require(1, at: 0, before: end, in: .link)
    let mark = Transcript.Mark(rawValue: frame.byte(at: frame.count - 1))
    let headers = frame.extracting(first: frame.count - 1)
    isTranscribed = !mark.contains(.bytes)
    let isRelative = mark.contains(.relative)
    if mark.contains(.bytes) {
      told = .everything
    } else if mark.contains(.numbers) {
      told = isRelative ? .relative : mark.contains(.counted) ? .counted : .everything
    } else if mark.contains(.acknowledgment) {
      told = isRelative ? .relativeAcknowledgment : .acknowledgment
    } else {
      told = .nothing
    }
    if mark.contains(.bare) {
      try headers.require(2, at: 0, before: end, in: .link)
      try walk(etherType: headers.be16(at: 0), headers, at: 2, end: end)
    } else if mark.contains(.cooked) {
      try walkLinuxSLL(headers, end: end)
    } else {
      try walkEthernet(headers, end: end)
    }
  }
}
