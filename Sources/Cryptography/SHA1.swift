/// SHA-1: FIPS 180-4 section 6.1. It is broken as a signature, and named by the Community ID.
public struct SHA1 {
  private var hasher = BlockHasher<SHA1>()

  public init() {}

  public mutating func update(_ octets: Span<UInt8>) { hasher.update(octets) }

  /// 20 octets.
  public consuming func digest() -> [UInt8] { hasher.finish() }

  public static func hash(_ octets: [UInt8]) -> [UInt8] {
    var hash = SHA1()
    hash.update(octets.span)
    return hash.digest()
  }
}

extension SHA1: BlockHash {
  typealias State = (UInt32, UInt32, UInt32, UInt32, UInt32)

  static let initial: State = (0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0)

  static func words(of state: State) -> [UInt32] { [state.0, state.1, state.2, state.3, state.4] }

  static func compress(_ state: inout State, _ block: InlineArray<16, UInt32>) {
    var words = block
    var (a, b, c, d, e) = state
    for round in 0..<80 {
      let place = round & 15
      if round >= 16 {
        words[place] =
          (words[(round + 13) & 15] ^ words[(round + 8) & 15] ^ words[(round + 2) & 15] ^ words[place]).rotatedLeft(1)
      }
      let (mixed, constant): (UInt32, UInt32) =
        switch round / 20 {
        case 0: (b & c ^ ~b & d, 0x5a82_7999)
        case 1: (b ^ c ^ d, 0x6ed9_eba1)
        case 2: (b & c ^ b & d ^ c & d, 0x8f1b_bcdc)
        default: (b ^ c ^ d, 0xca62_c1d6)
        }
      let next = a.rotatedLeft(5) &+ mixed &+ e &+ constant &+ words[place]
      (e, d, c, b, a) = (d, c, b.rotatedLeft(30), a, next)
    }
    state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d, state.4 &+ e)
  }
}
