public import Checks
public import Evidence
import Tables
import Wire

// What several reports say in the same words.

extension Verdict.Outcome {
  var word: String { rawValue.uppercased() }

  /// What a reader must see first has the least.
  public var urgency: Int {
    switch self {
    case .fail: 0
    case .inconclusive: 1
    case .pass: 2
    }
  }
}

extension Verdict {
  /// As many services as people are shown; JSON has all. A scan finds one at every port.
  static let mostServices = 100

  /// More services than these are a table, and no section each.
  static let mostInFull = 8

  var servicesByUrgency: [ServiceVerdict] { numbersByUrgency.map { services[$0] } }

  /// The places of the services in `services`. By number, for there may be thousands.
  var numbersByUrgency: [Int] {
    [Outcome.fail, .inconclusive, .pass].flatMap { outcome in
      services.indices.filter { services[$0].outcome == outcome }
    }
  }

  var serviceCounts: String { "\(services.count) services: \(counts(of: services.indices))." }

  /// `2 fail, 5 inconclusive, 193 pass`.
  func counts(of numbers: some Collection<Int>) -> String {
    [Outcome.fail, .inconclusive, .pass].compactMap { outcome in
      let count = numbers.count { services[$0].outcome == outcome }
      return count == 0 ? nil : "\(count) \(outcome.rawValue)"
    }.joined(separator: ", ")
  }

  /// The checks with an outcome, each once, in alphabetical order, but for those that the policy keeps from being run.
  func names(ofChecksThat outcome: CheckResult.Outcome) -> [String] { CheckCensus(self).names(ofChecksThat: outcome) }

  /// The checks that the policy keeps from being run, in alphabetical order.
  var ignoredChecks: [String] { CheckCensus(self).ignored }

  /// What is looked for in tables of which none was given, or in probes where none was made, would only hide the rest.
  func isForMissingInput(_ check: CheckResult) -> Bool {
    guard check.outcome == .notApplicable else { return false }
    if probes.isEmpty, check.id.hasPrefix("PROBE") { return true }
    return TableSummary.Kind.allCases.contains { kind in
      check.id.hasPrefix(kind.checkPrefix) && !tables.contains { $0.kind == kind }
    }
  }
}

extension Verdict {
  /// Of services that passed the check whose frames prove it.
  var proofs: [ServicePattern: CheckResult] {
    let passed = Set(services.filter { $0.outcome == .pass }.map(\.service))
    let proving = checks.filter { $0.isProof && passed.contains($0.service) }
    return Dictionary(proving.map { ($0.service, $0) }) { first, _ in first }
  }
}

extension CheckResult {
  /// It passed, and cites what shows it.
  var isProof: Bool { outcome == .pass && !evidence.isEmpty }

  /// Which frames prove a pass, a line each, and how many more there are.
  var proofLines: [String] {
    evidence.map { "\($0.actual): \($0.shortPlace)" } + (reason.isEmpty ? [] : [reason])
  }
}

extension [CheckResult] {
  /// What a reader has to see in full: first what failed, then what is open.
  var findings: [CheckResult] { filter { $0.outcome == .fail } + filter { $0.outcome == .inconclusive } }
}

extension ServiceVerdict.CaptureVantage {
  /// The capture, and its interface where that says more.
  var place: String { capture + (interface.flatMap { $0 == capture ? nil : " (\($0))" } ?? "") }

  var words: String { vantage?.words ?? "the capture does not show where it stood" }
}

extension ServiceVerdict.Station {
  var words: String {
    let ends = mac.description + (addresses.isEmpty ? "" : " " + listed(addresses, separator: " ", \.description))
    let entries = connections.map { ", \($0) connection \($0 == 1 ? "entry" : "entries")" } ?? ""
    return (name.map { "\($0): " } ?? "") + "\(ends), \(counted(flows, "flow"))\(entries)"
      + (knownBy.isEmpty ? "" : "; \(knownBy)")
  }
}

extension ServiceVerdict {
  /// The service, and what people call it.
  var title: String { service.url + (name.map { " (\($0))" } ?? "") }
}

extension Exhibit.Frame {
  var place: String { "\(number) of \(capture), \(time.iso8601)" }
}

extension TableLine {
  var place: String { number > 0 ? "\(number) of \(path)" : path }
}

extension TableSummary {
  var words: String {
    let what = balancer.map { "\($0.rawValue)'s list" } ?? (origin == .tmsh ? "BIG-IP's configuration" : kind.words)
    return what + (host.map { " of \($0)" } ?? "")
  }

