import Checks

extension History {
  /// The same as lists and tables, for a job's summary.
  public func markdown() -> String {
    var text = "## dsrproof: " + summary + "\n\n"
    for (place, file) in files.enumerated() { text += String(place + 1) + ". " + markdownText(file.words) + "\n" }
    let rows = rows
    if !rows.isEmpty { text += "\n| service | | |\n|---|---|---|\n" }
    for row in rows {
      text += "| " + markdownText(row.service) + " | " + row.label + " | " + markdownText(row.words) + " |\n"
    }
    text += "\n" + steady + "\n"
    for step in steps where step.isTurn {
      text += "\n### Files " + step.places + ": " + step.summary + "\n" + step.diff.markdownTable
    }
    let others = otherSteps
    if !others.isEmpty { text += "\n### Besides, where no service turned\n\n" }
    for step in others { text += "- " + step.places + ": " + step.summary + "\n" }
    return text
  }
}
