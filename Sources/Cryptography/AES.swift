/// The cipher AES: FIPS 197, one block after the other, and encryption alone.
///
/// It changes addresses in files. It looks up a table by what is secret, and so takes a time that depends on it: whoever can
/// measure that on the same processor, again and again, may come to know the key. So it is not for secrets on the wire.
public struct AES {
  /// The words of each round.
  private let schedule: [UInt32]

  /// `nil` for a key that has neither 16 nor 32 octets.
  public init?(key: [UInt8]) {
    guard key.count == 16 || key.count == 32 else { return nil }
    let length = key.count / 4
    let rounds = length + 6
    var words = (0..<length).map { index in key[4 * index..<4 * index + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } }
    var constant: UInt32 = 1
    // Section 5.2.
    for index in length..<4 * (rounds + 1) {
      var word = words[index - 1]
      if index % length == 0 {
        word = Self.substituted(word.rotatedLeft(8)) ^ constant << 24
        constant = UInt32(Self.doubled(UInt8(constant)))
      } else if length > 6, index % length == 4 {
        word = Self.substituted(word)
      }
      words.append(words[index - length] ^ word)
    }
    schedule = words
  }

  /// Of 16 octets, which stand in columns of four: section 3.4.
  public func encrypted(_ block: InlineArray<16, UInt8>) -> InlineArray<16, UInt8> {
    var columns = InlineArray<4, UInt32> { column in
      Self.word(InlineArray { row in block[4 * column + row] }) ^ schedule[column]
    }
    let rounds = schedule.count / 4 - 1
    for round in 1...rounds {
      let before = columns
      for column in 0..<4 {
        // The rows are shifted: the octets of a column come from four.
        let octets = InlineArray<4, UInt8> { row in
          Self.box[Int(before[(column + row) & 3] >> (24 - 8 * UInt32(row)) & 0xff)]
        }
        columns[column] = (round < rounds ? Self.mixed(octets) : Self.word(octets)) ^ schedule[4 * round + column]
      }
    }
    let result = columns
    return InlineArray { place in UInt8(truncatingIfNeeded: result[place / 4] >> (24 - 8 * UInt32(place % 4))) }
  }

  /// Section 5.1.3.
  private static func mixed(_ octets: InlineArray<4, UInt8>) -> UInt32 {
    let all = octets[0] ^ octets[1] ^ octets[2] ^ octets[3]
    return word(
      InlineArray { row in
        let (own, next) = (octets[row], octets[(row + 1) & 3])
        return own ^ all ^ doubled(own ^ next)
      })
  }

  private static func word(_ octets: InlineArray<4, UInt8>) -> UInt32 {
    UInt32(octets[0]) << 24 | UInt32(octets[1]) << 16 | UInt32(octets[2]) << 8 | UInt32(octets[3])
  }

  private static func substituted(_ word: UInt32) -> UInt32 {
    self.word(InlineArray { box[Int(word >> (24 - 8 * UInt32($0)) & 0xff)] })
  }

  /// Times x, in the field of section 4.2.
  private static func doubled(_ octet: UInt8) -> UInt8 { octet << 1 ^ (octet & 0x80 == 0 ? 0 : 0x1b) }

  /// Section 5.1.1: the inverse in the field, and then five of its bits added for each one. The powers of 3 go round all that
  /// have an inverse; the one of a power is the power that completes the round.
  private static let box: InlineArray<256, UInt8> = {
    var box = InlineArray<256, UInt8>(repeating: 0)
    var (power, inverse): (UInt8, UInt8) = (1, 1)
    box[0] = 0x63
    repeat {
      var bits: UInt8 = 0x63
      for turn in UInt8(0)..<5 { bits ^= inverse << turn | inverse >> (8 - turn) }
      box[Int(power)] = bits
      power = power ^ doubled(power)
      // Divided by 3: 0xf6 is the inverse.
      inverse = product(inverse, 0xf6)
    } while power != 1
    return box
  }()

  private static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
    var (sum, power, rest): (UInt8, UInt8, UInt8) = (0, a, b)
    while rest != 0 {
      if rest & 1 != 0 { sum ^= power }
      power = doubled(power)
      rest >>= 1
    }
    return sum
  }
}
