import Checks
import Platform
import Report
import Wire

/// The folder that keeps the frames which show each change, a file each: no more files than were asked for.
struct ProofFolder {
  let path: String
  let limit: Int
  private static let ending = "-dsrproof.pcapng"

  /// Whether files can be written there by whom this process is by now.
  func check() throws(Failure) {
    guard fileStatus(path)?.kind == .directory else { throw .cannotRun("--keep \(path): is no folder that is there") }
    guard unsafe access(path, W_OK | X_OK) == 0 else {
      throw .cannotRun(
        "--keep \(path): cannot write there: \(systemMessage(errno)); root becomes another user once the interfaces are "
          + "open, so give the folder to that one, or name another with -Z")
    }
  }

  /// Writes a capture whole or not at all, and removes the oldest ones; returns its path, or `nil` where it cannot be written.
  func keep(_ capture: [UInt8], of change: ServiceChange) -> String? {
    let name = Self.name(of: change)
    let file = path + "/" + name
    do {
      let output = try Output(path: file)
      output.write(bytes: capture)
      try output.finish()
    } catch {
      complain("--keep: \(error)")
      return nil
    }
    removeOldest(but: name)
    return file
  }

  /// `20261129T120000Z-tcp-10.1.10.10-80-fail-dsrproof.pcapng`: names stand in the order of time.
  private static func name(of change: ServiceChange) -> String {
    let safe = change.service.url.map { $0.isLetter || $0.isNumber || $0 == "." ? $0 : "-" }
    let service = String(safe).split(separator: "-").joined(separator: "-")
    let digits = change.at.iso8601.prefix { $0 != "." }.filter { $0.isNumber || $0 == "T" }
    return "\(digits)Z-\(service)-\(change.to.rawValue)\(ending)"
  }

  /// Names tell the age by a clock that may have been set back: the last one stays.
  private func removeOldest(but kept: String) {
    let names = ((try? Platform.names(inFolder: path)) ?? []).filter {
      $0.hasSuffix(Self.ending)
    }
    for name in names.filter({ $0 != kept }).sorted().dropLast(limit - 1) { unsafe unlink(path + "/" + name) }
  }
}
