import Platform

/// The bytes of a file, a pipe or standard input, by read(2). Not mapped: a file that is cut while it is read must not
/// kill the process.
final class FileSource: ByteSource {
  private let descriptor: CInt
  private let isOwner: Bool
  /// Where reading began: standard input may be a file of which something was read before.
  private let origin: UInt64
  /// The size when it was opened; nil for what is no regular file.
  let size: UInt64?
  private(set) var bytesRead: UInt64 = 0
  let isCutShort = false
  var bytesLeft: UInt64? { size.map { $0 - min($0, origin + bytesRead) } }

  /// Opens `path`; "-" is standard input.
  convenience init(path: String) throws(CaptureError.Fault) {
    let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotOpen(errno: errno) }
    try self.init(descriptor: descriptor, isOwner: descriptor != STDIN_FILENO)
  }

  /// Reads on where `descriptor` stands. An owner closes it.
  init(descriptor: CInt, isOwner: Bool) throws(CaptureError.Fault) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      let reason = errno
      if isOwner { close(descriptor) }
      throw .cannotOpen(errno: reason)
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      if isOwner { close(descriptor) }
      throw .isDirectory
    }
    (self.descriptor, self.isOwner) = (descriptor, isOwner)
    size = status.st_mode & S_IFMT == S_IFREG ? UInt64(clamping: status.st_size) : nil
    origin = size == nil ? 0 : UInt64(clamping: lseek(descriptor, 0, SEEK_CUR))
  }

  deinit {
    if isOwner { close(descriptor) }
  }

  func fill(_ buffer: inout [UInt8], from start: Int) throws(CaptureError.Fault) -> Int {
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
        return unsafe read(descriptor, room.baseAddress, room.count)
      }
      if count >= 0 {
        bytesRead += UInt64(count)
        // What was cut away while it was read is missing, and no end that its writer made.
        if count == 0, let size, origin + bytesRead < size { throw .shrank(from: size, to: origin + bytesRead) }
        return count
      }
      switch errno {
      case EINTR: continue
      // Standard input may be a pipe that its other users have made non-blocking.
      case EAGAIN: waitUntilReadable()
      case let reason: throw .unreadable(offset: bytesRead, errno: reason)
      }
    }
  }

  private func waitUntilReadable() {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&request, 1, -1)
  }
}
