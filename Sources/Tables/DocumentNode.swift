import Yams

/// A value in a YAML or JSON text, with the line that it stands at. JSON is read as the YAML that it is, so that its
/// lines are known as well.
struct DocumentNode {
  private let node: Node
  /// Counted from 1, in the text that the document stands in.
  let line: Int
  private let firstLine: Int

  /// Reads all documents of a text; empty ones are left out. `firstLine` is where the text itself begins in its file.
  ///
  /// Source: YAML 1.1 as libyaml reads it, which has a depth limit of its own.
  static func all(of text: String, firstLine: Int = 1) throws(TableError) -> [DocumentNode] {
    if let line = lineOfAliasWeb(text) {
      throw TableError(
        line: firstLine + line - 1, expected: "at most \(anchorLimit) anchors and \(aliasLimit) aliases to them",
        found: "more, which unfold without end")
    }
    do {
      // No rules: each kind of value is told by who asks for it.
      let parser = try Parser(yaml: withoutSurrogates(text), resolver: .basic, encoding: .utf8)
      var documents: [DocumentNode] = []
      while let root = try parser.nextRoot() {
        let document = DocumentNode(root, firstLine)
        if !document.isNull { documents.append(document) }
      }
      return documents
    } catch {
      throw TableError(error, firstLine: firstLine)
    }
  }

  private init(_ node: Node, _ firstLine: Int) {
    self.node = node
    self.firstLine = firstLine
    line = (node.mark?.line ?? 1) + firstLine - 1
  }

  // MARK: Values

  /// The value of a key of a mapping; `nil` where there is none, or it is null.
  subscript(key: String) -> DocumentNode? {
    guard let mapping = node.mapping,
      let value = mapping.first(where: { $0.key.scalar?.string == key })?.value
    else { return nil }
    let found = DocumentNode(value, firstLine)
    return found.isNull ? nil : found
  }

  /// The keys and values of a mapping, in the order of the text.
  var entries: [(key: String, value: DocumentNode)] {
    (node.mapping.map(Array.init) ?? []).compactMap { key, value in
      key.scalar.map { ($0.string, DocumentNode(value, firstLine)) }
    }
  }

  /// The members of a sequence; empty for anything else.
  var items: [DocumentNode] { node.sequence?.map { DocumentNode($0, firstLine) } ?? [] }

  var isMapping: Bool { node.mapping != nil }
  var isSequence: Bool { node.sequence != nil }
  /// A mapping or a sequence without members.
  var isEmpty: Bool { node.mapping?.isEmpty ?? node.sequence?.isEmpty ?? false }
  /// A value that is neither a mapping nor a sequence, as it is written.
  var text: String? { node.scalar?.string }
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

  private var isNull: Bool {
    guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  func fault(_ expected: String, found: String? = nil) -> TableError {
    let kind = isMapping ? "a mapping" : isSequence ? "a list" : text ?? ""
    return TableError(line: line, expected: expected, found: found ?? kind)
  }

  // MARK: What is hostile or odd

  private static let anchorLimit = 8
  private static let aliasLimit = 32

  /// Aliases to aliases unfold by the power of their number, and the parser compares keys that are made of them. So few
  /// do no harm; what the tools print has none. Only what looks like one is counted, which may stand in a text as well.
  private static func lineOfAliasWeb(_ text: String) -> Int? {
    var (anchors, aliases, line) = (0, 0, 1)
    var (before, mark) = (UInt8(ascii: "\n"), UInt8(0))
    for byte in text.utf8 {
      if mark != 0, isNameByte(byte) {
        if mark == UInt8(ascii: "&") { anchors += 1 } else { aliases += 1 }
        if anchors > anchorLimit || anchors > 0 && aliases > aliasLimit { return line }
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
    return text.replacing(/\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/) { match in
      guard let high = UInt16(match.1, radix: 16), let low = UInt16(match.2, radix: 16) else { return match.0 }
      return Substring(String(decoding: [high, low], as: UTF16.self))
    }
  }
}

extension TableError {
  fileprivate init(_ error: any Error, firstLine: Int) {
    let line = { (mark: Mark) in mark.line + firstLine - 1 }
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      self.init(line: line(mark), expected: "YAML or JSON", found: problem)
    case YamlError.duplicatedKeysInMapping(let duplicates, let context):
      self.init(
        line: line(context.mark), expected: "each key once",
        found: "\(duplicates.map { "\($0)" }.joined(separator: ", ")) twice")
    case YamlError.reader(let problem, _, _, _):
      self.init(line: 0, expected: "YAML or JSON", found: problem)
    default:
      self.init(line: 0, expected: "YAML or JSON", found: "\(error)")
    }
  }
}
