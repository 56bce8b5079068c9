public import Foundation

extension Process {
  /// Runs it with no signal blocked. A new process inherits what the thread that starts it blocks, and tests run in threads
  /// of libdispatch, which block nearly all.
  public func runUnblocked() throws {
    var none = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&none)
    unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    try run()
  }
}
