import Synchronization

/// When whoever judges was seen at work last: written there, and read by another thread that tells whether it still works.
final class Pulse: Sendable {
  private static let origin = ContinuousClock.now
  private let turn = Atomic<Int64>(0)
  private let judged = Atomic<Int64>(-1)
  private let waits = Atomic(false)

  private static var now: Int64 { Int64((ContinuousClock.now - origin) / .milliseconds(1)) }

  /// It is at work. `isWaiting`: what it does next may take as long as it likes, for it waits for a pipe.
  func beat(isWaiting: Bool = false) {
    waits.store(isWaiting, ordering: .relaxed)
    turn.store(Self.now, ordering: .relaxed)
  }

  /// It has judged a window.
  func judge() { judged.store(Self.now, ordering: .relaxed) }

  /// Seconds since it was at work; `nil` while it waits for a pipe.
  var silence: Double? {
    waits.load(ordering: .relaxed) ? nil : Double(Self.now - turn.load(ordering: .relaxed)) / 1000
  }

  /// Seconds since it judged last; `nil` before the first time.
  var sinceJudged: Double? {
    let time = judged.load(ordering: .relaxed)
    return time < 0 ? nil : Double(Self.now - time) / 1000
  }
}
