#if os(Linux)
  import Platform
  import Wire

  extension HostRoute {
    /// The kernel's own answer, as `ip route get` prints it: rtnetlink(7). It asks for nothing that needs privileges.
    static func towards(_ address: IPAddress, from source: IPAddress? = nil) -> Answer {
      let family = UInt8(address.version == .v4 ? AF_INET : AF_INET6)
      let bits = UInt8(address.octets.count * 8)
      var body: [UInt8] = [family, bits, source.map { _ in bits } ?? 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
      body += Netlink.attribute(1, address.octets)
      if let source { body += Netlink.attribute(2, source.octets) }
      switch Netlink.answer(to: .init(type: 26, body: body)) {
      case .message(let message) where message.type == 24: return HostRoute(message).map(Answer.route) ?? .unknown
      case .refused(ENETUNREACH), .refused(EHOSTUNREACH), .refused(EACCES), .refused(EINVAL): return .unreachable
      default: return .unknown
      }
    }

    /// Reads an RTM_NEWROUTE.
    init?(_ message: Netlink.Message) {
      guard message.body.count >= 12 else { return nil }
      let attributes = message.attributes(after: 12)
      // RTA_OIF; RTA_GATEWAY, or RTA_VIA where the router is of another family.
      guard let index = attributes[4].flatMap(Netlink.number), let name = interfaceName(index) else { return nil }
      let gateway = attributes[5] ?? attributes[18].map { Array($0.dropFirst(2)) }
      // RTN_LOCAL
      self.init(
        interface: name, gateway: gateway.flatMap { IPAddress(octets: $0) }, isLocal: message.body[7] == 2)
    }
  }

  /// The interfaces that an interface hangs on: of a VLAN its carrier, of a bridge's or bond's port the bridge or bond.
  enum LinkTie {
    /// More than any host has on each other. The two ends of a veth pair hang on each other.
    private static let mostLayers = 8

    /// Whether what leaves by `route` passes `captured`: it is the same, one that carries it, as a VLAN's, or one of its
    /// ports.
    static func passes(_ captured: String, whatLeavesBy route: String) -> Bool {
      if master(of: captured) == route { return true }
      var layer: String? = route
      for _ in 0..<mostLayers where layer != nil {
        if layer == captured { return true }
        layer = layer.flatMap(lower)
      }
      return false
    }

    /// IFLA_LINK, unless it is in another network namespace.
    private static func lower(of name: String) -> String? {
      guard let link = attributes(of: name), link[37] == nil else { return nil }
      return link[5].flatMap(Netlink.number).flatMap(interfaceName).flatMap { $0 == name ? nil : $0 }
    }

    /// IFLA_MASTER
    private static func master(of name: String) -> String? {
      attributes(of: name)?[10].flatMap(Netlink.number).flatMap(interfaceName)
    }

    private static func attributes(of name: String) -> [UInt16: [UInt8]]? {
      let index = unsafe if_nametoindex(name)
      guard index > 0 else { return nil }
      let body = [UInt8(AF_UNSPEC), 0, 0, 0] + Netlink.bytes(UInt32(index)) + [UInt8](repeating: 0, count: 8)
      guard case .message(let message) = Netlink.answer(to: .init(type: 18, body: body)), message.type == 16 else {
        return nil
      }
      return message.attributes(after: 16)
    }
  }

  private func interfaceName(_ index: UInt32) -> String? {
    var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
    guard unsafe if_indextoname(index, &name) != nil else { return nil }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
#else
  import Wire

  extension HostRoute {
    static func towards(_ address: IPAddress, from source: IPAddress? = nil) -> Answer { .unknown }
  }

  enum LinkTie {
    static func passes(_ captured: String, whatLeavesBy route: String) -> Bool { captured == route }
  }
#endif
