/// One fault that is looked for: its name, its page and the pure function that looks.
public struct Check: Sendable {
  /// `DSR001`; never reused.
  public let id: String
  /// `reply-via-balancer`; names the fault.
  public let slug: String
  /// The fault in one line.
  public let title: String
  public let page: Page
  /// Judges one service.
  let run: @Sendable (ServiceCase) -> Finding

  /// What `explain` prints, as Markdown paragraphs without headings.
  public struct Page: Sendable {
    public let looksFor: String
    public let whyItMatters: String
    public let howToMend: String
    /// One source a line.
    public let sources: [String]
  }
}
