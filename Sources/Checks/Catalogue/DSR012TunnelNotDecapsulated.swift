import Evidence
import Wire

extension Check {
  static let tunnelNotDecapsulated = Check(
    id: "DSR012", slug: "tunnel-not-decapsulated",
    title: "Requests arrive in a tunnel, and nothing takes them out of it",
    page: Page(
      looksFor: """
        Requests in a tunnel that nothing answers, in one of three forms. The capture stands at the host that the tunnel
        leads to. Or that host says by ICMP that it does not open the tunnel: no such protocol, port or key. Or the
        tunnel bears the VIP as its own source address: a host that has the VIP drops a packet that claims to come from
        itself.
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
    var cause: TunnelFault?
    var evidence: [Exhibit] = []
    for judged in tunnelled {
      guard let (fault, record) = service.tunnelFault(of: judged) else { continue }
      flows += judged.group.flows
      cause = cause ?? fault
      evidence.append(
        service.exhibit(
          record, of: judged.group.exemplar.flow, expected: "an answer from \(service.service.address)",
          actual: "\(counted(record.frames, "request")), \(service.links[record.link].text), \(fault.found)"))
    }
    guard let cause else { return .pass("no tunnel was seen to end unopened") }
    return .fail(
      "\(counted(flows, "flow")) \(flows == 1 ? "goes" : "go") into a tunnel that nothing opens", because: cause.reason,
      remedy: cause.remedy, evidence)
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

  fileprivate var found: String {
    switch self {
    case .silent: "no answer"
    case .refused(let address): "refused by \(address)"
    case .fromVIP: "from the VIP, no answer"
    }
  }

  fileprivate var reason: String {
    switch self {
    case .silent: "requests reach the host that the tunnel leads to, and no answer leaves it"
    case .refused(let address): "\(address) answers the tunnel with ICMP unreachable"
    case .fromVIP: "the tunnel bears the VIP as its source, and a host that has the VIP drops that"
    }
  }

  var remedy: String {
    switch self {
    case .silent:
      "look on that host for the tunnel's device: its kind, key or VNI, and port, whether it is up, and rp_filter"
    case .refused: "bring up the tunnel's device there, of the same kind, key or VNI, and port"
    case .fromVIP: "give the balancer's tunnel another source: preferred_lft 0 on its VIP"
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

  /// What keeps the requests of such flows in their tunnel; `nil` where nothing shows that.
  func tunnelFault(of judged: JudgedFlows) -> (TunnelFault, LinkRecord)? {
    guard case .unanswered(let silence) = judged.fate else { return nil }
    let tunnels = tunnels(of: judged)
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
