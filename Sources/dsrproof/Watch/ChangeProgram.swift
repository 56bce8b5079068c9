import Checks
import Platform
import Report

/// Runs the program of `--on-change`: no shell reads what it is given.
///
/// The run never waits for it. Several may run at once, up to a limit.
final class ChangeProgram {
  private let path: String
  private var running: Set<pid_t> = []
  private static let most = 8

  init(path: String) { self.path = path }

  /// Its standard input is `line`, which fits a pipe: a report of one change.
  func run(for change: ServiceChange, line: String) {
    reap()
    guard running.count < Self.most else {
      return complain("\(path): \(running.count) still run, so it was not started for \(change.service.url)")
    }
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { return complain("\(path): cannot start: \(systemMessage(errno))") }
    defer { for end in ends { close(end) } }
    let bytes = Array(line.utf8.prefix(Self.mostInput)) + [UInt8(ascii: "\n")]
    _ = unsafe bytes.withUnsafeBytes { unsafe write(ends[1], $0.baseAddress, $0.count) }
    let words = [path, change.service.url, change.to.rawValue, change.from.rawValue, change.verdict.cause]
    var process: pid_t = 0
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
    for end in ends { unsafe posix_spawn_file_actions_addclose(&actions, end) }
    // What it writes belongs to the log of this run, and not to its results.
    unsafe posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
    var arguments = unsafe words.map { unsafe strdup($0.withoutControls) } + [nil]
    let error = unsafe posix_spawnp(&process, path, &actions, nil, &arguments, environ)
    while let argument = unsafe arguments.popLast() { unsafe free(argument) }
    guard error == 0 else { return complain("\(path): cannot start: \(systemMessage(error))") }
    running.insert(process)
  }

  /// As much as a pipe takes without a reader (pipe(7)), and a line break.
  private static let mostInput = 65_535

  /// Takes note of those that have ended.
  func reap() {
    running = running.filter { process in
      var status: Int32 = 0
      let ended = unsafe waitpid(process, &status, WNOHANG)
      return ended == 0
    }
  }
}
