import Evidence
import Wire

extension Check {
  static let backendChangesMidFlow = Check(
    id: "DSR007", slug: "backend-changes-mid-flow", title: "One flow answered by two backends",
    page: Page(
      looksFor: """
        One TCP connection (a single SYN sequence number, nothing before it) on two hosts: SYN-ACKs from different MACs
        with different sequence numbers answer it, or the balancer sends its requests to two backends, or one backend
        serves it and another resets it. The check is undecided where the host that resets is not known as a backend,
        as where no balancer is known, and where text leaves out the numbers that tell one connection from the next.
        A new connection that uses the same 5-tuple again does not count, nor does a SYN that its backend leaves
        unanswered, before another balancer hands the connection to another backend.
        """,
      whyItMatters: """
        The second backend knows nothing of the connection and resets it, or answers out of order. Clients see
        connections that break at random, most of all when backends come and go.
        """,
      howToMend: """
        Make the choice of the backend stick for the life of a connection: persistence or connection tracking on the
        balancer, a consistent hash on every balancer of a group, and drain a backend (weight 0) before it is removed.
        """,
      sources: ["github/glb-director docs/development/glb-hashing.md (second chance)", "linux ipvs-sysctl.rst"])
  ) { service in
    var flows = 0
    var evidence: [Exhibit] = []
    var stranger: (flow: Flow, records: [LinkRecord], mac: MACAddress)?
    var unanswered: (flow: Flow, records: [LinkRecord])?
    var untold: (flow: Flow, records: [LinkRecord])?
    var perhapsOneHost: (flow: Flow, records: [LinkRecord])?
    for judged in service.flows where judged.group.facts.contains(.oneConnection) {
      let observed = judged.group.exemplar
      let synAcks =
        judged.group.facts.contains(.answeredTwice) ? observed.replies.filter { $0.kinds.contains(.synAck) } : []
      let handed = legsToTwoBackends(judged, service)
      let requests = handed.isOpened ? handed.legs.map(\.record) : []
      let reset = resetsByAnother(judged, service)
      let resets = reset.legs.map(\.record)
      guard
        let (name, records) = [("SYN-ACK", synAcks), ("request", requests), ("RST", resets)].first(where: {
          !$1.isEmpty
        })
      else {
        if !handed.legs.isEmpty { unanswered = unanswered ?? (observed.flow, handed.legs.map(\.record)) }
        if !handed.perhaps.isEmpty { perhapsOneHost = perhapsOneHost ?? (observed.flow, handed.perhaps.map(\.record)) }
        continue
      }
      // Two connections may have used these ports.
      if synAcks.isEmpty, observed.requests.contains(where: \.hasUntoldSequence) {
        untold = untold ?? (observed.flow, records)
        continue
      }
      // A reset from a host that is not known may be a firewall's.
      if synAcks.isEmpty, requests.isEmpty, !reset.isOfBackend,
        let sender = resets.last.flatMap({ service.links.source(of: $0.link) })
      {
        stranger = stranger ?? (observed.flow, resets, sender)
        continue
      }
      flows += judged.group.flows
      evidence += records.map {
        service.exhibit(
          $0, of: observed.flow, expected: "one backend for the whole connection",
          actual: "\(name) \(service.links[$0.link].text)")
      }
    }
    if flows > 0 {
      return .fail(
        "\(counted(flows, "flow")) met two backends", because: "a connection lives on one host only",
        remedy: "make the balancer's choice stick: persistence, connection tracking, or the same hash everywhere",
        evidence)
    }
    let shown = { (records: [LinkRecord], flow: Flow, expected: String) in
      records.map {
        service.exhibit(
          $0, of: flow, expected: "\(expected) for the whole connection", actual: service.links[$0.link].text)
      }
    }
    if let stranger {
      return .inconclusive(
        "\(stranger.mac) reset a flow that another host serves", because: "it may be another backend, or a firewall",
        next: .nameBackends(perhaps: stranger.mac), shown(stranger.records, stranger.flow, "one host"))
    }
    if let untold {
      return .inconclusive(
        "two hosts met packets of the same ports", because: "the text does not tell whether they are of one connection",
        next: .printBytes, shown(untold.records, untold.flow, "one backend"))
    }
    if let unanswered {
      return .inconclusive(
        "requests of a flow went to two backends",
        because:
          "the first may have left the SYN unanswered, and what opened the connection elsewhere is not in the capture",
        next: .captureWithoutLoss, shown(unanswered.records, unanswered.flow, "one backend"))
    }
    if let perhapsOneHost {
      return .inconclusive(
        "requests of a flow went to two MACs",
        because: "each answers for an address of its own, and may be one host's all the same",
        next: .nameBackends(perhaps: nil), shown(perhapsOneHost.records, perhapsOneHost.flow, "one backend"))
    }
    return service.flows.contains { $0.group.facts.contains(.oneConnection) }
      ? .pass("every connection met one backend") : .notApplicable("no TCP connection was captured from its SYN on")
  }

