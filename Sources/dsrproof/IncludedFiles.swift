import Platform
import Tables

/// The files that a keepalived.conf names by `include`, looked for in its folder and below alone: it may come from another host,
/// where they stood elsewhere. A relative path begins where the file stands that names it, as keepalived has it.
final class IncludedFiles {
  private let folder: String
  /// Files that are read already, the first one too.
  private var known: Set<String>
  /// Those that were read for the names that they define.
  private var knownForNames: Set<String> = []
  private var count = 0
  /// How often a file was read in its place, or for its names.
  private var inPlace = 0
  private static let most = 256
  private static let deepest = 8
  private static let largest = 16 << 20

  init(of path: String) {
    folder = Self.folder(of: path)
    known = [path.resolvedPath.absolutePath]
  }

  /// Reads them, and those that they name. What is missing is told, and leaves the table a part of what there is.
  func read(for main: inout TableFile<IPVSTable>, depth: Int = 1) -> [TableFile<IPVSTable>] {
    var found: [TableFile<IPVSTable>] = []
    var isWhole = true
    for include in main.table.includes {
      let paths = paths(of: include, in: Self.folder(of: main.path))
      if paths.isEmpty {
        tell(main.path, include, "is not there, or is no file: it is left out")
        isWhole = false
      }
      for path in paths {
        guard known.insert(path.resolvedPath.absolutePath).inserted else {
          tell(main.path, include, "names \(path) again: it is read once")
          continue
        }
        count += 1
        guard count <= Self.most, depth <= Self.deepest else {
          tell(main.path, include, "leads to more files, or deeper, than are read: \(path) is left out")
          isWhole = false
          continue
        }
        do throws(Failure) {
          let text = try inputText(at: path, kind: "configuration", atMost: Self.largest)
          do throws(TableError) {
            let table = try IPVSTable.keepalived(text: text, files: texts(in: Self.folder(of: path)))
            var file = TableFile(path: path, host: main.host, table: table)
            tellUnread(of: file)
            found += read(for: &file, depth: depth + 1)
            isWhole = isWhole && file.table.listsAllServices
            found.append(file)
          } catch {
            throw Failure(error, in: path)
          }
        } catch {
          complain("\(error.message): it is left out")
          isWhole = false
        }
      }
    }
    if isWhole, !main.table.includes.isEmpty { main.table.noteIncluded() }
    return found
  }

  /// What the first file includes.
  var texts: IPVSTable.IncludedTexts { texts(in: folder) }

  /// What a file of this folder includes: a block may name a file as often as it likes; those outside of blocks are read for their
  /// names alone.
  private func texts(in folder: String) -> IPVSTable.IncludedTexts {
    { include, isInBlock in
      let paths = self.paths(of: include, in: folder)
      guard !paths.isEmpty else { return nil }
      var found: [(folder: String, text: String)] = []
      for path in paths where isInBlock || self.knownForNames.insert(path).inserted {
        self.count += 1
        guard self.count <= Self.most,
          let text = try? inputText(at: path, kind: "configuration", atMost: Self.largest)
        else { return nil }
        found.append((Self.folder(of: path), text))
      }
      return found
    }
  }

  /// Names the lines of a configuration that say what is not known here.
  func tellUnread(of file: TableFile<IPVSTable>) {
    let shown = 8
    for line in file.table.unread.prefix(shown) {
      let reason =
        line.text.contains("$")
        ? "nothing that is known here stands for a name in it, and behind a name without braces has to be a space"
        : "a condition, or what stands elsewhere, decides"
      complain("\(file.path): line \(line.line): \(line.text) is not read: \(reason)")
    }
    if file.table.unread.count > shown {
      complain("\(file.path): \(file.table.unread.count - shown) more lines are not read")
    }
  }

  private func tell(_ path: String, _ include: IPVSTable.Include, _ words: String) {
    complain("\(path): line \(include.line): include \(include.pattern) \(words)")
  }

  private static func folder(of path: String) -> String { path.contains("/") ? path.parentPath : "." }

  /// The regular files that a pattern names: below `/etc/keepalived` as below the first file's folder, elsewhere by the last name,
  /// and a relative one below the folder of the file that names it.
  private func paths(of include: IPVSTable.Include, in own: String) -> [String] {
    let home = "/etc/keepalived/"
    var parts = include.pattern
    var place = include.folder ?? own
    if parts.hasPrefix("/") {
      parts = parts.hasPrefix(home) ? String(parts.dropFirst(home.count)) : parts.lastPathComponent
      place = folder
    }
    let words = parts.split(separator: "/").filter { $0 != "." }
    guard let last = words.last, words.count <= Self.deepest, !words.contains("..") else { return [] }
    // A folder on the way is taken by its name, and no link is followed.
    for word in words.dropLast() {
      place += "/\(word)"
      guard unlinkedStatus(place)?.kind == .directory else { return [] }
    }
    let names = (try? Platform.names(inFolder: place)) ?? []
    return names.filter { Self.matches($0[...], last) }.map { "\(place)/\($0)" }
      .filter { unlinkedStatus($0)?.kind == .regular }
  }

  /// `*` and `?` alone; a name with a dot in front has to be named so.
  static func matches(_ name: Substring, _ pattern: Substring) -> Bool {
    if name.first == ".", pattern.first != "." { return false }
    let (name, pattern) = (Array(name), Array(pattern))
    var (place, sign) = (0, 0)
    var retry: (place: Int, sign: Int)?
    while place < name.count {
      if sign < pattern.count, pattern[sign] == "*" {
        retry = (place, sign)
        sign += 1
      } else if sign < pattern.count, pattern[sign] == "?" || pattern[sign] == name[place] {
        (place, sign) = (place + 1, sign + 1)
      } else if let last = retry {
        retry = (last.place + 1, last.sign)
        (place, sign) = (last.place + 1, last.sign + 1)
      } else {
        return false
      }
    }
    return pattern[sign...].allSatisfy { $0 == "*" }
  }
}
