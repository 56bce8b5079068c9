import Wire

/// Writes JSON as bytes, straight from what it tells: a report of a scan has a gigabyte of it.
///
/// Keys stand in the order in which they are written; every document has them in alphabetical order.
struct JSONWriter {
  private var bytes: [UInt8] = []

  mutating func object(_ writeMembers: (inout JSONWriter) -> Void) {
    bytes.append(UInt8(ascii: "{"))
    writeMembers(&self)
    bytes.append(UInt8(ascii: "}"))
  }

  /// A key of the object that is being written, and its value.
  mutating func member(_ key: StaticString, _ value: some JSONValue) {
    member(key) { value.write(to: &$0) }
  }

  /// A key, and the value that `write` writes.
  mutating func member(_ key: StaticString, _ write: (inout JSONWriter) -> Void) {
    separate()
    quote(key)
    bytes.append(UInt8(ascii: ":"))
    write(&self)
  }

  /// Nothing where there is no value, not even the key.
  mutating func member(_ key: StaticString, ifThere value: (some JSONValue)?) {
    if let value { member(key, value) }
  }

  /// A key, and a list whose elements `write` writes.
  mutating func member<Items: Sequence>(
    _ key: StaticString, _ items: Items, _ write: (inout JSONWriter, Items.Element) -> Void
  ) {
    member(key) { $0.array(items, write) }
  }

  mutating func array<Items: Sequence>(_ items: Items, _ write: (inout JSONWriter, Items.Element) -> Void) {
    bytes.append(UInt8(ascii: "["))
    for item in items {
      separate()
      write(&self, item)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// A member whose key is not known before.
  mutating func member(named key: String, _ value: some JSONValue) {
    separate()
    string(key)
    bytes.append(UInt8(ascii: ":"))
    value.write(to: &self)
  }

  /// Parts two members, or two elements: what comes first stands right behind a bracket.
  private mutating func separate() {
    switch bytes.last {
    case UInt8(ascii: "{"), UInt8(ascii: "["): break
    default: bytes.append(UInt8(ascii: ","))
    }
  }

  /// Words and signs of JSON, as they are.
  mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func number(_ number: some BinaryInteger) {
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    bytes.append(decimal: UInt64(number.magnitude))
  }

  /// A string that needs no escape.
  mutating func quote(_ text: StaticString) {
    quote { bytes in text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) } }
  }

  /// The same, as it is appended.
  mutating func quote(_ append: (inout [UInt8]) -> Void) {
    bytes.append(UInt8(ascii: "\""))
    append(&bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func string(_ text: String) {
    let isPlain = text.utf8.allSatisfy {
      0x20..<0x7f ~= $0 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
    }
    quote { bytes in
      if isPlain { return bytes.append(contentsOf: text.utf8) }
      for scalar in text.unicodeScalars { bytes.append(escaping: scalar) }
    }
  }

  /// Passes on what was written.
  mutating func handOn(to output: inout some TextOutputStream) {
    output.write(String(decoding: bytes, as: UTF8.self))
    bytes.removeAll(keepingCapacity: true)
  }
}

extension [UInt8] {
  /// JSON asks for escapes below U+0020 alone; others can steer a terminal too.
  fileprivate mutating func append(escaping scalar: Unicode.Scalar) {
    switch scalar {
    case "\"", "\\": append(escape: scalar)
    case "\u{8}": append(escape: "b")
    case "\t": append(escape: "t")
    case "\n": append(escape: "n")
    case "\u{c}": append(escape: "f")
    case "\r": append(escape: "r")
    case _ where scalar.steersTerminal:
      for unit in scalar.utf16 {
        append(escape: "u")
        append(hexadecimal: UInt64(unit), width: 4)
      }
    default: append(contentsOf: scalar.utf8)
    }
  }

  private mutating func append(escape sign: Unicode.Scalar) {
    append(UInt8(ascii: "\\"))
    append(UInt8(ascii: sign))
  }
}
