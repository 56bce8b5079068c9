import Wire

/// A line that is not empty, with its number in the text.
struct TextLine {
  let number: Int
  let text: Substring
  let words: [Substring]

  static func all(of text: String) -> [TextLine] {
    var lines: [TextLine] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let words = line.split(whereSeparator: \.isWhitespace)
      if !words.isEmpty { lines.append(TextLine(number: index + 1, text: line, words: words)) }
    }
    return lines
  }

  /// Without what `nft -a` puts behind it: `chain input { # handle 1`.
  var withoutHandle: TextLine {
    guard words.count > 3, words[words.count - 3] == "#", words[words.count - 2] == "handle" else { return self }
    return TextLine(number: number, text: text, words: words.dropLast(3))
  }

  func fault(_ expected: String, _ found: Substring? = nil) -> TableError {
    TableError(line: number, expected: expected, found: String(found ?? text))
  }
}

/// Takes one word after the other from a line.
struct WordReader {
  let line: TextLine
  private var rest: ArraySlice<Substring>

  init(_ line: TextLine, droppingFirst count: Int = 0) {
    self.line = line
    rest = line.words.dropFirst(count)
  }

  var peeked: Substring? { rest.first }

  mutating func next() -> Substring? { rest.popFirst() }

  mutating func next(_ expected: String) throws(TableError) -> Substring {
    guard let word = rest.popFirst() else { throw line.fault(expected) }
    return word
  }

  mutating func number<Number: FixedWidthInteger>(
    _ expected: String, radix: Int = 10, as _: Number.Type = Number.self
  ) throws(TableError) -> Number {
    let word = try next(expected)
    guard let number = Number(word, radix: radix) else { throw line.fault(expected, word) }
    return number
  }
}

extension IPVSTable.Endpoint {
  /// Reads `10.1.10.10:80` or `[fd00:10::10]:443`.
  init(_ word: Substring, in line: TextLine) throws(TableError) {
    guard let (host, port) = Self.parts(word), let address = IPAddress(String(host)) else {
      throw line.fault("an address and a port in numbers, as 10.1.10.10:80 or [fd00:10::10]:443 (ipvsadm -n)", word)
    }
    guard let number = UInt16(port) else {
      throw line.fault("a port in numbers (ipvsadm -n)", word)
    }
    self.init(address: address, port: number)
  }

  /// Reads what the kernel prints: `0A010A0A:0050` or `[fd00:0010:0000:0000:0000:0000:0000:0010]:01BB`.
  init(kernel word: Substring, in line: TextLine) throws(TableError) {
    guard let (host, port) = Self.parts(word) else { throw line.fault("a hexadecimal address and port", word) }
    try self.init(kernelAddress: host, port: port, in: line)
  }

  /// Reads an address as `0A010A0A` or a whole IPv6 address, and a hexadecimal port.
  init(kernelAddress host: Substring, port: Substring, in line: TextLine) throws(TableError) {
    let address = host.contains(":") ? IPAddress(String(host)) : UInt32(host, radix: 16).map { IPAddress(v4: $0) }
    guard let address, let number = UInt16(port, radix: 16) else {
      throw line.fault("a hexadecimal address and port", host + " " + port)
    }
    self.init(address: address, port: number)
  }

  /// `10.1.10.10:80` or `[fd00::10]:80` without its brackets.
  static func parts(_ word: Substring) -> (host: Substring, port: Substring)? {
    guard let colon = word.lastIndex(of: ":") else { return nil }
    var host = word[..<colon]
    if host.first == "[" {
      guard host.last == "]" else { return nil }
      host = host.dropFirst().dropLast()
      guard host.contains(":") else { return nil }
    } else if host.contains(":") {
      return nil
    }
    return (host, word[word.index(after: colon)...])
  }
}
