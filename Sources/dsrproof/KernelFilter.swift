import Checks
import Evidence
import Report
import Tables
import Wire

/// The capture filter of services: all that their verdict may rest on, and little else.
enum KernelFilter {
  /// With more VIPs a filter gets longer than the kernel takes; then it passes every frame.
  private static let mostAddresses = 32

  /// An expression as for tcpdump; `nil` to pass every frame, as where services have yet to be found. Only Ethernet
  /// has VLAN tags.
  static func expression(
    for services: [ServicePattern], beside tables: Tables, on linkType: LinkType,
    tunnelPorts: TunnelPorts = .standard, at vantage: Vantage? = nil
  ) -> String? {
    let addresses = Set(services.map(\.address))
    let translated = Set(tables.ipvs.flatMap { $0.table.services }.flatMap(translatedRequests))
    guard !addresses.isEmpty, addresses.count + translated.count <= mostAddresses else { return nil }
    var terms = addresses.sorted().map { "host \($0)" }
    // Whose MAC is whose; who sends errors and redirects about the services, and pings that show why a backend asks for the
    // balancer; who announces a redundancy address.
    terms += ["arp", "icmp6", "icmp"]
    terms.append("ip proto 112 or ip6 proto 112")
    if linkType == .ethernet { terms += linkHeaders.map { "ether proto \($0)" } }
    // To a client, and where routers lead to it, requests and replies go bare.
    if vantage != .client, vantage != .behindRouter {
      terms += tunnels(at: tunnelPorts)
      // A balancer that translates may tell the VIP in an option of the SYN (Cilium).
      terms.append("(ip[0] & 0xf != 5 and ip proto 6)")
    }
    terms += Set(services.compactMap(foreignAnswers)).sorted() + translated.sorted()
    let plain = terms.joined(separator: " or ")
    // Each "vlan" moves all that stands behind it, so the innermost comes last.
    return linkType != .ethernet ? plain : "\(plain) or (vlan and (\(plain) or (vlan and (\(plain)))))"
  }

  /// What the filter cannot look into, so that all of it passes: what is of a link, and the tags of switches.
  private static let linkHeaders =
    Tunnel.allCases.flatMap(\.entry.carriers).compactMap {
      if case .etherType(let type) = $0 { "0x" + String(type, radix: 16) } else { nil }
    } + ["0x8926", "0x893f", "0x8874", "0xdada"]

  /// Tunnels that may carry the services. Linux puts Destination Options, protocol 60, before what an IPv6 tunnel carries,
  /// and `ip6 proto` does not look behind them.
  private static func tunnels(at ports: TunnelPorts) -> [String] {
    let carriers = Tunnel.allCases.filter(\.entry.isOpened).flatMap(\.entry.carriers)
    let numbers = carriers.compactMap { if case .ipProtocol(let number) = $0 { number } else { nil } }
    return numbers.flatMap { ["ip proto \($0)", "ip6 proto \($0)"] } + ["ip6 proto 60"]
      + ports.all.filter(\.tunnel.entry.isOpened).map { "udp dst port \($0.port)" }
  }

  /// How requests of an IPVS service begin on their way to destinations by Masq: that the balancer sends them shows whose
  /// the table is.
  private static func translatedRequests(_ service: IPVSTable.Service) -> [String] {
    service.destinations.filter { $0.forwarding == .masquerade }.map { destination in
      let (address, port) = (destination.endpoint.address, destination.endpoint.port)
      if case .endpoint(.udp, _) = service.name { return "(udp dst port \(port) and dst host \(address))" }
      let flags = address.version == .v4 ? "tcp[tcpflags] & tcp-syn != 0" : "ip6 proto 6 and ip6[53] & 2 != 0"
      return "(dst host \(address) and \(flags))"
    }
  }

  /// Answers from another address than the VIP: a SYN-ACK, or a datagram, from the service's port.
  private static func foreignAnswers(_ service: ServicePattern) -> String? {
    guard let port = service.port, let transport = service.transport else { return nil }
    switch (transport, service.address.version) {
    case (.udp, _): return "udp src port \(port)"
    case (.tcp, .v4): return "(tcp src port \(port) and tcp[tcpflags] & (tcp-syn|tcp-ack) == (tcp-syn|tcp-ack))"
    // tcp[...] looks at IPv4 alone. Without extension headers the flags stand in byte 53.
    case (.tcp, .v6): return "(ip6 proto 6 and ip6[40:2] == \(port) and ip6[53] & 0x12 == 0x12)"
    }
  }
}
