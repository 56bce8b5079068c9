import Checks
import Wire

/// What the forms of a history say in the same words. Files go by their numbers, from 1.
extension History {
  /// `pass → fail, first to last; 4 changes for the worse; 1 service went wrong, 0 came right`.
  var summary: String {
    var (wrong, right) = (0, 0)
    for service in services {
      let turns = service.turns.filter { $0.from != nil }
      if turns.contains(where: { $0.kind == .wrong }) { wrong += 1 }
      if turns.contains(where: { $0.kind == .right }) { right += 1 }
    }
    let turned = counted(wrong, "service") + " went wrong, " + String(right) + " came right"
    return whole.verdicts + ", first to last; " + whole.summary + "; " + turned
  }

  /// What is told of the services that did not stay as they were.
  struct Row {
    var service: String
    var label: String
    var words: String
    var kind: ServiceHistory.Turn.Kind?
  }

  var rows: [Row] {
    var rows: [Row] = []
    for service in services where !service.isSteady {
      rows.append(Row(service: service.service, label: "in files", words: service.course))
      for turn in service.turns {
        rows.append(Row(service: service.service, label: turn.label, words: words(for: turn), kind: turn.kind))
      }
      for backend in service.backends {
        rows.append(Row(service: service.service, label: "at fault", words: backend.words))
      }
    }
    return rows
  }

  var steady: String { "The same in every file: \(counted(services.count(where: \.isSteady), "service"))." }

  /// Between neighbours where no service turned and something changed.
  var otherSteps: [Step] {
    steps.filter { !$0.isTurn && $0.to == $0.from + 1 && !$0.diff.changes.isEmpty }
  }

  /// `between 2026-11-25T06:12:01Z (1) and 2026-11-26T06:12:33Z (2): 3 of 6 flows: …`.
  private func words(for turn: ServiceHistory.Turn) -> String {
    let start = "\(files[turn.to].first.toTheSecond) (\(turn.to + 1)): \(turn.reason)"
    guard let from = turn.from else { return "before " + start }
    return "between \(files[from].last.toTheSecond) (\(from + 1)) and " + start
  }
}

extension History.Step {
  /// `1 → 2`.
  var places: String { "\(from + 1) → \(to + 1)" }
  var summary: String { diff.verdicts + "; " + diff.summary }
}

extension History.File {
  /// `2026-11-25T06:12:01Z, 7 s: pass, monday.json`.
  var words: String {
    "\(first.toTheSecond), \(lengthOfTime(seconds: last.seconds(since: first))): \(verdict.rawValue), \(name)"
      + (isEvidence ? " (evidence)" : "")
  }
}

extension ServiceHistory {
  /// `pass 1, fail 2-3, not there 4`.
  fileprivate var course: String {
    var words = ""
    var start = 0
    while start < verdicts.count {
      let end = verdicts[start...].firstIndex { $0 != verdicts[start] } ?? verdicts.count
      words += (start > 0 ? ", " : "") + (verdicts[start]?.rawValue ?? "not there") + " " + Self.numbers(start..<end)
      start = end
    }
    return words
  }

  fileprivate static func numbers(_ files: Range<Int>) -> String {
    let first = String(files.lowerBound + 1)
    return files.count == 1 ? first : first + "-" + String(files.upperBound)
  }
}

extension ServiceHistory.Turn {
  fileprivate var label: String {
    switch kind {
    case .wrong: "went wrong"
    case .right: "came right"
    }
  }
}

extension ServiceHistory.Backend {
  /// `06:d2:0a:b1:14:21 (10.1.10.22) in 2-3: 5 of 6 flows`.
  fileprivate var words: String {
    var places = ""
    var (faulty, total, start): (UInt64, UInt64, Int) = (0, 0, 0)
    while start < flows.count {
      var end = start
      while end < flows.count, let count = faultyFlows[end], count > 0 {
        (faulty, total, end) = (faulty &+ count, total &+ (flows[end] ?? 0), end + 1)
      }
      if end > start { places += (places.isEmpty ? "" : ", ") + ServiceHistory.numbers(start..<end) }
      start = end + 1
    }
    let known = addresses.isEmpty ? "" : " (\(addresses.joined(separator: ", ")))"
    return "\(mac)\(known) in \(places): \(faulty) of \(counted(total, "flow"))"
  }
}

extension Timestamp {
  /// ISO 8601 without fractions.
  fileprivate var toTheSecond: String { iso8601.prefix(19) + "Z" }
}
