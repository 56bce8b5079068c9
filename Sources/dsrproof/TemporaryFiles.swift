import Platform
import Synchronization

/// The names of files that are on the way to their places: a signal that ends the run removes them.
enum TemporaryFiles {
  fileprivate static let most = 64
  private static let change = Mutex(())

  /// Signals that end a process, where it does not say otherwise. Broken pipes are no reason to end, and traps are faults.
  private static let ending = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU, SIGXFSZ]

  /// Removes what is there when one of these signals ends the run. Who started it may have it ignore some.
  static func removeOnSignals() {
    unsafe names.update(repeating: nil, count: most)
    for number in ending {
      let former = signal(number) { number in
        for index in 0..<TemporaryFiles.most {
          if let name = unsafe names[index] { unsafe unlink(name) }
        }
        // Ends it once this has returned.
        signal(number, SIG_DFL)
        raise(number)
      }
      if isIgnored(former) { signal(number, SIG_IGN) }
    }
  }

  static func remember(_ path: String) {
    change.withLock { _ in
      guard let free = (0..<most).first(where: { unsafe names[$0] == nil }) else { return }
      unsafe names[free] = strdup(path)
    }
  }

  static func forget(_ path: String) {
    change.withLock { _ in
      for index in 0..<most {
        guard let name = unsafe names[index], unsafe strcmp(name, path) == 0 else { continue }
        // Never freed: the handler may be reading it.
        unsafe names[index] = nil
      }
    }
  }
}

/// A path for a file that nobody keeps.
func scratchPath() -> String { "\(temporaryFolder)/dsrproof-\(getpid())-\(UInt64.random(in: 0 ... .max))" }

/// What a handler can read: nothing of Swift's that allocates or locks.
nonisolated(unsafe) private let names = {
  let names = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: TemporaryFiles.most)
  unsafe names.initialize(repeating: nil, count: TemporaryFiles.most)
  return unsafe names
}()

/// Whether a signal was ignored before a handler took it.
func isIgnored(_ handler: (@convention(c) (Int32) -> Void)?) -> Bool {
  unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
}
