import Checks
import Tables
import Wire

/// A verdict as tools of continuous integration list tests: a suite for each service, a case for its verdict and for each
/// check that applies to it.
struct Suite {
  var name: String
  var cases: [Case]

  struct Case {
    var name: String
    var outcome: Outcome
    /// One line: what was found, and of what is undecided the reason as well.
    var message: String
    /// What a reader needs beside it: why, what to do, the evidence.
    var details: [String]
    /// How far flows get; empty for a check.
    var funnels: [Funnel] = []
    /// It is the verdict on the service, and no check.
    var isVerdict: Bool { name == Suite.verdictName }

    enum Outcome: String {
      case pass, fail, inconclusive
      /// It failed or is open, and the policy does not let it decide.
      case tolerated
      /// The policy keeps it from being run.
      case ignored

      init(_ outcome: Verdict.Outcome) {
        self =
          switch outcome {
          case .pass: .pass
          case .fail: .fail
          case .inconclusive: .inconclusive
          }
      }

      /// What is tolerated never fails; what is inconclusive does where that is asked for.
      func isSkipped(strictly isStrict: Bool) -> Bool {
        self == .tolerated || self == .ignored || self == .inconclusive && !isStrict
      }
    }
  }

  /// Where no service was seen, the verdict is a suite of its own.
  static func all(of verdict: Verdict) -> [Suite] {
    guard !verdict.services.isEmpty else {
      let whole = Case(
        name: verdictName, outcome: .init(verdict.outcome), message: verdict.reason, details: verdict.framelessLines)
      return [Suite(name: "dsrproof", cases: [whole])]
    }
    let checks = Dictionary(grouping: verdict.checks, by: \.service)
    let frameless = verdict.framelessLines
    return verdict.services.map { service in
      let own = Case(
        name: verdictName, outcome: .init(service.outcome), message: service.reason,
        details: (service.proof.map { ["proof: \($0.rawValue): \($0.words)"] } ?? [])
          + service.assumptionLines.map { "assuming: \($0)" } + frameless, funnels: service.funnels)
      return Suite(name: service.service.url, cases: [own] + checks[service.service, default: []].compactMap(Case.init))
    }
  }

  fileprivate static let verdictName = "verdict"
}

extension Suite.Case {
  /// `nil` for a check that does not apply: nothing was tested.
  init?(_ check: CheckResult) {
    switch check.outcome {
    case .pass: outcome = .pass
    case .fail: outcome = check.isTolerated ? .tolerated : .fail
    case .inconclusive: outcome = check.isTolerated ? .tolerated : .inconclusive
    case .notApplicable where check.severity == .ignore: outcome = .ignored
    case .notApplicable: return nil
    }
    name = check.name
    message = (check.policyWords + [check.message]).joined(separator: "; ")
    details = check.details
  }
}

extension Funnel {
  /// For a report without drawings.
  var line: String { "funnel: \(words)" }
}

extension CheckResult {
  /// One line: what was found, and of what is undecided the reason as well.
  var message: String {
    outcome == .inconclusive && !reason.isEmpty ? "\(summary): \(reason)" : summary
  }

  /// The evidence for people, and a line that says that there is more. Of a pass it is all: halves prove nothing.
  var shownEvidence: (exhibits: [Exhibit], more: String?) {
    isProof ? (evidence, nil) : (Array(evidence.prefix(Exhibit.mostShown)), evidence.moreThanShown)
  }

  /// What a reader needs beside the summary, line by line.
  var details: [String] {
    // A pass needs no more than the places of its frames.
    if isProof { return proofLines }
    var lines: [String] = []
    if !reason.isEmpty { lines.append("why: \(reason)") }
    if !remedy.isEmpty { lines.append("next: \(remedy)") }
    let shown = shownEvidence
    return lines + shown.exhibits.flatMap(\.lines) + [shown.more].compactMap(\.self)
  }
}

extension Exhibit {
  /// How many of a check are shown to people; JSON has all.
  static let mostShown = 3

  /// Where it stands, first, and what is there: each with its name.
  var entries: [(name: String, text: String)] {
    var entries: [(name: String, text: String)] = []
    switch source {
    case .frame(let frame):
      entries.append(("frame", frame.place))
      if let flow = frame.flow { entries.append(("flow", flow.textWithCommunityID)) }
    case .line(let line): entries.append(("line", line.place))
    }
    return entries + [("expected", expected), ("actual", actual)]
  }

  /// `frame 4 of client.pcap, 2024-03-01T12:00:00.020400Z`.
  var place: String { entries.first.map { "\($0.name) \($0.text)" } ?? "" }

  /// `frame 4 of client.pcap`.
  var shortPlace: String {
    switch source {
    case .frame(let frame): "frame \(frame.number) of \(frame.capture)"
    case .line(let line): "line \(line.place)"
    }
  }

  /// A display filter that finds it; `nil` for a line of a table.
  var displayFilter: String? {
    guard case .frame(let frame) = source else { return nil }
    return frame.displayFilter
  }

  fileprivate var lines: [String] {
    let named = entries.dropFirst() + (displayFilter.map { [("filter", $0)] } ?? [])
    return [place] + named.map { "  \($0.name): \($0.text)" }
  }
}

extension [Exhibit] {
  /// Says that there are more than are shown; `nil` where there are not.
  var moreThanShown: String? {
    count > Exhibit.mostShown ? "and \(count - Exhibit.mostShown) more: --format json gives them all" : nil
  }
}
