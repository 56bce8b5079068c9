import Checks
import Wire

extension WatchReport {
  /// The page that follows what is watched. It fetches `/live.css` and `/live.js`, and shows all that is known without the
  /// latter, too.
  public func livePage() -> String {
    let page = Markup("html", ["lang": "en"]) {
      Markup("head") {
        Markup("meta", ["charset": "utf-8"])
        Markup("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
        Markup("title") { title }
        Markup("link", ["rel": "icon", "href": "/live.svg"])
        Markup("link", ["rel": "stylesheet", "href": "/live.css"])
        Markup("script", ["src": "/live.js", "defer": ""])
      }
      Markup("body") {
        Markup("a", ["class": "skip", "href": "#services"]) { "To the services" }
        Markup("p", ["id": "connection", "role": "status"]) { "Load the page again for what is known by then." }
        Markup("p", ["id": "told", "role": "log", "aria-live": "polite"])
        content
        Markup("footer") {
          for (path, words) in [
            ("/report.html", "report of the last window"), ("/report.json", "the same as JSON"),
            ("/metrics", "metrics"), ("/healthz", "health"),
          ] {
            Markup("a", ["href": path]) { words }
          }
        }
      }
    }
    return "<!DOCTYPE html>\n" + page.source + "\n"
  }

  /// What of it changes: its `main` element.
  public func liveContent() -> String { content.source }

  private var title: String { "\(outcome.liveWord): dsrproof watch" }

  private var content: Markup {
    Markup("main", ["data-title": title, "data-step": "\(window / Double(steps))"]) {
      headline
      Markup("section", ["id": "services", "aria-label": "Services", "tabindex": "-1"]) { sections }
      lastChanges
    }
  }

  private var headline: Markup {
    Markup("header", ["id": "headline", "class": outcome.rawValue]) {
      Markup("h1") { outcome.liveBadge }
      Markup("p") { sentence }
      Markup("p", ["class": "aside"]) {
        "\(source == "-" ? "standard input" : source), watched since \(start.clock), "
          + "windows of \(lengthOfTime(seconds: window)), \(counted(Int(clamping: tally.frames), "frame")) taken"
        if let drops = tally.drops, drops.kernel + drops.interface > 0 {
          ", \(drops.kernel + drops.interface) lost"
        }
      }
    }
  }

  private var sentence: String {
    guard let latest else { return "No window is judged yet." }
    let counts = [WatchedService.State.fail, .open, .pass].compactMap { state in
      let count = services.count { $0.state == state }
      return count == 0 ? nil : "\(count) \(state.rawValue)"
    }
    let number = services.isEmpty ? "No service is seen yet" : counted(services.count, "service")
    let known = services.count > 1 ? "\(number): \(counts.joined(separator: ", "))" : number
    return "\(known). Judged at \(latest.time.clock)."
  }

  /// What fails comes first, the latest first; what passes is folded beside others.
  @MarkupBuilder private var sections: Markup {
    let ordered = byUrgency
    for service in ordered.prefix(Verdict.mostServices) {
      LiveService(service, in: self, isAlone: ordered.count == 1).section
    }
    if ordered.count > Verdict.mostServices {
      Markup("p") { "\(ordered.count - Verdict.mostServices) more are not shown here: see the report and the metrics." }
    }
  }

  private var byUrgency: [WatchedService] {
    [WatchedService.State.fail, .open, .pass].flatMap { state in
      let those = services.filter { $0.state == state }
      return state == .fail ? those.sorted { ($1.since, $0.service) < ($0.since, $1.service) } : those
    }
  }

  private var lastChanges: Markup {
    Markup("section", ["id": "changes"]) {
      Markup("h2") { "Last changes" }
      if changes.isEmpty { Markup("p") { "None since \(start.clock)." } }
      Markup("ol", ["reversed": ""]) {
        for change in changes.reversed() {
          Markup("li", ["id": "\(change.at.iso8601) \(change.service.url)"]) {
            Markup("time", ["datetime": change.at.iso8601]) { change.at.clock }
            " "
            Markup("b") { change.service.url }
            " \(change.from.rawValue) → "
            Markup("b", ["class": change.to.outcome.rawValue]) { change.to.rawValue }
            ": \(change.verdict.cause)"
          }
        }
      }
    }
  }
}

extension Verdict.Outcome {
  /// As a state is called.
  fileprivate var liveWord: String { self == .inconclusive ? "OPEN" : word }

  var liveBadge: Markup { badge(liveWord) }
}

extension Timestamp {
  /// To the second: `2026-11-29 22:03:04 UTC`.
  var clock: String { iso8601.prefix(19).replacing("T", with: " ") + " UTC" }
}
