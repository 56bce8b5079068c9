import Checks
import Report
import Serving

/// What is served from one judgement to the next. Each page is made when it is asked for, in the server's thread.
struct WatchPages: Pages {
  var report: WatchReport
  var pulse: Pulse
  /// Frames come from this host's interfaces, so that a window ends whether frames come or not.
  var isLive: Bool

  func page(at path: String, openMetrics: Bool) -> Page? {
    switch path {
    case "/":
      Page(contentType: Self.html, body: report.livePage(), policy: Self.livePolicy)
    case "/live.html": Page(contentType: Self.html, body: report.liveContent())
    case "/live.css": Page(contentType: "text/css; charset=utf-8", body: LiveFiles.style)
    case "/live.js": Page(contentType: "text/javascript; charset=utf-8", body: LiveFiles.script)
    case "/live.svg": Page(contentType: "image/svg+xml", body: LiveFiles.icon)
    case "/metrics": metrics(openMetrics ? .openMetrics : .prometheus)
    case "/healthz": health
    case "/report.json": ofWindow { Page(contentType: "application/json", body: $0.jsonReport()) }
    case "/report.html":
      ofWindow { Page(contentType: Self.html, body: $0.htmlReport(), policy: Self.reportPolicy) }
    default: nil
    }
  }

  private static let html = "text/html; charset=utf-8"
  /// Nothing from elsewhere, and no frame around it.
  private static let livePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    + "form-action 'none'; frame-ancestors 'none'"
  /// It holds its own style, and no script.
  private static let reportPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

  private func ofWindow(_ page: (Verdict) -> Page) -> Page {
    guard let latest = report.latest else { return .line(Pulse.noWindow, status: 503) }
    return page(latest.verdict)
  }

  private func metrics(_ form: MetricsForm) -> Page {
    let type =
      switch form {
      case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
      case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
      }
    return Page(contentType: type, body: report.metrics(form))
  }

  /// Whether the run does its work, whatever the services do.
  private var health: Page {
    if let complaint = pulse.complaint(isLive: isLive, step: report.window / Double(report.steps)) {
      return .line(complaint, status: 503)
    }
    return .line("ok: judged \(Int(pulse.sinceJudged ?? 0)) s ago", status: 200)
  }
}