  /// What it is and whose, in one line.
  var facts: String { [words, roleWords].compactMap(\.self).joined(separator: "; ") }

  /// Whose IPVS table it is; `nil` for other tables.
  var roleWords: String? {
    kind == .ipvs ? "\(role?.words ?? "whose table it is, is open"): \(reason)" : nil
  }
}

extension CaseFile {
  /// What it was taken for, or why it was left out.
  var words: String {
    if use == .leftOut { return "left out: \(reason)" }
    return use.words + (host.map { " of \($0)" } ?? "")
  }
}

extension CaseFile.Use {
  public var words: String {
    switch self {
    case .capture: "capture"
    case .packetText: "packets that tcpdump printed"
    case .evidence: "evidence"
    case .ipvs: "IPVS table"
    case .host: "settings and tables"
    case .kubernetes: "Kubernetes objects"
    case .as3: "AS3 declaration"
    case .firewallMarks: "firewall marks"
    case .configuration: "configuration"
    case .leftOut: "other files"
    }
  }
}

extension ServiceVerdict.FlowCounts.Path {
  package var words: String {
    switch self {
    case .direct, .bypassed, .unanswered, .background, .undecided: rawValue
    case .viaBalancer: "with replies via the balancer"
    }
  }
}

extension ServiceVerdict.FlowCounts {
  /// What can stand alone: `3 flows: 1 direct, 2 bypassed`.
  var sentence: String {
    let taken = taken
    switch taken.count {
    case 0: return "no flows"
    case 1: return "\(counted(total, "flow")), \(total > 1 ? "all " : "")\(taken[0].words)"
    default: return "\(counted(total, "flow")): " + taken.map { "\(self[$0]) \($0.words)" }.joined(separator: ", ")
    }
  }

  /// The paths that flows took.
  package var taken: [Path] { Path.allCases.filter { self[$0] > 0 } }

  var words: String {
    let taken = taken
    switch taken.count {
    case 0: return "none"
    case 1: return "\(total), \(total > 1 ? "all " : "")\(taken[0].words)"
    default: return "\(total): " + taken.map { "\(self[$0]) \($0.words)" }.joined(separator: ", ")
    }
  }
}

extension CaptureSummary {
  /// What it is, how much and of when.
  var facts: String {
    let types = listed(linkTypes) { $0.name }
    var facts = [types.isEmpty ? "no frames" : types, counted(frames, "frame")]
    if let firstTime, let lastTime { facts.append("\(firstTime.iso8601) to \(lastTime.iso8601)") }
    return facts.joined(separator: ", ")
  }

  /// What the user calls it, and the files that it is made of.
  var files: String {
    guard let first = parts.first, let last = parts.last else { return name.map { "\($0): \(path)" } ?? path }
    return (name.map { "\($0): " } ?? "") + "\(parts.count) parts, \(first.path) to \(last.path)"
  }

  /// What else there is to know of it, and what lowers its worth.
  var notes: [String] { (clock.map { [$0.words] } ?? []) + warnings }

  /// That no frame of it can be shown; `nil` of a capture that was read itself.
  var framelessWords: String? {
    evidenceFile.map { "\($0 == "-" ? "standard input" : $0) is an evidence file: its frames cannot be shown" }
  }

  /// Where the file breaks off; `nil` of a whole one.
  public var breakWords: String? { truncatedAt.map { "the file breaks off in the record at byte \($0)" } }

