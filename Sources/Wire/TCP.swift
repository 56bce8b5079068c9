/// RFC 9293 section 3.1.
public struct TCPHeader: Sendable {
  public struct Flags: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let fin = Flags(rawValue: 0x01)
    public static let syn = Flags(rawValue: 0x02)
    public static let rst = Flags(rawValue: 0x04)
    public static let psh = Flags(rawValue: 0x08)
    public static let ack = Flags(rawValue: 0x10)
  }

  public var sourcePort: UInt16
  public var destinationPort: UInt16
  public var sequence: UInt32
  public var acknowledgment: UInt32
  public var flags: Flags
  public var window: UInt16
  /// The options, as bytes of the frame; empty without. `TCPOptions` reads them.
  public var options: Range<Int>
  /// Bytes of payload as the headers give it, captured or not.
  public var payloadLength: UInt32

  public init(
    sourcePort: UInt16, destinationPort: UInt16, sequence: UInt32, acknowledgment: UInt32, flags: Flags,
    window: UInt16, options: Range<Int>, payloadLength: UInt32
  ) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.sequence = sequence
    self.acknowledgment = acknowledgment
    self.flags = flags
    self.window = window
    self.options = options
    self.payloadLength = payloadLength
  }
}

extension Dissection {
  @inline(__always)
  mutating func walkTCP(_ frame: Span<UInt8>, at offset: Int, end: Int) throws(Stop) {
    try frame.require(20, at: offset, before: end, in: .tcp)
    let headerLength = Int(frame.byte(at: offset + 12) >> 4) * 4
    guard headerLength >= 20, headerLength <= end - offset else { throw Stop(.malformed, in: .tcp, at: offset) }
    content = .tcp(
      TCPHeader(
        sourcePort: frame.be16(at: offset), destinationPort: frame.be16(at: offset + 2),
        sequence: frame.be32(at: offset + 4), acknowledgment: frame.be32(at: offset + 8),
        flags: TCPHeader.Flags(rawValue: frame.byte(at: offset + 13)), window: frame.be16(at: offset + 14),
        options: offset + 20..<min(offset + headerLength, frame.count),
        payloadLength: UInt32(truncatingIfNeeded: end - offset - headerLength)))
    // A capture cut inside the options keeps all the rest of the header.
    if offset + headerLength > frame.count { throw Stop(.captureEnded, in: .tcp, at: offset) }
  }
}
