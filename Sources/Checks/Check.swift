/// One fault that is looked for: its name, its page and the pure function that looks.
public struct Check: Sendable {
  /// `DSR001`; never reused.
  public let id: String
  /// `reply-via-balancer`; names the fault.
  public let slug: String
  /// The fault in one line.
  public let title: String
  public let page: Page
  /// What it looks at.
  let reads: Subject
  /// Judges one service.
  let run: @Sendable (ServiceCase) -> Finding

  init(
    id: String, slug: String, title: String, page: Page, reads: Subject = .service,
    run: @escaping @Sendable (ServiceCase) -> Finding
  ) {
    (self.id, self.slug, self.title, self.page, self.reads, self.run) = (id, slug, title, page, reads, run)
  }

  enum Subject {
    /// All that is known of a service.
    case service
    /// Claims on its address, and who is who: what `ClaimSetting` holds.
    case claims
  }

  /// What `explain` prints, as Markdown paragraphs without headings.
  public struct Page: Sendable {
    public let looksFor: String
    public let whyItMatters: String
    public let howToMend: String
    /// One source a line.
    public let sources: [String]
  }
}

/// What a check found, before it is given its name.
struct Finding: Sendable {
  var outcome: CheckResult.Outcome
  var summary: String
  var reason = ""
  var next: NextStep?
  var evidence: [Exhibit] = []

  /// As many frames as a reader will look at; the counts tell the rest.
  static let exhibitLimit = 5

  /// `evidence` where frames prove it; `reason` where these are not all that there are.
  static func pass(_ summary: String, because reason: String = "", _ evidence: [Exhibit] = []) -> Finding {
    Finding(outcome: .pass, summary: summary, reason: reason, evidence: evidence)
  }

  /// Nothing that the check judges was seen.
  static func notApplicable(_ summary: String) -> Finding { Finding(outcome: .notApplicable, summary: summary) }

  static func fail(_ summary: String, because reason: String, next: NextStep, _ evidence: [Exhibit]) -> Finding {
    Finding(
      outcome: .fail, summary: summary, reason: reason, next: next, evidence: Array(evidence.prefix(exhibitLimit)))
  }

  /// The same, with a step in the check's own words.
  static func fail(_ summary: String, because reason: String, remedy: String, _ evidence: [Exhibit]) -> Finding {
    .fail(summary, because: reason, next: .mend(remedy), evidence)
  }

  /// Something was seen that cannot be judged.
  static func inconclusive(
    _ summary: String, because reason: String, next: NextStep, _ evidence: [Exhibit] = []
  ) -> Finding {
    Finding(
      outcome: .inconclusive, summary: summary, reason: reason, next: next,
      evidence: Array(evidence.prefix(exhibitLimit)))
  }

  /// The same, with a step in the check's own words.
  static func inconclusive(
    _ summary: String, because reason: String, remedy: String, _ evidence: [Exhibit] = []
  ) -> Finding {
    .inconclusive(summary, because: reason, next: .mend(remedy), evidence)
  }
}

/// `1 flow`, `2 flows`.
package func counted(_ number: some BinaryInteger, _ noun: String) -> String {
  "\(number) \(noun)\(number == 1 ? "" : "s")"
}
