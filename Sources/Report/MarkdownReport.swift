public import Checks
import Evidence

extension Verdict {
  /// The report as GitHub's and GitLab's Markdown, for job summaries and merge requests.
  public func markdownReport() -> String {
    var page = "## \(outcome.sign) dsrproof: \(outcome.rawValue)\n\n\(markdownText(reason))\n"
    if !services.isEmpty {
      let paths = "direct | via balancer | bypassed | unanswered | background | undecided"
      page += "\n| service | verdict | proof | assuming | flows | \(paths) |\n"
      page += "|---|---|---|---|--:|--:|--:|--:|--:|--:|--:|\n"
      let shown = servicesByUrgency.prefix(Self.mostServices)
      for service in shown { page += row(of: service) }
      if services.count > shown.count {
        page += "\nand \(services.count - shown.count) services more: `--format json` gives them all\n"
      }
      let funnels = shown.flatMap { service in service.funnels.map { (service, $0) } }.filter { $0.1.loss != nil }
      if !funnels.isEmpty { page += "\nHow far flows get:\n\n" }
      for (service, funnel) in funnels { page += "- \(markdownCode(service.title)), \(markdownText(funnel.words))\n" }
      let assumed = Set(shown.flatMap(\.assumptions)).sorted()
      if !assumed.isEmpty { page += "\nAssuming:\n\n" }
      for assumption in assumed { page += "- \(assumption.rawValue): \(markdownText(assumption.words))\n" }
    }
    let (findings, more) = shownFindings
    for check in findings { page += section(of: check) }
    if let more { page += "\n\(markdownText(more))\n" }
    if !ignoredChecks.isEmpty {
      page += "\nIgnored by the policy: \(markdownText(ignoredChecks.joined(separator: ", ")))\n"
    }
    if !probes.isEmpty { page += "\n### Probes\n\n" }
    for summary in probes.summaries { page += "- \(markdownText(summary.text))\n" }
    if !captures.isEmpty { page += "\n### Captures\n\n" }
    for capture in captures {
      page += "- \(markdownCode(capture.files)): \(markdownText(capture.facts))\n"
      for note in capture.notes { page += "  - \(markdownText(note))\n" }
    }
    if !tables.isEmpty { page += "\n### Tables\n\n" }
    for table in tables { page += "- \(markdownCode(table.path)): \(markdownText(table.facts))\n" }
    return page
  }

  private func row(of service: ServiceVerdict) -> String {
    let paths = ServiceVerdict.FlowCounts.Path.allCases
    let counts = ([service.flows.total] + paths.map { service.flows[$0] }).map(String.init)
    let cells =
      [
        markdownCode(service.title), "\(service.outcome.sign) \(service.outcome.rawValue)",
        service.proof?.rawValue ?? "", service.assumptionNames,
      ] + counts
    return "| \(cells.joined(separator: " | ")) |\n"
  }

  private func section(of check: CheckResult) -> String {
    let sign = check.isTolerated ? "⚠️" : check.outcome == .fail ? Outcome.fail.sign : Outcome.inconclusive.sign
    var text = "\n### \(sign) \(check.name): \(markdownCode(check.service.url))\n\n\(markdownText(check.summary))\n"
    for words in check.policyWords { text += "\n**\(markdownText(words))**\n" }
    if !check.reason.isEmpty { text += "\n- **why:** \(markdownText(check.reason))\n" }
    if !check.remedy.isEmpty {
      text += "\(check.reason.isEmpty ? "\n" : "")- **next:** \(markdownText(check.remedy))\n"
    }
    guard !check.evidence.isEmpty else { return text }
    text += "\n| evidence | expected | actual | display filter |\n|---|---|---|---|\n"
    for exhibit in check.evidence.prefix(Exhibit.mostShown) {
      let cells = [
        markdownText(exhibit.place), markdownText(exhibit.expected), markdownText(exhibit.actual),
        exhibit.displayFilter.map(markdownCode) ?? "",
      ]
      text += "| \(cells.joined(separator: " | ")) |\n"
    }
    return text + (check.evidence.moreThanShown.map { "\n\(markdownText($0))\n" } ?? "")
  }
}

extension Verdict.Outcome {
  fileprivate var sign: String {
    switch self {
    case .pass: "✅"
    case .fail: "❌"
    case .inconclusive: "❔"
    }
  }
}
