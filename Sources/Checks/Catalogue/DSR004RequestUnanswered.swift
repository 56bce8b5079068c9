import Evidence
import Wire

extension Check {
  static let requestUnanswered = Check(
    id: "DSR004", slug: "request-unanswered", title: "Requests are retransmitted and nothing answers",
    page: Page(
      looksFor: """
        TCP: the client sends its SYN three times over two seconds or more, and never acknowledges anything. It makes
        no difference whether SYN-ACKs leave the backend. Where one SYN-ACK comes behind the last SYN, the flow is open:
        the capture may have missed what the client said then. A client's port that is used again is another
        connection, which needs an answer of its own. Where ICMP tells what became of the SYN-ACK, the check names who
        says so.

        The check is undecided where the client sends one or two SYNs and then nothing, although the capture goes on
        for a second: a backend may have refused it out of the capture's sight. With UDP it is undecided where a client
        asks again after a second or more, at a place that shows answers to other requests: the capture may have missed
        the answer. Nor does UDP tell where an answer was captured on its way and did not arrive: ICMP says so, or the
        client's own capture lacks it.

        A single SYN from an address that completes no handshake is background (a scan, a flood), as long as other
        flows complete theirs. The report counts background; a share above the limit that the user sets leaves the
        service open.
        """,
      whyItMatters: """
        A service that does not answer is broken, however direct its return path. The balancer does not see the usual
        cause, a backend without the VIP: it forwards, its counters grow, and health checks on the backend's own
        address pass.
        """,
      howToMend: """
        Check that every backend has the VIP (on lo or a dummy interface, /32 or /128), listens on the service's own
        port, and does not drop the request: rp_filter after a tunnel, a firewall, a port that differs from the
        service's.
        """,
      sources: [
        "https://github.com/google/seesaw/issues/25 (VIP missing on a backend)",
        "https://github.com/facebookincubator/katran/issues/24 (rp_filter after decapsulation)",
        "RFC 6298 (retransmission timer)",
      ])
  ) { service in
    var unanswered = 0
    var evidence: [Exhibit] = []
    for judged in service.flows {
      guard let silence = judged.silence else { continue }
      let observed = judged.group.exemplar
      let repeatedInVain = judged.group.facts.contains(.synRepeated) && !judged.group.facts.contains(.replySeen)
      guard
        [.noAnswer, .neverCompleted, .laterConnectionUnanswered, .lostBetweenPoints].contains(silence)
          || silence == .answeredFromElsewhere && repeatedInVain
      else { continue }
      unanswered += judged.group.flows
      if let request = observed.requests.max(by: {
        // Of several legs with as many frames the first seen, in whatever order parts of the capture were read.
        ($0.frames, $1.firstFrame) < ($1.frames, $0.firstFrame)
      }) {
        evidence.append(
          service.exhibit(
            request, of: observed.flow,
            expected: silence == .neverCompleted
              ? "a handshake that completes" : "an answer from \(service.service.address)",
            actual: "\(request.frames) requests in \(request.secondsText), \(service.links[request.link].text)"
              + outcome(silence)))
      }
    }
    if unanswered > 0 {
      let lost = service.flows.lazy.compactMap { service.placesOfLostAnswer($0) }.first
      let missing = service.flows.lazy.compactMap { service.placesOfLostRequest($0) }.first
      let dropper = service.flows.lazy.compactMap { service.messageAboutLostAnswer($0) }.first
      if let dropper { evidence.append(service.exhibit(dropper, expected: "an answer that arrives")) }
      return .fail(
        "\(unanswered) of \(counted(service.counts.total, "flow")) unanswered",
        because: lost.map(ServiceCase.lossSeen(between:))
          ?? missing.map {
            "the request leaves \($0.shows), and is not seen at \($0.lacks)"
              + ($0.hasEnded ? ", where nothing more was captured" : ", which captured meanwhile")
          }
          ?? dropper.map(ServiceCase.lossTold(by:))
          ?? "the client repeats its request and never acknowledges an answer",
        next: lost != nil
          ? ServiceCase.stepToLostAnswer
          : missing != nil
            ? .mend("look for what drops the request between these two places: a switch port, a VLAN, a firewall")
            : dropper.map { ServiceCase.stepToDeliver(after: $0.message) } ?? service.tunnelCause()?.next
              ?? service.stepForSilence(),
        evidence)
    }
    let abandoned = service.flows.filter { judged in
      if case .undecided = judged.fate { return judged.group.facts.contains(.synAbandoned) }
      return false
    }
    if !abandoned.isEmpty {
      let flows = abandoned.reduce(0) { $0 + $1.group.flows }
      return .inconclusive(
        "\(flows) of \(counted(service.counts.total, "flow")) sent a SYN and then nothing more",
        because: "the client may have been refused where this capture does not see it, or may have given up",
        next: service.capturing(at: [.client, .backend], toSee: .progress),
        abandoned.compactMap { judged in
          judged.group.exemplar.requests.first.map {
            service.exhibit(
              $0, of: judged.group.exemplar.flow, expected: "a handshake that completes",
              actual: "a SYN and then nothing, \(service.links[$0.link].text)")
          }
        })
    }
    let torn = service.flows.filter {
      $0.group.facts.contains(.requestTorn) && $0.group.facts.isDisjoint(with: [.replySeen, .clientHeardServer])
    }
    if !torn.isEmpty {
      let flows = torn.reduce(0) { $0 + $1.group.flows }
      return .inconclusive(
        "of \(flows) of \(counted(service.counts.total, "flow")) fragments of a request did not arrive",
        because: "ICMP says so, and no answer was captured: they may have been lost by chance, or are always",
        remedy: "see what drops fragments on the way to the host that says so: a firewall, a tunnel, a smaller MTU",
        service.firstRequests(of: torn) { counted($0.frames, "request") })
    }
    let silent = service.flows.filter(\.asksInVain)
    if !silent.isEmpty {
      let flows = silent.reduce(0) { $0 + $1.group.flows }
      return .inconclusive(
        "\(flows) of \(counted(service.counts.total, "flow")) asked again, and no answer was captured",
        because: "nobody acknowledges a datagram: an answer that the capture missed looks the same",
        remedy: "ask the backend that these requests go to from a client of your own, and capture there",
        service.firstRequests(of: silent) { "\($0.frames) requests in \($0.secondsText)" })
    }
    if let undelivered = service.undeliveredAnswers { return undelivered }
    let unheard = service.flows.filter(\.isUnheard)
    let lost = unheard.reduce(0) { $0 + $1.group.flows }
    if lost >= 3, Double(lost) >= 0.1 * Double(service.counts.total) {
      return .inconclusive(
        "of \(lost) of \(counted(service.counts.total, "flow")) no answer was captured",
        because: service.silentBackends(among: unheard)
          ?? "nobody acknowledges a datagram: answers that the capture missed look the same",
        remedy: "ask the backends from a client of your own, one after the other, and capture there",
        service.firstRequests(of: unheard) { counted($0.frames, "request") })
    }
    guard service.flows.contains(where: { $0.group.facts.contains(.requestSeen) }) else {
      return .notApplicable("no request was captured")
    }
    let counts = service.counts
    if Double(counts.background) > service.policy.maximumBackground * Double(counts.total) {
      return .inconclusive(
        "\(counts.background) of \(counted(counts.total, "flow")) are SYNs without a client behind them",
        because: "\(percent(service.policy.maximumBackground)) are allowed",
        next: .lookWhoSendsBackground)
    }
    return .pass(
      "no request was repeated in vain"
        + (counts.background > 0 ? "; \(counts.background) SYNs without a client behind them are background" : ""))
  }

