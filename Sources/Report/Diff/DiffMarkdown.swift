import Checks

extension ReportDiff {
  /// What changed as a table, for a merge request or a job's summary.
  public func markdown() -> String {
    "## dsrproof: \(verdicts)\n\n\(summary)\n\(markdownTable)\n\(unchanged)\n"
  }

  /// Empty where nothing changed.
  var markdownTable: String {
    var text = ""
    if !changes.isEmpty {
      text += "\n| | service | what | change |\n|---|---|---|---|\n"
      for row in Change.Effect.allCases.flatMap(rows) {
        let cells = [row.effect.rawValue, row.service ?? "all", row.label, row.words]
        text += "| \(cells.map(markdownText).joined(separator: " | ")) |\n"
      }
    }
    return text
  }
}
