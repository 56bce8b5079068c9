import Tables

extension Check {
  static let ipvsWrongForwarding = Check(
    id: "IPVS002", slug: "ipvs-wrong-forwarding", title: "The balancer's IPVS table masquerades",
    page: Page(
      looksFor: """
        A destination of the VIP that gets its requests by Masq, in the balancer's table. Route and Tunnel return
        directly, and so does Local. In a node's table Masq is right: kube-proxy delivers to local pods so. Whose table
        it is, is said by --ipvs-role, or follows: one with Route or Tunnel is the balancer's; one that masquerades
        while replies of the VIP are proved to avoid the balancer is a node's. Else it is undecided, and so is a
        forwarding method that is not known.
        """,
      whyItMatters: """
        Masq rewrites the destination address, so the reply has to come back to be rewritten again: it crosses the
        balancer, or goes to the client with an address that the client did not ask.
        """,
      howToMend: """
        On the balancer: ipvsadm -e -t VIP:PORT -r RIP:PORT -g (Route, one network) or -i (Tunnel); in keepalived
        lb_kind DR or TUN. Every backend then needs the VIP, and the service's own port.
        """,
      sources: [
        "linux net/netfilter/ipvs/ip_vs_xmit.c (ip_vs_nat_xmit, ip_vs_dr_xmit, ip_vs_tunnel_xmit)",
        "kubernetes pkg/proxy/ipvs/util/ipvs_linux.go (kube-proxy always masquerades)",
      ])
  ) { service in
    let judged = service.ipvs.flatMap { host in
      host.destinations.compactMap { destination in
        destination.destination.forwarding.map { (host: host, destination: destination, forwarding: $0) }
      }
    }
    guard !judged.isEmpty else { return .notApplicable("no table tells how requests are handed on") }
    let masquerading = judged.filter { $0.forwarding == .masquerade }
    let wrong = masquerading.filter { $0.host.role == .balancer }
    if let first = wrong.first {
      return .fail(
        "\(counted(wrong.count, "destination")) of \(first.host.text) masquerade\(wrong.count == 1 ? "s" : "")",
        because: "it is the balancer's (\(first.host.reason)), and what is masqueraded has to come back through it",
        remedy: "use Route (-g) or Tunnel (-i) for every destination",
        wrong.map { $0.destination.exhibit(expected: "Route or Tunnel") })
    }
    let unknown = judged.filter { $0.forwarding.isUnknown }
    if let first = unknown.first {
      return .inconclusive(
        "\(first.host.text) forwards by \(first.forwarding.name)", because: "that method is not known here",
        remedy: "look up in the kernel's source whether replies come back through the balancer",
        unknown.map { $0.destination.exhibit(expected: "Route, Tunnel, Masq or Local") })
    }
    let open = masquerading.filter { $0.host.role == nil }
    if let first = open.first {
      return .inconclusive(
        "\(first.host.text) masquerades", because: "right on a node, and wrong on the balancer",
        remedy: (first.host.unknownMarks.first.map {
          "say what firewall mark \($0) stands for (--fwmark \($0)=\(service.service.address)), or whose table it is: "
        } ?? "say whose table it is: ") + "--ipvs-role balancer, or --ipvs-role node",
        open.map { $0.destination.exhibit(expected: "Route or Tunnel, if it is the balancer's") })
    }
    let passedOn = judged.filter { $0.host.role == .node && $0.forwarding.isDirect }
    if let first = passedOn.first {
      return .inconclusive(
        "\(first.host.text) hands requests on by \(first.forwarding.name)",
        because: "--ipvs-role says that it is a node's, and nodes deliver by Masq or Local",
        remedy: "look whether it is the balancer's: --ipvs-role balancer",
        passedOn.map { $0.destination.exhibit(expected: "Masq or Local") })
    }
    let roles = Set(judged.compactMap(\.host.role))
    return .pass(
      roles == [.node] ? "nodes deliver by Masq or Local" : "the balancer hands requests on by Route, Tunnel or Local")
  }
}
