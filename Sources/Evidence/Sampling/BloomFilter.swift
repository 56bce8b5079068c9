/// A set of hashes in a megabyte, however many they are: what is in it, it has; of what is not, it may say that it has it, of a
/// million in one of forty cases. It depends on the hashes alone, and not on their order.
///
/// B. Bloom, Space/Time Trade-offs in Hash Coding with Allowable Errors, 1970.
struct BloomFilter: Sendable {
  private static let bitCount: UInt64 = 1 << 23
  private static let probeCount: UInt64 = 4

  /// Empty until something is in it.
  private var words: [UInt64] = []
  private var isFull = false

  mutating func insert(_ hash: UInt64) {
    if words.isEmpty { words = Array(repeating: 0, count: Int(Self.bitCount / 64)) }
    for probe in 0..<Self.probeCount {
      let bit = Self.bit(hash, probe)
      words[Int(bit >> 6)] |= 1 << (bit & 63)
    }
  }

  /// Has everything from now on.
  mutating func fill() { (isFull, words) = (true, []) }

  func mayContain(_ hash: UInt64) -> Bool {
    if isFull { return true }
    return !words.isEmpty
      && (0..<Self.probeCount).allSatisfy {
        let bit = Self.bit(hash, $0)
        return words[Int(bit >> 6)] >> (bit & 63) & 1 == 1
      }
  }

  mutating func formUnion(_ other: BloomFilter) {
    if other.isFull || isFull { return fill() }
    if words.isEmpty { words = other.words }
    for index in other.words.indices { words[index] |= other.words[index] }
  }

  private static func bit(_ hash: UInt64, _ probe: UInt64) -> UInt64 {
    (hash &+ probe &* (mix(hash, bitCount) | 1)) % bitCount
  }
}
