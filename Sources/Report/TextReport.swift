public import Checks
import Evidence
import Tables
import Wire

extension Verdict {
  /// The report for people: the verdict first, then what it rests on, then what to do.
  ///
  /// With `ascii` all that does not come from the captures is ASCII. With `listsProbes` each probe has a line of its own
  /// below those that count them.
  public func textReport(color: Bool, ascii: Bool = false, listsProbes: Bool = false) -> String {
    var page = TerminalText(color: color, ascii: ascii)
    page.add(headlineOf: self)
    let proofs = proofs
    let shown = servicesByUrgency.prefix(Verdict.mostServices)
    for service in shown {
      page.line()
      page.add(service, repeating: reason, proof: proofs[service.service])
    }
    if services.count > shown.count {
      page.line()
      page.line("and \(services.count - shown.count) services more: --format json gives them all")
    }
    page.addFindings(of: self)
    if !captures.isEmpty { page.line() }
    page.add(probes, listing: listsProbes)
    if !probes.isEmpty, !captures.isEmpty { page.line() }
    for capture in captures { page.add(capture) }
    if !tables.isEmpty { page.line() }
    for table in tables { page.add(table) }
    return page.text
  }
}

extension Verdict.Outcome {
  fileprivate var style: TerminalText.Style {
    switch self {
    case .pass: .green
    case .fail: .red
    case .inconclusive: .yellow
    }
  }
}

extension TerminalText {
  private static let labelColumn = 2
  private static let valueColumn = 14

  mutating func add(headlineOf verdict: Verdict) {
    entry(verdict.outcome.word, verdict.reason, indent: 14, style: verdict.outcome.style)
    if verdict.services.count > 1 { entry("", verdict.serviceCounts, indent: 14) }
  }

  /// Every check: what failed or is open in full, the others by name.
  mutating func addFindings(of verdict: Verdict) {
    let (findings, more) = verdict.shownFindings
    for check in findings {
      line()
      add(check, namingService: verdict.services.count > 1)
    }
    if let more {
      line()
      paragraph(more)
    }
    let settled = [("Passed", CheckResult.Outcome.pass), ("Not applicable", .notApplicable)]
    if verdict.checks.contains(where: { $0.outcome == .pass || $0.outcome == .notApplicable }) { line() }
    for (title, outcome) in settled {
      let names = verdict.names(ofChecksThat: outcome)
      if !names.isEmpty { entry(title, names.joined(separator: ", "), indent: 16, style: .bold) }
    }
    let ignored = verdict.ignoredChecks
    if !ignored.isEmpty { entry("Ignored", ignored.joined(separator: ", "), indent: 16, style: .bold) }
  }

  fileprivate mutating func add(_ verdict: ServiceVerdict, repeating headline: String, proof: CheckResult?) {
    line("\(verdict.title)  \(verdict.outcome.word)", verdict.outcome.style)
    if verdict.reason != headline { paragraph(verdict.reason, indent: Self.labelColumn) }
    if let proof = verdict.proof { field("proof", "\(proof.rawValue): \(proof.words)") }
    add(verdict.assumptionLines, as: "assuming")
    add(verdict.vantages.lazy.map { "\($0.place): \($0.words)" }, as: "vantage")
    field("flows", verdict.flows.words)
    for (role, stations) in [("balancer", verdict.balancers), ("backend", verdict.backends)] {
      add(stations.lazy.map(\.words), as: stations.count > 1 ? role + "s" : role)
    }
    let shown = proof?.proofLines ?? []
    add(shown, as: "shown by", most: shown.count)
    let picture = TextDrawing.lines(of: PathDrawing.drawings(of: verdict.legs), ascii: ascii)
    if !picture.isEmpty { line() }
    for row in picture { line(row.text.isEmpty ? "" : "  " + row.text, row.style) }
  }

  /// Five of a list, or as many as `most` says, and how many more there are.
  private mutating func add(_ lines: some Collection<String>, as label: String, most: Int = mostListed) {
    for (index, line) in lines.prefix(most).enumerated() { field(index == 0 ? label : "", line) }
    if lines.count > most { field("", "and \(lines.count - most) more: --format json gives them all") }
  }

  fileprivate mutating func add(_ check: CheckResult, namingService: Bool) {
    let (word, style): (String, Style) =
      check.outcome == .fail ? ("FAILED", check.isTolerated ? .yellow : .red) : ("UNDECIDED", .yellow)
    line("\(word)  \(check.name)" + (namingService ? "  \(check.service.url)" : ""), style)
    for words in check.policyWords { paragraph(words, indent: Self.labelColumn) }
    paragraph(check.summary, indent: Self.labelColumn)
    if !check.reason.isEmpty { field("why", check.reason) }
    if !check.remedy.isEmpty { field("next", check.remedy) }
    for exhibit in check.evidence.prefix(Exhibit.mostShown) { add(exhibit) }
    if let more = check.evidence.moreThanShown { field("", more) }
  }

  private mutating func add(_ exhibit: Exhibit) {
    for (index, entry) in exhibit.entries.enumerated() { field((index == 0 ? "" : "  ") + entry.name, entry.text) }
    // Whole on one line, to be copied.
    if let filter = exhibit.displayFilter { line("    filter    \(filter)") }
  }

  fileprivate mutating func add(_ capture: CaptureSummary) {
    entry(capture.path, capture.facts, indent: 16, style: .bold)
    for warning in capture.warnings { entry("", warning, indent: 16) }
  }

  fileprivate mutating func add(_ table: TableSummary) {
    entry(table.path, table.words, indent: 16, style: .bold)
    if let role = table.roleWords { entry("", role, indent: 16) }
  }

  private mutating func field(_ label: String, _ content: String) {
    entry(label, content, indent: Self.valueColumn, from: Self.labelColumn)
  }
}
