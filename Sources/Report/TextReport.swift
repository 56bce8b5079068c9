public import Checks
import Evidence
import Tables
import Wire

extension Verdict {
  /// The report for people: the verdict first, then what it rests on, then what to do.
  public func textReport(color: Bool) -> String {
    var page = TerminalText(color: color)
    page.add(headlineOf: self)
    for service in services.sorted(by: { $0.outcome.urgency < $1.outcome.urgency }) {
      page.line()
      page.add(service, repeating: reason)
    }
    page.addFindings(of: self)
    if !captures.isEmpty { page.line() }
    for probe in probes { page.add(probe) }
    if !probes.isEmpty, !captures.isEmpty { page.line() }
    for capture in captures { page.add(capture) }
    if !tables.isEmpty { page.line() }
    for table in tables { page.add(table) }
    return page.text
  }

  fileprivate var serviceCounts: String {
    let counts = [Outcome.fail, .inconclusive, .pass].compactMap { outcome in
      let count = services.count { $0.outcome == outcome }
      return count == 0 ? nil : "\(count) \(outcome.rawValue)"
    }
    return "\(services.count) services: " + counts.joined(separator: ", ") + "."
  }

  /// The checks with an outcome, each once, in alphabetical order.
  fileprivate func names(ofChecksThat outcome: CheckResult.Outcome) -> [String] {
    var counts: [String: Int] = [:]
    // What is looked for in tables of which none was given would only hide the rest.
    let missing = TableSummary.Kind.allCases.filter { kind in !tables.contains { $0.kind == kind } }
    for check in checks where check.outcome == outcome {
      let isMissing = outcome == .notApplicable && missing.contains { check.id.hasPrefix($0.checkPrefix) }
      if !isMissing { counts[check.slug, default: 0] += 1 }
    }
    return counts.sorted { $0.key < $1.key }.map { slug, count in
      count == services.count ? slug : "\(slug) (\(counted(count, "service")))"
    }
  }
}

extension Verdict.Outcome {
  fileprivate var word: String { rawValue.uppercased() }

  fileprivate var style: TerminalText.Style {
    switch self {
    case .pass: .green
    case .fail: .red
    case .inconclusive: .yellow
    }
  }

  /// What a reader must see first.
  fileprivate var urgency: Int {
    switch self {
    case .fail: 0
    case .inconclusive: 1
    case .pass: 2
    }
  }
}

extension TerminalText {
  private static let labelColumn = 2
  private static let valueColumn = 14
  /// More frames than these prove nothing that these do not.
  private static let mostExhibits = 3

  mutating func add(headlineOf verdict: Verdict) {
    entry(verdict.outcome.word, verdict.reason, indent: 14, style: verdict.outcome.style)
    if verdict.services.count > 1 { entry("", verdict.serviceCounts, indent: 14) }
  }

  /// Every check: what failed or is open in full, the others by name.
  mutating func addFindings(of verdict: Verdict) {
    for outcome in [CheckResult.Outcome.fail, .inconclusive] {
      for check in verdict.checks where check.outcome == outcome {
        line()
        add(check, namingService: verdict.services.count > 1)
      }
    }
    let settled = [("Passed", CheckResult.Outcome.pass), ("Not applicable", .notApplicable)]
    if verdict.checks.contains(where: { $0.outcome == .pass || $0.outcome == .notApplicable }) { line() }
    for (title, outcome) in settled {
      let names = verdict.names(ofChecksThat: outcome)
      if !names.isEmpty { entry(title, names.joined(separator: ", "), indent: 16, style: .bold) }
    }
  }

  fileprivate mutating func add(_ verdict: ServiceVerdict, repeating headline: String) {
    let name = verdict.name.map { " (\($0))" } ?? ""
    line("\(verdict.service.url)\(name)  \(verdict.outcome.word)", verdict.outcome.style)
    if verdict.reason != headline { paragraph(verdict.reason, indent: Self.labelColumn) }
    if let proof = verdict.proof { field("proof", "\(proof.rawValue): \(proof.words)") }
    for (index, seen) in verdict.vantages.enumerated() {
      let interface = seen.interface.flatMap { $0 == seen.capture ? nil : " (\($0))" }
      let place = seen.capture + (interface ?? "")
      let words = seen.vantage?.words ?? "the capture does not show where it stood"
      field(index == 0 ? "vantage" : "", "\(place): \(words)")
    }
    field("flows", verdict.flows.words)
    add(verdict.balancers, as: "balancer")
    add(verdict.backends, as: "backend")
    let picture = PathPicture.lines(of: verdict.legs)
    if !picture.isEmpty { line() }
    for row in picture { line(row.text.isEmpty ? "" : "  " + row.text, row.style) }
  }

  private mutating func add(_ stations: [ServiceVerdict.Station], as role: String) {
    for (index, station) in stations.enumerated() {
      let name = ([station.mac.description] + station.addresses.map(\.description)).joined(separator: " ")
      let knownBy = station.knownBy.isEmpty ? "" : "; \(station.knownBy)"
      let label = index == 0 ? (stations.count == 1 ? role : role + "s") : ""
      let entries = station.connections.map { ", \($0) connection \($0 == 1 ? "entry" : "entries")" } ?? ""
      field(label, "\(name), \(counted(station.flows, "flow"))\(entries)\(knownBy)")
    }
  }

