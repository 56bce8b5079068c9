public import Wire

/// One service that is judged again and again: what it is taken for, which changes only when several judgements agree.
public struct WatchedService: Sendable {
  public enum State: String, Sendable, CaseIterable {
    /// Nothing has decided it yet, or not for a long time.
    case open
    case pass
    case fail
  }

  public let service: ServicePattern
  /// What people call it, where the policy tells.
  public private(set) var name: String?
  public private(set) var state = State.open
  /// Since when it is in this state: the judgement that first said so.
  public private(set) var since: Timestamp
  /// What the latest judgement says.
  public private(set) var latest: ServiceVerdict
  /// The last judgement that said what its state says; `nil` before there was one.
  public private(set) var agreeing: ServiceVerdict?
  /// When its traffic was last seen.
  public private(set) var lastTraffic: Timestamp?

  private var run: (state: State, since: Timestamp, judgements: Int)

  /// How many judgements in a row it takes.
  public struct Patience: Sendable {
    /// To believe a fault, or a first pass.
    public var decided: Int
    /// To believe that a fault is gone.
    public var recovered: Int
    /// To give up what was known, where flows are seen and none is decided.
    public var open: Int

    /// Windows overlap: each holds `steps` steps, and is judged at the end of each. A fault counts when two judgements see
    /// it, and is gone when a window passes that shares no frame with the last one that showed it.
    public init(steps: Int) {
      decided = 2
      recovered = steps + 1
      open = 2 * steps
    }
  }

  public init(_ verdict: ServiceVerdict, at time: Timestamp) {
    (service, name, latest, since) = (verdict.service, verdict.name, verdict, time)
    run = (.open, time, 0)
  }

  /// Takes a judgement in; returns the change that it completes.
  public mutating func take(
    _ verdict: ServiceVerdict, checks: [CheckResult], at time: Timestamp, _ patience: Patience
  ) -> ServiceChange? {
    (latest, name) = (verdict, verdict.name)
    let isQuiet = verdict.flows.total == 0
    if !isQuiet { lastTraffic = time }
    let said: State
    switch verdict.outcome {
    case .pass: said = .pass
    case .fail: said = .fail
    // Silence says nothing against what was seen before.
    case .inconclusive: if isQuiet { return nil } else { said = .open }
    }
    if run.judgements == 0 || run.state != said { run = (said, time, 0) }
    run.judgements += 1
    if said == state { agreeing = verdict }
    guard said != state, run.judgements >= needed(for: said, patience) else { return nil }
    let change = ServiceChange(
      service: service, name: name, from: state, to: said, at: time, after: time.seconds(since: since),
      verdict: verdict, shown: checks.filter { $0.shows(said) })
    (state, since, agreeing) = (said, run.since, verdict)
    return change
  }

  private func needed(for said: State, _ patience: Patience) -> Int {
    switch said {
    case .fail: patience.decided
    case .pass: state == .fail ? patience.recovered : patience.decided
    case .open: patience.open
    }
  }
}

/// A service is in another state from now on.
public struct ServiceChange: Sendable {
  public var service: ServicePattern
  public var name: String?
  public var from: WatchedService.State
  public var to: WatchedService.State
  /// When the judgement was made that completes it.
  public var at: Timestamp
  /// How many seconds it was in the state before.
  public var after: Double
  public var verdict: ServiceVerdict
  /// The checks that fail, or those of a pass that cite frames, with the frames that show it.
  public var shown: [CheckResult]
}

extension CheckResult {
  fileprivate func shows(_ state: WatchedService.State) -> Bool {
    switch state {
    case .fail: outcome == .fail && !isTolerated
    case .pass: outcome == .pass && !evidence.isEmpty
    case .open: false
    }
  }
}
