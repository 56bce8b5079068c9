/// What a check found about one part of a service's surroundings: a host, a virtual server.
enum PartFinding {
  case pass
  /// The exhibits come with it: nothing fails without a line of a table.
  case fail(String, because: String, [Exhibit])
  case open(String, because: String, next: NextStep, [Exhibit] = [])
  /// It has nothing that the check judges, or the table that would tell is not given.
  case none(String)

  /// What is open, with a step in the check's own words.
  static func open(
    _ summary: String, because reason: String, remedy: String, _ evidence: [Exhibit] = []
  ) -> PartFinding {
    .open(summary, because: reason, next: .mend(remedy), evidence)
  }
}

/// What was found about several parts, and the worst of it.
struct PartFindings {
  typealias Failure = (part: String, summary: String, reason: String, evidence: [Exhibit])

  private(set) var failures: [Failure] = []
  private(set) var passed: [String] = []
  private var open: Finding?
  private var nothing: String?

  mutating func add(_ finding: PartFinding, about part: String) {
    switch finding {
    case .pass: passed.append(part)
    case .fail(let summary, let reason, let evidence): failures.append((part, summary, reason, evidence))
    case .open(let summary, let reason, let next, let evidence):
      open = open ?? .inconclusive(summary, because: reason, next: next, evidence)
    case .none(let summary): nothing = nothing ?? summary
    }
  }

  /// One fault is a fault of all; else what is open stays open. `failing` and `passing` word it for the parts.
  func finding(
    remedy: String, failing: ([Failure]) -> String, passing: ([String]) -> String, none: String
  ) -> Finding {
    if let first = failures.first {
      return .fail(failing(failures), because: first.reason, remedy: remedy, failures.flatMap(\.evidence))
    }
    if let open { return open }
    return passed.isEmpty ? .notApplicable(nothing ?? none) : .pass(passing(passed))
  }
}
