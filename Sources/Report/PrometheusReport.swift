public import Checks
import Evidence
public import Wire

extension Verdict {
  /// The report as Prometheus reads it, for the textfile collector of its node exporter. What is not known has no
  /// sample. `time` is when the verdict was reached.
  public func prometheusReport(at time: Timestamp, version: String) -> String {
    var page = Exposition()
    page.gauge("build_info", "The version that wrote this.", [.init(1, ["version": version])])
    page.addVerdict(outcome, on: services.map { ($0.service, $0.outcome) }, at: time)
    page.addFindings(of: self)
    page.addProbes(probes)
    return page.text
  }
}

extension Verdict.Outcome {
  /// Each verdict there can be, so that none stays as it was when another takes its place.
  fileprivate var states: [(name: String, value: Int)] {
    [Self.pass, .fail, .inconclusive].map { ($0.rawValue, $0 == self ? 1 : 0) }
  }
}

extension Exposition {
  /// The verdicts that stand, since `time`.
  mutating func addVerdict(
    _ outcome: Verdict.Outcome, on services: [(service: ServicePattern, outcome: Verdict.Outcome)], at time: Timestamp
  ) {
    gauge("run_timestamp_seconds", "When the verdict was reached.", [.init(time.seconds)])
    gauge(
      "verdict", "The verdict on all services: 1 for the one that it is.",
      outcome.states.map { .init($0.value, ["verdict": $0.name]) })
    gauge(
      "service_verdict", "The verdict on a service: 1 for the one that it is.",
      services.flatMap { service, outcome in
        outcome.states.map { Sample($0.value, ["service": service.url, "verdict": $0.name]) }
      })
  }

  /// What was seen and found in what was judged.
  mutating func addFindings(of verdict: Verdict) {
    addServices(verdict.services)
    addChecks(verdict.checks)
    addCaptures(verdict.captures)
  }

  private mutating func addServices(_ services: [ServiceVerdict]) {
    gauge(
      "service_flows", "Flows of a service by the path that they took.",
      services.flatMap { service in
        ServiceVerdict.FlowCounts.Path.allCases.map {
          Sample(service.flows[$0], ["service": service.service.url, "path": $0.label])
        }
      })
    gauge(
      "service_funnel_flows", "Flows of a service that reached a step, at a place that shows their beginnings.",
      services.flatMap { service in
        service.funnels.flatMap { funnel in
          funnel.steps.map { reached in
            Sample(
              reached.flows,
              ["service": service.service.url, "place": funnel.place.place, "step": reached.step.rawValue])
          }
        }
      })
    gauge(
      "service_assumption", "What the verdict on a service takes for granted.",
      services.flatMap { service in
        service.assumptions.map { Sample(1, ["service": service.service.url, "assumption": $0.rawValue]) }
      })
    gauge(
      "service_claims", "Frames in which a MAC claims the VIP of a service.",
      services.flatMap { service in
        service.claimants.map { Sample($0.frames, ["service": service.service.url, "mac": $0.mac.description]) }
      })
  }

  /// What passed, or did not apply, has no sample: of hundreds of services that is nearly everything.
  private mutating func addChecks(_ checks: [CheckResult]) {
    gauge(
      "check_outcome", "A check that failed or is undecided, or that the policy tolerates or ignores.",
      checks.filter { $0.outcome == .fail || $0.outcome == .inconclusive || $0.severity == .ignore }.map { check in
        Sample(
          1,
          [
            "service": check.service.url, "check": check.id, "slug": check.slug,
            "outcome": check.stateWord,
          ])
      })
  }

  private mutating func addCaptures(_ captures: [CaptureSummary]) {
    gauge("capture_frames", "Frames that a capture holds.", captures.map { Sample($0.frames, ["capture": $0.path]) })
    gauge(
      "capture_bytes", "Length of a capture's frames on the wire.",
      captures.map { Sample($0.bytes, ["capture": $0.path]) })
    gauge(
      "capture_cut_frames", "Frames of which a capture kept only the beginning.",
      captures.map { Sample($0.cutFrames, ["capture": $0.path]) })
    gauge(
      "capture_without_frames", "A capture that was read from an evidence file: its frames cannot be shown.",
      captures.filter { $0.evidenceFile != nil }.map { Sample(1, ["capture": $0.path]) })
    gauge(
      "capture_dropped_frames", "Frames that a capture lost, by who dropped them.",
      captures.flatMap { capture in
        capture.drops.map { Sample($0.frames, ["capture": capture.path, "by": $0.by]) }
      })
  }

  fileprivate mutating func addProbes(_ probes: [ProbeResult]) {
    let byService = Dictionary(grouping: probes, by: \.service).sorted { $0.key < $1.key }
    gauge(
      "service_probes", "Probes of a service by what became of them.",
      byService.flatMap { service, probes in
        let answered = probes.count { $0.status != nil }
        return [("answered", answered), ("failed", probes.count - answered)].map { result, count in
          Sample(count, ["service": service.url, "result": result])
        }
      })
    gauge(
      "service_probe_latency_max_seconds", "The longest that a probe of a service took to be connected or answered.",
      byService.compactMap { service, probes in
        probes.compactMap(\.latency).max().map { Sample($0, ["service": service.url]) }
      })
  }
}

extension ServiceVerdict.FlowCounts.Path {
  fileprivate var label: String { self == .viaBalancer ? "via_balancer" : rawValue }
}

extension CaptureSummary {
  /// A file does not tell the kernel's drops from the interface's.
  fileprivate var drops: [(by: String, frames: UInt64)] {
    if let live { return [("kernel", live.droppedByKernel), ("interface", live.droppedByInterface)] }
    return dropped.map { [("unknown", $0)] } ?? []
  }
}

extension CheckResult {
  /// What it comes to under the policy.
  fileprivate var stateWord: String {
    severity == .ignore ? "ignored" : isTolerated ? "tolerated" : outcome.rawValue
  }
}
