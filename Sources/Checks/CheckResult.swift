/// What one check found about one service.
///
/// A scan finds a service at every port, and of each the checks say the same: what is said is kept once.
public struct CheckResult: Sendable {
  public enum Outcome: String, Sendable { case pass, fail, inconclusive, notApplicable }

  public var service: ServicePattern
  private var statement: Statement

  private final class Statement: Sendable {
    let content: Content
    init(_ content: Content) { self.content = content }
  }

  private struct Content: Sendable {
    var id: String
    var slug: String
    var outcome: Outcome
    var summary: String
    var reason: String
    var next: NextStep?
    var evidence: [Exhibit]
    var severity = Severity.error
    var waiver: Waived?

    var citesNothing: Bool { evidence.isEmpty && next == nil && waiver == nil }
  }

  public init(
    id: String, slug: String, outcome: Outcome, service: ServicePattern, summary: String, reason: String,
    next: NextStep? = nil, evidence: [Exhibit]
  ) {
    self.service = service
    statement = Statement(
      Content(
        id: id, slug: slug, outcome: outcome, summary: summary, reason: reason, next: next, evidence: evidence))
  }

  /// What was found may be otherwise, for something was not read.
  mutating func leaveOpen(because reason: String, next: NextStep) {
    change { ($0.outcome, $0.reason, $0.next) = (.inconclusive, reason, next) }
  }

  private mutating func change(_ change: (inout Content) -> Void) {
    var content = statement.content
    change(&content)
    statement = Statement(content)
  }
}

extension CheckResult {
  public var id: String {
    get { statement.content.id }
    set { change { $0.id = newValue } }
  }

  public var slug: String {
    get { statement.content.slug }
    set { change { $0.slug = newValue } }
  }

  public var outcome: Outcome {
    get { statement.content.outcome }
    set { change { $0.outcome = newValue } }
  }

  /// One line: what was found.
  public var summary: String {
    get { statement.content.summary }
    set { change { $0.summary = newValue } }
  }

  /// Why it is so; for an undecided check what is missing. Empty where the summary says it all.
  public var reason: String {
    get { statement.content.reason }
    set { change { $0.reason = newValue } }
  }

  /// What to do next; `nil` for a pass.
  public var next: NextStep? {
    get { statement.content.next }
    set { change { $0.next = newValue } }
  }

  public var evidence: [Exhibit] {
    get { statement.content.evidence }
    set { change { $0.evidence = newValue } }
  }

  /// What the policy makes of it; the outcome is not changed by that.
  public var severity: Severity {
    get { statement.content.severity }
    set { change { $0.severity = newValue } }
  }

  /// A waiver for it, in force or ended; `nil` without one, and for what needs none.
  public var waiver: Waived? {
    get { statement.content.waiver }
    set { change { $0.waiver = newValue } }
  }

  /// Keeps what it says once with `other`, where that says the very same and cites nothing.
  mutating func share(with other: CheckResult) {
    let (own, others) = (statement.content, other.statement.content)
    if own.citesNothing, others.citesNothing, own.id == others.id, own.outcome == others.outcome,
      own.severity == others.severity, own.summary == others.summary, own.reason == others.reason
    {
      statement = other.statement
    }
  }

  /// The same where the very same is said of two services, and is kept once.
  package var statementIdentity: ObjectIdentifier { ObjectIdentifier(statement) }
}
