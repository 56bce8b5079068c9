import Evidence
import Tables
import Wire

extension Check {
  static let ipvsWrongForwarding = Check(
    id: "IPVS002", slug: "ipvs-wrong-forwarding", title: "The balancer's IPVS table masquerades",
    page: Page(
      looksFor: """
        The check looks in the balancer's table. It fails if a destination of the VIP gets its requests by Masq: only
        Route, Tunnel and Local return directly. In a node's table Masq is right: kube-proxy delivers to local pods
        that way. The user says whose table it is. Otherwise a table with Route or Tunnel is the balancer's, and a
        table with Masq is a node's if replies of the VIP are proved to avoid the balancer. In all other cases the
        check is undecided, and so it is about a forwarding method that it does not know.

        It judges the lists of other balancers by the same rules: loxilb's mode dsr and nftlb's mode dsr count as
        Route, Katran as Tunnel, Cilium's flag dsr as direct, and every other mode of loxilb's and nftlb's fails.

        In any table the check also fails about a Masq destination that answers clients from its own address, about a
        Local destination that is another host, which gets nothing, and about DPVS's synproxy beside Route or Tunnel:
        the balancer answers the handshake itself. If every destination is the host itself, the table hands nothing
        on, and there is no direct return to judge.
        """,
      whyItMatters: """
        Masq rewrites the destination address, so the balancer must rewrite the reply as well. Either the reply
        crosses the balancer, or it reaches the client from an address that the client did not ask.
        """,
      howToMend: """
        On the balancer run ipvsadm -e -t VIP:PORT -r RIP:PORT with -g (Route, one network) or -i (Tunnel); in
        keepalived set lb_kind DR or TUN. Every backend then needs the VIP and the service's own port. To keep Masq,
        make the balancer the gateway of every backend: its replies then cross the balancer, and there is no direct
        return.
        """,
      sources: [
        "linux net/netfilter/ipvs/ip_vs_xmit.c (ip_vs_nat_xmit, ip_vs_dr_xmit, ip_vs_tunnel_xmit)",
        "https://github.com/iqiyi/dpvs/issues/692 (synproxy with direct routing)",
        "https://github.com/kube-vip/kube-vip/issues/685 (Local for other hosts)",
        "loxilb-io/loxilb common/common.go (LBMode), relianoid/nftlb tests/config_exec (dsr, stlsdnat)",
        "kubernetes pkg/proxy/ipvs/util/ipvs_linux.go (kube-proxy always masquerades)",
      ])
  ) { service in
    let judged = service.ipvs.flatMap { host in
      host.destinations.compactMap { destination in
        destination.forwarding.map { (host: host, destination: destination, forwarding: $0) }
      }
    }
    guard !judged.isEmpty else { return .notApplicable("no table tells how requests are handed on") }
    let masquerading = judged.filter { $0.forwarding == .masquerade }
    if let evading = service.evadingMasquerade(masquerading.map(\.destination)) { return evading }
    if let proxy = service.answersInPlace(judged.map(\.destination)) { return proxy }
    if let local = service.localAlone(judged.map { ($0.host, $0.destination) }) { return local }
    let translated = judged.filter(\.forwarding.isTranslating)
    let wrong = translated.filter { $0.host.role == .balancer }
    if let first = wrong.first {
      let name = wrong.contains { $0.forwarding == .masquerade } ? "Masq" : "FullNat"
      return .fail(
        "\(counted(wrong.count, "destination")) of \(first.host.text) "
          + (name == "Masq" ? "masquerade\(wrong.count == 1 ? "s" : "")" : "get requests by FullNat"),
        because: "it is the balancer's (\(first.host.reason)), and "
          + (name == "Masq"
            ? "what is masqueraded has to come back through it"
            : "FullNat puts the balancer's address in the client's place, so that replies come back to it"),
        remedy: first.host.balancer.remedy,
        wrong.map { $0.destination.exhibit(expected: "Route or Tunnel") })
    }
    let unknown = judged.filter { $0.forwarding.isUnknown }
    if let first = unknown.first {
      return .inconclusive(
        "\(first.host.text) forwards by \(first.forwarding.name)", because: "that method is not known here",
        remedy:
          "look up in the \(first.host.balancer?.rawValue ?? "kernel")'s source whether replies come back through the balancer",
        unknown.map { $0.destination.exhibit(expected: "Route, Tunnel, Masq or Local") })
    }
    let open = translated.filter { $0.host.role == nil }
    if let first = open.first {
      return .inconclusive(
        "\(first.host.text) \(first.forwarding == .masquerade ? "masquerades" : "translates (FullNat)")",
        because: "right on a node, and wrong on the balancer",
        next: .tellIPVSRole(mark: first.host.unknownMarks.first, of: service.service.address),
        open.map { $0.destination.exhibit(expected: "Route or Tunnel, if it is the balancer's") })
    }
    let passedOn = judged.filter { $0.host.role == .node && $0.forwarding.isDirect }
    if let first = passedOn.first {
      return .inconclusive(
        "\(first.host.text) hands requests on by \(first.forwarding.name)",
        because: "the user says that it is a node's, and nodes deliver by Masq or Local", next: .checkIPVSRole,
        passedOn.map { $0.destination.exhibit(expected: "Masq or Local") })
    }
    let roles = Set(judged.compactMap(\.host.role))
    return .pass(
      roles == [.node] ? "nodes deliver by Masq or Local" : "the balancer hands requests on by Route, Tunnel or Local")
  }
}

