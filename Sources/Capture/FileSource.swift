#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of a file, a pipe or standard input, by read(2). Not mapped: a file that is cut while it is read must not
/// kill the process.
final class FileSource: ByteSource {
  private let descriptor: CInt
  /// The size when it was opened; nil for what is no regular file.
  let size: UInt64?
  private(set) var bytesRead: UInt64 = 0
  let isCutShort = false

  /// Opens `path`; "-" is standard input.
  init(path: String) throws(CaptureError.Fault) {
    let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotOpen(errno: errno) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      let reason = errno
      close(descriptor)
      throw .cannotOpen(errno: reason)
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      close(descriptor)
      throw .isDirectory
    }
    self.descriptor = descriptor
    size = status.st_mode & S_IFMT == S_IFREG ? UInt64(clamping: status.st_size) : nil
  }

  deinit {
    if descriptor != STDIN_FILENO { close(descriptor) }
  }

  func fill(_ buffer: inout [UInt8], from start: Int) throws(CaptureError.Fault) -> Int {
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
        return unsafe read(descriptor, room.baseAddress, room.count)
      }
      if count >= 0 {
        bytesRead += UInt64(count)
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

/// What the system says about an error number.
public func systemMessage(_ errno: Int32) -> String {
  guard let text = unsafe strerror(errno) else { return "error \(errno)" }
  return unsafe String(cString: text)
}
