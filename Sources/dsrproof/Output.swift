import Capture
import Foundation

/// Where a report goes: standard output, or a file that is written whole or not at all.
///
/// A file is checked before the work begins, written beside its place, and moved there at the end.
final class Output: TextOutputStream {
  private enum Place {
    case standardOutput
    /// Something that is no regular file, such as a pipe: written as it is.
    case device(path: String)
    case file(path: String, mode: mode_t)
  }

  private let place: Place
  private var buffer: [UInt8] = []
  private var descriptor: Int32?
  private var temporary: String?
  private var failure: Failure?

  /// `nil` and `-` are standard output. The inputs, and the capture that a live run keeps, are named so that none is
  /// overwritten.
  init(path: String? = nil, besides inputs: [String] = [], keeping saved: String? = nil) throws {
    guard let path, path != "-" else {
      place = .standardOutput
      return
    }
    try Self.refuse("-o", path, overwriting: inputs)
    if isForeignLink(path, to: geteuid()) {
      throw Failure.cannotRun(
        "cannot write \(path): is a symbolic link that another user put into a folder for all; name what it leads to")
    }
    let status = fileStatus(path)
    switch status?.kind {
    case .directory?: throw Failure.cannotRun("cannot write \(path): is a directory")
    case .other?: place = .device(path: path)
    case .regular?: place = .file(path: URL(filePath: path).resolvingSymlinksInPath().path, mode: status?.mode ?? 0o666)
    case nil:
      if (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil {
        throw Failure.cannotRun("cannot write \(path): is a link to a file that is not there")
      }
      place = .file(path: path, mode: 0o666)
    }
    if let saved, isFile(at: saved) { throw Failure.usage("-o and -w name one file: \(path)") }
    try open()
    if case .file = place { discard() }
  }

  /// Refuses an option's file that is one of the inputs, by whatever name.
  static func refuse(_ option: String, _ path: String, overwriting inputs: [String]) throws(Failure) {
    guard let status = fileStatus(path) else { return }
    if inputs.contains(where: { fileStatus($0)?.isSame(as: status) ?? false }) {
      throw .usage("\(option) \(path) would overwrite what is read: name another file")
    }
  }

  deinit { discard() }

  /// Colour is for a person at a terminal who has not asked to go without.
  var hasColor: Bool {
    guard case .standardOutput = place else { return false }
    let environment = ProcessInfo.processInfo.environment
    return isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
  }

  var isTerminal: Bool {
    guard case .standardOutput = place else { return false }
    return isatty(STDOUT_FILENO) == 1
  }

  func write(_ text: String) { write(bytes: text.utf8) }

  func write(bytes: some Sequence<UInt8>) {
    guard failure == nil else { return }
    buffer.append(contentsOf: bytes)
    if buffer.count >= 1 << 16 { writeBuffer() }
  }

  /// Writes what is left.
  func flush() throws {
    writeBuffer()
    if let failure { throw failure }
  }

  /// Writes what is left, and puts a file in its place.
  func finish() throws {
    try flush()
    guard case .file(let path, let mode) = place, let descriptor, let temporary else { return }
    if mode != 0o666 { fchmod(descriptor, mode) }
    guard close(descriptor) == 0, unsafe rename(temporary, path) == 0 else { throw Self.failure(writing: path) }
    self.descriptor = nil
    self.temporary = nil
  }

  private func writeBuffer() {
    do {
      if descriptor == nil { try open() }
      try writeAll()
    } catch {
      failure = error
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private func open() throws(Failure) {
    switch place {
    case .standardOutput: descriptor = STDOUT_FILENO
    case .device(let path):
      descriptor = try Self.opened(path, O_WRONLY, for: path)
    case .file(let path, _):
      let beside = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
      descriptor = try Self.opened(beside, O_WRONLY | O_CREAT | O_EXCL, for: path)
      temporary = beside
    }
  }

  private static func opened(_ path: String, _ flags: Int32, for name: String) throws(Failure) -> Int32 {
    let descriptor = unsafe Foundation.open(path, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(writing: name) }
    return descriptor
  }

  private func writeAll() throws(Failure) {
    var rest = buffer[...]
    while !rest.isEmpty, let descriptor {
      let count = unsafe rest.withUnsafeBytes { unsafe Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EPIPE {
        // The reader has seen enough.
        return
      } else if errno != EINTR {
        throw Self.failure(writing: name)
      }
    }
  }

  private func discard() {
    if let descriptor, descriptor != STDOUT_FILENO { close(descriptor) }
    if let temporary { unsafe unlink(temporary) }
    descriptor = nil
    temporary = nil
  }

  /// Whether both are one file.
  func isSame(as other: Output) -> Bool {
    switch (place, other.place) {
    case (.standardOutput, .standardOutput): true
    case (.file, .file(let path, _)): isFile(at: path)
    // A shell may have led standard output into the file.
    case (.standardOutput, .file(let path, _)), (.file(let path, _), .standardOutput):
      fileStatus(path).flatMap { file in standardOutputStatus().map(file.isSame) } ?? false
    default: false
    }
  }

  /// Whether it becomes the file at a path, by whatever way to its folder; the file need not be there yet.
  private func isFile(at path: String) -> Bool {
    guard case .file(let own, _) = place else { return false }
    let (a, b) = (URL(filePath: own), URL(filePath: path).resolvingSymlinksInPath())
    guard a.lastPathComponent == b.lastPathComponent,
      let folder = fileStatus(a.deletingLastPathComponent().path),
      let other = fileStatus(b.deletingLastPathComponent().path)
    else { return false }
    return folder.isSame(as: other)
  }

  var name: String {
    switch place {
    case .standardOutput: "standard output"
    case .device(let path), .file(let path, _): path
    }
  }

  private static func failure(writing name: String) -> Failure {
    .cannotRun("cannot write \(name): \(systemMessage(errno))")
  }
}

struct FileStatus {
  enum Kind { case regular, directory, other }
  var kind: Kind
  var mode: mode_t
  var device: UInt64
  var inode: UInt64

  func isSame(as other: FileStatus) -> Bool { device == other.device && inode == other.inode }
}

/// What stands at a path; `nil` where nothing does, or it cannot be told.
func fileStatus(_ path: String) -> FileStatus? {
  var status = stat()
  return unsafe stat(path, &status) == 0 ? FileStatus(status) : nil
}

/// Whether a path is a symbolic link of somebody else's in a folder where everybody may put one: whoever follows it writes
/// where that user wants. The kernel guards openings alike (protected_symlinks of proc_sys_fs(5)), but not what is renamed
/// to where a link leads.
func isForeignLink(_ path: String, to user: uid_t) -> Bool {
  var (link, folder) = (stat(), stat())
  let parent = URL(filePath: path).deletingLastPathComponent().path
  guard unsafe lstat(path, &link) == 0, unsafe stat(parent, &folder) == 0 else { return false }
  return isForeignLink(link, in: folder, to: user)
}

func isForeignLink(_ link: stat, in folder: stat, to user: uid_t) -> Bool {
  let isForAll = folder.st_mode & S_ISVTX != 0 && folder.st_mode & S_IWOTH != 0
  return link.st_mode & S_IFMT == S_IFLNK && isForAll && link.st_uid != user && link.st_uid != folder.st_uid
}

private func standardOutputStatus() -> FileStatus? {
  var status = stat()
  return unsafe fstat(STDOUT_FILENO, &status) == 0 ? FileStatus(status) : nil
}

extension FileStatus {
  fileprivate init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      default: .other
      }
    mode = status.st_mode & 0o7777
    device = UInt64(truncatingIfNeeded: status.st_dev)
    inode = UInt64(status.st_ino)
  }
}
