import Platform
import Report
import Tables
import Wire

/// What one pass over this host, or over its network namespace, found.
struct CollectedHost {
  var name: String
  var files: [HostTables.File] = []
  /// What could not be read, and why: one line each.
  var missing: [String] = []

  /// The file that names the host and the time.
  static let noteName = "host"

  /// The text of that file.
  static func note(name: String, time: Timestamp) -> String {
    "name \(name)\ntime \(time.iso8601.prefix(19))Z\n"
  }

  static func name(inNote text: String) -> String? {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      if words.first == "name", words.count == 2 { return String(words[1]) }
    }
    return nil
  }

  #if !os(Linux)
    /// The texts that are known are Linux's.
    static func live() -> CollectedHost {
      CollectedHost(name: hostName ?? "localhost", missing: ["this host is no Linux: nothing is read of it"])
    }
  #endif
}
