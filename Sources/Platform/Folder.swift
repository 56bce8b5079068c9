/// The names of what is in a folder, in order.
public func names(inFolder path: String) throws(SystemError) -> [String] {
  guard let folder = unsafe opendir(path) else { throw SystemError(errno) }
  defer { unsafe closedir(folder) }
  var names: [String] = []
  while true {
    errno = 0
    guard let entry = unsafe readdir(folder) else { break }
    // In place: an entry is as long as its name, not as its type.
    let place = unsafe UnsafeRawPointer(entry) + (MemoryLayout<dirent>.offset(of: \.d_name) ?? 0)
    let name = unsafe String(cString: place.assumingMemoryBound(to: CChar.self))
    if name != ".", name != ".." { names.append(name) }
  }
  guard errno == 0 else { throw SystemError(errno) }
  return names.sorted()
}

/// Makes a folder, and those that it is to stand in; one that is there already is left as it is.
public func makeFolder(at path: String) throws(SystemError) {
  guard unsafe mkdir(path, 0o777) != 0 else { return }
  let error = errno
  if error == ENOENT, !path.isEmpty {
    let parent = path.parentPath
    guard !parent.isEmpty, parent != path else { throw SystemError(error) }
    try makeFolder(at: parent)
    guard unsafe mkdir(path, 0o777) != 0 else { return }
    throw SystemError(errno)
  }
  var status = stat()
  guard error == EEXIST, unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
    throw SystemError(error)
  }
}

/// Where a symbolic link leads; `nil` for anything else.
public func linkTarget(_ path: String) -> String? {
  let room = Int(PATH_MAX)
  let target = unsafe [UInt8](unsafeUninitializedCapacity: room) { bytes, used in
    used = unsafe bytes.withMemoryRebound(to: CChar.self) { unsafe max(0, readlink(path, $0.baseAddress!, room)) }
  }
  return target.isEmpty ? nil : String(decoding: target, as: UTF8.self)
}

/// The folder for files that nobody keeps.
public var temporaryFolder: String {
  let own = environment("TMPDIR") ?? ""
  return own.isEmpty ? "/tmp" : own
}

/// When the content of what stands at a path was changed last, since 1970; `nil` where nothing stands there.
public func modificationTime(_ path: String) -> (seconds: Int, nanoseconds: Int)? {
  var status = stat()
  guard unsafe stat(path, &status) == 0 else { return nil }
  #if os(Linux)
    let time = status.st_mtim
  #else
    let time = status.st_mtimespec
  #endif
  return (time.tv_sec, time.tv_nsec)
}
