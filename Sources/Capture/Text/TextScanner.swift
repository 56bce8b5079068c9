import Wire

/// Reads the words of what was printed of one packet, from left to right. Line ends and tabs are blanks.
struct TextScanner {
  private let text: ArraySlice<UInt8>
  fileprivate var all: ArraySlice<UInt8> { text }
  fileprivate var start: Int { text.startIndex }
  private(set) var position: Int

  init(_ text: ArraySlice<UInt8>) {
    self.text = text
    position = text.startIndex
  }

  var isAtEnd: Bool { position >= text.endIndex }
  var rest: ArraySlice<UInt8> { text[position...] }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0d ~= byte }

  mutating func skipBlanks() {
    while position < text.endIndex, Self.isBlank(text[position]) { position += 1 }
  }

  mutating func advance() { position = min(position + 1, text.endIndex) }

  func begins(with literal: StaticString) -> Bool {
    let count = literal.utf8CodeUnitCount
    guard count <= text.endIndex - position else { return false }
    return unsafe UnsafeBufferPointer(start: literal.utf8Start, count: count).elementsEqual(
      text[position..<position + count])
  }

  /// It stands anywhere behind the position.
  func contains(_ literal: StaticString) -> Bool {
    var look = self
    while !look.isAtEnd {
      if look.begins(with: literal) { return true }
      look.advance()
    }
    return false
  }

  /// Passes `literal` and the blanks behind it, if it is what comes next.
  mutating func take(_ literal: StaticString) -> Bool {
    guard begins(with: literal) else { return false }
    position += literal.utf8CodeUnitCount
    skipBlanks()
    return true
  }

  /// The next word, up to a blank or one of `ends`, without what stands behind it.
  mutating func word(before ends: StaticString = "") -> ArraySlice<UInt8> {
    let start = position
    let others = unsafe UnsafeBufferPointer(start: ends.utf8Start, count: ends.utf8CodeUnitCount)
    while position < text.endIndex, !Self.isBlank(text[position]) {
      if unsafe others.contains(text[position]) { break }
      position += 1
    }
    return text[start..<position]
  }

  /// The number that comes next.
  mutating func number() -> UInt64? {
    let start = position
    var value: UInt64 = 0
    while position < text.endIndex, 0x30...0x39 ~= text[position], position - start < 19 {
      value = value * 10 + UInt64(text[position] - 0x30)
      position += 1
    }
    return position > start ? value : nil
  }

  /// Goes behind the next `literal`, no further than `limit` bytes; false where there is none, and then it stays.
  mutating func skip(behind literal: StaticString, within limit: Int = 4096) -> Bool {
    let start = position
    let end = min(text.endIndex, position + limit)
    while position < end {
      if begins(with: literal) {
        position += literal.utf8CodeUnitCount
        skipBlanks()
        return true
      }
      position += 1
    }
    position = start
    return false
  }

  /// What stands before the next `end` on this line, which is passed.
  mutating func take(until end: StaticString) -> ArraySlice<UInt8>? {
    let start = position
    while position < text.endIndex, text[position] != 0x0a {
      if begins(with: end) {
        let found = text[start..<position]
        position += end.utf8CodeUnitCount
        skipBlanks()
        return found
      }
      position += 1
    }
    position = start
    return nil
  }

  /// Six octets with colons between.
  mutating func mac() -> MACAddress? {
    guard text.endIndex - position >= 17, let mac = MACAddress(text: text[position..<position + 17]) else { return nil }
    let end = position + 17
    // An IPv6 address may begin like one.
    if end < text.endIndex, text[end] == 0x3a || Self.digit(text[end]) != nil { return nil }
    position = end
    return mac
  }

  static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x61...0x66: byte - 0x57
    case 0x41...0x46: byte - 0x37
    default: nil
    }
  }

  /// The number of a hexadecimal word, with or without `0x`.
  static func hexadecimal(_ word: ArraySlice<UInt8>) -> UInt64? {
    let digits = word.starts(with: [0x30, 0x78]) ? word.dropFirst(2) : word
    guard !digits.isEmpty, digits.count <= 16 else { return nil }
    var value: UInt64 = 0
    for byte in digits {
      guard let digit = digit(byte) else { return nil }
      value = value << 4 | UInt64(digit)
    }
    return value
  }
}

extension MACAddress {
  init?(text: ArraySlice<UInt8>) {
    guard text.count == 17 else { return nil }
    var value: UInt64 = 0
    for (place, byte) in text.enumerated() {
      if place % 3 == 2 {
        guard byte == 0x3a else { return nil }
      } else {
        guard let digit = TextScanner.digit(byte) else { return nil }
        value = value << 4 | UInt64(digit)
      }
    }
    self.init(value)
  }
}

extension TextScanner {
  /// `literal` is what was passed last before `place`.
  func stands(_ literal: StaticString, before place: Int) -> Bool {
    let count = literal.utf8CodeUnitCount
    guard place - count >= start else { return false }
    return unsafe UnsafeBufferPointer(start: literal.utf8Start, count: count).elementsEqual(all[place - count..<place])
  }
}