  /// What lowers the worth of this capture.
  var warnings: [String] {
    var warnings: [String] = []
    if let framelessWords { warnings.append(framelessWords) }
    if let breakWords { warnings.append("\(breakWords); all before it was judged") }
    if let live {
      warnings.append(
        "\(live.received) received, \(live.droppedByKernel) dropped by the kernel, \(live.droppedByInterface) by interfaces"
      )
      if let reason = live.lostInterface { warnings.append("ended early: \(reason)") }
    } else {
      if let dropped, dropped > 0 { warnings.append("\(counted(dropped, "frame")) lost before the file was written") }
      if cutFrames > 0 { warnings.append("\(counted(cutFrames, "frame")) cut short by the snap length") }
    }
    if halfOpenFlows > 0 {
      warnings.append(
        "of \(halfOpenFlows) half-open connections, a single SYN each, only the number was kept: they would not fit in memory"
      )
    }
    if flowsPerKept > 1 {
      warnings.append(
        "one flow in \(flowsPerKept) was kept, and counts are those of the sample: all would not fit in memory")
    }
    warnings += countedOnly.words
    if linkTypes.contains(.bareText) {
      warnings.append("the text has no MAC addresses: let tcpdump print it with -e")
    }
    if linkTypes.contains(.bareColumns) {
      warnings.append("the text has no MAC addresses: let tshark print them in columns of their own (%uhs, %uhd)")
    }
    if linkTypes.contains(.columns) {
      warnings.append("such lines leave out what a file tells: give the file itself, where the verdict is open")
    }
    if linkTypes.contains(.text) {
      warnings.append(
        "text leaves out what a file tells: print it with -XX, or write it with -w, where the verdict is open")
    }
    if let passedOverWords { warnings.append(passedOverWords) }
    warnings += untoldPorts.hints.map(\.words)
    if laterFragments > 0 { warnings.append("\(counted(laterFragments, "later fragment")) without ports") }
    if let earlier = perhapsPartOf {
      warnings.append(
        "it follows \(earlier), at the same stations: if both are parts of one capture, give them one name, "
          + "-r NAME=\(earlier) -r NAME=\(path)")
    }
    return warnings
  }
}

extension CountedOnly {
  /// What a flood left no room for, a sentence each.
  var words: [String] {
    [
      (claims, "ARP, neighbour discovery and VRRP claims"), (errors, "ICMP errors"),
      (links, "pairs of MACs that one flow passes"), (pings, "pings"), (prefixes, "announced prefixes"),
    ].filter { $0.0 > 0 }.map { frames, what in
      "\(what): a sample was kept, and \(counted(frames, "frame")) only counted; there are more different ones than fit in memory"
    }
  }
}

extension Verdict {
  /// Those that a page for people lists: where there are very many, first of all those with something to note. In their order.
  var shownCaptures: [CaptureSummary] {
    guard captures.count > Self.mostCaptures else { return captures }
    let noted = captures.indices.filter { !captures[$0].notes.isEmpty }.prefix(Self.mostCaptures)
    let others = captures.indices.lazy.filter { captures[$0].notes.isEmpty }.prefix(Self.mostCaptures - noted.count)
    return (noted + others).sorted().map { captures[$0] }
  }

  private static let mostCaptures = 20

  /// That there are more than these.
  var moreCaptures: String? {
    captures.count > Self.mostCaptures
      ? "and \(captures.count - Self.mostCaptures) captures more: --format json gives them all" : nil
  }

  /// Which files have no frames to show, a sentence each.
  var framelessLines: [String] {
    captures.compactMap(\.framelessWords).reduce(into: []) { lines, line in
      if !lines.contains(line) { lines.append(line) }
    }
  }
}

extension CaptureClock {
  /// `its clock is 37.000 s ahead of client's, by frames that both saw, of 5 conversations`.
  var words: String {
    let microseconds = Int((min(abs(ahead), 1e12) * 1e6).rounded())
    let fraction = String(microseconds % 1_000_000 + 1_000_000).dropFirst()
    return "its clock is \(microseconds / 1_000_000).\(fraction) s \(ahead < 0 ? "behind" : "ahead of") \(of)'s, by "
      + (isByFramesOfBoth ? "frames that both saw" : "how conversations begin")
      + ", of \(counted(conversations, "conversation"))"
  }
}

extension ServiceVerdict {
  /// Which capture shows which legs, a line for each; none where there is one capture.
  var legLines: [String] {
    var shown: [String: [String]] = [:]
    var order: [String] = []
    for leg in legs {
      guard let capture = leg.capture else { continue }
      let words = "\(leg.half.rawValue) \(leg.from.word) → \(leg.to.word)"
      if shown[capture] == nil { order.append(capture) }
      if !(shown[capture] ?? []).contains(words) { shown[capture, default: []].append(words) }
    }
    return order.map { "\($0): \(shown[$0, default: []].joined(separator: ", "))" }
  }
}

extension ServiceVerdict.Leg.Role {
  fileprivate var word: String { self == .unknown ? "?" : rawValue }
}

extension CheckResult {
  /// What the policy makes of a check that failed or is open, a sentence each.
  var policyWords: [String] {
    var words = severity == .warning ? ["WARNING: it does not decide the service"] : []
    if severity == .ignore { words.append("IGNORED: the policy keeps it from being run") }
    if let waiver {
      let state = waiver.hasEnded ? "NOT WAIVED since its waiver ended on" : "WAIVED until"
      words.append("\(state) \(waiver.until): \(waiver.reason)")
    }
    return words
  }
}