  private static func outcome(_ silence: JudgedFlows.Silence) -> String {
    switch silence {
    case .neverCompleted: ", answered, and the answer never acknowledged"
    case .lostBetweenPoints: ", answered at one place and not at another"
    case .laterConnectionUnanswered: ", of several connections, of which a later one gets no answer"
    default: ", no answer"
    }
  }

  private static func percent(_ share: Double) -> String { "\(Int(share * 100)) %" }
}

extension ServiceCase {
  /// The first request of each, where no answer was captured.
  fileprivate func firstRequests(of flows: [JudgedFlows], _ words: (LinkRecord) -> String) -> [Exhibit] {
    flows.compactMap { judged in
      judged.group.exemplar.requests.first.map {
        exhibit(
          $0, of: judged.group.exemplar.flow, expected: "an answer from \(service.address)",
          actual: "\(words($0)), \(links[$0.link].text), no answer")
      }
    }
  }

  /// Of UDP, where an answer was captured on its way and more than a few do not arrive.
  var undeliveredAnswers: Finding? {
    let undelivered = flows.filter(\.isUndelivered)
    let lost = undelivered.reduce(0) { $0 + $1.group.flows }
    guard lost > 0, Double(lost) >= 0.1 * Double(counts.total) else { return nil }
    let places = undelivered.lazy.compactMap { self.placesOfLostAnswer($0) }.first
    let dropper = undelivered.lazy.compactMap { self.messageAboutLostAnswer($0) }.first
    return .inconclusive(
      "of \(lost) of \(counted(counts.total, "flow")) the answer was captured, and did not arrive",
      because: dropper.map(Self.lossTold(by:))
        ?? places.map(Self.lossSeen(between:))
        ?? "ICMP says that packets were not delivered, and the text leaves out which",
      next: dropper.map { Self.stepToDeliver(after: $0.message) }
        ?? (places == nil ? .printBytes : Self.stepToLostAnswer),
      firstRequests(of: undelivered) { counted($0.frames, "request") }
        + (dropper.map { [exhibit($0, expected: "an answer that arrives")] } ?? []))
  }

