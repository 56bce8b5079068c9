/// A variable of the environment; `nil` where it is not set.
public func environment(_ name: String) -> String? {
  unsafe getenv(name).map { unsafe String(cString: $0) }
}

/// All of them, as `NAME=value`.
public var variables: [String] {
  var found: [String] = []
  var place = unsafe environ
  while let text = unsafe place.pointee {
    found.append(unsafe String(cString: text))
    unsafe place += 1
  }
  return found
}

/// The name of this host as the kernel has it: no other is asked for it.
public var hostName: String? {
  var name = [CChar](repeating: 0, count: 256)
  guard unsafe gethostname(&name, name.count - 1) == 0 else { return nil }
  let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  return text.isEmpty ? nil : text
}

/// The time of day, since 1970.
public var timeOfDay: (seconds: Int, nanoseconds: Int) {
  var time = timespec()
  unsafe clock_gettime(CLOCK_REALTIME, &time)
  return (time.tv_sec, time.tv_nsec)
}
