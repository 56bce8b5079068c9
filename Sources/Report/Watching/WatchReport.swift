public import Checks
public import Wire

/// What is known of all that is watched: a value that stays as it is, whoever reads it.
public struct WatchReport: Sendable {
  /// Of the program.
  public var version: String
  /// Where the frames come from.
  public var source: String
  public var start: Timestamp
  /// How long a window is, in seconds, and how many times one is judged.
  public var window: Double
  public var steps: Int
  /// What the last window shows, and when it was judged; `nil` before the first.
  public var latest: (verdict: Verdict, time: Timestamp)?
  /// What services are taken for, in the order of their addresses.
  public var services: [WatchedService] = []
  /// The last ones, oldest first.
  public var changes: [ServiceChange] = []
  public var tally = WatchTally()

  public init(version: String, source: String, start: Timestamp, window: Double, steps: Int) {
    (self.version, self.source, self.start, self.window, self.steps) = (version, source, start, window, steps)
  }

  /// Takes in a judgement and the changes that it completes.
  public mutating func add(
    _ verdict: Verdict, at time: Timestamp, services: [WatchedService], changes: [ServiceChange]
  ) {
    (latest, self.services) = ((verdict, time), services)
    self.changes = (self.changes + changes).suffix(Self.mostChanges)
    tally.judgements += 1
    for change in changes { tally.changes[change.to, default: 0] += 1 }
  }

  private static let mostChanges = 50

  /// What all states come to; the same decides the exit status of the run.
  public var outcome: Verdict.Outcome {
    if services.contains(where: { $0.state == .fail }) { return .fail }
    return !services.isEmpty && services.allSatisfy { $0.state == .pass } ? .pass : .inconclusive
  }
}

/// What is counted from the start of a run to its end.
public struct WatchTally: Sendable {
  public var frames: UInt64 = 0
  /// Those that were lost, by who lost them; `nil` where nobody counts.
  public var drops: (kernel: UInt64, interface: UInt64)?
  public var lastFrame: Timestamp?
  public var judgements = 0
  /// Those that were left out, for frames waited to be taken.
  public var judgementsLeftOut = 0
  /// By what a service became.
  public var changes: [WatchedService.State: Int] = [:]

  public init() {}
}

extension WatchedService.State {
  /// As a verdict has it.
  public var outcome: Verdict.Outcome {
    switch self {
    case .pass: .pass
    case .fail: .fail
    case .open: .inconclusive
    }
  }
}
