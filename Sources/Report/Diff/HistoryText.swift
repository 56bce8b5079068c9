import Checks

extension History {
  /// For people: what came of it, the files, each service that did not stay as it was, and what changed when it turned.
  public func text(color: Bool) -> String {
    var page = TerminalText(color: color)
    whole.writeHeadline(summary, to: &page)
    page.line()
    page.line("Files", .bold)
    for (place, file) in files.enumerated() {
      page.entry(
        "\(place + 1)", "\(file.first.toTheSecond), \(file.length): \(file.verdict.rawValue), \(file.title)", indent: 6,
        from: 2)
    }
    if !told.isEmpty {
      page.line()
      page.line("Services", .bold)
    }
    for service in told {
      page.line("  \(service.service)", .bold)
      page.entry("in files", service.course, indent: 16, from: 4)
      for turn in service.turns {
        page.entry(turn.label, words(for: turn), indent: 16, style: turn.style, from: 4)
      }
      for backend in service.backends { page.entry("at fault", backend.words, indent: 16, from: 4) }
    }
    page.line()
    page.line(steady)
    for step in steps(ofTurns: true) {
      page.line()
      page.entry("Files \(step.places)", step.summary, indent: 16, style: .bold)
      step.diff.writeChanges(to: &page)
    }
    let others = steps(ofTurns: false)
    if !others.isEmpty {
      page.line()
      page.line("Besides, where no service turned", .bold)
      for step in others { page.entry(step.places, step.summary, indent: 16, from: 2) }
    }
    return page.text
  }
}

extension ServiceHistory.Turn {
  fileprivate var style: TerminalText.Style {
    switch kind {
    case .wrong: .red
    case .right: .green
    }
  }
}
