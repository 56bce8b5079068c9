public import Wire

/// All services that are watched.
public struct WatchedSite: Sendable {
  /// In the order of their addresses.
  public var services: [WatchedService] { watched.values.sorted { $0.service < $1.service } }
  private var watched: [ServicePattern: WatchedService] = [:]
  private let patience: WatchedService.Patience
  private let limit: Int

  /// A service that was found, and not named, is forgotten after an hour of silence.
  private static let longestSilence = 3600.0

  /// `steps`: how many steps a window has. `limit`: how many services are watched; a scan makes more.
  public init(steps: Int, limit: Int = 4096) {
    patience = WatchedService.Patience(steps: steps)
    self.limit = limit
  }

  /// Takes in what is judged at the end of a step; returns the changes that it completes, in the order of their services.
  public mutating func take(_ verdict: Verdict, at time: Timestamp, named: [ServicePattern]) -> [ServiceChange] {
    let checks = Dictionary(grouping: verdict.checks, by: \.service)
    var changes: [ServiceChange] = []
    for service in verdict.services {
      if watched[service.service] == nil {
        guard watched.count < limit else { continue }
        watched[service.service] = WatchedService(service, at: time)
      }
      let change = watched[service.service]?.take(
        service, checks: checks[service.service] ?? [], at: time, patience)
      if let change { changes.append(change) }
    }
    let named = Set(named)
    watched = watched.filter { service, watched in
      named.contains(service) || time.seconds(since: watched.lastTraffic ?? watched.since) < Self.longestSilence
    }
    return changes
  }
}
