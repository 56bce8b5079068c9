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
    if services.count > Self.mostInFull {
      let groups = FindingGroup.all(in: checks)
      for group in groups.prefix(Self.mostServices) { page += section(of: group) }
      if groups.count > Self.mostServices {
        page += "\nand \(groups.count - Self.mostServices) findings more: `--format json` gives them all\n"
      }
    } else {
      for check in checks.findings { page += section(of: check) }
    }
    if !ignoredChecks.isEmpty {
      page += "\nIgnored by the policy: \(markdownText(ignoredChecks.joined(separator: ", ")))\n"
    }
    if !probes.isEmpty { page += "\n### Probes\n\n" }
    for summary in probes.summaries { page += "- \(markdownText(summary.text))\n" }
    if !captures.isEmpty { page += "\n### Captures\n\n" }
    for capture in shownCaptures {
      page += "- \(markdownCode(capture.files)): \(markdownText(capture.facts))\n"
      for note in capture.notes { page += "  - \(markdownText(note))\n" }
    }
    if let moreCaptures { page += "\n\(markdownText(moreCaptures))\n" }
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

  /// What one check found of several services for the same reason.
  private func section(of group: FindingGroup) -> String {
    let count = group.services.count
    guard count > 1 else { return section(of: group.first) }
    let more = count > mostListed ? "and \(count - mostListed) more: `--format json` gives them all" : nil
    let found: String
    if group.isOneSummary {
      let named = group.services.prefix(mostListed).map { markdownCode($0.url) } + [more].compactMap(\.self)
      found = "\(markdownText(group.first.summary))\n\n\(named.joined(separator: ", "))\n"
    } else {
      let each = zip(group.services, group.summaries).prefix(mostListed).map { service, summary in
        "\(markdownCode(service.url)): \(markdownText(summary))"
      }
      found = (each + [more].compactMap(\.self)).map { "- \($0)\n" }.joined()
    }
    return section(of: group.first, about: counted(count, "service"), found: found)
  }

  private func section(of check: CheckResult) -> String {
    section(of: check, about: markdownCode(check.service.url), found: "\(markdownText(check.summary))\n")
  }

  private func section(of check: CheckResult, about subject: String, found: String) -> String {
    let sign = check.isTolerated ? "⚠️" : check.outcome == .fail ? Outcome.fail.sign : Outcome.inconclusive.sign
    var text = "\n### \(sign) \(check.name): \(subject)\n\n\(found)"
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
