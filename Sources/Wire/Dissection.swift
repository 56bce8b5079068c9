/// What one frame says: the outcome of one lenient walk through its layers.
///
/// The walk decodes as far as it can and stops where the capture ends or the frame contradicts itself; `stop` tells
/// where and why. Offsets are counted in bytes from the start of the frame.
public struct Dissection: Sendable {
  /// The sender at the link layer; `nil` where the link type carries none.
  public var source: MACAddress?
  /// The receiver at the link layer; `nil` where the link type carries none, as in every Linux cooked capture.
  public var destination: MACAddress?
  public var vlan = VLANStack()
  /// The index of the interface in an SLL2 frame; 0 elsewhere.
  public var interfaceIndex: UInt32 = 0
  /// The tunnels around the innermost packet.
  public var encapsulation = Encapsulation()
  /// The innermost IP header that was reached.
  public var network: IPHeader?
  public var content: Content = .none
  public var stop: Stop?

  public init() {}

  /// The innermost thing that was decoded.
  public enum Content: Sendable {
    case none
    case tcp(TCPHeader)
    case udp(UDPHeader)
    /// A fragment other than the first, which carries no ports.
    case laterFragment(protocolNumber: UInt8)
    case icmpError(ICMPError)
    case arp(ARPPacket)
    case neighborDiscovery(NeighborMessage)
    case vrrp(VRRPAdvertisement)
    /// An IP protocol, or an ICMP message, that is not looked into.
    case other(protocolNumber: UInt8)
  }

  /// Why the walk ended before the end of what it knows.
  public struct Stop: Sendable, Equatable {
    public enum Reason: Sendable, Equatable {
      /// The capture kept too few bytes of the frame (snap length).
      case captureEnded
      /// A length or a version in the packet contradicts the rest of it.
      case malformed
      /// More tunnels in each other than are followed.
      case tooManyTunnels
      /// A protocol that is not known here.
      case unknownProtocol
    }
    public var reason: Reason
    public var layer: Layer
    /// Where the layer that could not be decoded begins.
    public var offset: Int

    public init(_ reason: Reason, in layer: Layer, at offset: Int) {
      self.reason = reason
      self.layer = layer
      self.offset = offset
    }
  }

  public enum Layer: UInt8, Sendable {
    case link, vlan, arp, ipv4, ipv6, tcp, udp, icmp, icmpv6, vrrp, gre, gue
  }
}

/// The 802.1Q and 802.1ad tags of a frame, outermost first. The identifiers of the outer two are kept, which tells
/// networks apart; deeper tags are only counted.
public struct VLANStack: Hashable, Sendable {
  public var depth: UInt8 = 0
  public var outer: UInt16 = 0
  public var inner: UInt16 = 0

  public init() {}

  public mutating func push(_ identifier: UInt16) {
    if depth == 0 { outer = identifier } else if depth == 1 { inner = identifier }
    if depth < .max { depth += 1 }
  }
}

/// The tunnels that were passed to reach the innermost packet, outermost first.
public struct Encapsulation: Hashable, Sendable {
  /// How many tunnels in each other are followed.
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
  public var depth: Int { (packedKinds == 0 ? 0 : 4 - packedKinds.leadingZeroBitCount / 8) }

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

