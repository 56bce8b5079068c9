import Checks

extension History {
  /// For people: what came of it, the files, each service that did not stay as it was, and what changed when it turned.
  public func text(color: Bool) -> String {
    var page = TerminalText(color: color)
    whole.writeHeadline(summary, to: &page)
    page.line()
    page.line("Files", .bold)
    for (place, file) in files.enumerated() { page.entry(String(place + 1), file.words, indent: 6, from: 2) }
    let rows = rows
    if !rows.isEmpty {
      page.line()
      page.line("Services", .bold)
    }
    var service: String?
    for row in rows {
      if row.service != service { page.line("  " + row.service, .bold) }
      service = row.service
      page.entry(row.label, row.words, indent: 16, style: row.style, from: 4)
    }
    page.line()
    page.line(steady)
    for step in steps where step.isTurn {
      page.line()
      page.entry("Files " + step.places, step.summary, indent: 16, style: .bold)
      step.diff.writeChanges(to: &page)
    }
    let others = otherSteps
    if !others.isEmpty {
      page.line()
      page.line("Besides, where no service turned", .bold)
    }
    for step in others { page.entry(step.places, step.summary, indent: 16, from: 2) }
    return page.text
  }
}

extension History.Row {
  fileprivate var style: TerminalText.Style {
    switch kind {
    case .wrong?: .red
    case .right?: .green
    case nil: .plain
    }
  }
}
