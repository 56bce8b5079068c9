import Evidence
import Wire

extension Check {
  static let exchangeStalls = Check(
    id: "DSR009", slug: "exchange-stalls", title: "An exchange begins and does not get on",
    page: Page(
      looksFor: """
        TCP, after a SYN-ACK from the VIP: the client's data are sent four times or more, over 2.5 seconds, and never
        acknowledged; the answer likewise, to a client that is still there: not one byte of it is acknowledged, or none
        more for 2.5 seconds. On a mirror or at the balancer it names the
        device that took what the next leg does not show. It is undecided where only the server is seen to repeat
        itself (its SYN-ACK three times over two seconds, or its answer to a client that says nothing more), or where
        the capture ends too early. A listener that waits for data (Linux's TCP_DEFER_ACCEPT) repeats its SYN-ACK and
        is well; so is a line that loses segments and delivers them later.
        """,
      whyItMatters: """
        The return path may be direct and the service dead all the same. A firewall or a balancer that tracks
        connections sees one half of a DSR flow, takes the rest for INVALID and drops it: handshakes stay half open. Or
        a path swallows large packets in one direction, because the ICMP messages that say so are filtered or go to the
        balancer: small answers arrive, large ones never.
        """,
      howToMend: """
        Let the device that drops pass segments of flows of which it sees one half: no connection tracking for the VIP
        (notrack), or no rule that drops what is INVALID; BIG-IP: a FastL4 profile with looseInitialization. Where only
        large segments are lost, lower the MSS that clients and backends announce by what the tunnel adds, and let ICMP
        "fragmentation needed" and "packet too big" pass.
        """,
      sources: [
        "https://github.com/metallb/metallb/issues/297 (a stateful gateway sees one direction)",
        "iptables-extensions(8), conntrack --ctstate INVALID and CT --notrack",
        "RFC 6298 (retransmission timer)", "RFC 2923 section 2.1 (black holes of path MTU discovery)",
        "tcp(7), TCP_DEFER_ACCEPT",
      ])
  ) { service in
    var (stalled, answers) = (0, 0)
    var evidence: [Exhibit] = []
    var droppers: Set<Device> = []
    for judged in service.flows {
      guard case .unanswered(.stalled) = judged.fate else { continue }
      stalled += judged.group.flows
      if judged.group.facts.contains(.answerStalled) {
        answers += judged.group.flows
      } else {
        droppers.formUnion(judged.droppers)
      }
      evidence += stallExhibits(judged, service)
    }
    if stalled > 0 {
      let named = droppers.min().map { "\($0.mac) takes what the client sends and does not hand it on" }
      return .fail(
        "\(stalled) of \(counted(service.counts.total, "flow")) do not get on",
        because: named
          ?? (stalled == answers
            ? "the answer is sent again and again, and the client, which is there, acknowledges no more of it"
            : "what one end sends again and again is never acknowledged by the other"),
        next: named == nil
          ? service.capturing(at: [.mirror, .balancer, .backend], toSee: .dropper)
          : .mend("look at that device's connection tracking and filters; `dsrproof explain DSR009` has more"),
        evidence)
    }
    let untimed = service.flows.filter { $0.group.facts.contains(.untimed) }
    if !untimed.isEmpty {
      return .inconclusive(
        "\(untimed.reduce(0) { $0 + $1.group.flows }) of \(counted(service.counts.total, "flow")) may not get on",
        because: "the text has no times, which would tell for how long it lasts", next: .printTimes)
    }
    var open: (doubt: Doubt, flows: Int)?
    for judged in service.flows {
      guard case .undecided(let doubt) = judged.fate,
        [.handshakeOpen, .answeredAtLast, .answerUnheard, .dataUnheard].contains(doubt)
      else {
        continue
      }
      open = (open?.doubt ?? doubt, (open?.flows ?? 0) + judged.group.flows)
      evidence += stallExhibits(judged, service)
    }
    if let open {
      return .inconclusive(
        "\(open.flows) of \(counted(service.counts.total, "flow")) may not get on", because: open.doubt.why,
        next: service.step(for: open.doubt), evidence)
    }
    return service.flows.contains { $0.group.facts.contains(.clientHeardServer) }
      ? .pass("no exchange stalls") : .notApplicable("no handshake was completed")
  }

  /// The farthest leg that carries what is repeated.
  private static func stallExhibits(_ judged: JudgedFlows, _ service: ServiceCase) -> [Exhibit] {
    let observed = judged.group.exemplar
    let isServers =
      judged.group.facts.isDisjoint(with: [.stalled, .answerIgnored]) || judged.group.facts.contains(.answerStalled)
    let records = isServers ? observed.replies : observed.requests
    guard
      let record = records.max(by: { ($0.payload, $0.frames, $1.firstFrame) < ($1.payload, $1.frames, $0.firstFrame) })
    else { return [] }
    let repeated = record.resentBytes > 0 ? ", \(record.resentBytes) bytes of it again" : ""
    return [
      service.exhibit(
        record, of: observed.flow,
        expected: isServers ? "a client that acknowledges it" : "an acknowledgment of what the client sends",
        actual: "\(counted(record.frames, "frame")) in \(record.secondsText)\(repeated), "
          + "\(service.links[record.link].text)")
    ]
  }
}

extension JudgedFlows {
  /// Devices that took bytes of the client which the legs behind them do not show.
  fileprivate var droppers: Set<Device> {
    group.journeys.reduce(into: []) { found, journey in
      for incoming in journey.requests.legs {
        guard let device = incoming.to, incoming.record.kinds.contains(.established) else { continue }
        let onward = journey.requests.legs.filter { $0.from == device }
        if !onward.isEmpty,
          onward.allSatisfy({
            !$0.record.kinds.contains(.established) || $0.record.sequenceHigh < incoming.record.sequenceHigh
          })
        {
          found.insert(device)
        }
      }
    }
  }
}
