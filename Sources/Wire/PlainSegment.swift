/// A TCP segment in plain Ethernet and IPv4: no VLAN tag, no IP option, no fragment, no tunnel, its headers captured
/// whole and free of contradiction.
///
/// Most frames of most captures are such, and reading their dozen fields at fixed offsets takes a fifth of the time of
/// the walk. It says what the walk says of the same frame, which a test holds it to; any other frame is left to the
/// walk.
public struct PlainSegment: Sendable {
  public let source: MACAddress
  public let destination: MACAddress
  public let sourceAddress: UInt32
  public let destinationAddress: UInt32
  public let hopLimit: UInt8
  public let sourcePort: UInt16
  public let destinationPort: UInt16
  public let sequence: UInt32
  public let acknowledgment: UInt32
  public let flags: TCPHeader.Flags
  public let payloadLength: UInt32

  /// RFC 894, RFC 791 section 3.1 and RFC 9293 section 3.1. `nil` where `frame`, the captured bytes of an Ethernet
  /// frame that had `wireLength` bytes on the wire, is no plain segment.
  @inlinable @inline(__always)
  public init?(_ frame: Span<UInt8>, wireLength: Int) {
    guard frame.count >= 54 else { return nil }
    let headers = frame.extracting(0..<54)
    let totalLength = Int(headers.be16(at: 16))
    let headerLength = Int(headers.byte(at: 46) >> 4) &* 4
    guard headers.be16(at: 12) == 0x0800, headers.byte(at: 14) == 0x45, headers.be16(at: 20) & 0x3fff == 0,
      headers.byte(at: 23) == 6, headerLength >= 20, totalLength >= 20 &+ headerLength,
      frame.count >= 34 &+ headerLength, totalLength &+ 14 <= wireLength
    else { return nil }
    destination = MACAddress(UInt64(headers.be32(at: 0)) << 16 | UInt64(headers.be16(at: 4)))
    source = MACAddress(UInt64(headers.be16(at: 6)) << 32 | UInt64(headers.be32(at: 8)))
    hopLimit = headers.byte(at: 22)
    sourceAddress = headers.be32(at: 26)
    destinationAddress = headers.be32(at: 30)
    sourcePort = headers.be16(at: 34)
    destinationPort = headers.be16(at: 36)
    sequence = headers.be32(at: 38)
    acknowledgment = headers.be32(at: 42)
    flags = TCPHeader.Flags(rawValue: headers.byte(at: 47))
    payloadLength = UInt32(truncatingIfNeeded: totalLength &- 20 &- headerLength)
  }
}
