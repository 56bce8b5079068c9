import Checks
import Evidence
import Tables
import Wire

/// One service on the page: what it is, its path, one of its flows, and what the checks found.
final class HTMLService {
  private let verdict: ServiceVerdict
  private let checks: [CheckResult]
  private let number: Int
  private let isAlone: Bool
  /// It passed, as hundreds did before it: words do.
  private let isBrief: Bool
  private let headline: String
  /// Some captures were read from evidence files.
  private let lacksFrames: Bool

  /// More lines than these are folded.
  private static let mostStations = 6
  private static let mostCaptures = 6
  private static let mostFoldedExhibits = 30

  init(_ verdict: ServiceVerdict, checks: [CheckResult], number: Int, of whole: Verdict) {
    self.verdict = verdict
    self.checks = checks
    self.number = number
    isAlone = whole.services.count == 1
    isBrief = verdict.outcome == .pass && number >= Verdict.mostServices
    headline = whole.reason
    lacksFrames = whole.captures.contains { $0.evidenceFile != nil }
  }

  /// Of hundreds of services what an earlier one has is linked to: `shown` tells which it was, by what it is.
  func section(sharing shown: inout HTMLRepeats) -> Markup {
    let content = content(sharing: &shown)
    return Markup("section", ["id": isFolded ? nil : name, "class": "service"]) {
      if isFolded {
        Markup("details") {
          Markup("summary") { heading }
          // A browser opens what it is folded in when a link leads here.
          Markup("div", ["id": name]) { content }
        }
      } else {
        heading
        content
      }
    }
  }

  private var isFolded: Bool { verdict.outcome == .pass && !isAlone }

  private var name: String { "service-\(number)" }

  private var heading: Markup {
    Markup("h2", ["class": verdict.outcome.rawValue]) {
      verdict.title + " "
      verdict.outcome.badge
    }
  }

  private func content(sharing shown: inout HTMLRepeats) -> Markup {
    let drawn = isBrief ? Markup() : drawings(sharing: &shown)
    let settled = isBrief ? Markup() : shown.once(settled, called: "Other checks", of: service)
    return Markup {
      if verdict.reason != headline { Markup("p") { verdict.reason } }
      // Who comes in an outage wants to know what failed, why, and what to do.
      for check in checks.findings { article(check) }
      facts
      drawn
      if verdict.outcome == .pass, !isBrief {
        for check in checks where check.isProof { proof(check) }
      }
      settled
    }
  }

  private var service: HTMLRepeats.Service { .init(number: number, title: verdict.title, name: name) }

  private func drawings(sharing shown: inout HTMLRepeats) -> Markup {
    let path = shown.once(verdict.path, called: "Path", of: service)
    let funnels = verdict.funnels.prefix(Self.mostCaptures).map { funnel in
      let bars = shown.once(funnel.table ?? Markup(), called: "Its bars", of: service, besides: funnel.remark)
      return Markup("figure") { bars }
    }
    return Markup {
      path
      funnel(funnels)
      exchange
    }
  }

  private var facts: Markup {
    Markup("dl") {
      if let proof = verdict.proof { entry("Proof", ["\(proof.rawValue): \(proof.words)"]) }
      entry("Assuming", verdict.assumptionLines, most: verdict.assumptions.count)
      entry("Vantage", verdict.vantages.map { "\($0.place): \($0.words)" }, most: Self.mostCaptures)
      entry("Flows", [verdict.flows.words])
      if isBrief {
        let lines = checks.filter(\.isProof).flatMap(\.proofLines)
        entry("Shown by", lines, most: lines.count)
      }
      for (role, stations) in [("Balancer", verdict.balancers), ("Backend", verdict.backends)] {
        entry(
          stations.count == 1 ? role : role + "s", stations.map(\.words),
          most: Self.mostStations)
      }
    }
  }

  private func entry(_ name: String, _ lines: [String], most: Int = 1) -> Markup {
    Markup {
      if !lines.isEmpty { Markup("dt") { name } }
      for line in lines.prefix(most) { Markup("dd") { line } }
      if lines.count > most {
        Markup("dd") {
          Markup("details") {
            Markup("summary") { "\(lines.count - most) more" }
            for line in lines.dropFirst(most) { Markup("div") { line } }
          }
        }
      }
    }
  }

