import Platform
import Tables

/// The files that a keepalived.conf names by `include`, looked for beside it alone: it may come from another host, where they
/// stood elsewhere.
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
    folder = path.contains("/") ? path.parentPath : "."
    known = [path.resolvedPath.absolutePath]
  }

  /// Reads them, and those that they name. What is missing is told, and leaves the table a part of what there is.
  func read(for main: inout TableFile<IPVSTable>, depth: Int = 1) -> [TableFile<IPVSTable>] {
    var found: [TableFile<IPVSTable>] = []
    var isWhole = true
    for include in main.table.includes {
      let names = Self.names(of: include.pattern, in: folder)
      if names.isEmpty {
        tell(main.path, include, "is not there, or is no file: it is left out")
        isWhole = false
      }
      for name in names {
        let path = "\(folder)/\(name)"
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
            let tables = try IPVSTable.all(in: text, files: texts)
            guard tables.count == 1 else {
              throw TableError(line: 0, expected: "the configuration of one host", found: "the prompts of several")
            }
            var file = TableFile(path: path, host: main.host, table: tables[0].table)
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

  /// The texts of the files that an `include` names, which a block may name as often as it likes; those outside of blocks are read
  /// for their names alone.
  func texts(of include: IPVSTable.Include, isInBlock: Bool) -> [String]? {
    let names = Self.names(of: include.pattern, in: folder)
    guard !names.isEmpty else { return nil }
    var found: [String] = []
    for name in names where isInBlock || knownForNames.insert(name).inserted {
      count += 1
      guard count <= Self.most,
        let text = try? inputText(at: "\(folder)/\(name)", kind: "configuration", atMost: Self.largest)
      else { return nil }
      found.append(text)
    }
    return found
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

  /// The regular files that a pattern names: below `/etc/keepalived` as below this folder, elsewhere by the last name.
  private static func names(of pattern: String, in folder: String) -> [String] {
    let home = "/etc/keepalived/"
    var parts = pattern.hasPrefix(home) ? String(pattern.dropFirst(home.count)) : pattern
    if parts.hasPrefix("/") { parts = parts.lastPathComponent }
    let words = parts.split(separator: "/").filter { $0 != "." }
    guard let last = words.last, words.count <= deepest, !words.contains("..") else { return [] }
    let path = words.dropLast().joined(separator: "/")
    // A folder on the way is taken by its name, and no link is followed.
    var place = folder
    for word in words.dropLast() {
      place += "/\(word)"
      guard unlinkedStatus(place)?.kind == .directory else { return [] }
    }
    let names = (try? Platform.names(inFolder: place)) ?? []
    let found = names.filter { matches($0[...], last) && unlinkedStatus("\(place)/\($0)")?.kind == .regular }
    return found.map { path.isEmpty ? $0 : "\(path)/\($0)" }
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
