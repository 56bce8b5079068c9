import Evidence
import Wire

extension Check {
  static let resetByBalancer = Check(
    id: "DSR006", slug: "reset-by-balancer", title: "The balancer resets a flow whose replies it cannot see",
    page: Page(
      looksFor: """
        Resets with the VIP as their source that come from the MAC which requests go to, where nothing but resets comes
        from that MAC: another MAC answers the flow, or the client got an answer before. Where the VIP changed its owner
        meanwhile, the check says so.
        """,
      whyItMatters: """
        A balancer that tracks TCP state sees only half of a DSR flow. When its idle timer runs out it resets the
        client's connection although backend and client are well: long-lived sessions break after some minutes.
        """,
      howToMend: """
        BIG-IP: a FastL4 profile with looseInitialization and looseClose on and resetOnTimeout off. Elsewhere: raise
        the idle timeout above that of the application, or let the balancer drop idle flows without a reset.
        """,
      sources: [
        "F5Networks/f5-appsvcs-extension src/schema/latest/core-schema.json (resetOnTimeout defaults to true)",
        "K11116 (nPath routing)",
      ])
  ) { service in
    var flows = 0
    var takenOver = 0
    var evidence: [Exhibit] = []
    for judged in service.flows {
      guard let (journey, leg) = judged.resetByBalancer(isServiceNamed: service.isServiceNamed) else { continue }
      let observed = judged.group.exemplar
      flows += judged.group.flows
      if judged.isTakenOver { takenOver += judged.group.flows }
      let others = journey.replies.legs.map(\.record.hopLimit)
      evidence.append(
        service.exhibit(
          leg.record, of: observed.flow, expected: "no frame of the VIP's from the MAC that requests go to",
          actual: "RST, \(leg.link.text), TTL \(leg.record.hopLimit)"
            + (others.isEmpty ? "" : "; the replies' TTL is \(others[0])")))
    }
    if flows > 0 {
      let (why, remedy) =
        takenOver == flows
        ? (
          "the VIP changed its owner while the flow ran, and the new balancer does not know the connection",
          "let the balancers share their connections (IPVS: ipvsadm --start-daemon, or keepalived's lvs_sync_daemon)"
        )
        : (
          "the balancer sees no replies and takes the flow for dead",
          "turn off resets on timeout, and TCP state tracking, for this service on the balancer"
        )
      return .fail(
        "\(counted(flows, "flow")) reset from the MAC that requests go to",
        because: why, remedy: remedy, evidence)
    }
    if let (judged, leg) = service.flows.lazy.compactMap({ judged in
      judged.resetBroughtByBalancer().map { (judged, $0) }
    }).first {
      return .inconclusive(
        "a flow was reset from \(service.balancerText)",
        because: "the reset has passed a hop before: another may have sent it through the balancer",
        remedy: "capture on the balancer, to see whether the reset comes to it",
        [
          service.exhibit(
            leg.record, of: judged.group.exemplar.flow, expected: "no frame of the VIP's from the balancer",
            actual: "RST, \(leg.link.text), TTL \(leg.record.hopLimit)")
        ])
    }
    if let (judged, leg) = service.flows.lazy.compactMap({ judged in
      judged.resetByForwarder(isServiceNamed: service.isServiceNamed).map { (judged, $0) }
    }).first, let sender = leg.link.source {
      return .inconclusive(
        "a flow was reset from \(sender), which takes requests",
        because: "nothing tells whether that is the balancer",
        next: service.namingBalancer(perhaps: leg.from),
        [
          service.exhibit(
            leg.record, of: judged.group.exemplar.flow, expected: "no frame of the VIP's from who takes requests",
            actual: "RST, \(leg.link.text), TTL \(leg.record.hopLimit)")
        ])
    }
    return service.flows.contains { $0.group.facts.contains(.replySeen) }
      ? .pass("no flow was reset from the balancer's MAC") : .notApplicable("no reply was captured")
  }
}

