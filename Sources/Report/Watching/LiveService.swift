import Checks
import Wire

/// One service on the page that follows: its state, since when, why, and its path.
final class LiveService {
  private let service: WatchedService
  private let checks: [CheckResult]
  private let time: Timestamp
  private let isAlone: Bool

  init(_ service: WatchedService, in report: WatchReport, isAlone: Bool) {
    (self.service, self.isAlone) = (service, isAlone)
    checks = report.latest?.verdict.checks.filter { $0.service == service.service } ?? []
    time = report.latest?.time ?? report.start
  }

  var section: Markup {
    Markup("section", ["id": service.service.url, "class": "service"]) {
      if service.state == .pass, !isAlone {
        Markup("details") {
          Markup("summary") { heading }
          content
        }
      } else {
        heading
        content
      }
    }
  }

  private var heading: Markup {
    Markup("h2", ["class": service.state.outcome.rawValue]) {
      service.latest.title + " "
      service.state.outcome.liveBadge
    }
  }

  /// Where the last window has no flow, what it was before says more.
  private var shown: ServiceVerdict {
    service.latest.flows.total == 0 ? service.agreeing ?? service.latest : service.latest
  }

  @MarkupBuilder private var content: Markup {
    Markup("p", ["class": "since"]) {
      "Since "
      Markup("time", ["datetime": service.since.iso8601]) { service.since.clock }
      " (\(lengthOfTime(seconds: time.seconds(since: service.since))))"
    }
    // A finding says it again.
    if checks.findings.isEmpty { Markup("p") { shown.cause } }
    if service.latest.flows.total == 0 {
      Markup("p", ["class": "aside"]) {
        if let last = service.lastTraffic {
          "No flow in the last window; the last ones at \(last.clock)."
        } else {
          "No flow yet."
        }
      }
    }
    for check in checks.findings { article(check) }
    Markup("dl") {
      Markup("dt") { "Flows" }
      Markup("dd") { shown.flows.words }
      for (role, stations) in [("Balancer", shown.balancers), ("Backend", shown.backends)] where !stations.isEmpty {
        Markup("dt") { stations.count == 1 ? role : role + "s" }
        for station in stations.prefix(6) { Markup("dd") { station.words } }
        if stations.count > 6 { Markup("dd") { "and \(stations.count - 6) more" } }
      }
    }
    shown.path
  }

  private func article(_ check: CheckResult) -> Markup {
    Markup("article", ["class": (check.isTolerated ? .inconclusive : check.outcome).rawValue]) {
      Markup("h3") { "\(check.outcome == .fail ? "✗ FAILED" : "? UNDECIDED") \(check.name)" }
      Markup("p") { check.summary }
      for words in check.policyWords { Markup("p", ["class": "policy"]) { words } }
      if !check.remedy.isEmpty {
        Markup("p") {
          Markup("b") { "Next: " }
          check.remedy
        }
      }
    }
  }
}
