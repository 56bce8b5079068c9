import Evidence
import Wire

extension Check {
  static let probeFailed = Check(
    id: "PROBE001", slug: "probe-failed", title: "A connection that was opened to the service came to nothing",
    page: Page(
      looksFor: """
        A probe that failed, and the frames of that very probe, found by its address and port: no answer, a reset, an
        ICMP error, an answer from another address, data that nobody acknowledged. Where these show the fault, the check
        fails. Where they show none, were not captured, or the probe never left this host, it is inconclusive: a probe
        that failed never lets the service pass. So it is with a datagram without an answer, for a service need not answer
        what means nothing to it. Any HTTP status is an answer.
        """,
      whyItMatters: """
        The service is there to be used. Replies of other flows may return as they should while one backend in ten, or one
        path in two, answers nobody.
        """,
      howToMend: """
        Follow the frames that the report names: a request without an answer is followed at the balancer and at a backend,
        a reset or an ICMP error names who sent it, and an answer from another address names the backend. Where no frame
        was captured, capture on the interface by which this host reaches the VIP.
        """,
      sources: ["RFC 9293 section 3.5 (a connection that is refused)", "connect(2)"])
  ) { service in
    let own = service.run.probes.filter { service.service.covers($0.result.service) }
    guard !own.isEmpty else { return .notApplicable("no connection was opened to the service") }
    let failed = own.filter(\.result.hasFailed)
    guard let first = failed.first(where: \.isFault) ?? failed.first else {
      return .pass("\(counted(own.count, "probe")), and every one was answered")
    }
    let summary = "\(failed.count) of \(counted(own.count, "probe")) failed"
    let reason = ProbeTrace.reason(for: failed)
    let evidence = failed.prefix(Finding.exhibitLimit).compactMap { $0.exhibit(in: service) }
    let step = first.result.sight?.step(in: service) ?? .mend("mend what kept this host from asking")
    return first.isFault
      ? .fail(summary, because: reason, next: step, evidence)
      : .inconclusive(summary, because: reason, next: step, evidence)
  }
}

extension ProbeTrace {
  /// What became of those that failed, alike ones together: "2 probes: sent 2 times to …, and nobody answered".
  fileprivate static func reason(for failed: [ProbeTrace]) -> String {
    var order: [String] = []
    var counts: [String: Int] = [:]
    for trace in failed {
      let words = trace.words
      if counts[words] == nil { order.append(words) }
      counts[words, default: 0] += 1
    }
    return listed(order, separator: "; ") { "\(counted(counts[$0] ?? 0, "probe")) \($0)" }
  }

  /// What its frames show; where they show no fault, what this host says as well.
  private var words: String {
    guard let sight = result.sight else { return result.failure ?? "failed" }
    return sight.words + (isFault ? "" : result.failure.map { " (\($0))" } ?? "")
  }

  fileprivate func exhibit(in service: ServiceCase) -> Exhibit? {
    let actual = [result.sight?.words, result.failure].compactMap(\.self).joined(separator: "; ")
    switch shown {
    case .record(let record, let flow):
      return service.exhibit(record, of: flow, expected: "an answer to the probe", actual: actual)
    case .error(let error): return service.exhibit(error, expected: "an answer to the probe")
    case nil: return nil
    }
  }
}
