/// A hash of the family that NIST calls secure hashes (FIPS 180-4): blocks of 64 octets change a state, one after the other.
///
/// What this module has names flows, finds damage in files and changes addresses in evidence, all of it offline. It is not for
/// secrets on the wire: nothing in it takes the same time whatever it works on.
protocol BlockHash {
  associatedtype State
  static var initial: State { get }
  /// Changes the state by the 16 words of a block.
  static func compress(_ state: inout State, _ block: InlineArray<16, UInt32>)
  static func words(of state: State) -> [UInt32]
}

/// Octets on the way into a hash.
struct BlockHasher<Hash: BlockHash> {
  private var state = Hash.initial
  /// The block that is being filled.
  private var block = InlineArray<16, UInt32>(repeating: 0)
  /// How many octets came so far.
  private var count: UInt64 = 0

  mutating func update(_ octets: Span<UInt8>) {
    var index = 0
    while index < octets.count {
      guard count & 63 == 0, octets.count - index >= 64 else {
        append(octets[index])
        index += 1
        continue
      }
      for word in 0..<16 {
        let place = index + 4 * word
        let (high, low) = (UInt32(octets[place]) << 8 | UInt32(octets[place + 1]), UInt32(octets[place + 2]))
        block[word] = high << 16 | low << 8 | UInt32(octets[place + 3])
      }
      Hash.compress(&state, block)
      index += 64
      count &+= 64
    }
  }

  private mutating func append(_ octet: UInt8) {
    let (word, place) = (Int(count & 63) >> 2, count & 3)
    block[word] = place == 0 ? UInt32(octet) : block[word] << 8 | UInt32(octet)
    count &+= 1
    if count & 63 == 0 { Hash.compress(&state, block) }
  }

  /// FIPS 180-4 section 5.1.1: a one, zeros, and the length in bits.
  consuming func finish() -> [UInt8] {
    let bits = count &* 8
    append(0x80)
    while count & 63 != 56 { append(0) }
    for shift in stride(from: UInt64(56), through: 0, by: -8) { append(UInt8(truncatingIfNeeded: bits >> shift)) }
    return Hash.words(of: state).flatMap { word in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
    }
  }
}

extension UInt32 {
  func rotatedLeft(_ bits: UInt32) -> UInt32 { self << bits | self >> (32 - bits) }
  func rotatedRight(_ bits: UInt32) -> UInt32 { self >> bits | self << (32 - bits) }
}
