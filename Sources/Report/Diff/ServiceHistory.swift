import Checks

/// What became of one service from file to file.
struct ServiceHistory: Sendable {
  var service: String
  /// One for each file; `nil` where the file says nothing of it.
  var verdicts: [Verdict.Outcome?]
  var turns: [Turn] = []
  /// Those at fault in any file, the first first.
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
  }

  struct Backend: Sendable {
    var mac: String
    var addresses: [String]
    /// How many flows of it are at fault, and how many there are, in each file; `nil` where it is not seen.
    var faultyFlows: [UInt64?]
    var flows: [UInt64?]
  }

  static func all(in reports: [SavedReport]) -> [ServiceHistory] {
    var names: Set<String> = []
    let found = reports.map(\.servicesByName)
    for services in found {
      for name in services.keys { names.insert(name) }
    }
    return names.sorted().map { name in ServiceHistory(name, found.map { $0[name] }) }
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
    var places: [String: Int] = [:]
    for one in found {
      for station in one?.backends ?? [] where station.faultyFlows ?? 0 > 0 && places[station.mac] == nil {
        places[station.mac] = backends.count
        backends.append(Backend(station, files: found.count))
      }
    }
    if backends.isEmpty { return }
    for (file, one) in found.enumerated() {
      for station in one?.backends ?? [] {
        guard let place = places[station.mac] else { continue }
        backends[place].faultyFlows[file] = station.faultyFlows ?? 0
        backends[place].flows[file] = station.flows ?? 0
      }
    }
  }
}

extension ServiceHistory.Backend {
  fileprivate init(_ station: SavedReport.Station, files: Int) {
    (mac, addresses) = (station.mac, station.addresses)
    faultyFlows = Array(repeating: nil, count: files)
    flows = faultyFlows
  }
}

extension ServiceHistory {
  /// It is as it was in every file.
  var isSteady: Bool { turns.isEmpty && verdicts.allSatisfy { $0 == verdicts[0] } }
}
