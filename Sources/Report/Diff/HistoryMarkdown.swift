import Checks

extension History {
  /// The same as tables, for a job's summary.
  public func markdown() -> String {
    var text = "## dsrproof: \(whole.verdicts)\n\n\(summary)\n"
    text += "\n| | from | length | verdict | file |\n|---|---|---|---|---|\n"
    for (place, file) in files.enumerated() {
      text += Self.row(
        ["\(place + 1)", file.first.toTheSecond, file.length, file.verdict.rawValue, file.title])
    }
    if !told.isEmpty { text += "\n| service | what | |\n|---|---|---|\n" }
    for service in told {
      text += Self.row([service.service, "in files", service.course])
      for turn in service.turns { text += Self.row([service.service, turn.label, words(for: turn)]) }
      for backend in service.backends { text += Self.row([service.service, "at fault", backend.words]) }
    }
    text += "\n\(steady)\n"
    for step in steps(ofTurns: true) {
      text += "\n### Files \(step.places): \(step.summary)\n\(step.diff.markdownTable)"
    }
    let others = steps(ofTurns: false)
    if !others.isEmpty { text += "\n### Besides, where no service turned\n\n| files | |\n|---|---|\n" }
    for step in others { text += Self.row([step.places, step.summary]) }
    return text
  }

  private static func row(_ cells: [String]) -> String {
    "| \(cells.map(markdownText).joined(separator: " | ")) |\n"
  }
}
