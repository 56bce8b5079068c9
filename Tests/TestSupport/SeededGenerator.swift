import Foundation

/// SplitMix64 (Steele, Lea, Flood 2014): a whole run follows from its seed, which is printed, and which the environment
/// variable DSRPROOF_SEED gives back.
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  /// A new seed, or the one to be replayed.
  public static func seed(for test: String) -> UInt64 {
    let given = ProcessInfo.processInfo.environment["DSRPROOF_SEED"].flatMap { UInt64($0) }
    let seed = given ?? UInt64.random(in: .min ... .max)
    print("\(test): replay with DSRPROOF_SEED=\(seed)")
    return seed
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}

extension [UInt8] {
  /// One change such as disks, networks and attackers make.
  public mutating func damage(using random: inout SeededGenerator) {
    guard !isEmpty else { return }
    let place = Int.random(in: 0..<count, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: self[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: self[place] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
    case 2: removeSubrange(place..<Swift.min(count, place + Int.random(in: 1...8, using: &random)))
    case 3: insert(contentsOf: prefix(Int.random(in: 1...40, using: &random)), at: place)
    default:
      for index in place..<Swift.min(count, place + 4) { self[index] = .random(in: 0 ... .max, using: &random) }
    }
  }
}
