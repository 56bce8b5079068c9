/// An object as `tmsh list` and `bigip.conf` write it: `ltm pool web {`, its properties a line each, and `}`. On one line, as with
/// `one-line`, the properties follow each other.
struct TMSHObject {
  /// `ltm virtual`, `ltm profile fastl4`.
  let kind: String
  /// Without the partition `/Common`, which every name has that tells none.
  let name: String
  let line: Int
  let body: TMSHBlock

  /// All objects of a text, in its order. Lines around them, prompts and what somebody wrote, are passed over.
  static func all(in text: String) throws(TableError) -> [TMSHObject] {
    var found: [TMSHObject] = []
    var open: [TextLine] = []
    var depth = 0
    for line in TextLine.all(of: text) {
      if open.isEmpty {
        guard line.beginsTMSHObject else { continue }
        depth = 0
      }
      open.append(line)
      depth += line.unquotedWords.reduce(0) { $0 + ($1.text == "{" ? 1 : $1.text == "}" ? -1 : 0) }
      // Braces within an iRule need not be balanced, but an object ends in the column in which it begins.
      let isEnd =
        kind(of: open[0]) != nil
        ? depth <= 0
        : open.count == 1 ? line.words.last != "{" : line.words == ["}"] && line.indentation <= open[0].indentation
      if isEnd { try close(&open, &found) }
    }
    if let first = open.first {
      throw TableError(line: first.number, expected: "an object that ends with }", found: String(first.text))
    }
    return found
  }

  /// `nil` for objects that nothing asks for.
  private static func kind(of line: TextLine) -> (kind: String, brace: Int)? {
    guard let brace = line.words.firstIndex(of: "{"), brace >= 3 else { return nil }
    let kind = line.words[..<(brace - 1)].joined(separator: " ")
    return readKinds.contains(kind) ? (kind, brace) : nil
  }

  private static func close(_ lines: inout [TextLine], _ found: inout [TMSHObject]) throws(TableError) {
    defer { lines = [] }
    let first = lines[0]
    guard let (kind, brace) = kind(of: first) else { return }
    var reader = TMSHReader(lines, droppingFirst: brace + 1)
    let body = try reader.block(depth: 0)
    found.append(TMSHObject(kind: kind, name: plain(first.words[brace - 1]), line: first.number, body: body))
  }

  /// The others are passed over, whatever they hold.
  private static let readKinds: Set<String> = [
    "ltm virtual", "ltm virtual-address", "ltm pool", "ltm profile fastl4",
  ]

  static func plain(_ name: Substring) -> String {
    String(name.hasPrefix("/Common/") ? name.dropFirst("/Common/".count) : name)
  }
}

extension TextLine {
  /// `ltm virtual web {`.
  var beginsTMSHObject: Bool {
    guard words.count >= 3, ["ltm", "net", "sys", "cm", "gtm", "security", "apm", "asm", "auth"].contains(words[0])
    else {
      return false
    }
    return words.last == "{" || words.last == "}" && words.contains("{")
  }

  fileprivate var indentation: Int { text.prefix(while: \.isWhitespace).utf8.count }

  /// Text in quotes is nothing that is asked for, and may have braces in it.
  fileprivate var unquotedWords: [(text: Substring, index: Int)] {
    var isQuoted = false
    return words.enumerated().compactMap { index, word in
      let quotes = word.count { $0 == "\"" }
      defer { if quotes % 2 == 1 { isQuoted.toggle() } }
      return isQuoted || quotes > 0 ? nil : (word, index)
    }
  }
}

/// What stands between braces.
struct TMSHBlock {
  enum Item {
    /// The first of its line, or not.
    case word(Substring, line: Int, isFirst: Bool)
    case block(TMSHBlock, line: Int)
  }

  var items: [Item] = []

  /// Where all stands on one line, a property's value is no name of another one; these have none.
  private static let flags: Set<Substring> = [
    "disabled", "enabled", "ip-forward", "l2-forward", "reject", "internal", "dhcp-relay", "stateless", "vlans-enabled",
    "vlans-disabled",
  ]

  /// The place behind a property's name.
  private func index(behind key: Substring) -> Int? {
    let isOneLine = !items.contains { if case .word(_, _, true) = $0 { true } else { false } }
    var index = 0
    while index < items.count {
      defer { index += 1 }
      guard case .word(let word, _, let isFirst) = items[index], isFirst || isOneLine else { continue }
      if word == key { return index + 1 }
      if isOneLine, !Self.flags.contains(word) { index += 1 }
    }
    return nil
  }

  func has(_ key: Substring) -> Bool { index(behind: key) != nil }

  func word(_ key: Substring) -> (text: Substring, line: Int)? {
    guard let index = index(behind: key), index < items.count, case .word(let word, let line, false) = items[index]
    else {
      return nil
    }
    return (word, line)
  }

  func block(_ key: Substring) -> TMSHBlock? {
    guard let index = index(behind: key), index < items.count, case .block(let block, _) = items[index] else {
      return nil
    }
    return block
  }

  /// The names in a list, each with what stands in braces behind it: the members of a pool, the profiles of a virtual server.
  var entries: [(name: Substring, line: Int, block: TMSHBlock?)] {
    items.indices.compactMap { index in
      guard case .word(let word, let line, _) = items[index] else { return nil }
      guard index + 1 < items.count, case .block(let block, _) = items[index + 1] else { return (word, line, nil) }
      return (word, line, block)
    }
  }
}

/// Takes the words of an object apart.
private struct TMSHReader {
  private var words: [(text: Substring, line: TextLine, isFirst: Bool)] = []
  private var next = 0

  init(_ lines: [TextLine], droppingFirst count: Int) {
    for (place, line) in lines.enumerated() {
      for (word, index) in line.unquotedWords where place > 0 || index >= count {
        words.append((word, line, place > 0 && index == 0))
      }
    }
  }

  private static let depthLimit = 16

  mutating func block(depth: Int) throws(TableError) -> TMSHBlock {
    var block = TMSHBlock()
    while next < words.count {
      let (word, line, isFirst) = words[next]
      next += 1
      switch word {
      case "{":
        guard depth < Self.depthLimit else { throw line.fault("braces at most \(Self.depthLimit) deep") }
        block.items.append(.block(try self.block(depth: depth + 1), line: line.number))
      case "}": return block
      default: block.items.append(.word(word, line: line.number, isFirst: isFirst))
      }
    }
    guard let last = words.last else { return block }
    throw last.line.fault("} for each {")
  }
}
