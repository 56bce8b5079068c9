import PacketBuilder
import TestSupport
import Testing
import Wire

@testable import Evidence

/// Whoever crafts a capture knows all of the hash but its seed.
@Suite struct FlowKeyTests {
  private static let count = 10_000

  /// How many of 65,536 places that many keys fall into; at random some 9,280.
  private func places(_ hashes: [UInt64]) -> Int { Set(hashes.map { $0 & 0xffff }).count }

  /// Ends whose addresses undo the constants of the hash, and any ports.
  @Test(arguments: [
    ("32.118.29.100", "120.189.100.47"), ("160.118.29.100", "248.189.100.47"), ("10.1.10.10", "10.1.10.100"),
  ])
  func portsSpreadWhateverTheAddresses(lower: String, higher: String) {
    let (from, to) = (UInt32(truncatingIfNeeded: ip(lower).low), UInt32(truncatingIfNeeded: ip(higher).low))
    for seed in [UInt64.random(in: .min ... .max), 1 << 40, 0x0123_4567_89ab_cdef] {
      let hashes = (0..<Self.count).map { number in
        let key = FlowKeyV4.ordered(.tcp, from, UInt16(number), to, 80).key
        return FlowKeyV4.hash(key.addresses, UInt64(key.ports ^ key.addressesFolded) << 32 ^ seed)
      }
      #expect(places(hashes) > 9000, "seed \(seed)")
    }
  }

  /// Halves of addresses that make a factor of the hash zero where the seed is left out of it.
  @Test func addressesSpreadWhateverTheirHalves() {
    for seed in [UInt64.random(in: .min ... .max), 1 << 40, 0x0123_4567_89ab_cdef] {
      let hashes = (0..<Self.count).map { number in
        let addresses = FlowKeyV6.Addresses(
          lowerHigh: 0x2001_0000_0000_0000 + UInt64(number), lowerLow: 0xe703_7ed1_a0b4_28db,
          higherHigh: 0xa076_1d64_78bd_642f, higherLow: UInt64(number))
        return FlowKeyV6.hash(addresses, seed)
      }
      #expect(places(hashes) > 9000, "seed \(seed)")
    }
  }
}
