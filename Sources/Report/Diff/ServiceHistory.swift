import Checks

/// What became of one service from file to file.
struct ServiceHistory: Sendable {
  var service: String
  /// One for each file; `nil` where the file says nothing of it.
  var verdicts: [Verdict.Outcome?]
  var turns: [Turn] = []
  /// Those at fault in any file, by their MACs.
  var backends: [Backend] = []

  /// It went wrong, or came right: a file that does not decide is no turn.
  struct Turn: Sendable {
    enum Kind: String { case wrong, right }
    var kind: Kind
    /// The last file that says otherwise; `nil` where it is wrong from the first that decides.
    var from: Int?
    /// The first that says so.
    var to: Int
    var reason: String

    /// Where something was otherwise before.
    var files: History.Pair? { from.map { History.Pair(from: $0, to: to) } }
  }

  struct Backend: Sendable {
    var mac: String
    var addresses: [String]
    /// How many flows of it are at fault, and how many there are, in each file; `nil` where it is not seen.
    var flows: [Flows?]

    struct Flows: Sendable {
      var faulty: UInt64
      var total: UInt64
    }
  }

  static func all(in reports: [SavedReport]) -> [ServiceHistory] {
    let found = reports.map(\.servicesByName)
    let names = Set(found.flatMap(\.keys)).sorted()
    return names.map { name in ServiceHistory(name, found.map { $0[name] }) }
  }

  private init(_ service: String, _ found: [SavedReport.Service?]) {
    self.service = service
    verdicts = found.map { $0?.verdict }
    var last: (kind: Turn.Kind, place: Int)?
    for (place, one) in found.enumerated() {
      let kind: Turn.Kind
      switch one?.verdict {
      case .fail?: kind = .wrong
      case .pass?: kind = .right
      case .inconclusive?, nil: continue
      }
      if last?.kind != kind, last != nil || kind == .wrong {
        turns.append(Turn(kind: kind, from: last?.place, to: place, reason: one?.reason ?? ""))
      }
      last = (kind, place)
    }
    backends = Self.backends(found)
  }

  private static func backends(_ found: [SavedReport.Service?]) -> [Backend] {
    let stations = found.map { service in
      Dictionary((service?.backends ?? []).map { ($0.mac, $0) }) { first, _ in first }
    }
    let faulty = Set(stations.flatMap(\.values).filter { ($0.faultyFlows ?? 0) > 0 }.map(\.mac))
    return faulty.sorted().map { mac in
      let own = stations.map { $0[mac] }
      return Backend(
        mac: mac, addresses: own.compactMap { $0?.addresses }.last { !$0.isEmpty } ?? [],
        flows: own.map { $0.map { .init(faulty: $0.faultyFlows ?? 0, total: $0.flows ?? 0) } })
    }
  }
}

extension ServiceHistory {
  /// It is as it was in every file.
  var isSteady: Bool { turns.isEmpty && Set(verdicts).count == 1 }

  /// Files one behind the other that say the same of it.
  struct Run: Equatable {
    var verdict: Verdict.Outcome?
    var files: ClosedRange<Int>
  }

  var runs: [Run] {
    var runs: [Run] = []
    for (place, verdict) in verdicts.enumerated() {
      if let last = runs.last, last.verdict == verdict {
        runs[runs.count - 1].files = last.files.lowerBound...place
      } else {
        runs.append(Run(verdict: verdict, files: place...place))
      }
    }
    return runs
  }
}
