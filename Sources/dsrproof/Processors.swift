import CSystemCalls
import Platform

/// The processors that this process may use.
enum Processors {
  /// As many as it may run on, and no more than its control group lets it use at once (Linux), as for a container.
  static var count: Int {
    let usable = usableCount
    return max(1, min(usable, ControlGroup.processorLimit ?? usable))
  }

  /// As many as it may run on; where that is not told, those that are there.
  private static var usableCount: Int {
    #if os(Linux)
      let count = Int(system_usable_processors())
      if count > 0 { return count }
    #endif
    return sysconf(Int32(_SC_NPROCESSORS_ONLN))
  }
}

/// The control group of this process.
enum ControlGroup {
  /// How many processors it may keep busy; `nil` for any number.
  static var processorLimit: Int? {
    guard let groups = text(of: "/proc/self/cgroup"),
      let line = groups.split(separator: "\n").first(where: { $0.hasPrefix("0::/") })
    else { return nil }
    // A group is bound by those that it is in too.
    var folders = line.dropFirst("0::/".count).split(separator: "/")
    var least: Int?
    while true {
      let path = (["/sys/fs/cgroup"] + folders).joined(separator: "/") + "/cpu.max"
      if let text = text(of: path), let limit = processors(ofLimit: text) {
        least = min(least ?? limit, limit)
      }
      if folders.popLast() == nil { return least }
    }
  }

  private static func text(of path: String) -> String? {
    (try? OpenFile(reading: path).readAll(limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// What `cpu.max` says: so many microseconds of each period, as in `150000 100000`; or `max`.
  static func processors(ofLimit text: String) -> Int? {
    let numbers = text.split(whereSeparator: \.isWhitespace).map { Int($0) }
    guard numbers.count == 2, let time = numbers[0], let period = numbers[1], time > 0, period > 0 else { return nil }
    return max(1, (time - 1) / period + 1)
  }
}
