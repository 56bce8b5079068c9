import Platform

/// What lies in a folder and in those below it, in the order of the paths. No link is followed, and nothing is opened.
struct CaseFolder {
  /// A regular file, or what was passed over.
  struct Entry {
    /// Below the folder.
    var path: String
    var kind: FileStatus.Kind?

    /// The folder that it stands in, below the case's own; empty for that one.
    var folder: String { path.contains("/") ? path.parentPath : "" }
    var name: String { path.lastPathComponent }
  }

  static let mostFiles = 4096
  static let deepest = 8

  let path: String
  private(set) var entries: [Entry] = []

  init(path: String) throws(Failure) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    guard fileStatus(path)?.kind == .directory else {
      throw .cannotRun("\(path): expected a folder, found \(fileStatus(path) == nil ? "nothing" : "a file")")
    }
    try gather(below: "", depth: 1)
    entries.sort { $0.path < $1.path }
  }

  /// The path by which a file is opened.
  func place(of entry: String) -> String { "\(path == "/" ? "" : path)/\(entry)" }

  private mutating func gather(below folder: String, depth: Int) throws(Failure) {
    let place = folder.isEmpty ? path : self.place(of: folder)
    let found: [String]
    do throws(SystemError) {
      found = try names(inFolder: place)
    } catch {
      throw .cannotRun("\(place): cannot read: \(error)")
    }
    // What begins so is put there by editors and systems, not by who made the case.
    for name in found where !name.hasPrefix(".") {
      let entry = folder.isEmpty ? name : "\(folder)/\(name)"
      let kind = unlinkedStatus(self.place(of: entry))?.kind
      if kind == .directory {
        guard depth < Self.deepest else {
          throw .cannotRun("\(self.place(of: entry)): expected folders at most \(Self.deepest) deep, found one deeper")
        }
        try gather(below: entry, depth: depth + 1)
      } else {
        entries.append(Entry(path: entry, kind: kind))
        guard entries.count <= Self.mostFiles else {
          throw .cannotRun("\(path): expected at most \(Self.mostFiles) files, found more")
        }
      }
    }
  }
}