  /// `isOpened` where the first of them surely had the connection: a SYN that it leaves unanswered opens it where another
  /// balancer hands it when it is sent again, and the capture need not hold that.
  private static func legsToTwoBackends(
    _ judged: JudgedFlows, _ service: ServiceCase
  ) -> (legs: [Journey.Leg], isOpened: Bool, perhaps: [Journey.Leg]) {
    var perhaps: [Journey.Leg] = []
    for (journey, cast) in zip(judged.group.journeys, judged.casts) where !journey.isCrowded {
      var seen: Set<Device> = []
      let legs = journey.requests.legs.filter { leg in
        // A tunnel may take two routers to one backend.
        guard !leg.link.isTunnelled, let target = leg.to, cast.isBalancer(leg.from), !cast.isBalancer(target),
          journey.requests.targets.contains(target), leg.record.continues(journey.requests.legs),
          // A SYN that is sent again opens the connection elsewhere.
          seen.isEmpty || !leg.record.kinds.contains(.syn)
        else { return false }
        return seen.insert(target).inserted
      }
      guard let opening = legs.first, let first = opening.to else { continue }
      let resetting = Set(journey.resets.compactMap(\.from))
      let others = legs.dropFirst().filter { leg in
        leg.to.map { areTwoHosts(first, $0, service) || resetting.contains($0) } ?? false
      }
      if others.isEmpty {
        let isAnother = { (device: Device) in
          service.site.haveOtherAddresses(first, device, besides: service.service.address)
        }
        if legs.dropFirst().contains(where: { $0.to.map(isAnother) ?? false }) { perhaps += legs }
        continue
      }
      let isOpened =
        !opening.record.kinds.isDisjoint(with: [.established, .rst, .severalConnections])
        || journey.replies.origins.contains(first)
        || others.contains { leg in
          leg.link.source == opening.link.source || leg.to.map(resetting.contains) ?? false
        }
      return ([opening] + others, isOpened, [])
    }
    return ([], true, perhaps)
  }

  /// No two MACs of one host, as of a bond or of two interfaces in one network: they are known to differ, or both are named.
  private static func areTwoHosts(_ one: Device, _ other: Device, _ service: ServiceCase) -> Bool {
    if service.site.areKnownDifferent(one, other) { return true }
    return [one, other].allSatisfy { service.roles.backends[$0]?.isNamed ?? false }
  }

  /// Resets from a host that is neither the balancer nor the one that serves the connection. Who is a backend is known where a
  /// balancer is, or from the user.
  private static func resetsByAnother(
    _ judged: JudgedFlows, _ service: ServiceCase
  ) -> (legs: [Journey.Leg], isOfBackend: Bool) {
    guard judged.group.facts.contains(.clientNearVIP) else { return ([], false) }
    for (journey, cast) in zip(judged.group.journeys, judged.casts)
    where !service.run.isJoint(journey.point) && !journey.replies.legs.isEmpty && journey.replies.forwarders.isEmpty {
      let others = journey.resets.filter { leg in
        // What answers a SYN with a reset refuses another connection, of the same ports.
        guard leg.record.kinds.contains(.abort), let source = leg.from, !source.isShared else { return false }
        return !cast.isBalancer(source) && !journey.replies.origins.contains(source)
      }
      guard let reply = journey.replies.legs.first, let reset = others.first, let source = reset.from else { continue }
      let isKnown = !cast.balancers.isEmpty && reset.link.source.map(service.roles.isBackend) ?? false
      let areNamed = [source, reply.from].allSatisfy { $0.flatMap { service.roles.backends[$0]?.isNamed } ?? false }
      return ([reply, reset], isKnown || areNamed)
    }
    return ([], false)
  }
}

extension LinkRecord {
  /// Its sequence numbers are those of the connection that the SYN among `legs` opened, give or take what a connection
  /// sends: a new connection that uses the 5-tuple again begins elsewhere. They may be, where text leaves them out.
  fileprivate func continues(_ legs: [Journey.Leg]) -> Bool {
    guard let opened = legs.first(where: { $0.record.kinds.contains(.syn) }),
      let initial = opened.record.initialSequence
    else { return false }
    return hasUntoldSequence || sequenceLow &- initial < 1 << 28
  }
}