  public init(
    source: IPAddress, destination: IPAddress, hopLimit: UInt8, protocolNumber: UInt8, identification: UInt32,
    moreFragments: Bool, fragmentOffset: UInt16, payloadOffset: Int, payloadLength: Int
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

/// RFC 768.
public struct UDPHeader: Sendable {
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  /// Where the payload begins, and its length as the headers give it, captured or not.
  public var payloadOffset: Int
  public var payloadLength: UInt32

  public init(sourcePort: UInt16, destinationPort: UInt16, payloadOffset: Int, payloadLength: UInt32) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.payloadOffset = payloadOffset
    self.payloadLength = payloadLength
  }
}

/// An ICMP (RFC 792) or ICMPv6 (RFC 4443) error and the packet it quotes.
public struct ICMPError: Sendable, Hashable {
  public enum Kind: UInt8, Sendable, Hashable {
    /// ICMP 3, other than code 4; ICMPv6 1.
    case unreachable
    /// ICMP 3 code 4 (RFC 1191); ICMPv6 2.
    case packetTooBig
    /// ICMP 11; ICMPv6 3.
    case timeExceeded
    /// ICMP 5 (RFC 792): a router names a better next hop.
    case redirect
    /// ICMP 12; ICMPv6 4.
    case parameterProblem
  }
  public var kind: Kind
  public var type: UInt8
  public var code: UInt8
  /// The next hop's MTU of a packet-too-big message in bytes; 0 where it does not say.
  public var mtu: UInt32
  /// The packet that the error is about, innermost packet where a tunnelled one is quoted.
  public var quoted: QuotedPacket

  public init(kind: Kind, type: UInt8, code: UInt8, mtu: UInt32, quoted: QuotedPacket) {
    self.kind = kind
    self.type = type
    self.code = code
    self.mtu = mtu
    self.quoted = quoted
  }
}

/// The packet that an ICMP error quotes.
public struct QuotedPacket: Sendable, Hashable {
  public var source: IPAddress
  public var destination: IPAddress
  public var protocolNumber: UInt8
  /// 0 where the quotation is too short, or the protocol has none.
  public var sourcePort: UInt16
  public var destinationPort: UInt16

  public init(
    source: IPAddress, destination: IPAddress, protocolNumber: UInt8, sourcePort: UInt16, destinationPort: UInt16
  ) {
    self.source = source
    self.destination = destination
    self.protocolNumber = protocolNumber
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
  }
}

/// ARP for IPv4 over Ethernet, RFC 826.
public struct ARPPacket: Sendable {
  /// 1 request, 2 reply.
  public var operation: UInt16
  public var senderMAC: MACAddress
  public var senderIP: IPAddress
  public var targetMAC: MACAddress
  public var targetIP: IPAddress

  public init(
    operation: UInt16, senderMAC: MACAddress, senderIP: IPAddress, targetMAC: MACAddress, targetIP: IPAddress
  ) {
    self.operation = operation
    self.senderMAC = senderMAC
    self.senderIP = senderIP
    self.targetMAC = targetMAC
    self.targetIP = targetIP
  }
}

/// A neighbour solicitation or advertisement, RFC 4861 sections 4.3 and 4.4.
public struct NeighborMessage: Sendable {
  public enum Kind: UInt8, Sendable { case solicitation = 135, advertisement = 136 }
  public var kind: Kind
  public var target: IPAddress
  /// The source (solicitation) or target (advertisement) link-layer address option.
  public var linkLayerAddress: MACAddress?
  /// The R, S and O flags of an advertisement.
  public var isRouter: Bool
  public var isSolicited: Bool
  public var isOverride: Bool

  public init(
    kind: Kind, target: IPAddress, linkLayerAddress: MACAddress?, isRouter: Bool, isSolicited: Bool, isOverride: Bool
  ) {
    self.kind = kind
    self.target = target
    self.linkLayerAddress = linkLayerAddress
    self.isRouter = isRouter
    self.isSolicited = isSolicited
    self.isOverride = isOverride
  }
}

/// A VRRP advertisement, RFC 3768 (version 2) and RFC 9568 (version 3).
public struct VRRPAdvertisement: Sendable {
  public var version: UInt8
  public var virtualRouterID: UInt8
  public var priority: UInt8
  /// The virtual addresses, as bytes of the frame, four or sixteen each by the version of the IP header.
  public var addresses: Range<Int>
  public var addressVersion: IPAddress.Version

  public init(
    version: UInt8, virtualRouterID: UInt8, priority: UInt8, addresses: Range<Int>, addressVersion: IPAddress.Version
  ) {
    self.version = version
    self.virtualRouterID = virtualRouterID
    self.priority = priority
    self.addresses = addresses
    self.addressVersion = addressVersion
  }
}
