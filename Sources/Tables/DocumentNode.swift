/// A value in a YAML or JSON text, with the line that it stands at. JSON is read as the YAML that it is, so that its
/// lines are known as well.
package struct DocumentNode {
  private let node: YAMLNode
  /// Counted from 1, in the text that the document stands in.
  package let line: Int
  private let origin: Origin

  /// Where the text begins in its file, and whether its lines are lines of the file.
  private struct Origin {
    var firstLine: Int
    var hasLines = true

    func line(_ line: Int) -> Int { hasLines ? line + firstLine - 1 : firstLine }
  }

  /// Reads all documents of a text; empty ones are left out. `firstLine` is where the text itself begins in its file. Of a key
  /// that stands twice the last one counts where `lastCounts`, and the text is refused elsewhere.
  ///
  /// Source: YAML 1.1 as libyaml reads it, which has a depth limit of its own.
  package static func all(
    of text: String, firstLine: Int = 1, lastCounts: Bool = false
  ) throws(TableError) -> [DocumentNode] {
    try all(of: text, Origin(firstLine: firstLine), lastCounts: lastCounts)
  }

  /// Reads an answer, which stands in no file: its lines are 0.
  static func all(ofAnswer text: String) throws(TableError) -> [DocumentNode] {
    try all(of: text, Origin(firstLine: 0, hasLines: false))
  }

  private static func all(
    of text: String, _ origin: Origin, lastCounts: Bool = false
  ) throws(TableError) -> [DocumentNode] {
    // libyaml takes a byte order mark for a column.
    let text = text.unicodeScalars.first == "\u{feff}" ? String(text.unicodeScalars.dropFirst()) : text
    do throws(TableError) {
      return try documents(in: text, origin, lastCounts: lastCounts)
    } catch {
      // What libyaml does not take may be JSON all the same.
      let pieces = JSONTexts.all(in: withoutOddCharacters(text))
      guard pieces.count > 1 || pieces.first.map({ $0.text != text }) ?? false else { throw error }
      var found: [DocumentNode] = []
      for piece in pieces {
        var origin = origin
        if origin.hasLines { origin.firstLine += piece.firstLine - 1 }
        found += try documents(in: piece.text, origin, lastCounts: lastCounts)
      }
      return found
    }
  }

  private static func documents(
    in text: String, _ origin: Origin, lastCounts: Bool
  ) throws(TableError) -> [DocumentNode] {
    let documents: [YAMLNode]
    do throws(TableError) {
      documents = try YAMLReader.documents(in: withoutSurrogates(text), lastCounts: lastCounts)
    } catch {
      throw TableError(
        line: error.line > 0 ? origin.line(error.line) : 0, expected: error.expected, found: error.found)
    }
    return documents.map { DocumentNode($0, origin) }.filter { !$0.isNothing }
  }

  private init(_ node: YAMLNode, _ origin: Origin) {
    self.node = node
    self.origin = origin
    line = origin.line(node.line)
  }

  // MARK: Values

  /// The value of a key of a mapping; `nil` where there is none, or it is null.
  subscript(key: String) -> DocumentNode? {
    guard let value = node.members?.first(where: { $0.key.text == key })?.value else { return nil }
    let found = DocumentNode(value, origin)
    return found.isNothing ? nil : found
  }

  /// Whether a mapping has a key, whatever its value is: null is one.
  func has(_ key: String) -> Bool { node.members?.contains { $0.key.text == key } ?? false }

  /// The keys and values of a mapping, in the order of the text.
  var entries: [(key: String, value: DocumentNode)] {
    (node.members ?? []).compactMap { member in
      member.key.text.map { ($0, DocumentNode(member.value, origin)) }
    }
  }

  /// A mapping in which members of others take the place of its own, those of the last one before all, but for the key that is
  /// kept; without the key that names them.
  func overlaid(by others: [DocumentNode], named key: String, keeping kept: String) -> DocumentNode {
    let theirs = others.reversed().flatMap { $0.node.members ?? [] }.filter { $0.key.text != kept }
    var node = node
    node.content = .mapping(theirs + (node.members ?? []).filter { $0.key.text != key })
    return DocumentNode(node, origin)
  }

  /// A mapping that has a member of another one besides, if that has it.
  func with(_ key: String, of other: DocumentNode) -> DocumentNode {
    guard let more = other.node.members?.filter({ $0.key.text == key }), !more.isEmpty else { return self }
    var node = node
    node.content = .mapping((node.members ?? []) + more)
    return DocumentNode(node, origin)
  }

  /// All members of a mapping, in the order of the text; their keys may be anything.
  package var members: [(key: DocumentNode, value: DocumentNode)] {
    (node.members ?? []).map { (DocumentNode($0.key, origin), DocumentNode($0.value, origin)) }
  }

  /// The members of a sequence; empty for anything else.
  package var items: [DocumentNode] { node.items?.map { DocumentNode($0, origin) } ?? [] }

  package var isMapping: Bool { node.members != nil }
  var memberCount: Int { node.members?.count ?? 0 }
  package var isSequence: Bool { node.items != nil }
  /// A mapping or a sequence without members.
  var isEmpty: Bool { node.members?.isEmpty ?? node.items?.isEmpty ?? false }
  /// A value that is neither a mapping nor a sequence, as it is written.
  package var text: String? { node.text }
  var int: Int? { text.flatMap { Int($0) } }
  /// YAML 1.1 has other words for them, which neither JSON nor the Kubernetes API writes.
  var bool: Bool? { text.flatMap { Bool($0) } }

  /// The texts of a sequence of them.
  var texts: [String] { items.compactMap(\.text) }

  /// Where a text of its own begins that stands in a value: a block's (`|`) begins in the line after its mark.
  var firstLineOfText: Int { isBlock ? line + 1 : line }

  /// Neither in quotes nor in a block, so that it may mean something else than its letters.
  var isPlain: Bool { if case .scalar(_, isPlain: true, _) = node.content { true } else { false } }

  private var isBlock: Bool { if case .scalar(_, _, isBlock: true) = node.content { true } else { false } }

  /// Reads the documents in a text that stands in a value. In a block (`|`) their lines are the file's; a quoted text, as
  /// in JSON, has the one line that it stands in.
  func documentsInText(lastCounts: Bool = false) throws(TableError) -> [DocumentNode] {
    guard let text else { throw fault("a text") }
    return try Self.all(
      of: text, Origin(firstLine: firstLineOfText, hasLines: isBlock && origin.hasLines), lastCounts: lastCounts)
  }

  /// Null, or nothing at all.
  package var isNothing: Bool {
    guard case .scalar(let text, isPlain: true, _) = node.content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  package func fault(_ expected: String, found: String? = nil) -> TableError {
    let kind = isMapping ? "a mapping" : isSequence ? "a list" : text ?? ""
    return TableError(line: line, expected: expected, found: found ?? kind)
  }

  // MARK: What is odd

  /// JSON takes characters that YAML does not, or for which it ends the line.
  private static func withoutOddCharacters(_ text: String) -> String {
    let isOdd = { (scalar: Unicode.Scalar) in
      switch scalar.value {
      case 0x7f...0x9f, 0x2028, 0x2029, 0xfffe, 0xffff: true
      default: false
      }
    }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { isOdd($0) ? "\u{fffd}" : $0 }))
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
