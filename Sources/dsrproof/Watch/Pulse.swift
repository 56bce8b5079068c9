import Synchronization

/// When whoever judges was seen at work last: written there, and read by another thread that tells whether it still works.
final class Pulse: Sendable {
  private static let origin = ContinuousClock.now
  private let turn = Atomic<Int64>(0)
  private let judged = Atomic<Int64>(-1)
  private let waits = Atomic(false)
  /// So many seconds a turn may take: a judgement of very many services is one.
  private let longestTurn: Double

  init(longestTurn: Double = 30) { self.longestTurn = longestTurn }

  private static var now: Int64 { Int64((ContinuousClock.now - origin) / .milliseconds(1)) }

  /// It is at work. `isWaiting`: what it does next may take as long as it likes, for it waits for a pipe.
  func beat(isWaiting: Bool = false) {
    waits.store(isWaiting, ordering: .relaxed)
    turn.store(Self.now, ordering: .relaxed)
  }

  /// It has judged a window.
  func judge() { judged.store(Self.now, ordering: .relaxed) }

  /// What is wrong with the run, whatever the services do; `nil` where it does its work. `isLive`: frames come from interfaces,
  /// so that a window ends whether frames come or not. `step` is how often one ends, in seconds.
  func complaint(isLive: Bool, step: Double) -> String? {
    if let silence, silence > longestTurn { return "nothing was done for \(Int(silence)) s: the run is stuck" }
    guard let sinceJudged else { return Self.noWindow }
    if isLive, sinceJudged > 3 * step + longestTurn {
      return "no window was judged for \(Int(sinceJudged)) s: frames come faster than they can be taken"
    }
    return nil
  }

  static let noWindow = "no window is judged yet"

  /// Seconds since it was at work; `nil` while it waits for a pipe.
  private var silence: Double? {
    waits.load(ordering: .relaxed) ? nil : Double(Self.now - turn.load(ordering: .relaxed)) / 1000
  }

  /// Seconds since it judged last; `nil` before the first time.
  var sinceJudged: Double? {
    let time = judged.load(ordering: .relaxed)
    return time < 0 ? nil : Double(Self.now - time) / 1000
  }
}
