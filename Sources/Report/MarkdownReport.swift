public import Checks
import Evidence

extension Verdict {
  /// The report as GitHub's and GitLab's Markdown, for job summaries and merge requests.
  public func markdownReport() -> String {
    var page = "## \(outcome.sign) dsrproof: \(outcome.rawValue)\n\n\(escaped(reason))\n"
    if !services.isEmpty {
      page += "\n| service | verdict | proof | flows | direct | via balancer | bypassed | unanswered | undecided |\n"
      page += "|---|---|---|--:|--:|--:|--:|--:|--:|\n"
      for service in servicesByUrgency { page += row(of: service) }
    }
    for check in checks where check.outcome == .fail { page += section(of: check) }
    for check in checks where check.outcome == .inconclusive { page += section(of: check) }
    if !captures.isEmpty { page += "\n### Captures\n\n" }
    for capture in captures {
      page += "- \(code(capture.path)): \(escaped(capture.facts))\n"
      for warning in capture.warnings { page += "  - \(escaped(warning))\n" }
    }
    if !tables.isEmpty { page += "\n### Tables\n\n" }
    for table in tables {
      page +=
        "- \(code(table.path)): \(escaped([table.words, table.roleWords].compactMap(\.self).joined(separator: "; ")))\n"
    }
    return page
  }

  private func row(of service: ServiceVerdict) -> String {
    let flows = service.flows
    let counts = [
      flows.total, flows.direct, flows.viaBalancer, flows.bypassed, flows.unanswered, flows.undecided,
    ].map(String.init)
    let cells =
      [
        code(service.service.url), "\(service.outcome.sign) \(service.outcome.rawValue)", service.proof?.rawValue ?? "",
      ] + counts
    return "| \(cells.joined(separator: " | ")) |\n"
  }

  private func section(of check: CheckResult) -> String {
    let sign = check.outcome == .fail ? Outcome.fail.sign : Outcome.inconclusive.sign
    var text = "\n### \(sign) \(check.name): \(code(check.service.url))\n\n\(escaped(check.summary))\n"
    if !check.reason.isEmpty { text += "\n- **why:** \(escaped(check.reason))\n" }
    if !check.remedy.isEmpty { text += "\(check.reason.isEmpty ? "\n" : "")- **next:** \(escaped(check.remedy))\n" }
    guard !check.evidence.isEmpty else { return text }
    text += "\n| evidence | expected | actual | display filter |\n|---|---|---|---|\n"
    for exhibit in check.evidence.prefix(Exhibit.mostShown) {
      let cells = [
        escaped(exhibit.place), escaped(exhibit.expected), escaped(exhibit.actual),
        exhibit.displayFilter.map(code) ?? "",
      ]
      text += "| \(cells.joined(separator: " | ")) |\n"
    }
    return text + (check.evidence.moreThanShown.map { "\n\(escaped($0))\n" } ?? "")
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

/// Text in which nothing is markup.
private func escaped(_ text: String) -> String {
  var safe = ""
  for character in text.withoutControls {
    if #"\`*_[]<>#|~&$@"#.contains(character) { safe.append("\\") }
    safe.append(character)
  }
  return safe
}

/// Text in a code span, also within a table, where a bar ends a cell even there.
private func code(_ text: String) -> String {
  let text = text.withoutControls.replacing("|", with: "\\|")
  let longest = text.split(whereSeparator: { $0 != "`" }).map(\.count).max() ?? 0
  let fence = String(repeating: "`", count: longest + 1)
  return longest == 0 ? "`\(text)`" : "\(fence) \(text) \(fence)"
}
