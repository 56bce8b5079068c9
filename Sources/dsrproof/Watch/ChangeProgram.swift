import Checks
import Platform
import Report

/// Runs the program of `--on-change`, by its path: no shell reads what it is given.
///
/// The run never waits for it. Several may run at once, up to a limit.
final class ChangeProgram {
  private let path: String
  private var running: [ChildProcess] = []
  private static let most = 8

  init(path: String) { self.path = path }

  /// Its standard input is `line`. What it writes goes where this run's errors go, and not among its results.
  func run(for change: ServiceChange, line: String) {
    reap()
    guard running.count < Self.most else {
      return complain("\(path): \(running.count) still run, so it was not started for \(change.service.url)")
    }
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { return complain("\(path): cannot start: \(systemMessage(errno))") }
    let (input, rest) = (OpenFile(owning: ends[0]), OpenFile(owning: ends[1]))
    // The run waits for no reader.
    _ = fcntl(rest.descriptor, F_SETFL, O_NONBLOCK)
    let bytes = Array(line.utf8) + [UInt8(ascii: "\n")]
    let written = unsafe bytes.withUnsafeBytes { unsafe write(rest.descriptor, $0.baseAddress, $0.count) }
    if written < bytes.count {
      complain("\(path): gets \(max(written, 0)) of \(bytes.count) bytes of the change; --log has all of it")
    }
    let words = [change.service.url, change.to.rawValue, change.from.rawValue, change.verdict.cause]
    do throws(SystemError) {
      running.append(
        try ChildProcess(
          path, words.map(\.withoutControls), environment: variables, input: input, output: .standardError,
          errors: .standardError))
    } catch {
      complain("\(path): cannot start: \(error)")
    }
  }

  /// Takes note of those that have ended.
  func reap() { running.removeAll(where: \.hasEnded) }
}
