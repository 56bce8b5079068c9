/// A 48-bit IEEE 802 MAC address.
public struct MACAddress: Hashable, Sendable {
  /// The six octets as a number, the first octet on the wire being the most significant. The upper 16 bits are 0.
  public let rawValue: UInt64

  /// Takes the lower 48 bits of `rawValue`.
  @inlinable
  public init(_ rawValue: UInt64) {
    self.rawValue = rawValue & 0xffff_ffff_ffff
  }

  /// Reads six octets of `frame`.
  @inline(__always)
  init(_ frame: Span<UInt8>, at offset: Int) {
    rawValue = UInt64(frame.be16(at: offset)) << 32 | UInt64(frame.be32(at: offset &+ 2))
  }

  public static let broadcast = MACAddress(0xffff_ffff_ffff)

  /// Addressed to one station: the group bit is clear and the address is not all zero.
  public var isUnicast: Bool { rawValue != 0 && rawValue & 0x0100_0000_0000 == 0 }

  /// The six octets as they stand on the wire.
  public var octets: [UInt8] { (0..<6).map { UInt8(truncatingIfNeeded: rawValue >> (40 - 8 * $0)) } }
}

extension MACAddress: Comparable {
  public static func < (a: MACAddress, b: MACAddress) -> Bool { a.rawValue < b.rawValue }
}

extension MACAddress: LosslessStringConvertible {
  /// Reads `06:ba:49:38:53:f0`, `06-ba-49-38-53-f0` or `06ba.4938.53f0`; upper and lower case.
  public init?(_ description: String) {
    var value: UInt64 = 0
    var digits = 0
    var groups: [Int] = []
    var groupDigits = 0
    var separator: Character?
    for character in description {
      if let digit = character.hexDigitValue, character.isASCII {
        value = value << 4 | UInt64(digit)
        digits += 1
        groupDigits += 1
        if digits > 12 { return nil }
      } else if character == ":" || character == "-" || character == "." {
        if let separator, separator != character { return nil }
        separator = character
        groups.append(groupDigits)
        groupDigits = 0
      } else {
        return nil
      }
    }
    groups.append(groupDigits)
    let expected = separator == "." ? [4, 4, 4] : [2, 2, 2, 2, 2, 2]
    guard groups == expected else { return nil }
    self.init(value)
  }

  public var description: String { String(ascii: append) }

  /// Appends the description in ASCII.
  package func append(to text: inout [UInt8]) {
    for shift: UInt64 in [40, 32, 24, 16, 8, 0] {
      text.append(hexadecimal: rawValue >> shift & 0xff, width: 2)
      if shift > 0 { text.append(UInt8(ascii: ":")) }
    }
  }
}
