import Evidence
import Wire

extension Check {
  static let balancerBypassed = Check(
    id: "DSR002", slug: "balancer-bypassed", title: "Requests reach a backend without crossing the balancer",
    page: Page(
      looksFor: """
        A request frame to the MAC of a backend, sent by a client or a router and not by the balancer. It needs the
        balancer to be known, and the MAC to be known as a backend's or to claim the VIP.
        """,
      whyItMatters: """
        Clients that took a backend for the owner of the VIP are not balanced: they all meet that one backend, and
        lose the service when it goes, while the balancer reports every backend as healthy.
        """,
      howToMend: """
        Find out why the sender's neighbour table names the backend: the backend answers ARP or announces the VIP
        (ARP001 to ARP003). Set arp_ignore=1 and arp_announce=2 for `all`, or keep the VIP on an interface that does
        no ARP, then clear the senders' neighbour tables.
        """,
      sources: [
        "https://www.kernel.org/doc/Documentation/networking/ip-sysctl.rst (arp_ignore, arp_announce)",
        "http://www.austintek.com/LVS/LVS-HOWTO/HOWTO/LVS-HOWTO.arp_problem.html",
      ])
  ) { service in
    let counts = service.counts
    if counts.bypassed > 0 {
      return .fail(
        "\(counts.bypassed) of \(counted(counts.total, "flow")): requests go straight to a backend",
        because: "the frames are sent to a MAC that is not the balancer's and that serves or claims the VIP",
        remedy:
          "stop the backend from answering for the VIP (ARP001 to ARP003), then clear the senders' neighbour tables",
        service.flows.flatMap { judged -> [Exhibit] in
          guard case .bypassed(let leg, _) = judged.fate else { return [] }
          let observed = judged.group.exemplar
          return [
            service.exhibit(
              leg.record, of: observed.flow, expected: "a request to \(service.balancerText)",
              actual: "request \(leg.link.text)")
          ]
        })
    }
    guard service.flows.contains(where: { $0.group.facts.contains(.requestSeen) }) else {
      return .notApplicable("no request was captured")
    }
    guard !service.roles.balancers.isEmpty else { return .notApplicable("the balancer is not known") }
    if let (doubt, flows) = service.perhapsPast {
      return .inconclusive(
        "the requests of \(counted(flows, "flow")) may have bypassed the balancer", because: doubt.why,
        next: service.step(for: doubt))
    }
    if let (device, flows) = service.pastBalancer {
      return .inconclusive(
        "the requests of \(counted(flows, "flow")) go to \(device.mac), which is not \(service.balancerText)",
        because: "it may be a backend or a router", next: service.telling(whoIs: device))
    }
    return .pass("no request bypassed the balancer")
  }
}

extension FlowGroup {
  fileprivate var takers: Set<Device> { journeys.reduce(into: []) { $0.formUnion($1.requests.targets) } }

  /// Those that requests go to, and replies come from.
  fileprivate var answeringTakers: Set<Device> {
    journeys.reduce(into: []) { $0.formUnion($1.requests.targets.intersection($1.replies.origins)) }
  }
}

extension ServiceCase {
  /// Flows whose requests go straight to a backend, while nothing tells who the balancer was.
  fileprivate var perhapsPast: (doubt: Doubt, flows: Int)? {
    var found: (doubt: Doubt, flows: Int)?
    for judged in flows {
      guard case .undecided(let doubt) = judged.fate, case .perhapsPast = doubt else { continue }
      found = (found?.doubt ?? doubt, (found?.flows ?? 0) + judged.group.flows)
    }
    return found
  }

  /// A MAC that takes requests and answers them while the balancer is another, and nothing tells who it is.
  fileprivate var pastBalancer: (device: Device, flows: Int)? {
    var found: (device: Device, flows: Int)?
    for judged in flows {
      switch judged.fate {
      case .undecided(.sameMACs(let one)), .undecided(.notTheBalancer(let one)):
        let device = judged.group.takers.contains(one) ? one : judged.group.answeringTakers.min() ?? one
        if let known = found, known.device != device { continue }
        found = (device, (found?.flows ?? 0) + judged.group.flows)
      default: continue
      }
    }
    return found
  }
}
