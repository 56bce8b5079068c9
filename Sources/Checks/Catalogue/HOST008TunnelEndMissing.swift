import Tables
import Wire

extension Check {
  static let tunnelEndMissing = Check(
    id: "HOST008", slug: "tunnel-end-missing",
    title: "No interface of a backend opens the tunnel that brings its requests",
    page: Page(
      looksFor: """
        The check looks at each backend that gets its requests in a tunnel, as a table or the frames tell. It fails if
        no interface that opens this kind of tunnel is up, and if the backend does not forward packets or was seen to
        leave requests unanswered. IP in IP needs ipip or sit over IPv4 and ip6tnl over IPv6, GRE needs gre or ip6gre,
        or gretap where it carries Ethernet; VXLAN needs vxlan, Geneve geneve; GUE and FOU end in one of the first. If
        frames show the tunnel, the device must take its VNI or key, and packets from its source. The check is undecided
        if the backend forwards packets, for a pod's namespace may open the tunnel, or if an interface has an XDP
        program. It passes if the backend was seen to answer.
        """,
      whyItMatters: """
        The kernel cannot use the packet. It answers with ICMP protocol unreachable, from the address that the tunnel
        leads to, or drops it. Health checks of that address still pass.
        """,
      howToMend: """
        Bring the tunnel's end up: `modprobe ipip; ip link set tunl0 up` (for GRE `modprobe ip_gre; ip link set gre0
        up`). Give it, or the loopback, the VIP as a whole address, and set its rp_filter to 0 (HOST005). GUE also
        needs `ip fou add port 6080 gue`. Write all of this into the network configuration.
        """,
      sources: [
        "linux net/ipv4/ipip.c, net/ipv4/tunnel4.c, net/ipv4/ip_gre.c, net/ipv6/ip6_tunnel.c", "ip-link(8), ip-fou(8)",
        "linux net/netfilter/ipvs/ip_vs_xmit.c, ip_vs_tunnel_xmit",
      ])
  ) { service in
    service.judgeBackendHosts(
      passing: "an interface opens the tunnel", remedy: "bring up the end of the tunnel on that backend"
    ) { backend in
      let host = backend.host
      guard backend.getsTunnels else { return .none("no tunnel leads to it") }
      guard host.texts.contains(.addresses) else { return .none("its addresses are not given (ip -j addr)") }
      if service.answers(backend.macs) { return .pass }
      let summary: String
      let exhibits: [Exhibit]
      switch service.tunnelEnd(at: host) {
      case .fits: return .pass
      case .unknown:
        return .open(
          "which of its interfaces opens the tunnel does not show",
          because: "its addresses are given without the kinds of interfaces",
          next: .giveHostText(.interfaceKinds, of: host.name))
      case .fault(let fault, let lines): (summary, exhibits) = (fault.text, lines)
      }
      if host.interfaces.contains(where: \.hasXDP) {
        return .open(
          summary, because: "an XDP program may open it", next: .captureOnHost(host.name),
          exhibits)
      }
      let isSilent = service.isSilent(backend.macs)
      if host.forwards(service.service.address.version) != false, !isSilent {
        return .open(
          summary, because: "it may forward packets to a namespace that opens it, as a pod's does",
          next: .captureOnHost(host.name), exhibits)
      }
      return .fail(
        summary,
        because: "nothing takes out of the tunnel what comes in it"
          + (isSilent ? ", and requests to it were seen to go without an answer" : ""), exhibits)
    }
  }
}

extension ServiceCase {
  /// The end of the tunnel that brings a host its requests: by the frames where they show it, else by the tables.
  fileprivate func tunnelEnd(at host: HostTables) -> TunnelEnd {
    var isUnknown = false
    let layers = tunnels(to: host)
    for layer in layers {
      switch end(of: layer, at: host) {
      case .fault(let fault, let lines) where fault.isOfDevice: return .fault(fault, lines)
      case .unknown: isUnknown = true
      case .fits, .fault: break
      }
    }
    if !layers.isEmpty { return isUnknown ? .unknown : .fits }
    let kinds = tunnelEndKinds(of: host)
    let ends = host.interfaces.filter { kinds.contains($0.linkType) }
    if ends.contains(where: { $0.flags.contains("UP") }) { return .fits }
    let line = ends.first?.line ?? TableLine(path: host.interfaces.first?.line.path ?? host.path, number: 0)
    let wanted = kinds.sorted().joined(separator: ", ")
    let exhibit = Exhibit(
      line, expected: "an interface of type \(wanted), up",
      actual: ends.first.map { "\($0.name), \($0.linkType), not up" } ?? "none")
    return .fault(ends.first.map { .down(device: $0.name) } ?? .noDevice, [exhibit])
  }

  /// The types of interfaces that may open what tables and frames say of the tunnel to a host.
  fileprivate func tunnelEndKinds(of host: HostTables) -> Set<String> {
    let listed = ipvs.flatMap { other in
      other.destinations.filter { host.owns($0.destination.endpoint.address) && other.forwarding(of: $0) == .tunnel }
    }
    var kinds: Set<String> = []
    for destination in listed.map(\.destination) {
      kinds.formUnion(Self.ends(of: destination.tunnel?.type, over: destination.endpoint.address.version))
    }
    // By frames alone, or by a text that does not tell the type.
    return kinds.isEmpty ? Self.ends(of: nil, over: .v4).union(Self.ends(of: nil, over: .v6)) : kinds
  }

  private static func ends(of type: IPVSTable.TunnelType?, over version: IPAddress.Version) -> Set<String> {
    switch (type, version) {
    case (.ipip?, .v4): ["ipip", "sit"]
    case (.ipip?, .v6): ["tunnel6"]
    case (.gre?, .v4): ["gre"]
    case (.gre?, .v6): ["gre6"]
    case (.gue?, .v4), (nil, .v4): ["ipip", "sit", "gre"]
    case (.gue?, .v6), (nil, .v6): ["tunnel6", "gre6"]
    }
  }
}
