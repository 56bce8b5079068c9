import Evidence
import Wire

extension Check {
  static let requestLoops = Check(
    id: "DSR010", slug: "request-loops", title: "Requests come back: a host or a router returns them",
    page: Page(
      looksFor: """
        A request that nobody answers and that two devices hand to each other, each time with one hop less. Or an ICMP
        message that quotes such a request: "time exceeded", for it ran out of hops; or a redirect of another device
        than the one that the client sent it to, which names that one as the better next hop. Then the client repeats
        its SYN in vain: that device handed the request on, and gets it back. A tunnel does not count: the balancer may
        reach its backends by the router that brought the request.
        """,
      whyItMatters: """
        A host that gets a packet for an address which it does not have, and that forwards packets, sends it to the
        owner of that address: the balancer, which hands it on again. Each request crosses the network up to 64 times
        and is lost. A backend that restarts without its VIP does this as long as IP forwarding is on.
        """,
      howToMend: """
        Give the VIP to the host that sends requests back, or take it out of the pool; turn IP forwarding off on
        backends (net.ipv4.ip_forward). Where the balancer or a router returns them, look at the route to the VIP
        there, and at the balancer's table: it must not list itself or the VIP as a destination.
        """,
      sources: [
        "RFC 792, time exceeded", "RFC 4443 section 3.3",
        "RFC 1812 sections 5.2.1 (forwarding) and 5.2.7.2 (redirects)",
      ])
  ) { service in
    var looping = 0
    var evidence: [Exhibit] = []
    var returning: Set<Device> = []
    for judged in service.flows {
      guard case .unanswered(.looping) = judged.fate else { continue }
      looping += judged.group.flows
      let legs = judged.group.journeys.flatMap(\.requests.returningLegs)
      returning.formUnion(legs.compactMap(\.from))
      evidence += legs.prefix(1).map {
        service.exhibit(
          $0.record, of: judged.group.exemplar.flow, expected: "a request that stays where it was handed to",
          actual: "the request comes back, \($0.link.text), TTL \($0.record.hopLimit), "
            + counted($0.record.frames, "time"))
      }
    }
    for judged in service.flows {
      guard let seen = service.redirectBack(of: judged) else { continue }
      looping += judged.group.flows
      if let mac = seen.message.source { returning.insert(service.site.devices.device(of: mac)) }
      evidence.append(service.exhibit(seen, expected: "an answer"))
    }
    guard looping > 0 else {
      return service.flows.contains { $0.group.facts.contains(.requestSeen) }
        ? .pass("no request was returned") : .notApplicable("no request was captured")
    }
    let messages = service.errors.filter {
      $0.message.error.isOutOfHops && $0.message.error.quoted.destination == service.service.address
    }
    evidence += messages.map { service.exhibit($0, expected: "an answer") }
    let who = returning.min().map { "\($0.mac)" } ?? messages.first.map { "\($0.message.from)" }
    return .fail(
      "\(looping) of \(counted(service.counts.total, "flow")) run in a loop",
      because: who.map { "\($0) sends requests back, or says so by ICMP" }
        ?? "requests run out of hops",
      remedy: "see that every host which gets these requests has the VIP, and that backends do not forward", evidence)
  }
}

extension ServiceCase {
  /// A redirect about a request that nobody answers, from a device that did not get it from the client: it names as the
  /// better next hop the very device that the client sent it to, and that must have handed it on. It comes after such a request:
  /// a redirect before the first of them is a router's, which the client asked in a frame that the capture lacks, and now heeds.
  fileprivate func redirectBack(of judged: JudgedFlows) -> ErrorIndex.Seen? {
    guard case .unanswered(.noAnswer) = judged.fate else { return nil }
    let client = judged.group.exemplar.flow.client
    return errors.first { seen in
      let (message, quoted) = (seen.message, seen.message.error.quoted)
      guard message.error.kind == .redirect, quoted.destination == service.address, quoted.source == client.address,
        quoted.sourcePort == client.port, let gateway = message.error.gateway, let source = message.source
      else { return false }
      let sender = site.devices.device(of: source)
      return judged.group.journeys.contains { journey in
        let (devices, targets) = (journey.requests.devices, journey.requests.targets)
        guard journey.point == message.point, targets.count == 1, let target = targets.first,
          !devices.contains(sender), !site.holders(of: target.mac).contains(sender)
        else { return false }
        guard journey.requests.legs.contains(where: { $0.to == target && $0.record.firstFrame < seen.tally.firstFrame })
        else { return false }
        return gateway == service.address
          ? claimed.claimants.contains(target) : site.addresses(of: target).contains(gateway)
      }
    }
  }
}

extension Journey.Half {
  /// Legs on which a request goes back to a device that it came from before, in no tunnel.
  fileprivate var returningLegs: [Journey.Leg] {
    legs.filter { leg in !leg.link.isTunnelled && legs.contains { leg.isReturn(of: $0) } }
      .sorted { $0.record.firstFrame < $1.record.firstFrame }
  }
}

extension Journey.Leg {
  fileprivate func isReturn(of other: Journey.Leg) -> Bool {
    guard let from, let to, from != to, other.from == to, other.to == from else { return false }
    return other.record.firstFrame < record.firstFrame && !other.link.isTunnelled
  }
}
