import Checks

extension ReportDiff {
  /// What changed, for people: worst first, and what stayed the same in one line.
  public func text(color: Bool) -> String {
    var page = TerminalText(color: color)
    writeHeadline("\(verdicts); \(summary)", to: &page)
    writeChanges(to: &page)
    page.line()
    page.line(unchanged)
    return page.text
  }

  func writeHeadline(_ words: String, to page: inout TerminalText) {
    let worst = Change.Effect.allCases.first { !changes($0).isEmpty }
    page.entry(worst?.headline ?? "NO CHANGE", words, indent: 14, style: worst?.style ?? .plain)
  }

  func writeChanges(to page: inout TerminalText) {
    for effect in Change.Effect.allCases {
      let rows = rows(effect)
      guard !rows.isEmpty else { continue }
      page.line()
      page.line(effect.title, effect.style)
      for (index, row) in rows.enumerated() {
        let isFirst = index == 0 || rows[index - 1].service != row.service
        if isFirst, let service = row.service { page.line("  \(service)", .bold) }
        page.entry(row.label, row.words, indent: 16, from: row.service == nil ? 2 : 4)
      }
    }
  }

  /// The changes as people read them. Checks that apply now, or no longer, are many where a table came or went: these
  /// share a row.
  func rows(_ effect: Change.Effect) -> [Change] {
    var rows: [Change] = []
    for change in changes(effect) {
      guard effect == .other, change.subject == .check, let name = change.name else {
        rows.append(change)
        continue
      }
      // They come service by service.
      let own = rows.lastIndex { $0.service != change.service }.map { $0 + 1 } ?? 0
      let same = rows[own...].lastIndex {
        $0.subject == .check && $0.before == change.before && $0.after == change.after
      }
      if let same {
        rows[same].detail += ", \(name)"
      } else {
        var row = change
        (row.name, row.detail) = (nil, name)
        rows.append(row)
      }
    }
    return rows
  }

  var verdicts: String { before == after ? "still \(after.rawValue)" : "\(before.rawValue) → \(after.rawValue)" }

  /// `2 changes for the worse, 1 for the better`.
  var summary: String {
    let counts = Change.Effect.allCases.map { ($0, changes($0).count) }.filter { $0.1 > 0 }
    let parts = counts.enumerated().map { index, count in
      (index == 0 ? counted(count.1, "change") : "\(count.1)") + " \(count.0.phrase)"
    }
    return parts.isEmpty ? "nothing changed" : parts.joined(separator: ", ")
  }

  var unchanged: String {
    "Unchanged: \(counted(unchangedServices, "service")), \(counted(unchangedChecks, "check"))."
  }
}

extension ReportDiff.Change {
  var label: String { subject.rawValue }

  /// `pass → fail: why`, `06:d2:0a:b1:14:20 (10.1.10.21) vanished`.
  var words: String { transition + (detail.isEmpty ? "" : ": \(detail)") }

  private var transition: String {
    switch (subject, before, after) {
    case (.service, let before?, nil): "vanished, was \(before)"
    case (.service, nil, let after?): "appeared, \(after)"
    case (_, let before?, let after?): "\(name.map { "\($0) " } ?? "")\(before) → \(after)"
    case (_, nil, let after?): "\(after)\(name.map { " (\($0))" } ?? "") appeared"
    case (_, let before?, nil): "\(before)\(name.map { " (\($0))" } ?? "") vanished"
    case (_, nil, nil): ""
    }
  }
}

extension ReportDiff.Change.Effect {
  fileprivate var headline: String {
    switch self {
    case .worse: "WORSE"
    case .better: "BETTER"
    case .other: "CHANGED"
    }
  }

  var title: String {
    switch self {
    case .worse: "For the worse"
    case .better: "For the better"
    case .other: "Neither"
    }
  }

  fileprivate var phrase: String {
    switch self {
    case .worse: "for the worse"
    case .better: "for the better"
    case .other: "neither"
    }
  }

  fileprivate var style: TerminalText.Style {
    switch self {
    case .worse: .red
    case .better: .green
    case .other: .plain
    }
  }
}
