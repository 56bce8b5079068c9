/// A TCP segment in plain Ethernet and IPv4: no VLAN tag, no IP option, no fragment, no tunnel, its headers captured
/// whole and free of contradiction.
///
/// Most frames of most captures are such, and reading their dozen fields at fixed offsets takes a fifth of the time of
/// the walk. It says what the walk says of the same frame, which a test holds it to; any other frame is left to the
/// walk.
public struct PlainSegment: Sendable {
  public let source: MACAddress
  public let destination: MACAddress
  /// Pairs as they stand side by side in the header, the first in the upper half.
  @usableFromInline let addresses: UInt64
  @usableFromInline let ports: UInt32
  @usableFromInline let sequences: UInt64
  public let hopLimit: UInt8
  public let flags: TCPHeader.Flags
  public let payloadLength: UInt32
  /// The IP packet is longer than Ethernet carries.
  public let isOversized: Bool

  @inlinable public var sourceAddress: UInt32 { UInt32(truncatingIfNeeded: addresses >> 32) }
  @inlinable public var destinationAddress: UInt32 { UInt32(truncatingIfNeeded: addresses) }
  @inlinable public var sourcePort: UInt16 { UInt16(truncatingIfNeeded: ports >> 16) }
  @inlinable public var destinationPort: UInt16 { UInt16(truncatingIfNeeded: ports) }
  @inlinable public var sequence: UInt32 { UInt32(truncatingIfNeeded: sequences >> 32) }
  @inlinable public var acknowledgment: UInt32 { UInt32(truncatingIfNeeded: sequences) }

  /// `nil` where `frame`, the captured bytes of an Ethernet frame that had `wireLength` bytes on the wire, is no plain
  /// segment.
  @inlinable @inline(__always)
  public init?(_ frame: Span<UInt8>, wireLength: Int) {
    guard Self.matches(frame, wireLength: wireLength) else { return nil }
    self.init(matching: frame)
  }

  /// RFC 894, RFC 791 section 3.1 and RFC 9293 section 3.1.
  @inlinable @inline(__always)
  public static func matches(_ frame: Span<UInt8>, wireLength: Int) -> Bool {
    guard frame.count >= 54 else { return false }
    let headers = frame.extracting(0..<54)
    let totalLength = Int(headers.be16(at: 16))
    let headerLength = Int(headers.byte(at: 46) >> 4) &* 4
    return headers.be16(at: 12) == 0x0800 && headers.byte(at: 14) == 0x45 && headers.be16(at: 20) & 0x3fff == 0
      && headers.byte(at: 23) == 6 && headerLength >= 20 && totalLength >= 20 &+ headerLength
      && frame.count >= 34 &+ headerLength && totalLength &+ 14 <= wireLength
  }

  /// What a frame says that `matches`; for any other it must not be called.
  @inlinable @inline(__always)
  public init(matching frame: Span<UInt8>) {
    // One check for all the fields.
    let headers = frame.extracting(0..<54)
    // Two fields at a time where they stand side by side.
    destination = MACAddress(headers.be64(at: 0) >> 16)
    source = MACAddress(headers.be64(at: 6) >> 16)
    hopLimit = headers.byte(at: 22)
    addresses = headers.be64(at: 26)
    ports = headers.be32(at: 34)
    sequences = headers.be64(at: 38)
    flags = TCPHeader.Flags(rawValue: headers.byte(at: 47))
    let headerLength = Int(headers.byte(at: 46) >> 4) &* 4
    let totalLength = Int(headers.be16(at: 16))
    payloadLength = UInt32(truncatingIfNeeded: totalLength &- 20 &- headerLength)
    isOversized = totalLength > IPHeader.ethernetLimit
  }
}
