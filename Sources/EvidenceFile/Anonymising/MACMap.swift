import Cryptography
import Wire

/// Changes MAC addresses, each into one of its own, in a way that only who has the key can undo. What a MAC says by itself it
/// says afterwards: a group's, one that several devices share, one that a product always has, and whether it was given by hand.
struct MACMap {
  private let cipher: AES
  private var known: [MACAddress: MACAddress] = [:]

  /// `nil` for a key of another length than AES has.
  init?(secret: [UInt8]) {
    guard let cipher = AES(key: secret) else { return nil }
    self.cipher = cipher
  }

  subscript(mac: MACAddress) -> MACAddress {
    mutating get {
      if let known = known[mac] { return known }
      let changed = change(mac)
      known[mac] = changed
      return changed
    }
  }

  /// What may change of a MAC: its lowest bits, or for any device's own all but the two that tell groups and local ones.
  private enum Freedom: Equatable {
    case none
    case lowest(Int)
    case device
  }

  private static func freedom(of mac: MACAddress) -> Freedom {
    // The end of an IPv6 address (RFC 2464 section 7), and the IPv4 address of a cluster.
    if mac.rawValue >> 24 == 0x3333ff { return .lowest(24) }
    switch mac.redundancyProtocol {
    case .nlbUnicast?, .nlbMulticast?: return .lowest(32)
    case nil: return mac.isUnicast && !meaning.contains(mac) ? .device : .none
    default: return .none
    }
  }

  /// Those that the checks know: a fabric's, and a product's.
  private static let meaning: Set<MACAddress> = [
    MACAddress(0x1234_5678_9abc), MACAddress(0x5254_0012_3502), MACAddress(0x5254_0012_3503),
  ]

  private func change(_ mac: MACAddress) -> MACAddress {
    switch Self.freedom(of: mac) {
    case .none: return mac
    case .lowest(let bits):
      let mask: UInt64 = 1 << UInt64(bits) - 1
      return MACAddress(mac.rawValue & ~mask | permuted(mac.rawValue & mask, bits: UInt64(bits)))
    case .device:
      // Until it is again one of any device's: so no two become one.
      var changed = mac
      repeat {
        let number = changed.rawValue
        let free = permuted((number >> 42) << 40 | number & 0xff_ffff_ffff, bits: 46)
        changed = MACAddress((free >> 40) << 42 | number & 0x0300_0000_0000 | free & 0xff_ffff_ffff)
      } while Self.freedom(of: changed) != .device
      return changed
    }
  }

  /// A permutation of all numbers of an even number of bits: a Feistel network of eight rounds, as FF1 of NIST SP 800-38G is one.
  private func permuted(_ number: UInt64, bits: UInt64) -> UInt64 {
    let half = bits / 2
    let mask: UInt64 = 1 << half - 1
    var (left, right) = (number >> half, number & mask)
    for round in UInt8(0)..<8 {
      var block = InlineArray<16, UInt8>(repeating: 0)
      (block[0], block[1]) = (round, UInt8(bits))
      for index in 0..<8 { block[2 + index] = UInt8(truncatingIfNeeded: right >> (8 * UInt64(index))) }
      block = cipher.encrypted(block)
      let mixed = (0..<8).reduce(UInt64(0)) { $0 << 8 | UInt64(block[$1]) }
      (left, right) = (right, (left ^ mixed) & mask)
    }
    return left << half | right
  }
}