  fileprivate mutating func add(_ check: CheckResult, namingService: Bool) {
    let (word, style): (String, Style) =
      check.outcome == .fail ? ("FAILED", check.isTolerated ? .yellow : .red) : ("UNDECIDED", .yellow)
    line("\(word)  \(check.id) \(check.slug)" + (namingService ? "  \(check.service.url)" : ""), style)
    if check.severity == .warning { paragraph("WARNING: it does not decide the service", indent: Self.labelColumn) }
    if let waiver = check.waiver {
      let state = waiver.hasEnded ? "NOT WAIVED since its waiver ended on" : "WAIVED until"
      paragraph("\(state) \(waiver.until): \(waiver.reason)", indent: Self.labelColumn)
    }
    paragraph(check.summary, indent: Self.labelColumn)
    if !check.reason.isEmpty { field("why", check.reason) }
    if !check.remedy.isEmpty { field("next", check.remedy) }
    for exhibit in check.evidence.prefix(Self.mostExhibits) { add(exhibit) }
    let rest = check.evidence.count - Self.mostExhibits
    if rest > 0 { field("", "and \(rest) more: --format json gives them all") }
  }

  private mutating func add(_ exhibit: Exhibit) {
    switch exhibit.source {
    case .frame(let frame):
      field("frame", "\(frame.number) of \(frame.capture), \(frame.time.iso8601)")
      if let flow = frame.flow { field("  flow", "\(flow.text), Community ID \(flow.communityID)") }
    case .line(let line):
      field("line", line.number > 0 ? "\(line.number) of \(line.path)" : line.path)
    }
    field("  expected", exhibit.expected)
    field("  actual", exhibit.actual)
    // Whole on one line, to be copied.
    if case .frame(let frame) = exhibit.source { line("    filter    \(frame.displayFilter)") }
  }

  fileprivate mutating func add(_ capture: CaptureSummary) {
    let types = capture.linkTypes.map(\.name).joined(separator: ", ")
    var facts = [types.isEmpty ? "no frames" : types, counted(capture.frames, "frame")]
    if let first = capture.firstTime, let last = capture.lastTime {
      facts.append("\(first.iso8601) to \(last.iso8601)")
    }
    entry(capture.path, facts.joined(separator: ", "), indent: 16, style: .bold)
    for warning in capture.warnings { entry("", warning, indent: 16) }
  }

  fileprivate mutating func add(_ probe: ProbeResult) {
    var words = [probe.status ?? "failed: \(probe.failure ?? "")"]
    if let latency = probe.latency { words.append("\((latency * 10_000).rounded() / 10) ms") }
    if !probe.answeredBy.isEmpty {
      words.append("replies from " + probe.answeredBy.map(\.description).joined(separator: ", "))
    }
    let client = probe.client.map { "\($0.text) → " } ?? ""
    entry("Probe", "\(client)\(probe.service.url)  \(words.joined(separator: ", "))", indent: 16, style: .bold)
  }

  fileprivate mutating func add(_ table: TableSummary) {
    let owner = table.host.map { " of \($0)" } ?? ""
    entry(table.path, table.kind.words + owner, indent: 16, style: .bold)
    if table.kind == .ipvs {
      entry("", "\(table.role?.words ?? "whose table it is, is open"): \(table.reason)", indent: 16)
    }
  }

  private mutating func field(_ label: String, _ content: String) {
    entry(label, content, indent: Self.valueColumn, from: Self.labelColumn)
  }
}

extension ServiceVerdict.FlowCounts {
  fileprivate var words: String {
    let parts = [
      (direct, "direct"), (viaBalancer, "with replies via the balancer"), (bypassed, "past the balancer"),
      (unanswered, "unanswered"), (undecided, "undecided"),
    ].filter { $0.0 > 0 }
    switch parts.count {
    case 0: return "none"
    case 1: return "\(total), \(total > 1 ? "all " : "")\(parts[0].1)"
    default: return "\(total): " + parts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
  }
}

extension CaptureSummary {
  /// What lowers the worth of this capture.
  fileprivate var warnings: [String] {
    var warnings: [String] = []
    if let truncatedAt {
      warnings.append("the file breaks off in the record at byte \(truncatedAt); all before it was judged")
    }
    if let live {
      warnings.append(
        "\(live.received) received, \(live.droppedByKernel) dropped by the kernel, \(live.droppedByInterface) by interfaces"
      )
      if let reason = live.lostInterface { warnings.append("ended early: \(reason)") }
    } else {
      if let dropped, dropped > 0 { warnings.append("\(counted(dropped, "frame")) lost before the file was written") }
      if cutFrames > 0 { warnings.append("\(counted(cutFrames, "frame")) cut short by the snap length") }
    }
    if undecodedFrames > 0 { warnings.append("\(counted(undecodedFrames, "frame")) that could not be decoded") }
    if laterFragments > 0 { warnings.append("\(counted(laterFragments, "later fragment")) without ports") }
    return warnings
  }
}
