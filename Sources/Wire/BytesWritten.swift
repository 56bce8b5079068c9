/// What is written by the million is written byte by byte, without a string for each part.
extension [UInt8] {
  /// Appends the lowest octets of a number in network byte order.
  package mutating func append(bigEndian number: UInt64, width: Int) {
    for place in (0..<width).reversed() { append(UInt8(truncatingIfNeeded: number >> (8 * UInt64(place)))) }
  }

  /// Appends the ASCII digits of a number, with zeros before them up to a width.
  package mutating func append(decimal number: UInt64, width: Int = 1) {
    if number > 9 || width > 1 { append(decimal: number / 10, width: width - 1) }
    append(UInt8(ascii: "0") + UInt8(number % 10))
  }

  /// Appends the lower-case hexadecimal digits of a number, with zeros before them up to a width.
  package mutating func append(hexadecimal number: UInt64, width: Int = 1) {
    if number > 15 || width > 1 { append(hexadecimal: number >> 4, width: width - 1) }
    let digit = UInt8(number & 15)
    append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
  }
}

extension String {
  /// The text that `append` writes in ASCII.
  package init(ascii append: (inout [UInt8]) -> Void) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(40)
    append(&bytes)
    self.init(decoding: bytes, as: UTF8.self)
  }
}
