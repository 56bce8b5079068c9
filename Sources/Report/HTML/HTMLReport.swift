public import Checks
import Evidence
import Tables

extension Verdict {
  /// The report as one HTML page that needs nothing else: no script, no font, no picture from elsewhere.
  public func htmlReport() -> String {
    let checks = Dictionary(grouping: self.checks.filter { !isForMissingInput($0) }, by: \.service)
    var shown = HTMLRepeats()
    let sections = servicesByUrgency.enumerated().map { index, service in
      HTMLService(service, checks: checks[service.service] ?? [], number: index, of: self).section(sharing: &shown)
    }
    let page = Markup("html", ["lang": "en"]) {
      Markup("head") {
        Markup("meta", ["charset": "utf-8"])
        Markup("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
        // Whatever a page may be made to hold, a browser runs and fetches nothing for it.
        Markup(
          "meta",
          [
            "http-equiv": "Content-Security-Policy",
            "content": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
          ])
        Markup("title") { "\(outcome.word): dsrproof" }
        Markup("style") {
          DrawingStyle.colors
          HTMLStyle.page
          DrawingStyle.sheet
        }
      }
      Markup("body", ["class": services.count > 1 ? "many" : nil]) {
        headline
        if services.count > 1 { index }
        Markup("main") {
          sections
          sources
        }
      }
    }
    return "<!DOCTYPE html>\n" + page.source + "\n"
  }

  private var headline: Markup {
    Markup("header", ["class": outcome.rawValue]) {
      Markup("h1") { outcome.badge }
      Markup("p") { reason }
      if services.count > 1 { Markup("p") { serviceCounts } }
    }
  }

  /// Links to the services, what failed first; what passed is folded beside what did not.
  private var index: Markup {
    let numbered = Array(servicesByUrgency.enumerated())
    let groups = [Outcome.fail, .inconclusive, .pass].map { outcome in
      (outcome, numbered.filter { $0.element.outcome == outcome })
    }.filter { !$0.1.isEmpty }
    return Markup("nav", ["aria-label": "Services"]) {
      for (outcome, services) in groups {
        Markup("details", ["open": outcome != .pass || groups.count == 1 ? "" : nil]) {
          Markup("summary") {
            outcome.badge
            " \(counted(services.count, "service"))"
          }
          Self.list(of: services)
        }
      }
      if numbered.count > Self.mostServices, numbered.last?.element.outcome == .pass {
        Markup("p") {
          "The first \(Self.mostServices) services are drawn, and all that did not pass; the others are told in words."
        }
      }
    }
  }

  /// Services with their numbers.
  private static func list(of services: [(offset: Int, element: ServiceVerdict)]) -> Markup {
    Markup("ul") {
      for (index, service) in services {
        Markup("li") {
          Markup("a", ["href": "#service-\(index)"]) { service.title }
          Markup("span") { service.flows.sentence }
        }
      }
    }
  }

  /// What the verdict was made from.
  private var sources: Markup {
    Markup {
      if !probes.isEmpty {
        Markup.section("Probes") {
          for summary in probes.summaries { Markup.item(summary.service.url, summary.words) }
        }
        Markup("details") {
          Markup("summary") { "each of them" }
          Markup("dl") { for probe in probes { Markup.item(probe.ends, probe.words) } }
        }
      }
      if !captures.isEmpty {
        Markup.section("Captures") {
          for capture in shownCaptures { Markup.item(capture.files, capture.facts, warnings: capture.notes) }
          if let moreCaptures { Markup("p") { moreCaptures } }
        }
      }
      if !tables.isEmpty {
        Markup.section("Tables") {
          for table in tables { Markup.item(table.path, table.facts) }
        }
      }
      if !caseFiles.isEmpty {
        Markup.section("Files of the case") {
          for file in caseFiles { Markup.item(file.path, file.words) }
        }
      }
    }
  }
}

extension Verdict.Outcome {
  var badge: Markup { badge(word) }

  /// A word beside a sign that tells the outcome without colour.
  func badge(_ word: String) -> Markup {
    Markup("span", ["class": "badge \(rawValue)"]) {
      Markup("span", ["aria-hidden": "true"]) {
        switch self {
        case .pass: "✓"
        case .fail: "✗"
        case .inconclusive: "?"
        }
      }
      " \(word)"
    }
  }
}

extension Markup {
  fileprivate static func section(_ title: String, @MarkupBuilder _ items: () -> Markup) -> Markup {
    Markup("section") {
      Markup("h2") { title }
      Markup("dl", [:], items)
    }
  }

  fileprivate static func item(_ name: String, _ words: String, warnings: [String] = []) -> Markup {
    Markup {
      Markup("dt") { name }
      Markup("dd") { words }
      for warning in warnings { Markup("dd", ["class": "warning"]) { warning } }
    }
  }
}
