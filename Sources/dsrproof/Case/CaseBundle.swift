import Capture
import Platform

/// An archive that is written file by file: tar, packed with gzip. The same files give the same bytes.
struct CaseBundle {
  private let output: Output
  private let packer: GzipWriter
  private static let piece = 1 << 20

  /// The names that such an archive may have.
  static let extensions = [".tar.gz", ".tgz"]

  init(_ output: Output) throws(Failure) {
    guard let packer = GzipWriter() else { throw .cannotRun("cannot write \(output.name): no memory is left") }
    (self.output, self.packer) = (output, packer)
  }

  func add(_ bytes: [UInt8], as name: String) throws(Failure) {
    try begin(name, size: bytes.count)
    write(bytes + TarHeader.padding(after: bytes.count))
    try check()
  }

  /// Packs the regular file at a path, and follows no link to it.
  func add(fileAt path: String, as name: String) throws(Failure) {
    let descriptor = unsafe Platform.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotRun("\(path): cannot read: \(systemMessage(errno))") }
    let file = OpenFile(owning: descriptor)
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .cannotRun("\(path): expected a regular file, found something else in its place")
    }
    let size = Int(status.st_size)
    try begin(name, size: size)
    var left = size
    while left > 0 {
      let bytes: [UInt8]
      do throws(SystemError) {
        bytes = try file.read(min(left, Self.piece))
      } catch {
        throw .cannotRun("\(path): cannot read: \(error)")
      }
      guard !bytes.isEmpty else { throw .cannotRun("\(path): was cut while it was packed") }
      left -= bytes.count
      write(bytes)
      try check()
    }
    write(TarHeader.padding(after: size))
  }

  /// Puts the archive in its place.
  func finish() throws(Failure) {
    output.write(bytes: packer.pack(TarHeader.end, isLast: true))
    try output.finish()
  }

  private func begin(_ name: String, size: Int) throws(Failure) {
    guard let header = TarHeader(name: name, size: size) else {
      throw .cannotRun(
        "cannot write \(output.name): \(name) has too long a name, or too many bytes, for an archive: shorten it")
    }
    write(header.bytes)
  }

  private func write(_ bytes: [UInt8]) { output.write(bytes: packer.pack(bytes)) }

  /// What could not be written ends it before more is read.
  private func check() throws(Failure) { try output.flush() }
}
