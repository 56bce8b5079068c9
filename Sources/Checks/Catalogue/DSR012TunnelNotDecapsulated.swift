import Evidence
import Tables
import Wire

extension Check {
  static let tunnelNotDecapsulated = Check(
    id: "DSR012", slug: "tunnel-not-decapsulated",
    title: "Requests arrive in a tunnel, and nothing takes them out of it",
    page: Page(
      looksFor: """
        Requests in a tunnel that nothing answers, in one of four forms. The capture stands at the host that the tunnel
        leads to. Or that host says by ICMP that it does not open the tunnel: no such protocol, port or key. Or the
        tunnel bears the VIP as its own source address: a host that has the VIP drops a packet that claims to come from
        itself. Or the tables of the host at the tunnel's end show why nothing opens it: it has no device of that kind, or
        none that is up; its device takes another VNI or key, or packets from another address; rp_filter drops what comes
        out of it; or the host has the tunnel's source itself.
        """,
      whyItMatters: """
        The balancer does its part and counts its packets; health checks of the backend's own address pass. The kernel
        drops what it cannot open, or what rp_filter does not like behind the tunnel, without a counter that people look
        at.
        """,
      howToMend: """
        On that backend bring up a device of the tunnel's kind, with the same VNI, key and port as the balancer's
        (`ip -d link`), give it the VIP or let the loopback have it, and set rp_filter to 0 on it and on `all`. Where the
        source is the VIP: IPVS takes the preferred address of the balancer's interface; add the VIP there with
        `preferred_lft 0`.
        """,
      sources: [
        "linux net/ipv4/tunnel4.c, net/ipv4/ip_gre.c, drivers/net/vxlan/vxlan_core.c",
        "linux net/ipv4/fib_frontend.c, __fib_validate_source", "linux net/netfilter/ipvs/ip_vs_xmit.c",
        "https://github.com/facebookincubator/katran/issues/24",
      ])
  ) { service in
    let tunnelled = service.flows.filter { !service.tunnels(of: $0).isEmpty }
    if tunnelled.isEmpty { return .notApplicable("no request was seen in a tunnel") }
    var flows = 0
    var evidence: [Exhibit] = []
    var lines: [Exhibit] = []
    let cause = service.tunnelCause()
    for judged in tunnelled {
      guard let (fault, record) = service.tunnelFault(of: judged) else { continue }
      flows += judged.group.flows
      if fault == cause, lines.isEmpty { lines = service.tableLines(of: fault, record) }
      evidence.append(
        service.exhibit(
          record, of: judged.group.exemplar.flow, expected: "an answer from \(service.service.address)",
          actual: "\(counted(record.frames, "request")), \(service.links[record.link].text), \(fault.found)"))
    }
    guard let cause else { return .pass("no tunnel was seen to end unopened") }
    return .fail(
      "\(counted(flows, "flow")) \(flows == 1 ? "goes" : "go") into a tunnel that nothing opens", because: cause.reason,
      next: cause.next, Array(evidence.prefix(1)) + lines + evidence.dropFirst())
  }
}

/// Why nobody takes a request out of its tunnel.
enum TunnelFault: Hashable {
  /// The host that it leads to is silent.
  case silent
  /// That host says that it does not open it.
  case refused(by: IPAddress)
  /// It claims to come from the very address that its end has.
  case fromVIP
  /// That host's own tables tell.
  case told(by: String, TunnelEndFault)

  fileprivate var found: String {
    switch self {
    case .silent: "no answer"
    case .refused(let address): "refused by \(address)"
    case .fromVIP: "from the VIP, no answer"
    case .told: "no answer"
    }
  }

  fileprivate var reason: String {
    switch self {
    case .silent: "requests reach the host that the tunnel leads to, and no answer leaves it"
    case .refused(let address): "\(address) answers the tunnel with ICMP unreachable"
    case .fromVIP: "the tunnel bears the VIP as its source, and a host that has the VIP drops that"
    case .told(let host, let fault): "it leads to \(host), and \(fault.text)"
    }
  }

