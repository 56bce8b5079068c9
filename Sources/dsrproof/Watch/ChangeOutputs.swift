import Checks
import Platform
import Report
import Wire

/// Where changes are told.
struct ChangeOutputs {
  private let logPath: String?
  private var log: Int32?
  private let program: ChangeProgram?
  private let folder: ProofFolder?

  init(_ options: WatchOptions) throws(Failure) {
    logPath = options.log
    program = options.onChange.map(ChangeProgram.init(path:))
    folder = options.keep.map { ProofFolder(path: $0, limit: options.keepFiles) }
    log = try logPath.map(Self.opened)
  }

  /// Whether what is opened later can be, by whom this process is by now.
  func check() throws(Failure) {
    try folder?.check()
    if let logPath,
      unsafe access(logPath, W_OK) != 0 || access(logPath.parentPath.isEmpty ? "." : logPath.parentPath, W_OK) != 0
    {
      complain(
        "\(logPath) cannot be opened anew by whom this run is by now: rotate it with copytruncate, or name the owner of its "
          + "folder with -Z")
    }
  }

  /// `window` has the frames that show it.
  func tell(_ change: ServiceChange, in window: RollingWindow) {
    complain(change.text)
    var change = change
    var kept: String?
    if let folder, let proof = window.proof(change.shown.comments), let path = folder.keep(proof.bytes, of: change) {
      change.cite(path, by: proof.numbers)
      kept = path
    }
    let line = change.jsonLine(proof: kept)
    append(line)
    program?.run(for: change, line: line)
  }

  func reap() { program?.reap() }

  /// Opens the log anew, for whoever has put the old one away.
  mutating func reopen() {
    guard let logPath else { return }
    do throws(Failure) {
      let new = try Self.opened(logPath)
      if let log { close(log) }
      log = new
    } catch {
      complain("\(error.message); what comes is appended to the old one")
    }
  }

  private static func opened(_ path: String) throws(Failure) -> Int32 {
    try Output.refuseForeignLinks(in: path)
    let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .cannotRun("cannot write \(path): \(systemMessage(errno))") }
    return descriptor
  }

  /// In one write, so that lines of several runs do not mix.
  private func append(_ line: String) {
    guard let log, let logPath else { return }
    let bytes = Array(line.utf8) + [UInt8(ascii: "\n")]
    let written = unsafe bytes.withUnsafeBytes { unsafe write(log, $0.baseAddress, $0.count) }
    if written < bytes.count { complain("cannot write \(logPath): \(systemMessage(errno))") }
  }
}

extension ServiceChange {
  /// Cites the frames as the file has them that keeps them.
  fileprivate mutating func cite(_ path: String, by numbers: [String: [UInt64: UInt64]]) {
    for index in shown.indices {
      shown[index].evidence = shown[index].evidence.map { exhibit in
        guard case .frame(var frame) = exhibit.source, let number = numbers[frame.capture]?[frame.number] else {
          return exhibit
        }
        (frame.capture, frame.number) = (path, number)
        return Exhibit(frame, expected: exhibit.expected, actual: exhibit.actual)
      }
    }
  }
}