extension ServiceCase {
  /// A destination by Masq was seen to answer a client from its own address: its replies do not come back to be rewritten.
  fileprivate func evadingMasquerade(_ masquerading: [IPVSHost.Destination]) -> Finding? {
    let answers = foreignReplies.filter { !roles.isBalancer(links.destination(of: $0.record.link)) }
    let evading = masquerading.filter { destination in
      let endpoint = destination.destination.endpoint
      return answers.contains {
        $0.from.address == endpoint.address && (endpoint.port == 0 || $0.from.port == endpoint.port)
      }
    }
    guard let first = evading.first else { return nil }
    return .fail(
      "\(first.destination.endpoint.text) gets its requests by Masq and answers past the balancer",
      because: "what is masqueraded has to come back to be rewritten, and its answer bears its own address",
      remedy:
        "make the balancer the gateway of that backend, which is no direct return; or list it by Route and give it "
        + "the VIP",
      evading.map { $0.exhibit(expected: "Route or Tunnel, or an answer through the balancer") })
  }

  /// The balancer completes handshakes in the backends' place, and hands the connections on by Route or Tunnel.
  fileprivate func answersInPlace(_ judged: [IPVSHost.Destination]) -> Finding? {
    let proxied = judged.filter { $0.listed.service.answersHandshakes && $0.forwarding?.isDirect ?? false }
    guard let first = proxied.first else { return nil }
    return .fail(
      "synproxy answers the handshakes of \(service.text)",
      because: "the balancer answers with sequence numbers of its own, and nobody puts these in place of the backend's "
        + "in what returns directly",
      remedy: "switch synproxy off for this service, or hand requests on by FullNAT, which is no direct return",
      [
        Exhibit(
          first.listed.line(first.listed.service.line), expected: "no synproxy with Route or Tunnel", actual: "synproxy"
        )
      ])
  }

  /// A destination that is said to be the host itself and is not, or none that is another host.
  fileprivate func localAlone(_ judged: [(host: IPVSHost, destination: IPVSHost.Destination)]) -> Finding? {
    let others = judged.filter { host, destination in
      destination.forwarding == .local && tables.hosts.contains { $0.name == host.name }
        && tables.hosts.contains { $0.name != host.name && $0.owns(destination.destination.endpoint.address) }
    }
    if let first = others.first {
      return .fail(
        "\(first.destination.destination.endpoint.text) is listed as Local and is another host's address",
        because: "Local hands nothing on: its requests stay on the balancer",
        remedy: "list it by Route (-g) or Tunnel (-i)",
        others.map { $0.destination.exhibit(expected: "Route or Tunnel") })
    }
    guard judged.allSatisfy({ $0.destination.forwarding == .local }) else { return nil }
    // What answered past the balancer was handed on by somebody else.
    if counts.direct > 0 { return .pass("every destination is the host itself (Local)") }
    return .inconclusive(
      "every destination is the host itself (Local)",
      because: "it hands nothing on, and what it serves itself has no way back that avoids it",
      remedy: "if these are other hosts, list them by Route (-g) or Tunnel (-i)",
      judged.map { $0.destination.exhibit(expected: "Route or Tunnel, if it is another host") })
  }
}
