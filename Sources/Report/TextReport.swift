public import Checks
import Evidence
import Tables
import Wire

extension Verdict {
  /// The report for people: the verdict first, then what it rests on, then what to do.
  ///
  /// More than eight services are a table, and what was found of several for the same reason stands there once; `all` has
  /// each service and each finding in full. With `ascii` all that does not come from the captures is ASCII. With
  /// `listsProbes` each probe has a line of its own below those that count them.
  public func textReport(
    color: Bool, ascii: Bool = false, all: Bool = false, listsProbes: Bool = false
  ) -> String {
    var page = TerminalText(color: color, ascii: ascii)
    page.add(headlineOf: self)
    let isTable = services.count > Self.mostInFull
    if isTable { page.addTable(of: self, all: all) }
    if !isTable || all {
      let proofs = proofs
      for service in servicesByUrgency {
        page.line()
        page.add(service, repeating: reason, proof: proofs[service.service])
      }
      page.addFindings(of: self)
    } else {
      page.addGroups(of: self)
      page.addSettled(of: self)
    }
    if !captures.isEmpty { page.line() }
    page.add(probes, listing: listsProbes)
    if !probes.isEmpty, !captures.isEmpty { page.line() }
    for capture in shownCaptures { page.add(capture) }
    if let moreCaptures { page.line(moreCaptures) }
    if !tables.isEmpty { page.line() }
    for table in tables { page.add(table) }
    if !caseFiles.isEmpty { page.line() }
    for file in caseFiles { page.add(file) }
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

  /// What passes needs no colour in a table.
  fileprivate var rowStyle: TerminalText.Style { self == .pass ? .plain : style }
}

extension TerminalText {
  private static let labelColumn = 2
  private static let valueColumn = 14

  mutating func add(headlineOf verdict: Verdict) {
    entry(verdict.outcome.word, verdict.reason, indent: 14, style: verdict.outcome.style)
    if verdict.services.count > 1 { entry("", verdict.serviceCounts, indent: 14) }
  }

  /// A row for each service, what failed first.
  fileprivate mutating func addTable(of verdict: Verdict, all: Bool) {
    let numbers = verdict.numbersByUrgency
    let shown = numbers.prefix(all ? numbers.count : Verdict.mostServices).map { verdict.services[$0] }
    let titles = shown.map(\.title.withoutControls)
    let width = min(max("service".count, titles.map(\.count).max() ?? 0), Self.widestTitle)
    line()
    line(Self.row("service", width, "verdict", "proof", "flows"), .bold)
    for (service, title) in zip(shown, titles) {
      let proof = service.proof?.rawValue ?? ""
      line(Self.row(title, width, service.outcome.word, proof, service.flows.words), service.outcome.rowStyle)
    }
    if numbers.count > shown.count {
      let rest = numbers.dropFirst(shown.count)
      line("and \(rest.count) more (\(verdict.counts(of: rest))): --all lists them")
    }
  }

  private static let widestTitle = 48

  private static func row(_ title: String, _ width: Int, _ verdict: String, _ proof: String, _ flows: String) -> String
  {
    [(title, width), (verdict, 12), (proof, 10)].map { text, width in
      text + String(repeating: " ", count: max(0, width - text.count)) + "  "
    }.joined() + flows
  }

  /// What failed with its next step, then what is open, by reasons.
  fileprivate mutating func addGroups(of verdict: Verdict) {
    let groups = FindingGroup.all(in: verdict.checks)
    for group in groups.prefix(Verdict.mostServices) {
      line()
      add(group)
    }
    if groups.count > Verdict.mostServices {
      line()
      line("and \(groups.count - Verdict.mostServices) findings more: --all lists them")
    }
  }

  private mutating func add(_ group: FindingGroup) {
    guard group.services.count > 1 else { return add(group.first, namingService: true) }
    add(headingOf: group.first, counted(group.services.count, "service"))
    if group.isOneSummary {
      paragraph(group.first.summary, indent: Self.labelColumn)
      field("services", listed(group.services, \.url))
    } else {
      for (service, summary) in zip(group.services, group.summaries).prefix(mostListed) {
        paragraph("\(service.url): \(summary)", indent: Self.labelColumn)
      }
      if group.services.count > mostListed {
        line("  and \(group.services.count - mostListed) more: --all lists them")
      }
    }
    addSteps(of: group.first)
  }

  /// Every check: what failed or is open in full, the others by name.
  mutating func addFindings(of verdict: Verdict) {
    for check in verdict.checks.findings {
      line()
      add(check, namingService: verdict.services.count > 1)
    }
    addSettled(of: verdict)
  }

  /// The checks that passed or did not apply, by name.
  fileprivate mutating func addSettled(of verdict: Verdict) {
    let settled = [("Passed", CheckResult.Outcome.pass), ("Not applicable", .notApplicable)]
    let census = CheckCensus(verdict)
    if census.hasSettled { line() }
    for (title, outcome) in settled {
      let names = census.names(ofChecksThat: outcome)
      if !names.isEmpty { entry(title, names.joined(separator: ", "), indent: 16, style: .bold) }
    }
    let ignored = census.ignored
    if !ignored.isEmpty { entry("Ignored", ignored.joined(separator: ", "), indent: 16, style: .bold) }
  }

  fileprivate mutating func add(_ verdict: ServiceVerdict, repeating headline: String, proof: CheckResult?) {
    line("\(verdict.title)  \(verdict.outcome.word)", verdict.outcome.style)
    if verdict.reason != headline { paragraph(verdict.reason, indent: Self.labelColumn) }
    if let proof = verdict.proof { field("proof", "\(proof.rawValue): \(proof.words)") }
    add(verdict.assumptionLines, as: "assuming")
    add(verdict.vantages.lazy.map { "\($0.place): \($0.words)" }, as: "vantage")
    add(verdict.legLines, as: "legs")
    field("flows", verdict.flows.words)
    add(verdict.funnels.lazy.map(\.words), as: "funnel")
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
    add(headingOf: check, namingService ? check.service.url : "")
    paragraph(check.summary, indent: Self.labelColumn)
    addSteps(of: check)
  }

  private mutating func add(headingOf check: CheckResult, _ subject: String) {
    let (word, style): (String, Style) =
      check.outcome == .fail ? ("FAILED", check.isTolerated ? .yellow : .red) : ("UNDECIDED", .yellow)
    line("\(word)  \(check.name)" + (subject.isEmpty ? "" : "  \(subject)"), style)
    for words in check.policyWords { paragraph(words, indent: Self.labelColumn) }
  }

  /// Why, what to do, and the frames of one service.
  private mutating func addSteps(of check: CheckResult) {
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
    entry(capture.files, capture.facts, indent: 16, style: .bold)
    for note in capture.notes { entry("", note, indent: 16) }
  }

  fileprivate mutating func add(_ table: TableSummary) {
    entry(table.path, table.words, indent: 16, style: .bold)
    if let role = table.roleWords { entry("", role, indent: 16) }
  }

  fileprivate mutating func add(_ file: CaseFile) { entry(file.path, file.words, indent: 16) }

  private mutating func field(_ label: String, _ content: String) {
    entry(label, content, indent: Self.valueColumn, from: Self.labelColumn)
  }
}
