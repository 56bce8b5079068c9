import Wire

/// A layer whose heading and fields are read in a packet's details, by its name in `frame.protocols`.
enum DetailLayer: String {
  case eth, vlan, ieee8021ad, sll, ip, ipv6, arp, tcp, udp, icmp, icmpv6, vrrp, gre, vxlan, geneve

  /// By the line of its own. Old versions write `Internet Protocol, Src: …`.
  init?(heading: ArraySlice<UInt8>) {
    let scanner = TextScanner(heading)
    let found = Self.headings.first { scanner.begins(with: $0.words) }
    guard let found else { return nil }
    self = found.layer
  }

  /// The longer of two that begin alike is first.
  private static let headings: [(words: StaticString, layer: DetailLayer)] = [
    ("Ethernet II", .eth), ("IEEE 802.3 Ethernet", .eth), ("802.1Q Virtual LAN", .vlan), ("IEEE 802.1ad", .ieee8021ad),
    ("Linux cooked capture", .sll), ("Internet Protocol Version 4", .ip), ("Internet Protocol Version 6", .ipv6),
    ("Internet Protocol,", .ip), ("Address Resolution Protocol", .arp), ("Transmission Control Protocol", .tcp),
    ("User Datagram Protocol", .udp), ("Internet Control Message Protocol v6", .icmpv6),
    ("Internet Control Message Protocol", .icmp), ("Virtual Router Redundancy Protocol", .vrrp),
    ("Generic Routing Encapsulation", .gre), ("Virtual eXtensible Local Area Network", .vxlan),
    ("Generic Network Virtualization Encapsulation", .geneve),
  ]

  /// What comes behind an error's own fields is a packet that it quotes, a step further in.
  var quotes: Bool { self == .icmp || self == .icmpv6 }

  /// Without these a tree is not open, or of a layer that was cut.
  var needed: [PrintedField] {
    switch self {
    case .eth: [.source, .destination]
    case .vlan: [.tag]
    case .ieee8021ad: [.outerTag]
    case .sll: []
    case .ip:
      [
        .source4, .destination4, .protocolNumber, .timeToLive, .identification, .fragmentOffset, .moreFragments,
        .packetLength,
      ]
    case .ipv6: [.source6, .destination6, .hopLimit]
    case .arp: [.operation, .senderMAC, .sender, .targetMAC, .target]
    case .tcp: [.sourcePort, .destinationPort]
    case .udp: [.datagramSource, .datagramDestination]
    case .icmp: [.messageType, .messageCode]
    case .icmpv6: [.messageType6]
    case .vrrp: [.routerVersion, .router, .priority]
    case .gre: [.tunnelled]
    case .vxlan: [.vxlanNetwork]
    case .geneve: [.geneveNetwork]
    }
  }

  /// How far behind the layer's heading a field's line begins.
  static let step = 4

  /// A field of the layer by the words in front of its colon, in small letters, and how far in they stand.
  func field(_ name: String, indentation: Int) -> PrintedField? {
    guard let (field, steps) = Self.fields[self]?[name], steps.contains(indentation / Self.step) else { return nil }
    return field
  }

  private static let fields: [DetailLayer: [String: (PrintedField, ClosedRange<Int>)]] = [
    .eth: ["source": (.source, 1...1), "destination": (.destination, 1...1)],
    .vlan: ["id": (.tag, 1...1)],
    .ieee8021ad: ["id": (.outerTag, 1...1)],
    .sll: ["source": (.cookedSource, 1...1)],
    .ip: [
      "source address": (.source4, 1...1), "source": (.source4, 1...1), "destination address": (.destination4, 1...1),
      "destination": (.destination4, 1...1), "protocol": (.protocolNumber, 1...1), "time to live": (.timeToLive, 1...1),
      "identification": (.identification, 1...1), "fragment offset": (.fragmentOffset, 1...2),
      "more fragments": (.moreFragments, 2...2), "total length": (.packetLength, 1...1),
    ],
    .ipv6: [
      "source address": (.source6, 1...1), "source": (.source6, 1...1), "destination address": (.destination6, 1...1),
      "destination": (.destination6, 1...1), "hop limit": (.hopLimit, 1...1),
    ],
    .arp: [
      "opcode": (.operation, 1...1), "sender mac address": (.senderMAC, 1...1), "sender ip address": (.sender, 1...1),
      "target mac address": (.targetMAC, 1...1), "target ip address": (.target, 1...1),
    ],
    .tcp: [
      "source port": (.sourcePort, 1...1), "destination port": (.destinationPort, 1...1), "flags": (.flags, 1...1),
      "sequence number (raw)": (.sequence, 1...1), "sequence number": (.sequence, 1...1),
      "acknowledgment number (raw)": (.acknowledgment, 1...1), "acknowledgment number": (.acknowledgment, 1...1),
      "header length": (.headerLength, 1...1), "[tcp segment len": (.segmentLength, 1...1),
    ],
    .udp: [
      "source port": (.datagramSource, 1...1), "destination port": (.datagramDestination, 1...1),
      "length": (.datagramLength, 1...1),
    ],
    .icmp: [
      "type": (.messageType, 1...1), "code": (.messageCode, 1...1), "mtu of next hop": (.messageMTU, 1...1),
      "gateway address": (.gateway, 1...1),
    ],
    // Other options than a hardware address have other names.
    .icmpv6: [
      "type": (.messageType6, 1...1), "code": (.messageCode6, 1...1), "mtu": (.messageMTU6, 1...1),
      "target address": (.advertised, 1...1), "override": (.overrides, 2...2),
      "link-layer address": (.linkLayerAddress, 2...2),
    ],
    .vrrp: [
      "vrrp protocol version": (.routerVersion, 2...2), "virtual rtr id": (.router, 1...1),
      "priority": (.priority, 1...1), "adver int": (.interval, 1...1), "ip address": (.virtual4, 1...1),
      "ipv6 address": (.virtual6, 1...1),
    ],
    .gre: ["protocol type": (.tunnelled, 1...1), "key": (.key, 1...1)],
    .vxlan: ["vxlan network identifier (vni)": (.vxlanNetwork, 1...1)],
    .geneve: ["virtual network identifier (vni)": (.geneveNetwork, 1...1)],
  ]
}
