import Checks
import Wire

/// What the forms of a history say in the same words. Files go by their numbers, from 1.
extension History {
  /// `first to last: pass → fail; 4 changes for the worse; 1 service went wrong, 1 came right`.
  var summary: String {
    let count = { (kind: ServiceHistory.Turn.Kind) in
      services.count { $0.turns.contains { $0.kind == kind && $0.from != nil } }
    }
    let (wrong, right) = (count(.wrong), count(.right))
    let turned = [
      wrong > 0 ? "\(counted(wrong, "service")) went wrong" : nil, right > 0 ? "\(right) came right" : nil,
    ].compactMap(\.self)
    let words = turned.isEmpty ? "no service went wrong or came right" : turned.joined(separator: ", ")
    return "\(whole.verdicts), first to last; \(whole.summary); \(words)"
  }

  /// Of which there is something to tell.
  var told: [ServiceHistory] { services.filter { !$0.isSteady } }

  var steady: String {
    let steady = services.filter(\.isSteady)
    let counts = Verdict.Outcome.inOrder.compactMap { outcome in
      let same = steady.count { $0.verdicts[0] == outcome }
      return same > 0 ? "\(same) \(outcome.rawValue)" : nil
    }
    let words = counts.isEmpty ? "" : " (\(counts.joined(separator: ", ")))"
    return "The same in every file: \(counted(steady.count, "service"))\(words)."
  }

  /// The steps at which a service turned, or the others between neighbours in which something changed.
  func steps(ofTurns: Bool) -> [Step] {
    let turns = Set(services.flatMap(\.turns).compactMap(\.files))
    return steps.filter { step in
      let isTurn = turns.contains(step.files)
      if ofTurns || isTurn { return ofTurns && isTurn }
      return step.files.to == step.files.from + 1 && !step.diff.changes.isEmpty
    }
  }

  /// `between 2026-11-25T06:12:01Z (1) and 2026-11-26T06:12:33Z (2): 3 of 6 flows: …`.
  func words(for turn: ServiceHistory.Turn) -> String {
    let start = files[turn.to].first.toTheSecond
    let reason = turn.reason.isEmpty ? "" : ": \(turn.reason)"
    guard let from = turn.from else { return "before \(start) (\(turn.to + 1))\(reason)" }
    return "between \(files[from].last.toTheSecond) (\(from + 1)) and \(start) (\(turn.to + 1))\(reason)"
  }
}

extension History.Step {
  /// `1 → 2`.
  var places: String { "\(files.from + 1) → \(files.to + 1)" }
  var summary: String { "\(diff.verdicts); \(diff.summary)" }
}

extension History.File {
  var length: String { lengthOfTime(seconds: last.seconds(since: first)) }
  var title: String { name + (isEvidence ? " (evidence)" : "") }
}

extension ServiceHistory {
  /// `pass 1, fail 2-3, not there 4`.
  var course: String {
    runs.map { run in "\(run.verdict?.rawValue ?? "not there") \(Self.words(for: run.files))" }.joined(separator: ", ")
  }

  fileprivate static func words(for files: ClosedRange<Int>) -> String {
    files.count == 1 ? "\(files.lowerBound + 1)" : "\(files.lowerBound + 1)-\(files.upperBound + 1)"
  }
}

extension ServiceHistory.Turn {
  var label: String {
    switch kind {
    case .wrong: "went wrong"
    case .right: "came right"
    }
  }
}

extension ServiceHistory.Backend {
  /// `06:d2:0a:b1:14:21 (10.1.10.22) in 2-3: 5 of 6 flows`.
  var words: String {
    let faulty = flows.indices.filter { (flows[$0]?.faulty ?? 0) > 0 }
    let runs = faulty.reduce(into: [ClosedRange<Int>]()) { runs, place in
      if let last = runs.last, last.upperBound + 1 == place {
        runs[runs.count - 1] = last.lowerBound...place
      } else {
        runs.append(place...place)
      }
    }
    let (count, total) = faulty.reduce((UInt64(0), UInt64(0))) { sum, place in
      let (one, all) = (flows[place]?.faulty ?? 0, flows[place]?.total ?? 0)
      return (sum.0 &+ one, sum.1 &+ all)
    }
    let known = addresses.isEmpty ? "" : " (\(addresses.joined(separator: ", ")))"
    let places = runs.map(ServiceHistory.words).joined(separator: ", ")
    return "\(mac)\(known) in \(places): \(count) of \(counted(total, "flow"))"
  }
}

extension Timestamp {
  /// ISO 8601 without fractions.
  var toTheSecond: String { "\(iso8601.prefix(19))Z" }
}

extension Verdict.Outcome {
  fileprivate static let inOrder: [Verdict.Outcome] = [.pass, .fail, .inconclusive]
}
