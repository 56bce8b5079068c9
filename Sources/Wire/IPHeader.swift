/// The fields of an IPv4 or IPv6 header that tell a packet and its way.
public struct IPHeader: Sendable {
  public var source: IPAddress
  public var destination: IPAddress
  /// TTL or hop limit.
  public var hopLimit: UInt8
  /// The protocol of the payload, after any IPv6 extension headers.
  public var protocolNumber: UInt8
  /// The IPv4 identification, or that of an IPv6 fragment header; 0 without.
  public var identification: UInt32
  public var moreFragments: Bool
  /// The offset of this fragment in bytes.
  public var fragmentOffset: UInt16
  /// Where the payload begins, and its length as the header gives it. Where the header says 0 because the network
  /// card was left to fill it in (TSO), the length follows from that of the frame on the wire.
  public var payloadOffset: Int
  public var payloadLength: Int
  /// The packet is longer than Ethernet carries, or was left to the network card to cut up: one frame here, several on
  /// the wire.
  public var isOversized: Bool

  /// The longest packet that Ethernet carries (RFC 894).
  @usableFromInline static var ethernetLimit: Int { 1500 }

  public init(
    source: IPAddress, destination: IPAddress, hopLimit: UInt8, protocolNumber: UInt8, identification: UInt32,
    moreFragments: Bool, fragmentOffset: UInt16, payloadOffset: Int, payloadLength: Int, isOversized: Bool
  ) {
    self.source = source
    self.destination = destination
    self.hopLimit = hopLimit
    self.protocolNumber = protocolNumber
    self.identification = identification
    self.moreFragments = moreFragments
    self.fragmentOffset = fragmentOffset
    self.payloadOffset = payloadOffset
    self.payloadLength = payloadLength
    self.isOversized = isOversized
  }
}
/// The numbers of the IP protocols that the walk looks into (IANA "Assigned Internet Protocol Numbers").
public enum IPProtocol {
  public static let icmp: UInt8 = 1
  public static let ipv4: UInt8 = 4
  public static let tcp: UInt8 = 6
  public static let udp: UInt8 = 17
  public static let ipv6: UInt8 = 41
  public static let gre: UInt8 = 47
  public static let icmpv6: UInt8 = 58
  public static let vrrp: UInt8 = 112
}

extension IPHeader {
  /// Where the packet ends by its header.
  var payloadEnd: Int { payloadOffset + payloadLength }

  /// Reads a header, without the extension headers of IPv6, from a place that the enclosing layer ends at `end`.
  @inline(__always)
  init(_ version: IPAddress.Version, _ frame: Span<UInt8>, at offset: Int, end: Int) throws(Dissection.Stop) {
    switch version {
    case .v4: try self.init(v4: frame, at: offset, end: end)
    case .v6: try self.init(v6: frame, at: offset, end: end)
    }
  }
}

extension Dissection.Layer {
  init(_ version: IPAddress.Version) {
    self = version == .v4 ? .ipv4 : .ipv6
  }
}

extension Dissection {
  /// Goes on with an IP packet at `offset` of what ends at `end`. Where it has no readable header, everything stays as
  /// it is; `tunnel` is what the packet came in, if the last header was not that of a link.
  mutating func walkIP(
    _ version: IPAddress.Version, _ frame: Span<UInt8>, at offset: Int, end: Int, in tunnel: TunnelPayload? = nil
  ) throws(Stop) {
    switch version {
    case .v4: try walkIPv4(frame, at: offset, end: end, in: tunnel)
    case .v6: try walkIPv6(frame, at: offset, end: end, in: tunnel)
    }
  }

  /// Takes `header`, which begins at `offset`, as the innermost one.
  @inline(__always)
  mutating func accept(
    _ header: IPHeader, layer: Layer, at offset: Int, end: Int, in tunnel: TunnelPayload?
  ) {
    // Until here `network` is the header around this one. The first fragment of a tunnelled packet rightly holds an
    // inner packet longer than itself; anything else that claims more than is around it contradicts itself.
    if header.payloadEnd > end, network?.moreFragments != true {
      note(Stop(.malformed, in: layer, at: offset))
    }
    if let tunnel, let network {
      encapsulation.push(
        Encapsulation.Layer(
          tunnel.tunnel, identifier: tunnel.identifier, from: network.source, to: network.destination))
    }
    network = header
    content = .other(protocolNumber: header.protocolNumber)
  }

  /// Goes on with the payload of an IPv4 or IPv6 packet. `isWhole` is false in the first of several fragments.
  @inline(__always)
  mutating func walkPayload(
    _ protocolNumber: UInt8, of version: IPAddress.Version, _ frame: Span<UInt8>, at offset: Int, end: Int,
    isWhole: Bool
  ) throws(Stop) {
    switch protocolNumber {
    case IPProtocol.tcp: try walkTCP(frame, at: offset, end: end)
    case IPProtocol.udp: try walkUDP(frame, at: offset, end: end, isWhole: isWhole)
    case IPProtocol.icmp where version == .v4: try walkICMP(frame, at: offset, end: end)
    case IPProtocol.icmpv6 where version == .v6: try walkICMPv6(frame, at: offset, end: end)
    case IPProtocol.vrrp: try walkVRRP(frame, at: offset, end: end, addressVersion: version)
    default:
      if let tunnel = try TunnelPayload(protocolNumber, frame, at: offset, end: end) {
        try enter(tunnel, frame, end: end)
      }
    }
  }
}
