/// The tunnels that were passed to reach the innermost packet, outermost first.
public struct Encapsulation: Hashable, Sendable {
  /// How many tunnels in each other are followed: as many as `packedKinds` has bytes.
  public static let depthLimit = 4

  public enum Kind: UInt8, Sendable {
    /// RFC 2003, RFC 4213, RFC 2473: IPv4 or IPv6 directly in IPv4 or IPv6.
    case ipip = 1
    /// RFC 2784, RFC 2890.
    case gre = 2
    /// draft-ietf-intarea-gue, variant 0 and variant 1.
    case gue = 3
  }

  /// One byte a tunnel, the innermost in the lowest byte; 0 where there is none.
  public var packedKinds: UInt32 = 0
  /// The end points of the innermost tunnel.
  public var source: IPAddress?
  public var destination: IPAddress?

  public init() {}

  public var isEmpty: Bool { packedKinds == 0 }
  public var depth: Int { Self.depthLimit - packedKinds.leadingZeroBitCount / 8 }

  public mutating func push(_ kind: Kind, from source: IPAddress, to destination: IPAddress) {
    packedKinds = packedKinds << 8 | UInt32(kind.rawValue)
    self.source = source
    self.destination = destination
  }

  /// Outermost first.
  public var kinds: [Kind] {
    [24, 16, 8, 0].compactMap { Kind(rawValue: UInt8(truncatingIfNeeded: packedKinds >> UInt32($0))) }
  }
}

/// Where the inner IP packet of a tunnel begins.
///
/// A new tunnel is one file that finds this in its header, a `Kind`, and one case: of `init(_:_:at:end:)` where it has an IP
/// protocol number, of `init(udp:_:)` where it has a UDP port.
struct TunnelPayload {
  var kind: Encapsulation.Kind
  var version: IPAddress.Version
  var offset: Int

  /// The tunnel that is the payload of an IP packet; `nil` where it is none.
  init?(_ protocolNumber: UInt8, _ frame: Span<UInt8>, at offset: Int, end: Int) throws(Dissection.Stop) {
    switch protocolNumber {
    // RFC 2003, RFC 4213, RFC 2473: the inner header follows at once.
    case IPProtocol.ipv4: self.init(kind: .ipip, version: .v4, offset: offset)
    case IPProtocol.ipv6: self.init(kind: .ipip, version: .v6, offset: offset)
    case IPProtocol.gre: try self.init(gre: frame, at: offset, end: end)
    default: return nil
    }
  }

  /// The tunnel that is the payload of a UDP datagram; `nil` where it is none.
  init?(udp header: UDPHeader, _ frame: Span<UInt8>) {
    guard GUEPort(rawValue: header.destinationPort) != nil else { return nil }
    self.init(gue: frame, at: header.payloadOffset, end: header.payloadEnd)
  }

  init(kind: Encapsulation.Kind, version: IPAddress.Version, offset: Int) {
    self.kind = kind
    self.version = version
    self.offset = offset
  }
}

extension Dissection {
  /// Goes on with the packet inside a tunnel that ends at `end`.
  mutating func enter(_ tunnel: TunnelPayload, _ frame: Span<UInt8>, end: Int) throws(Stop) {
    guard encapsulation.depth < Encapsulation.depthLimit else {
      throw Stop(.tooManyTunnels, in: Layer(tunnel.version), at: tunnel.offset)
    }
    try walkIP(tunnel.version, frame, at: tunnel.offset, end: end, in: tunnel.kind)
  }
}
