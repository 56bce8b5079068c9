import Checks

extension ReportDiff {
  /// What changed as a table, for a merge request or a job's summary.
  public func markdown() -> String {
    var text = "## dsrproof: \(verdicts)\n\n\(summary)\n"
    if !changes.isEmpty {
      text += "\n| | service | what | change |\n|---|---|---|---|\n"
      for row in Change.Effect.allCases.flatMap(rows) {
        let cells = [row.effect.rawValue, row.service ?? "all", row.label, row.words]
        text += "| \(cells.map(\.markdownCell).joined(separator: " | ")) |\n"
      }
    }
    return text + "\n\(unchanged)\n"
  }
}

extension String {
  /// What Markdown gives a meaning to is escaped (https://spec.commonmark.org/0.31.2/#backslash-escapes): the text comes
  /// from a file, and so from strangers.
  fileprivate var markdownCell: String {
    withoutControls.reduce(into: "") { cell, character in
      if "\\`*_{}[]<>#|!~&@".contains(character) { cell.append("\\") }
      cell.append(character)
    }
  }
}
