/// The JSON texts in a text, where it has several or is one that YAML does not take.
///
/// Values that stand one after another, as `jq -c` prints them or somebody pastes a request and its answer, are documents of
/// their own. YAML 1.1 wants a key on one line with its colon, and no longer than 1,024 bytes, unless `?` stands before it.
///
/// Source: RFC 8259; YAML 1.1 section 7.3.3 as libyaml 0.2.5 reads it.
struct JSONTexts {
  struct Piece: Equatable {
    var text: String
    /// Counted from 1, in the whole text.
    var firstLine: Int
  }

  private let bytes: [UInt8]
  private var index = 0
  private var line = 1

  /// Empty for a text that does not begin as JSON does, or that has something else between its values.
  static func all(in text: String) -> [Piece] {
    var reader = JSONTexts(bytes: Array(text.utf8))
    var found: [Piece] = []
    while let piece = reader.next() { found.append(piece) }
    return reader.index == reader.bytes.count ? found : []
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// The next object or list; `nil` at the end, and where there is none.
  private mutating func next() -> Piece? {
    skipSpace()
    let first = (index: index, line: line)
    guard let byte = at(index), Self.opens(byte) else { return nil }
    var result: [UInt8] = []
    var depth = 0
    repeat {
      guard let byte = at(index) else { break }
      if byte == UInt8(ascii: "\"") {
        result += keyOrText()
        continue
      }
      if Self.opens(byte) { depth += 1 } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") { depth -= 1 }
      result.append(byte)
      advance()
    } while depth > 0
    return Piece(text: String(decoding: result, as: UTF8.self), firstLine: first.line)
  }

  /// What stands in quotes, with a mark before it where it is a key that needs one.
  private mutating func keyOrText() -> [UInt8] {
    let (start, firstLine) = (index, line)
    advance()
    while let byte = at(index), byte != UInt8(ascii: "\"") {
      if byte == UInt8(ascii: "\\") { advance() }
      advance()
    }
    advance()
    let end = min(index, bytes.count)
    let text = bytes[min(start, end)..<end]
    var following = end
    while let byte = at(following), Self.isSpace(byte) { following += 1 }
    let hasItsColon = following == end || !bytes[end..<following].contains(UInt8(ascii: "\n"))
    let isPlainKey = text.count <= Self.longestKey && line == firstLine && hasItsColon
    guard at(following) == UInt8(ascii: ":"), !isPlainKey else { return Array(text) }
    return [UInt8(ascii: "?"), UInt8(ascii: " ")] + text
  }

  private static let longestKey = 1000

  private mutating func skipSpace() {
    while let byte = at(index), Self.isSpace(byte) { advance() }
  }

  private mutating func advance() {
    guard index < bytes.count else { return }
    if bytes[index] == UInt8(ascii: "\n") { line += 1 }
    index += 1
  }

  private func at(_ index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

  private static func opens(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") }

  private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0a, 0x0d].contains(byte) }
}
