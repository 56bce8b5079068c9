/// What keepalived makes of the lines of its configuration before it looks at a keyword: comments, names that stand for
/// text, sequences, conditions, files in place, and braces.
///
/// Source: keepalived 2.2.7 `lib/parser.c` (decomment, read_line, add_seq, replace_param, check_include, alloc_strvec);
/// keepalived.conf(5).
struct KeepalivedText {
  /// A keyword with its words, or a brace.
  struct Statement {
    enum Kind {
      case words([Substring])
      case open, close
      /// A file that the block at hand does not name; one that a block names was read in its place.
      case include(IPVSTable.Include)
    }

    var kind: Kind
    var line: TextLine
    /// It holds under a condition alone, or what it says is not known: it stands in `unread`.
    var isPart = false
  }

  private(set) var statements: [Statement] = []
  /// Lines that keepalived would read and this does not: which they are, and what stands there.
  private(set) var unread: [IPVSTable.UnreadLine] = []

  /// A name and the lines that it stands for; `nil` where a condition decides. What stands for nothing is left as it is written.
  private var values: [Substring: [Substring]?] = ["_HASH": ["#"], "_BANG": ["!"]]
  /// The name whose value goes on in the next line, and the line that it has come to.
  private var growing: (name: Substring, line: Int)?
  /// How many blocks are open.
  private var blocks = 0
  private var unfolded = 0
  private var unfoldedBytes = 0
  /// Of the file at hand, where it is not the first.
  private var folder: String?
  private let files: IPVSTable.IncludedTexts

  /// How deep a line may unfold, and to how many all of them.
  private static let depthLimit = 16
  private static let limit = 100_000
  /// How long a line may become by what its names stand for, and what all of them may cost.
  private static let lineBytesLimit = 64 << 10
  private static let bytesLimit = 16 << 20
  private static let unreadLimit = 100

  init(_ lines: [TextLine], files: @escaping IPVSTable.IncludedTexts) throws(TableError) {
    self.files = files
    for line in lines { try read(line) }
  }

  // MARK: Lines

  private mutating func read(_ line: TextLine, depth: Int = 0) throws(TableError) {
    let text = Self.withoutComment(line.text)
    // An empty line, or a comment, ends a value.
    if let (name, last) = growing, line.number <= last + 1 {
      grow(name, by: text, line.number)
    } else {
      growing = nil
      try take(text, line, depth: depth)
    }
  }

  /// The next line of a value, which ends with the first line that has no `\` at its end.
  private mutating func grow(_ name: Substring, by text: Substring, _ line: Int) {
    let goesOn = text.last == "\\"
    let part = (goesOn ? text.dropLast() : text).trimmed
    if !part.isEmpty, let value = values[name], let lines = value {
      values[name] = .some((lines == [""] ? [] : lines) + [part])
    }
    growing = goesOn ? (name, line) : nil
  }

  /// Reads a line, or what something stands for.
  private mutating func take(
    _ whole: Substring, _ line: TextLine, isPart: Bool = false, depth: Int
  ) throws(TableError) {
    // A file may have as many lines of its own as it likes.
    if depth > 0 {
      unfolded += 1
      unfoldedBytes += whole.utf8.count
    }
    guard depth < Self.depthLimit, unfolded <= Self.limit, unfoldedBytes <= Self.bytesLimit else {
      throw line.fault(
        "names, sequences and files that stand for at most \(Self.limit) lines and \(Self.bytesLimit) bytes",
        whole.prefix(80))
    }
    let text = whole.trimmed
    guard let first = text.first else { return }
    switch first {
    case "@":
      // A condition alone says nothing.
      let rest = text.drop { !$0.isWhitespace }.trimmed
      if !rest.isEmpty { try take(rest, line, isPart: true, depth: depth + 1) }
      return
    case "$": if define(text, line.number, isPart: isPart) { return }
    case "~":
      if text.hasPrefix("~SEQ") { return try sequence(text, line, isPart: isPart, depth: depth) }
      return drop(text, line)
    default: break
    }
    let (replaced, following) = try substituted(text, line)
    if !following.isEmpty || replaced != text {
      for next in [replaced] + following { try take(next, line, isPart: isPart, depth: depth + 1) }
    } else if isPart {
      leaveOut(text, line)
    } else if try !include(text, line, depth: depth) {
      split(text, line, isPart: false)
    }
  }

  /// A line that need not hold is left out; where a block begins or ends in it, the other end has to be found.
  private mutating func leaveOut(_ text: Substring, _ line: TextLine) {
    let words = Self.pieces(of: text)
    guard words.count(where: { $0 == "{" }) != words.count(where: { $0 == "}" }) else { return drop(text, line) }
    if words.contains("{") { note(text, line) }
    split(text, line, isPart: true)
  }

  private mutating func drop(_ text: Substring, _ line: TextLine) {
    note(text, line)
    // Its block may begin in the next line.
    let words = Self.pieces(of: text).prefix { $0 != "{" }
    statements.append(Statement(kind: .words(words.isEmpty ? [text] : Array(words)), line: line, isPart: true))
  }

