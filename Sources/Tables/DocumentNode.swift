import Yams

/// A value in a YAML or JSON text, with the line that it stands at. JSON is read as the YAML that it is, so that its
/// lines are known as well.
package struct DocumentNode {
  private let node: Node
  /// Counted from 1, in the text that the document stands in.
  package let line: Int
  private let origin: Origin

  /// Where the text begins in its file, and whether its lines are lines of the file.
  private struct Origin {
    var firstLine: Int
    var hasLines = true

    func line(_ line: Int) -> Int { hasLines ? line + firstLine - 1 : firstLine }
  }

  /// Reads all documents of a text; empty ones are left out. `firstLine` is where the text itself begins in its file.
  ///
  /// Source: YAML 1.1 as libyaml reads it, which has a depth limit of its own.
  package static func all(of text: String, firstLine: Int = 1) throws(TableError) -> [DocumentNode] {
    try all(of: text, Origin(firstLine: firstLine))
  }

  private static func all(of text: String, _ origin: Origin) throws(TableError) -> [DocumentNode] {
    // libyaml takes a byte order mark for a column.
    let text = text.unicodeScalars.first == "\u{feff}" ? String(text.unicodeScalars.dropFirst()) : text
    if let line = lineOfAliasWeb(text) {
      throw TableError(
        line: origin.line(line), expected: "at most \(aliasLimit) aliases",
        found: "more, which unfold without end")
    }
    do {
      // No rules: each kind of value is told by who asks for it.
      let parser = try Parser(yaml: withoutSurrogates(text), resolver: .basic, encoding: .utf8)
      var documents: [DocumentNode] = []
      while let root = try parser.nextRoot() {
        let document = DocumentNode(root, origin)
        try document.refuseRepeatedKeys()
        if !document.isNothing { documents.append(document) }
      }
      return documents
    } catch let error as TableError {
      throw error
    } catch {
      throw TableError(error, line: origin.line)
    }
  }

  private init(_ node: Node, _ origin: Origin) {
    self.node = node
    self.origin = origin
    line = origin.line(node.mark?.line ?? 1)
  }

  /// The parser refuses keys that it holds to be alike, and takes two of different tags (`!a key`) for different ones, which
  /// nobody else here does.
  private func refuseRepeatedKeys() throws(TableError) {
    if let mapping = node.mapping {
      var known: Set<String> = []
      for (key, value) in mapping {
        if let name = key.scalar?.string, !known.insert(name).inserted {
          throw TableError(
            line: DocumentNode(key, origin).line, expected: "each key once", found: "\(name) twice")
        }
        try DocumentNode(value, origin).refuseRepeatedKeys()
      }
    }
    for item in items { try item.refuseRepeatedKeys() }
  }

  // MARK: Values

  /// The value of a key of a mapping; `nil` where there is none, or it is null.
  subscript(key: String) -> DocumentNode? {
    guard let mapping = node.mapping,
      let value = mapping.first(where: { $0.key.scalar?.string == key })?.value
    else { return nil }
    let found = DocumentNode(value, origin)
    return found.isNothing ? nil : found
  }

  /// Whether a mapping has a key, whatever its value is: null is one.
  func has(_ key: String) -> Bool { node.mapping?.contains { $0.key.scalar?.string == key } ?? false }

  /// The keys and values of a mapping, in the order of the text.
  var entries: [(key: String, value: DocumentNode)] {
    (node.mapping.map(Array.init) ?? []).compactMap { key, value in
      key.scalar.map { ($0.string, DocumentNode(value, origin)) }
    }
  }

  /// All members of a mapping, in the order of the text; their keys may be anything.
  package var members: [(key: DocumentNode, value: DocumentNode)] {
    (node.mapping.map(Array.init) ?? []).map { (DocumentNode($0.key, origin), DocumentNode($0.value, origin)) }
  }

  /// The members of a sequence; empty for anything else.
  package var items: [DocumentNode] { node.sequence?.map { DocumentNode($0, origin) } ?? [] }

  package var isMapping: Bool { node.mapping != nil }
  package var isSequence: Bool { node.sequence != nil }
  /// A mapping or a sequence without members.
  var isEmpty: Bool { node.mapping?.isEmpty ?? node.sequence?.isEmpty ?? false }
  /// A value that is neither a mapping nor a sequence, as it is written.
  package var text: String? { node.scalar?.string }
  var int: Int? { text.flatMap { Int($0) } }
  /// YAML 1.1 has other words for them, which neither JSON nor the Kubernetes API writes.
  var bool: Bool? { text.flatMap { Bool($0) } }

  /// The texts of a sequence of them.
  var texts: [String] { items.compactMap(\.text) }

  /// Where a text of its own begins that stands in a value: a block's (`|`) begins in the line after its mark.
  var firstLineOfText: Int {
    switch node.scalar?.style {
    case .literal, .folded: line + 1
    default: line
    }
  }

  /// Reads the documents in a text that stands in a value. In a block (`|`) their lines are the file's; a quoted text, as
  /// in JSON, has the one line that it stands in.
  func documentsInText() throws(TableError) -> [DocumentNode] {
    guard let scalar = node.scalar else { throw fault("a text") }
    let isBlock = scalar.style == .literal || scalar.style == .folded
    return try Self.all(of: scalar.string, Origin(firstLine: firstLineOfText, hasLines: isBlock && origin.hasLines))
  }

  /// Null, or nothing at all.
  package var isNothing: Bool {
    guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  package func fault(_ expected: String, found: String? = nil) -> TableError {
    let kind = isMapping ? "a mapping" : isSequence ? "a list" : text ?? ""
    return TableError(line: line, expected: expected, found: found ?? kind)
  }

  // MARK: What is hostile or odd

  private static let aliasLimit = 32

  /// Aliases to aliases unfold by the power of their number, and the parser compares keys that are made of them. So few
  /// do no harm; what the tools print has none. Only what looks like one is counted, which may stand in a text as well.
  private static func lineOfAliasWeb(_ text: String) -> Int? {
    var (anchors, aliases, line) = (0, 0, 1)
    var (before, mark) = (UInt8(ascii: "\n"), UInt8(0))
    for byte in text.utf8 {
      if mark != 0, isNameByte(byte) {
        if mark == UInt8(ascii: "&") { anchors += 1 } else { aliases += 1 }
        if anchors > 0, aliases > aliasLimit { return line }
      }
      let isMark = byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*")
      mark = isMark && !isNameByte(before) ? byte : 0
      if byte == UInt8(ascii: "\n") { line += 1 }
      before = byte
    }
    return nil
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// JSON writes what is beyond 16 bits as a pair of escapes (RFC 8259 section 7), of which YAML knows nothing.
  private static func withoutSurrogates(_ text: String) -> String {
    guard let first = text.first(where: { !$0.isWhitespace }), first == "{" || first == "[" else { return text }
    let bytes = Array(text.utf8)
    var (result, copied, index): ([UInt8], Int, Int) = ([], 0, 0)
    while let backslash = bytes[index...].firstIndex(of: UInt8(ascii: "\\")), backslash + 1 < bytes.count {
      // The byte behind a backslash belongs to it, another backslash too.
      index = backslash + 2
      guard let high = escape(in: bytes, at: backslash), UTF16.isLeadSurrogate(high),
        let low = escape(in: bytes, at: backslash + 6), UTF16.isTrailSurrogate(low)
      else { continue }
      result += bytes[copied..<backslash]
      result += Array(String(decoding: [high, low], as: UTF16.self).utf8)
      copied = backslash + 12
      index = copied
    }
    return copied == 0 ? text : String(decoding: result + bytes[copied...], as: UTF8.self)
  }

  /// The value of `\uXXXX` at `index`.
  private static func escape(in bytes: [UInt8], at index: Int) -> UInt16? {
    guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else {
      return nil
    }
    return UInt16(String(decoding: bytes[index + 2..<index + 6], as: UTF8.self), radix: 16)
  }
}

extension TableError {
  fileprivate init(_ error: any Error, line: (Int) -> Int) {
    switch error {
    case YamlError.parser(_, let problem, let mark, _) where problem.hasPrefix("Maximum nesting level"):
      self.init(line: line(mark.line), expected: "values at most 1000 levels deep", found: "more")
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      self.init(line: line(mark.line), expected: "YAML or JSON", found: problem)
    case YamlError.duplicatedKeysInMapping(let duplicates, let context):
      self.init(
        line: line(context.mark.line), expected: "each key once",
        found: "\(duplicates.map { "\($0)" }.joined(separator: ", ")) twice")
    case YamlError.reader(let problem, _, _, _):
      self.init(line: 0, expected: "YAML or JSON", found: problem)
    default:
      self.init(line: 0, expected: "YAML or JSON", found: "\(error)")
    }
  }
}
