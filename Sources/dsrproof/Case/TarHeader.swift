/// The block before a file in a tar archive (POSIX.1-1988, ustar). Whose the file was, and when it was written, is not in it.
struct TarHeader {
  static let blockSize = 512
  /// 1980-01-01, which every reader takes.
  private static let time = 315_532_800
  /// Eleven octal digits.
  private static let largest = 1 << 33 - 1

  let bytes: [UInt8]

  /// `nil` where the name or the size does not fit.
  init?(name: String, size: Int) {
    guard let (prefix, rest) = Self.parts(of: name), 0...Self.largest ~= size else { return nil }
    var block: [UInt8] = []
    func add(_ text: some Sequence<UInt8>, _ width: Int) {
      let field = Array(text)
      block += field + [UInt8](repeating: 0, count: width - field.count)
    }
    func add(octal number: Int, _ width: Int) {
      let digits = String(number, radix: 8)
      add((String(repeating: "0", count: width - 1 - digits.count) + digits).utf8, width)
    }
    add(rest, 100)
    add(octal: 0o644, 8)
    add(octal: 0, 8)
    add(octal: 0, 8)
    add(octal: size, 12)
    add(octal: Self.time, 12)
    let sumPlace = block.count
    // The sum is that of the block with blanks in its own place.
    add("        ".utf8, 8)
    add("0".utf8, 1)
    add([], 100)
    add("ustar\0".utf8, 6)
    add("00".utf8, 2)
    add([], 32)
    add([], 32)
    add(octal: 0, 8)
    add(octal: 0, 8)
    add(prefix, 155)
    add([], 12)
    let digits = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
    let sum = String(repeating: "0", count: 6 - digits.count) + digits + "\0 "
    block.replaceSubrange(sumPlace..<sumPlace + 8, with: sum.utf8)
    bytes = block
  }

  /// Zeros behind a file of such a size, up to the next block.
  static func padding(after size: Int) -> [UInt8] {
    [UInt8](repeating: 0, count: (blockSize - size % blockSize) % blockSize)
  }

  /// Two blocks of zeros.
  static var end: [UInt8] { [UInt8](repeating: 0, count: 2 * blockSize) }

  /// A name of up to 100 bytes, with a folder of up to 155 before it.
  private static func parts(of name: String) -> (prefix: [UInt8], rest: [UInt8])? {
    let bytes = Array(name.utf8)
    if bytes.isEmpty || bytes.contains(0) { return nil }
    if bytes.count <= 100 { return ([], bytes) }
    for place in bytes.indices.reversed() where bytes[place] == UInt8(ascii: "/") && place <= 155 {
      let rest = bytes[(place + 1)...]
      return rest.isEmpty || rest.count > 100 ? nil : (Array(bytes[..<place]), Array(rest))
    }
    return nil
  }
}