extension JudgedFlows {
  /// A leg of resets that have passed a hop before they leave the balancer: it does not send them itself.
  fileprivate func resetBroughtByBalancer() -> Journey.Leg? {
    guard group.facts.contains(.clientHeardServer) else { return nil }
    for (journey, cast) in zip(group.journeys, casts) {
      for leg in journey.resets where !leg.isFresh && leg.record.kinds.contains(.abort) {
        guard let source = leg.from, cast.isBalancer(source), !journey.replies.origins.contains(source),
          !journey.replies.forwarders.contains(source)
        else { continue }
        return leg
      }
    }
    return nil
  }

  /// A leg of resets that begins at a device which may be the balancer: it passes the requests on where none is known, or owns
  /// the VIP, as a plain server does.
  fileprivate func resetByForwarder(isServiceNamed: Bool) -> Journey.Leg? {
    guard group.facts.contains(.clientHeardServer), case .undecided = fate else { return nil }
    for (journey, cast) in zip(group.journeys, casts) where !isBalanced(by: cast, isServiceNamed: isServiceNamed) {
      for leg in journey.resets where leg.isFresh && leg.record.kinds.contains(.abort) {
        if let source = leg.from, journey.requests.forwarders.contains(source) || cast.isBalancer(source),
          !journey.replying.contains(source)
        {
          return leg
        }
      }
    }
    return nil
  }

  /// A leg of resets from the balancer, or from the MAC that the requests go to while another answers.
  func resetByBalancer(isServiceNamed: Bool) -> (Journey, Journey.Leg)? {
    guard group.facts.contains(.clientHeardServer) else { return nil }
    for (journey, cast) in zip(group.journeys, casts) where isBalanced(by: cast, isServiceNamed: isServiceNamed) {
      for leg in journey.resets {
        // What answers a SYN with a reset refuses a connection, which may use the ports of an earlier one again.
        guard leg.record.kinds.contains(.abort), let source = leg.from,
          !journey.replies.origins.contains(source), !journey.replies.forwarders.contains(source),
          !isServed(source, journey, cast)
        else { continue }
        let isNextHop =
          cast.balancers.isEmpty && journey.requests.forwarders.isEmpty && journey.requests.targets.contains(source)
          && !journey.replies.origins.isEmpty
          && leg.record.hopLimit > 0
          && journey.replies.legs.allSatisfy { $0.record.hopLimit > 0 && $0.record.hopLimit != leg.record.hopLimit }
        // What has passed a hop before it left the balancer's MAC is another's reset, which the balancer brings.
        if cast.isBalancer(source) && leg.isFresh || isNextHop { return (journey, leg) }
      }
    }
    return nil
  }

  /// There is a balancer, by the user's word, or was seen to be one, and no reply passes it unless the user named it: a server
  /// resets what it does not know, too, as after a takeover.
  private func isBalanced(by cast: Cast, isServiceNamed: Bool) -> Bool {
    switch fate {
    case .direct: true
    case .viaBalancer: cast.isNamed
    case .undecided: cast.balancers.values.contains { isServiceNamed || $0.isSeenToBalance }
    case .bypassed, .unanswered, .background: !cast.balancers.isEmpty
    }
  }

  /// Somebody took the VIP over while the flow ran, from who had it when the flow began.
  fileprivate var isTakenOver: Bool {
    group.owners.values.contains { if case .known(let owners) = $0 { owners.count > 1 } else { false } }
  }

  /// Another that claims the VIP hands it the request, or it comes in a tunnel: it serves this flow, whatever it owned.
  private func isServed(_ device: Device, _ journey: Journey, _ cast: Cast) -> Bool {
    journey.requests.legs.contains { leg in
      leg.to == device && (leg.link.isTunnelled || leg.from.map { cast.claimants.contains($0) } ?? false)
    }
  }
}
