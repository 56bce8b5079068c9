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
  func check() throws(Failure) { try checkFolder(path, of: "--keep") }

  /// Writes a capture whole or not at all, and removes the oldest ones; returns its path, or `nil` where it cannot be written.
  func keep(_ capture: [UInt8], of change: ServiceChange) -> String? {
    let name = Self.name(of: change)
    let file = path + "/" + name
    do throws(Failure) {
      let output = try Output(path: file)
      output.write(bytes: capture)
      try output.finish()
    } catch {
      complain("--keep: \(error.message)")
      return nil
    }
    removeOldestFiles(inFolder: path, but: name, limit: limit) { $0.hasSuffix(Self.ending) }
    return file
  }

  /// `20261129T120000Z-tcp-10.1.10.10-80-fail-dsrproof.pcapng`: names stand in the order of time.
  private static func name(of change: ServiceChange) -> String {
    "\(change.at.fileName)-\(change.service.url.fileName)-\(change.to.rawValue)\(ending)"
  }
}

/// Whether files can be written into the folder that an option names, by whom this process is by now.
func checkFolder(_ path: String, of option: String) throws(Failure) {
  guard fileStatus(path)?.kind == .directory else { throw .cannotRun("\(option) \(path): is no folder that is there") }
  guard unsafe access(path, W_OK | X_OK) == 0 else {
    throw .cannotRun(
      "\(option) \(path): cannot write there: \(systemMessage(errno)); root becomes another user once the interfaces are "
        + "open, so give the folder to that one, or name another with -Z")
  }
}

/// Removes the oldest of such files until so many are left. Names tell the age by a clock that may have been set back: `kept`,
/// the last one, stays.
func removeOldestFiles(inFolder path: String, but kept: String, limit: Int, where isSuch: (String) -> Bool) {
  let names = ((try? Platform.names(inFolder: path)) ?? []).filter { isSuch($0) && $0 != kept }
  for name in names.sorted().dropLast(limit - 1) { unsafe unlink(path + "/" + name) }
}

extension String {
  /// What of it is safe in a file's name.
  var fileName: String {
    let safe = String(map { $0.isLetter || $0.isNumber || $0 == "." ? $0 : "-" })
    return safe.split(separator: "-").joined(separator: "-")
  }
}

extension Timestamp {
  /// `20261129T120000Z`.
  var fileName: String { iso8601.prefix { $0 != "." }.filter { $0.isNumber || $0 == "T" } + "Z" }
}
