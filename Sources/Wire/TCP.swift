/// RFC 9293 section 3.1.
public struct TCPHeader: Sendable {
  public struct Flags: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    @inlinable public static var fin: Flags { Flags(rawValue: 0x01) }
    @inlinable public static var syn: Flags { Flags(rawValue: 0x02) }
    @inlinable public static var rst: Flags { Flags(rawValue: 0x04) }
    @inlinable public static var psh: Flags { Flags(rawValue: 0x08) }
    @inlinable public static var ack: Flags { Flags(rawValue: 0x10) }
  }

  public var sourcePort: UInt16
  public var destinationPort: UInt16
  public var sequence: UInt32
  public var acknowledgment: UInt32
  public var flags: Flags
  /// `nil` where the capture was cut before it.
  public var window: UInt16?
  /// The options, as bytes of the frame; empty without. `TCPOptions` reads them.
  public var options: Range<Int>
  /// Bytes of payload as the headers give it, captured or not.
  public var payloadLength: UInt32

  public init(
    sourcePort: UInt16, destinationPort: UInt16, sequence: UInt32, acknowledgment: UInt32, flags: Flags,
    window: UInt16?, options: Range<Int>, payloadLength: UInt32
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
    guard end - offset >= 20 else { throw Stop(.malformed, in: .tcp, at: offset) }
    // Short snap lengths (68 is a common one) cut an IPv6 packet within its TCP header: the window goes first.
    try frame.require(14, at: offset, before: end, in: .tcp)
    let bytes = frame.extracting(offset..<offset &+ 14)
    let headerLength = Int(bytes.byte(at: 12) >> 4) * 4
    guard headerLength >= 20, headerLength <= end - offset else { throw Stop(.malformed, in: .tcp, at: offset) }
    let headerEnd = offset + headerLength
    content = .tcp(
      TCPHeader(
        sourcePort: bytes.be16(at: 0), destinationPort: bytes.be16(at: 2), sequence: bytes.be32(at: 4),
        acknowledgment: bytes.be32(at: 8), flags: TCPHeader.Flags(rawValue: bytes.byte(at: 13)),
        window: frame.count >= offset &+ 16 ? frame.be16(at: offset &+ 14) : nil,
        options: min(offset &+ 20, frame.count)..<min(headerEnd, frame.count),
        payloadLength: UInt32(truncatingIfNeeded: end - headerEnd)))
    // A capture cut inside the options keeps all the rest of the header.
    if headerEnd > frame.count { throw Stop(.captureEnded, in: .tcp, at: offset) }
  }
}
