import Evidence
import Wire

/// What became of the flows, counted.
extension ServiceCase {
  /// How many flows met each fate.
  var counts: ServiceVerdict.FlowCounts {
    var counts = ServiceVerdict.FlowCounts()
    for judged in flows {
      let flows = judged.group.flows
      switch judged.fate {
      case .direct: counts.direct += flows
      case .viaBalancer: counts.viaBalancer += flows
      case .bypassed: counts.bypassed += flows
      case .unanswered: counts.unanswered += flows
      case .background: counts.background += flows
      case .undecided: counts.undecided += flows
      }
    }
    return counts
  }

  /// Flows that leave the service open whatever the others prove: both halves were seen and decide nothing, or a balancer
  /// sent or received a reply, or the requests went to a backend of which no flow was proved direct, or perhaps past the
  /// balancer, or of a capture that shows requests the replies alone, from a host of which none was and which nobody calls a
  /// backend.
  var openFlows: (reason: Doubt, flows: Int)? {
    let proved = provedBackends
    let asked = pointsWithRequests
    var open: (reason: Doubt, flows: Int)?
    for judged in flows {
      guard case .undecided(let reason) = judged.fate, reason != .balancersOwn else { continue }
      let isOpen =
        reason.isPastBalancer || judged.mayHideFault
        || judged.group.journeys.contains { journey in
          if !journey.requests.legs.isEmpty, !journey.replies.legs.isEmpty { return true }
          if journey.replying.contains(where: roles.isBalancer) { return true }
          if asked.contains(journey.point),
            !journey.replies.origins.allSatisfy({ proved.contains($0) || roles.backends[$0]?.isNamed ?? false })
          {
            return true
          }
          return !journey.requests.forwarders.isEmpty && journey.requests.targets.isDisjoint(with: proved)
        }
      if isOpen { open = (open?.reason ?? reason, (open?.flows ?? 0) + judged.group.flows) }
    }
    return open
  }

  /// Capture points that show a request of the service: others would have been captured there too.
  private var pointsWithRequests: Set<Int> {
    flows.reduce(into: []) { found, judged in
      for journey in judged.group.journeys where !journey.requests.legs.isEmpty && !run.isJoint(journey.point) {
        found.insert(journey.point)
      }
    }
  }

  /// Devices that answered flows which were proved direct, or got their requests where replies do not pass.
  private var provedBackends: Set<Device> {
    flows.reduce(into: []) { found, judged in
      guard judged.fate.isDirect else { return }
      for journey in judged.group.journeys {
        found.formUnion(journey.replies.legs.isEmpty ? journey.requests.targets : journey.replies.origins)
      }
    }
  }

  /// The reason that most undecided flows have in common.
  var mainDoubt: (reason: Doubt, flows: Int)? {
    var flowsByReason: [Doubt: Int] = [:]
    var order: [Doubt] = []
    for judged in flows {
      guard case .undecided(let reason) = judged.fate else { continue }
      if flowsByReason[reason] == nil { order.append(reason) }
      flowsByReason[reason, default: 0] += judged.group.flows
    }
    let most = order.max { flowsByReason[$0, default: 0] < flowsByReason[$1, default: 0] }
    return most.map { ($0, flowsByReason[$0, default: 0]) }
  }

  /// A device that is the next hop of some flows and that replies of others pass: the two cannot be told apart.
  var contradiction: Doubt? {
    for judged in flows {
      if case .undecided(let doubt) = judged.fate, case .contradicted = doubt { return doubt }
    }
    return nil
  }
}

// MARK: - Evidence

extension ServiceCase {
  func capture(of point: Int) -> String { captures[points[point].capture].label }

  /// A frame as whoever opens its file finds it.
  func frame(_ number: UInt64, at point: Int, _ time: Timestamp, of flow: Flow?) -> Exhibit.Frame {
    let place = captures[points[point].capture].place(ofFrame: number)
    return Exhibit.Frame(capture: place.path, number: place.number, time: time, flow: flow)
  }

  func exhibit(_ record: LinkRecord, of flow: Flow?, expected: String, actual: String) -> Exhibit {
    let point = links.point(of: links.origin(of: record.link))
    return Exhibit(
      frame(UInt64(record.firstFrame), at: point, seenTime(of: record), of: flow), expected: expected, actual: actual)
  }

  /// By the clock of the capture.
  private func seenTime(of record: LinkRecord) -> Timestamp {
    guard record.link != links.origin(of: record.link) else { return record.firstTime }
    return record.firstTime.shifted(
      byNanoseconds: run.ahead(ofCapture: points[links.point(of: links.origin(of: record.link))].capture))
  }

  func exhibit(_ seen: ClaimIndex.Seen, expected: String, actual: String) -> Exhibit {
    Exhibit(
      frame(seen.tally.firstFrame, at: seen.claim.point, seen.tally.firstTime, of: nil), expected: expected,
      actual: actual)
  }
}

extension LinkRecord {
  /// How long its frames came, in words for evidence: `1.6 s`.
  var secondsText: String {
    let tenths = Int(lastTime.seconds(since: firstTime) * 10)
    return "\(tenths / 10).\(tenths % 10) s"
  }
}

extension Doubt {
  fileprivate var isPastBalancer: Bool { if case .perhapsPast = self { true } else { false } }
}
