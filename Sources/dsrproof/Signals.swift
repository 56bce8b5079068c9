import CSystemCalls
import Platform
import Synchronization

private let ended = Atomic(false)
private let asked = Atomic(false)
private let reread = Atomic(false)

/// The signals that a run listens to: SIGINT and SIGTERM end it with what was seen, SIGUSR1 asks for a status line.
enum Signals {
  /// What SIGHUP does.
  enum Hangup {
    /// The terminal is gone: the run ends with what was seen.
    case end
    /// Whoever watches all day reads the configuration anew.
    case readAnew
  }

  static func listen(_ hangup: Hangup = .end) {
    // Touched here, so that no handler is the first to make them.
    ended.store(false, ordering: .relaxed)
    asked.store(false, ordering: .relaxed)
    reread.store(false, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] { signal(number) { _ in ended.store(true, ordering: .relaxed) } }
    switch hangup {
    // nohup(1) has it ignored.
    case .end: if isIgnored(signal(SIGHUP, { _ in ended.store(true, ordering: .relaxed) })) { signal(SIGHUP, SIG_IGN) }
    case .readAnew: signal(SIGHUP) { _ in reread.store(true, ordering: .relaxed) }
    }
    signal(SIGUSR1) { _ in asked.store(true, ordering: .relaxed) }
    // Whoever started this may have had them blocked, which is inherited.
    var heard = sigset_t()
    unsafe sigemptyset(&heard)
    for number in [SIGINT, SIGTERM, SIGUSR1, SIGHUP] { unsafe sigaddset(&heard, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &heard, nil)
  }

  static var wantEnd: Bool { ended.load(ordering: .relaxed) }

  /// Whether a status line was asked for since the last call.
  static func takeStatusRequest() -> Bool { asked.exchange(false, ordering: .relaxed) }

  /// Whether the configuration is to be read anew since the last call.
  static func takeRereadRequest() -> Bool { reread.exchange(false, ordering: .relaxed) }
}
