public import Checks

extension Check {
  /// The catalogue: one check a line.
  public static func listing(of checks: [Check]) -> String {
    let slugWidth = checks.map(\.slug.count).max() ?? 0
    return checks.map { check in
      let gap = String(repeating: " ", count: slugWidth - check.slug.count + 2)
      return "\(check.id)  \(check.slug)\(gap)\(check.title)\n"
    }.joined()
  }

  /// The check's page for a terminal.
  public func pageText(color: Bool) -> String {
    var text = TerminalText(color: color)
    text.line("\(id) \(slug)", .bold)
    text.paragraph(title)
    for (heading, body) in [
      ("What it looks for", page.looksFor), ("Why it matters", page.whyItMatters), ("How to mend it", page.howToMend),
    ] {
      text.line()
      text.line(heading, .bold)
      text.add(markdown: body)
    }
    text.line()
    text.line("Sources", .bold)
    for source in page.sources { text.line("  \(source)") }
    return text.text
  }
}

extension TerminalText {
  /// Paragraphs are wrapped; code and lists keep their lines.
  fileprivate mutating func add(markdown: String) {
    var prose: [Substring] = []
    func isVerbatim(_ line: Substring) -> Bool {
      line.isEmpty || line.hasPrefix("  ") || line.hasPrefix("\t") || line.hasPrefix("- ") || line.hasPrefix("* ")
    }
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
      guard isVerbatim(line) else {
        prose.append(line)
        continue
      }
      flush(&prose)
      self.line(line.isEmpty ? "" : "  \(line)")
    }
    flush(&prose)
  }

  private mutating func flush(_ prose: inout [Substring]) {
    if !prose.isEmpty { paragraph(prose.joined(separator: " "), indent: 2) }
    prose = []
  }
}