  private mutating func note(_ text: Substring, _ line: TextLine) {
    if unread.count < Self.unreadLimit { unread.append(IPVSTable.UnreadLine(line: line.number, text: String(text))) }
  }

  // MARK: Names

  /// `$NAME=value`; `false` for any other line.
  private mutating func define(_ text: Substring, _ line: Int, isPart: Bool) -> Bool {
    let name = text.dropFirst().prefix(while: Self.isOfName)
    let rest = text[name.endIndex...].drop { $0 == " " || $0 == "\t" }
    guard Self.isName(name), rest.first == "=" else { return false }
    let value = rest.dropFirst().trimmed
    let goesOn = value.last == "\\"
    values[name] = .some(isPart ? nil : [goesOn ? value.dropLast().trimmed : value])
    growing = goesOn ? (name, line) : nil
    return true
  }

  /// With each `$NAME` and `${NAME}` replaced, and the lines that come behind it. Without braces a space, a comma, a parenthesis
  /// or the end has to follow, and what stands for several lines has to end the line.
  private mutating func substituted(
    _ text: Substring, _ line: TextLine
  ) throws(TableError) -> (text: Substring, following: [Substring]) {
    guard text.contains("$") else { return (text, []) }
    var result = ""
    var following: [Substring] = []
    var rest = text
    var count = 0
    while let sign = rest.firstIndex(of: "$") {
      result += rest[..<sign]
      rest = rest[sign...]
      guard count < Self.replacementLimit, let (name, end) = Self.reference(rest), let value = values[name],
        let lines = value, let first = lines.first, lines.count == 1 || rest[end...].trimmed.isEmpty
      else {
        result += "$"
        rest = rest.dropFirst()
        continue
      }
      // What it stands for may have names in it.
      count += 1
      var next = String(first)
      next += rest[end...]
      unfoldedBytes += next.utf8.count
      guard result.utf8.count + next.utf8.count <= Self.lineBytesLimit else {
        throw line.fault("names that make a line at most \(Self.lineBytesLimit) bytes long", text.prefix(80))
      }
      rest = next[...]
      following = lines.dropFirst() + following
    }
    return ((result + rest)[...], following)
  }

  private static let replacementLimit = 256

  /// The name that `$` begins, and where it ends.
  private static func reference(_ text: Substring) -> (name: Substring, end: Substring.Index)? {
    var body = text.dropFirst()
    let isBraced = body.first == "{"
    if isBraced { body = body.dropFirst() }
    let name = body.prefix(while: isOfName)
    guard isName(name) else { return nil }
    let rest = body[name.endIndex...]
    if isBraced {
      // `${_RANDOM 1 254}` has parameters.
      let end = rest.drop { $0 == " " || $0.isNumber }
      return end.first == "}" ? (name, text.index(after: end.startIndex)) : nil
    }
    return rest.first.map { " \t,)".contains($0) } ?? true ? (name, rest.startIndex) : nil
  }

  private static func isName(_ text: Substring) -> Bool { text.first.map { $0.isLetter || $0 == "_" } ?? false }

  private static func isOfName(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }

  // MARK: Sequences