  // MARK: Drawings

  /// How far the flows got, a bar a step.
  @MarkupBuilder private func funnel(_ figures: [Markup]) -> Markup {
    if !figures.isEmpty {
      Markup("h3") { "How far flows get" }
      Markup("div", ["class": "drawings"]) { figures }
    }
  }

  @MarkupBuilder private var exchange: Markup {
    if let exemplar = verdict.exemplar {
      Markup("h3") { "One flow" }
      Markup("p", ["class": "mono"]) { exemplar.flow.textWithCommunityID }
      if exemplar.frames.isEmpty {
        Markup("p") {
          lacksFrames
            ? "Its frames are not shown: evidence files hold none."
            : "Its frames are not shown: the captures are read a second time for those of the most urgent services, and"
              + " standard input and pipes cannot be read twice."
        }
      }
      for diagram in SequenceDiagram.diagrams(of: verdict) {
        diagram.table
      }
      if exemplar.omitted > 0 { Markup("p") { "\(counted(exemplar.omitted, "later frame")) left out." } }
    }
  }

  // MARK: Checks

  private func article(_ check: CheckResult) -> Markup {
    let word = check.outcome == .fail ? "✗ FAILED" : "? UNDECIDED"
    return Markup("article", ["class": (check.isTolerated ? .inconclusive : check.outcome).rawValue]) {
      Markup("h3") { "\(word) \(check.name)" }
      Markup("p") { check.summary }
      for words in check.policyWords { Markup("p", ["class": "policy"]) { words } }
      Markup("dl") {
        entry("Why", check.reason.isEmpty ? [] : [check.reason])
        entry("Next", check.remedy.isEmpty ? [] : [check.remedy])
      }
      for exhibit in check.evidence.prefix(Exhibit.mostShown) { evidence(exhibit) }
      if check.evidence.count > Exhibit.mostShown {
        Markup("details") {
          Markup("summary") { "\(check.evidence.count - Exhibit.mostShown) more" }
          for exhibit in check.evidence.dropFirst(Exhibit.mostShown).prefix(Self.mostFoldedExhibits) {
            evidence(exhibit)
          }
          if check.evidence.count > Exhibit.mostShown + Self.mostFoldedExhibits {
            Markup("p") { "and more: --format json gives them all" }
          }
        }
      }
    }
  }

  private func proof(_ check: CheckResult) -> Markup {
    Markup("article", ["class": check.outcome.rawValue]) {
      Markup("h3") { "✓ PASSED \(check.name)" }
      Markup("p") { check.summary }
      // The first request and its reply; those of other backends look alike.
      for exhibit in check.evidence.prefix(2) { evidence(exhibit) }
      if check.evidence.count > 2 {
        Markup("details") {
          Markup("summary") { "\(check.evidence.count - 2) more" }
          for exhibit in check.evidence.dropFirst(2) { evidence(exhibit) }
        }
      }
      if !check.reason.isEmpty { Markup("p") { check.reason } }
    }
  }

  private func evidence(_ exhibit: Exhibit) -> Markup {
    Markup("dl", ["class": "evidence"]) {
      for (name, text) in exhibit.entries { entry(name.prefix(1).uppercased() + name.dropFirst(), [text]) }
      if let filter = exhibit.displayFilter {
        Markup("dt") { "Filter" }
        Markup("dd") { Markup("code") { filter } }
      }
    }
  }

  private var settled: Markup {
    Markup("dl") {
      for (title, outcome) in [("Passed", CheckResult.Outcome.pass), ("Not applicable", .notApplicable)] {
        let slugs = checks.filter { $0.outcome == outcome && $0.severity != .ignore }.map(\.slug).sorted()
        entry(title, slugs.isEmpty ? [] : [slugs.joined(separator: ", ")])
      }
      let ignored = checks.filter { $0.severity == .ignore }.map(\.slug).sorted()
      entry("Ignored by the policy", ignored.isEmpty ? [] : [ignored.joined(separator: ", ")])
    }
  }
}
