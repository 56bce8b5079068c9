import Checks
import Evidence
import Wire

extension WatchReport {
  /// All that is known as Prometheus reads it. A name means what it does in the report of `verify`: a verdict is the one that
  /// stands, here the state; what was seen and found is that of the last window.
  public func metrics(_ form: MetricsForm) -> String {
    var page = Exposition(form)
    page.gauge("build_info", "The version that wrote this.", [.init(1, ["version": version])])
    page.addRun(self)
    if let latest {
      page.addVerdict(outcome, on: services.map { ($0.service, $0.state.outcome) }, at: latest.time)
      page.addTimes(of: services)
      page.addFindings(of: named(latest.verdict))
    }
    return page.text
  }

  /// Captures are called by where their frames come from: steps have new names for ever, and each would be a series.
  private func named(_ verdict: Verdict) -> Verdict {
    var verdict = verdict
    for index in verdict.captures.indices { verdict.captures[index].path = source }
    return verdict
  }
}

extension Exposition {
  fileprivate mutating func addRun(_ report: WatchReport) {
    let tally = report.tally
    gauge("watch_start_timestamp_seconds", "When the run began.", [.init(report.start.seconds)])
    gauge("watch_window_seconds", "How long a window is that is judged.", [.init(report.window)])
    gauge("watch_services", "Services that are watched.", [.init(report.services.count)])
    gauge(
      "watch_last_frame_timestamp_seconds", "When the last frame came.",
      tally.lastFrame.map { [.init($0.seconds)] } ?? [])
    gauge(
      "watch_last_change_timestamp_seconds", "When a service changed last.",
      report.changes.last.map { [.init($0.at.seconds)] } ?? [])
    counter("watch_frames", "Frames taken since the start.", [.init(tally.frames)])
    counter(
      "watch_dropped_frames", "Frames lost since the start, by who dropped them.",
      tally.drops.map { [.init($0.kernel, ["by": "kernel"]), .init($0.interface, ["by": "interface"])] } ?? [])
    counter("watch_judgements", "Windows judged since the start.", [.init(tally.judgements)])
    counter(
      "watch_judgements_left_out", "Windows not judged since the start, for frames waited to be taken.",
      [.init(tally.judgementsLeftOut)])
    counter(
      "watch_changes", "Changes of services since the start, by what they became.",
      WatchedService.State.allCases.map { .init(tally.changes[$0] ?? 0, ["to": $0.rawValue]) })
  }

  fileprivate mutating func addTimes(of services: [WatchedService]) {
    gauge(
      "service_since_timestamp_seconds", "Since when a service has the verdict that it has.",
      services.map { .init($0.since.seconds, ["service": $0.service.url]) })
    gauge(
      "service_last_traffic_timestamp_seconds", "When flows of a service were seen last.",
      services.compactMap { service in
        service.lastTraffic.map { .init($0.seconds, ["service": service.service.url]) }
      })
  }
}
