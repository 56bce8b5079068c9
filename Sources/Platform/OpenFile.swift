/// A file or pipe that is open; the last one who holds it closes it.
public final class OpenFile: Sendable {
  public let descriptor: Int32
  private let isOwner: Bool

  public static let standardInput = OpenFile(descriptor: STDIN_FILENO, isOwner: false)
  public static let standardError = OpenFile(descriptor: STDERR_FILENO, isOwner: false)

  private init(descriptor: Int32, isOwner: Bool) { (self.descriptor, self.isOwner) = (descriptor, isOwner) }

  /// Takes over a descriptor.
  public convenience init(owning descriptor: Int32) { self.init(descriptor: descriptor, isOwner: true) }

  /// Opens a file for reading.
  public convenience init(reading path: String) throws(SystemError) {
    try self.init(path, O_RDONLY)
  }

  /// Makes a file that nobody else may read, and opens it for writing; where there is one already, that is an error.
  public convenience init(creating path: String) throws(SystemError) {
    try self.init(path, O_WRONLY | O_CREAT | O_EXCL)
  }

  private convenience init(_ path: String, _ flags: Int32) throws(SystemError) {
    let descriptor = unsafe open(path, flags | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SystemError(errno) }
    self.init(owning: descriptor)
  }

  deinit { if isOwner { close(descriptor) } }

  /// So many bytes; fewer only at the end, where there are none.
  public func read(_ count: Int) throws(SystemError) -> [UInt8] {
    var error: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { room, used in
      while used < count {
        let more = unsafe Platform.read(descriptor, room.baseAddress.map { unsafe $0 + used }, count - used)
        if more > 0 {
          used += more
        } else if more == 0 {
          return
        } else if errno != EINTR {
          error = errno
          return
        }
      }
    }
    guard error == 0 else { throw SystemError(error) }
    return bytes
  }

  /// What is there, once something is: so many bytes at most, and none at the end.
  public func readPart(atMost count: Int) throws(SystemError) -> [UInt8] {
    var error: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { room, used in
      var read: Int
      repeat {
        read = unsafe Platform.read(descriptor, room.baseAddress, count)
      } while read < 0 && errno == EINTR
      if read < 0 { error = errno } else { used = read }
    }
    guard error == 0 else { throw SystemError(error) }
    return bytes
  }

  /// All that is left, where that is no more than `limit`; else the beginning of it, which is longer than that.
  public func readAll(limit: Int) throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      let part = try read(1 << 20)
      if part.isEmpty { break }
      bytes += part
    }
    return bytes
  }

  public func write(_ bytes: some Collection<UInt8>) throws(SystemError) {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Platform.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw SystemError(errno)
      }
    }
  }
}
