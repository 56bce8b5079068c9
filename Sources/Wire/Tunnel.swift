/// The tunnels that are known: those that bring a request to a backend, those that carry a network, those that a mirror
/// wraps its copies in, and what stands between a link's header and the packet with an identifier of its own.
///
/// A new tunnel is a case here with its entry in `entry`, and a file that finds what its header carries, named in
/// `TunnelPayload.init(_:_:at:end:)`. Dissection, the names in reports and in the schema, the capture filter of a live
/// run and `docs/capturing.md` follow; tests tell what is missing.
public enum Tunnel: UInt8, Sendable, CaseIterable {
  case ipip = 1
  case gre, gue, fou, vxlan, vxlanGPE, geneve, mplsOverUDP, etherIP, erspan, mpls, pppoe
  case esp, ah, l2tp, gtp

  /// Where a tunnel's header stands.
  public enum Carrier: Sendable, Hashable {
    /// IANA "Assigned Internet Protocol Numbers".
    case ipProtocol(UInt8)
    /// A UDP destination port: IANA "Service Name and Transport Protocol Port Number Registry", or common use.
    case udpPort(UInt16)
    /// Of a frame: IEEE Registration Authority, "EtherType".
    case etherType(UInt16)
  }

  public struct Entry: Sendable {
    /// As reports and options write it.
    public let name: String
    /// What a reader knows it by.
    public let title: String
    /// Where it is looked for.
    public let carriers: [Carrier]
    /// What its header tells one network or sender from another by.
    public let identifier: String?
    /// Whether what it carries is read; otherwise its frames are counted.
    public let isOpened: Bool
    /// What defines it.
    public let source: String

    init(
      _ name: String, _ title: String, protocols: [UInt8] = [], ports: [UInt16] = [], etherTypes: [UInt16] = [],
      identifier: String? = nil, isOpened: Bool = true, source: String
    ) {
      self.name = name
      self.title = title
      carriers =
        protocols.map(Carrier.ipProtocol) + ports.map(Carrier.udpPort) + etherTypes.map(Carrier.etherType)
      self.identifier = identifier
      self.isOpened = isOpened
      self.source = source
    }
  }

  public var entry: Entry {
    switch self {
    case .ipip:
      Entry(
        "ipip", "IP in IP", protocols: [IPProtocol.ipv4, IPProtocol.ipv6], source: "RFC 2003, RFC 4213, RFC 2473")
    case .gre:
      Entry(
        "gre", "GRE", protocols: [IPProtocol.gre], ports: [4754], identifier: "key",
        source: "RFC 2784, RFC 2890; in UDP RFC 8086")
    // 6080 is IANA's "gue", also Katran's; 19523 is that of GitHub's GLB director.
    case .gue: Entry("gue", "GUE", ports: [6080, 19523], source: "draft-ietf-intarea-gue")
    // It has no port of its own: the user tells it.
    case .fou: Entry("fou", "foo-over-UDP", source: "ip-fou(8)")
    // 8472 is what Linux takes without `dstport`.
    case .vxlan: Entry("vxlan", "VXLAN", ports: [4789, 8472], identifier: "VNI", source: "RFC 7348")
    case .vxlanGPE:
      Entry("vxlan-gpe", "VXLAN-GPE", ports: [4790], identifier: "VNI", source: "draft-ietf-nvo3-vxlan-gpe")
    case .geneve: Entry("geneve", "Geneve", ports: [6081], identifier: "VNI", source: "RFC 8926")
    case .mplsOverUDP:
      Entry("mpls-over-udp", "MPLS in UDP", ports: [6635], identifier: "label", source: "RFC 7510")
    case .etherIP: Entry("etherip", "EtherIP", protocols: [97], source: "RFC 3378")
    case .erspan:
      Entry("erspan", "ERSPAN", identifier: "session", source: "draft-foschiano-erspan; carried by GRE")
    case .mpls:
      Entry(
        "mpls", "MPLS", etherTypes: [EtherType.mpls, EtherType.mplsUpstream], identifier: "label", source: "RFC 3032")
    case .pppoe:
      Entry("pppoe", "PPPoE", etherTypes: [EtherType.pppoeSession], identifier: "session", source: "RFC 2516")
    case .esp: Entry("esp", "ESP", protocols: [50], ports: [4500], isOpened: false, source: "RFC 4303, RFC 3948")
    case .ah: Entry("ah", "AH", protocols: [51], isOpened: false, source: "RFC 4302")
    case .l2tp: Entry("l2tp", "L2TP", protocols: [115], ports: [1701], isOpened: false, source: "RFC 2661, RFC 3931")
    case .gtp: Entry("gtp", "GTP-U", ports: [2152], isOpened: false, source: "3GPP TS 29.281")
    }
  }

  /// Whether it can stand at a UDP port, its own or one that the user tells.
  public var isCarriedByUDP: Bool {
    entry.isOpened
      && (self == .fou || entry.carriers.contains { if case .udpPort = $0 { true } else { false } })
  }

  /// It belongs to the link between two MACs, and has no ends of its own: a router puts it on and takes it off, and nothing of
  /// what a tunnel tells of hosts holds.
  public var isOfLink: Bool {
    switch self {
    case .mpls, .pppoe: true
    default: false
    }
  }

  public init?(name: String) {
    guard let tunnel = Self.allCases.first(where: { $0.entry.name == name }) else { return nil }
    self = tunnel
  }

  /// By IP protocol number.
  private static let byProtocol: [Tunnel?] = {
    var tunnels: [Tunnel?] = Array(repeating: nil, count: 256)
    for tunnel in allCases {
      for case .ipProtocol(let number) in tunnel.entry.carriers { tunnels[Int(number)] = tunnel }
    }
    return tunnels
  }()

  /// `nil` for a protocol that is no tunnel.
  public init?(protocolNumber: UInt8) {
    guard let tunnel = Self.byProtocol[Int(protocolNumber)] else { return nil }
    self = tunnel
  }
}
