import Capture
import Platform

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
  /// Who puts the file in its place where this process may not, and by which number.
  private var mover: (Mover, number: UInt8)?
  private var failure: Failure?

  /// `nil` and `-` are standard output. The inputs, and the capture that a live run keeps, are named so that none is
  /// overwritten.
  init(path: String? = nil, besides inputs: [String] = [], keeping saved: String? = nil) throws(Failure) {
    guard let path, path != "-" else {
      place = .standardOutput
      return
    }
    try Self.refuse("-o", path, overwriting: inputs)
    try Self.refuseForeignLinks(in: path)
    let status = fileStatus(path)
    switch status?.kind {
    case .directory?: throw Failure.cannotRun("cannot write \(path): is a directory")
    case .other?: place = .device(path: path)
    case .regular?: place = .file(path: path.resolvedPath, mode: status?.mode ?? 0o666)
    case nil:
      if linkTarget(path) != nil {
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

  /// Refuses a path that leads through a link which another user made.
  static func refuseForeignLinks(in path: String) throws(Failure) {
    guard let link = foreignLink(in: path, to: geteuid()) else { return }
    throw .cannotRun(
      link == path
        ? "cannot write \(path): is a symbolic link that another user put into a folder for all; name what it leads to"
        : "cannot write \(path): \(link) is a symbolic link that another user put into a folder for all; name what it "
          + "leads to")
  }

  /// Opens files for good, and leaves it to a process with the rights of now to put them in their places: this one is about
  /// to give them up.
  static func entrust(_ outputs: [Output]) throws(Failure) {
    var files: [(Output, Mover.File)] = []
    for output in outputs {
      guard case .file(let path, let mode) = output.place else { continue }
      if output.descriptor == nil { try output.open() }
      guard let descriptor = output.descriptor, let temporary = output.temporary else { continue }
      // Of a file that is another's from now on the mode cannot be changed.
      if mode != 0o666 { fchmod(descriptor, mode) }
      files.append((output, Mover.File(temporary: temporary, place: path)))
    }
    if files.isEmpty { return }
    let mover = try Mover(files.map(\.1))
    for (number, (output, _)) in files.enumerated() { output.mover = (mover, UInt8(number)) }
  }

  /// A name for a file in the folder of this one, which those who read folders pass over; `nil` where it is no regular file.
  var besidePath: String? {
    guard case .file(let path, _) = place else { return nil }
    let folder = path.parentPath.isEmpty ? "" : path.parentPath + "/"
    return "\(folder).\(path.lastPathComponent).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
  }

  /// Where a regular file stands until it is put in its place.
  var temporaryPath: String? { temporary }

  deinit { discard() }

  /// Colour is for a person at a terminal who has not asked to go without.
  var hasColor: Bool {
    guard case .standardOutput = place else { return false }
    return isatty(STDOUT_FILENO) == 1 && (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"
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
  func flush() throws(Failure) {
    writeBuffer()
    if let failure { throw failure }
  }

  /// Writes what is left, and puts a file in its place.
  func finish() throws(Failure) {
    try flush()
    guard case .file(let path, let mode) = place, let descriptor, let temporary else { return }
    if mode != 0o666, mover == nil { fchmod(descriptor, mode) }
    self.descriptor = nil
    guard close(descriptor) == 0 else { throw Self.failure(writing: path) }
    if let (mover, number) = mover {
      let error = mover.move(number)
      guard error == 0 else { throw .cannotRun("cannot write \(path): \(systemMessage(error))") }
    } else {
      guard unsafe rename(temporary, path) == 0 else { throw Self.failure(writing: path) }
    }
    TemporaryFiles.forget(temporary)
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
      guard let beside = besidePath else { return }
      // Known before it is there, so that no signal comes between.
      TemporaryFiles.remember(beside)
      do throws(Failure) {
        descriptor = try Self.opened(beside, O_WRONLY | O_CREAT | O_EXCL, for: path)
      } catch {
        TemporaryFiles.forget(beside)
        throw error
      }
      temporary = beside
    }
  }

  private static func opened(_ path: String, _ flags: Int32, for name: String) throws(Failure) -> Int32 {
    let descriptor = unsafe Platform.open(path, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(writing: name) }
    return descriptor
  }

  private func writeAll() throws(Failure) {
    var rest = buffer[...]
    while !rest.isEmpty, let descriptor {
      let count = unsafe rest.withUnsafeBytes { unsafe Platform.write(descriptor, $0.baseAddress, $0.count) }
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
    if let temporary {
      unsafe unlink(temporary)
      TemporaryFiles.forget(temporary)
    }
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
    let (a, b) = (own.absolutePath, path.resolvedPath.absolutePath)
    guard a.lastPathComponent == b.lastPathComponent, let folder = fileStatus(a.parentPath),
      let other = fileStatus(b.parentPath)
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

/// What stands at a path itself; `nil` where that is a symbolic link, or nothing, or it cannot be told.
func unlinkedStatus(_ path: String) -> FileStatus? {
  var status = stat()
  guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFLNK else { return nil }
  return FileStatus(status)
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