  /// `~SEQ(NAME, start, step, end) line`, without step and start or not; `~SEQx` counts in hexadecimal.
  private mutating func sequence(
    _ text: Substring, _ line: TextLine, isPart: Bool, depth: Int
  ) throws(TableError) {
    let expected = "~SEQ(NAME, start, step, end) with numbers, and a line behind it"
    var rest = text.dropFirst(4)
    let isHexadecimal = rest.first == "x"
    if isHexadecimal { rest = rest.dropFirst() }
    rest = rest.trimmed
    guard rest.first == "(", let close = rest.firstIndex(of: ")") else { throw line.fault(expected, text.prefix(80)) }
    let inside = rest[..<close].dropFirst().split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed)
    guard let name = inside.first, Self.isName(name), (2...4).contains(inside.count) else {
      throw line.fault(expected, text.prefix(80))
    }
    var numbers: [Int] = []
    for word in inside.dropFirst() {
      let said = try substituted(word, line).text
      // A name that is not known here.
      if said.contains("$") { return leaveOut(text, line) }
      guard let number = Self.number(said), abs(number) <= Int(UInt32.max) else {
        throw line.fault(expected, text.prefix(80))
      }
      numbers.append(number)
    }
    let end = numbers[numbers.count - 1]
    let start = numbers.count > 1 ? numbers[0] : end < 0 ? -1 : 1
    let step = numbers.count > 2 ? numbers[1] : start <= end ? 1 : -1
    guard step != 0, start == end || (start < end) == (step > 0), !isHexadecimal || min(start, end) >= 0 else {
      throw line.fault(expected, text.prefix(80))
    }
    let body = rest[rest.index(after: close)...].trimmed
    for value in stride(from: start, through: end, by: step) {
      values[name] = [String(value, radix: isHexadecimal ? 16 : 10)[...]]
      try take(body, line, isPart: isPart, depth: depth + 1)
    }
  }

  /// As C reads it: `16`, `0x10` or `020`.
  private static func number(_ text: Substring) -> Int? {
    let isNegative = text.first == "-"
    let digits = isNegative ? text.dropFirst() : text
    let value: Int? =
      digits.hasPrefix("0x") || digits.hasPrefix("0X")
      ? Int(digits.dropFirst(2), radix: 16) : digits.hasPrefix("0") ? Int(digits, radix: 8) : Int(digits)
    return value.map { isNegative ? -$0 : $0 }
  }

  // MARK: Files

  /// From 2.2.8 on `includer` and its kin say what happens where a file is missing (keepalived.conf(5)).
  static let includes: Set<Substring> = ["include", "includer", "includem", "includew", "includeb", "includea"]

  /// `include conf.d/*.conf`: what a block names stands in its place, at the line that names it. A file that is named outside of
  /// blocks is read beside this one, and here its names alone.
  private mutating func include(_ text: Substring, _ line: TextLine, depth: Int) throws(TableError) -> Bool {
    let words = Self.pieces(of: text)
    guard let first = words.first, Self.includes.contains(first), words.count == 2 else { return false }
    let include = IPVSTable.Include(pattern: String(words[1]), line: line.number, folder: folder)
    let isInBlock = blocks > 0
    let texts = files(include, isInBlock)
    if !isInBlock { statements.append(Statement(kind: .include(include), line: line)) }
    guard let texts else {
      if isInBlock { drop(text, line) }
      return true
    }
    let before = (statements: statements.count, unread: unread.count, blocks: blocks)
    var isBroken = false
    defer { folder = include.folder }
    do throws(TableError) {
      for (place, text) in texts {
        folder = place
        unfoldedBytes += text.utf8.count
        if unfoldedBytes > Self.bytesLimit { throw line.fault("files in blocks of at most \(Self.bytesLimit) bytes") }
        for inner in TextLine.all(of: text) {
          try read(TextLine(number: line.number, text: inner.text, words: inner.words), depth: depth + 1)
        }
        growing = nil
      }
    } catch {
      (isBroken, growing) = (true, nil)
    }
    if !isInBlock || isBroken {
      statements.removeSubrange(before.statements...)
      unread.removeSubrange(before.unread...)
      blocks = before.blocks
    }
    if isInBlock, isBroken { drop(text, line) }
    return true
  }

  // MARK: Words

  /// Braces stand for themselves wherever they are, but for quotes.
  private mutating func split(_ text: Substring, _ line: TextLine, isPart: Bool) {
    var words: [Substring] = []
    func flush(_ statements: inout [Statement]) {
      if !words.isEmpty { statements.append(Statement(kind: .words(words), line: line, isPart: isPart)) }
      words = []
    }
    for piece in Self.pieces(of: text) {
      guard piece == "{" || piece == "}" else {
        words.append(piece)
        continue
      }
      flush(&statements)
      blocks = piece == "{" ? blocks + 1 : max(0, blocks - 1)
      statements.append(Statement(kind: piece == "{" ? .open : .close, line: line, isPart: isPart))
    }
    flush(&statements)
  }

  /// The words of a line, and its braces; what stands in quotes is one word, which is never a brace.
  private static func pieces(of text: Substring) -> [Substring] {
    var found: [Substring] = []
    var rest = text
    while true {
      rest = rest.drop(while: \.isWhitespace)
      guard let first = rest.first else { return found }
      if first == "\"" {
        let body = rest.dropFirst()
        guard let end = body.firstIndex(of: "\"") else { return found }
        let word = body[..<end]
        found.append(word == "{" || word == "}" ? "\"" : word)
        rest = body[body.index(after: end)...]
      } else if first == "{" || first == "}" {
        found.append(rest.prefix(1))
        rest = rest.dropFirst()
      } else {
        let word = rest.prefix { !$0.isWhitespace && !"{}\"".contains($0) }
        found.append(word)
        rest = rest[word.endIndex...]
      }
    }
  }

  /// A comment begins at `#` or `!` anywhere but in quotes or behind `\`.
  private static func withoutComment(_ text: Substring) -> Substring {
    guard text.contains(where: { $0 == "#" || $0 == "!" }) else { return text.trimmed }
    var result = ""
    var (isQuoted, isEscaped) = (false, false)
    for character in text {
      if isEscaped {
        if isQuoted || character != "#" && character != "!" { result.append("\\") }
        result.append(character)
        isEscaped = false
        continue
      }
      switch character {
      case "\\":
        isEscaped = true
        continue
      case "\"": isQuoted.toggle()
      case "#" where !isQuoted, "!" where !isQuoted: return result[...].trimmed
      default: break
      }
      result.append(character)
    }
    if isEscaped { result.append("\\") }
    return result[...].trimmed
  }
}

extension Substring {
  /// Without white space at its ends.
  fileprivate var trimmed: Substring {
    let start = drop(while: \.isWhitespace)
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start[start.endIndex...] }
    return start[...last]
  }
}