  fileprivate static let stepToLostAnswer = NextStep.mend(
    "look for what drops the answer between these two places: rp_filter, a firewall, a route")

  fileprivate static func lossTold(by dropper: ErrorIndex.Seen) -> String {
    "\(dropper.message.from) says by ICMP that it did not deliver the answer"
  }

  fileprivate static func lossSeen(between places: (shows: String, lacks: String)) -> String {
    "the answer passes \(places.shows), and never \(places.lacks)"
  }

  fileprivate static func stepToDeliver(after message: ErrorMessage) -> NextStep {
    message.error.isOutOfHops
      ? .mend("see with which TTL the backend answers, and whether the answer runs in a loop")
      : .mend("look at \(message.from): its route to the client, and its filter")
  }

  /// Whom such requests are handed to, where that one answers nothing at all.
  fileprivate func silentBackends(among unheard: [JudgedFlows]) -> String? {
    let answering = flows.reduce(into: Set<Device>()) { $0.formUnion($1.group.answerers) }
    let silent = unheard.reduce(into: Set<Device>()) { found, judged in
      for journey in judged.group.journeys where !journey.requests.forwarders.isEmpty {
        found.formUnion(journey.requests.targets)
      }
    }.subtracting(answering)
    return silent.isEmpty ? nil : listed(silent.sorted()) { "\($0.mac)" } + " answers nothing that it is handed"
  }

  /// Where the request of such flows was captured last, and the place of the host that it goes to, where it was not.
  fileprivate func placesOfLostRequest(
    _ judged: JudgedFlows
  ) -> (shows: String, lacks: String, hasEnded: Bool)? {
    guard case .unanswered(.noAnswer) = judged.fate else { return nil }
    let journeys = judged.group.journeys.filter { !run.isJoint($0.point) && !$0.requests.isCrowded }
    let shown = Set(journeys.map(\.point))
    // Who was seen to pass it on is not where it is lost.
    let passed = journeys.reduce(into: Set<Device>()) { $0.formUnion($1.requests.forwarders) }
    for journey in journeys {
      for leg in journey.requests.legs {
        guard let target = leg.to, !passed.contains(target) else { continue }
        for point in points.indices
        where !shown.contains(point) && !run.isJoint(point) && run.pairs.isPlace(of: [target], at: point) {
          let time = run.capture(at: point, hasBegunBy: leg.record.firstTime, byClockOf: journey.point)
          guard let time, time.begun else { continue }
          return (capture(of: journey.point), capture(of: point), !time.goesOn)
        }
      }
    }
    return nil
  }

  /// What ICMP says of the answer to such flows: that it ran out of hops, or that nobody could be reached.
  fileprivate func messageAboutLostAnswer(_ judged: JudgedFlows) -> ErrorIndex.Seen? {
    guard judged.silence == .neverCompleted || judged.isUndelivered else { return nil }
    let flow = judged.group.exemplar.flow
    return errors.first { seen in
      let (error, quoted) = (seen.message.error, seen.message.error.quoted)
      return (error.kind == .unreachable || error.isOutOfHops) && quoted.source == flow.server.address
        && quoted.sourcePort == flow.server.port && quoted.destination == flow.client.address
        && quoted.destinationPort == flow.client.port
    }
  }

  /// Where the answer to such flows was captured, and where it was not although the request was.
  fileprivate func placesOfLostAnswer(_ judged: JudgedFlows) -> (shows: String, lacks: String)? {
    guard judged.silence == .lostBetweenPoints || judged.isUndelivered else { return nil }
    let observed = judged.group.exemplar
    let answered = observed.replies.filter { !$0.isResetOnly }.map { links.point(of: $0.link) }
    let missing = judged.group.journeys.filter { !run.isJoint($0.point) && $0.replies.legs.isEmpty }
    // A balancer lacks the answer by right, and the client never.
    guard let shows = answered.filter({ !run.isJoint($0) }).min(),
      let lacks = (missing.first { run.isClientsOwn($0) } ?? missing.first)?.point
    else { return nil }
    return (capture(of: shows), capture(of: lacks))
  }
}

extension JudgedFlows {
  /// How the service fails to answer such flows. An answer that is lost between two places stays lost, whoever it passed
  /// before.
  fileprivate var silence: Silence? {
    switch fate {
    case .unanswered(let silence): silence
    case .viaBalancer where isAnswerLostBetweenPoints: .lostBetweenPoints
    default: nil
    }
  }
}