  var next: NextStep {
    switch self {
    case .silent:
      .mend(
        "look on that host for the tunnel's device: its kind, key or VNI, and port, whether it is up, and rp_filter")
    case .refused: .mend("bring up the tunnel's device there, of the same kind, key or VNI, and port")
    case .fromVIP: .mend("give the balancer's tunnel another source: preferred_lft 0 on its VIP")
    case .told(let host, let fault): .mendTunnelEnd(fault, on: host)
    }
  }
}

extension ServiceCase {
  /// The tunnels that requests of such flows were seen in, each with what was seen of them.
  func tunnels(of judged: JudgedFlows) -> [(layer: Encapsulation.Layer, record: LinkRecord)] {
    judged.group.exemplar.requests.compactMap { record in
      links[record.link].encapsulation.innermost.map { ($0, record) }
    }
  }

  /// What keeps requests in their tunnel: of several causes one that tables tell comes first.
  func tunnelCause() -> TunnelFault? {
    let all = flows.lazy.compactMap { tunnelFault(of: $0)?.0 }
    return all.first { if case .told = $0 { true } else { false } } ?? all.first
  }

  /// What keeps the requests of such flows in their tunnel; `nil` where nothing shows that.
  func tunnelFault(of judged: JudgedFlows) -> (TunnelFault, LinkRecord)? {
    guard case .unanswered(let silence) = judged.fate else { return nil }
    let tunnels = tunnels(of: judged)
    if silence == .noAnswer || silence == .unreachable {
      for (layer, record) in tunnels {
        if let (host, fault, _) = faultByTables(of: layer) { return (.told(by: host, fault), record) }
      }
    }
    switch silence {
    case .unreachable:
      for (layer, record) in tunnels {
        guard let end = layer.destination else { continue }
        if errors.contains(where: { $0.message.error.kind == .unreachable && $0.message.from == end }) {
          return (.refused(by: end), record)
        }
      }
    case .noAnswer:
      if let (_, record) = tunnels.first(where: { $0.layer.source == service.address }) { return (.fromVIP, record) }
      if let (_, record) = tunnels.first(where: { isCaptured(atTheEndOf: $0, of: judged) }) { return (.silent, record) }
    default: break
    }
    return nil
  }

  /// What the tables of the host at a tunnel's end show to be wrong with it. An XDP program there may open what no device
  /// does.
  private func faultByTables(of layer: Encapsulation.Layer) -> (host: String, TunnelEndFault, [Exhibit])? {
    guard let host = host(atTheEndOf: layer), !host.interfaces.contains(where: \.hasXDP),
      case .fault(let fault, let lines) = end(of: layer, at: host)
    else { return nil }
    return (host.name, fault, lines)
  }

  /// The lines of tables that a cause rests on.
  fileprivate func tableLines(of fault: TunnelFault, _ record: LinkRecord) -> [Exhibit] {
    guard case .told = fault else { return [] }
    return links[record.link].encapsulation.innermost.flatMap { faultByTables(of: $0) }?.2 ?? []
  }

  /// Every frame at that capture point comes from or goes to the host that the tunnel leads to. At the balancer that holds for
  /// the next router as well, if no other frame shows there: so the host has to own the address of the tunnel's end, or to
  /// send something itself, or somebody else than who wraps has to talk to it; and no request is seen bare.
  private func isCaptured(
    atTheEndOf tunnel: (layer: Encapsulation.Layer, record: LinkRecord), of judged: JudgedFlows
  ) -> Bool {
    let link = links[tunnel.record.link]
    let outside = link.encapsulation.outside?.addresses
    let ends = [link.destination, outside?.destination].compactMap { $0 }
    let senders = [link.source, outside?.source].compactMap { $0 }
    guard !ends.isEmpty, pairs.allTouch(Set(ends.map(site.devices.device(of:))), at: link.point) else { return false }
    let comesBare = judged.group.exemplar.requests.contains { request in
      let other = links[request.link]
      return other.point == link.point && !other.encapsulation.hasTunnels
    }
    guard !comesBare else { return false }
    let owner = tunnel.layer.destination.flatMap { site.claims.soleOwner(of: $0, at: link.point) }
    return owner.map { ends.contains($0) } ?? false
      || ends.contains { pairs.sends(site.devices.device(of: $0), at: link.point) }
      || !pairs.allTouch(Set(senders.map(site.devices.device(of:))), at: link.point)
  }
}
