import Cryptography
import Wire

/// Changes IP addresses so that two with a prefix in common still have one of the same length in common, and no other:
/// Crypto-PAn (Fan, Xu, Ammar, Moon, "Prefix-preserving IP address anonymization", 2004).
///
/// Blocks whose addresses mean something by themselves are kept: an address is in such a block afterwards if and only if it
/// was before. So bits that lead to one are as they were, which Crypto-PAn by itself would change.
struct AddressMap {
  private let cipher: AES
  private let pad: InlineArray<16, UInt8>
  private var known: [IPAddress: IPAddress] = [:]
  /// Whether the bit behind a prefix changes.
  private var flips: [Prefix: Bool] = [:]

  private struct Prefix: Hashable {
    /// The bits behind it are zero.
    var address: IPAddress
    var length: Int
  }

  /// Addresses that mean something by themselves.
  private struct Block {
    var prefix: Prefix
    /// Each of them means something else; otherwise all mean the same.
    var isKeptWhole: Bool

    init(_ address: IPAddress, _ length: Int, isKeptWhole: Bool) {
      prefix = Prefix(address: address, length: length)
      self.isKeptWhole = isKeptWhole
    }
  }

  /// RFC 6890, RFC 4291 section 2.5 and 2.7.
  private static let blocks = [
    Block(IPAddress(v4: 0), 8, isKeptWhole: true), Block(IPAddress(v4: 127 << 24), 8, isKeptWhole: true),
    Block(IPAddress(v4: 0xa9fe_0000), 16, isKeptWhole: false),
    // Groups, what is reserved behind them, and the broadcast address.
    Block(IPAddress(v4: 0xe000_0000), 3, isKeptWhole: true),
    // The unspecified address and the loopback address.
    Block(IPAddress(v6High: 0, low: 0), 127, isKeptWhole: true),
    Block(IPAddress(v6High: 0xfe80 << 48, low: 0), 64, isKeptWhole: false),
    Block(IPAddress(v6High: 0xfe80 << 48, low: 0), 10, isKeptWhole: false),
    Block(IPAddress(v6High: 0xff00 << 48, low: 0), 8, isKeptWhole: true),
  ]
  /// Groups that bear the last bits of an address (RFC 4291 section 2.7.1).
  private static let solicitedNode = Block(
    IPAddress(v6High: 0xff02 << 48, low: 0x0000_0001_ff00_0000), 104, isKeptWhole: false)

  /// The first half of 32 octets is the key, the other makes what fills up addresses; `nil` where there are not so many.
  init?(secret: [UInt8]) {
    guard secret.count == 32, let cipher = AES(key: Array(secret.prefix(16))) else { return nil }
    self.cipher = cipher
    pad = cipher.encrypted(InlineArray { secret[16 + $0] })
  }

  subscript(address: IPAddress) -> IPAddress {
    mutating get {
      if let known = known[address] { return known }
      let changed = change(address)
      known[address] = changed
      return changed
    }
  }

  private mutating func change(_ address: IPAddress) -> IPAddress {
    let isSolicitedNode = address.first(104) == Self.solicitedNode.prefix.address
    let isKept =
      !isSolicitedNode
      && Self.blocks.contains {
        $0.isKeptWhole && address.version == $0.prefix.address.version
          && address.first($0.prefix.length) == $0.prefix.address
      }
    if isKept { return address }
    var octets = address.octets
    for bit in (isSolicitedNode ? 104 : 0)..<octets.count * 8 where flips(bit, of: address) {
      octets[bit / 8] ^= 0x80 >> UInt8(bit % 8)
    }
    return IPAddress(octets: octets) ?? address
  }

  private mutating func flips(_ bit: Int, of address: IPAddress) -> Bool {
    let prefix = Prefix(address: address.first(bit), length: bit)
    if let known = flips[prefix] { return known }
    let leadsToBlock = Self.blocks.contains {
      $0.prefix.address.version == address.version && bit < $0.prefix.length
        && $0.prefix.address.first(bit) == prefix.address
    }
    let flips = !leadsToBlock && hash(prefix)
    self.flips[prefix] = flips
    return flips
  }

  /// The first bit of the encrypted prefix, filled up.
  private func hash(_ prefix: Prefix) -> Bool {
    var block = pad
    let octets = prefix.address.octets
    for index in 0..<(prefix.length + 7) / 8 {
      let bits = min(8, prefix.length - index * 8)
      let mask = bits == 8 ? UInt8.max : ~(0xff >> UInt8(bits))
      block[index] = octets[index] & mask | pad[index] & ~mask
    }
    return cipher.encrypted(block)[0] & 0x80 != 0
  }
}

extension IPAddress {
  /// With so many bits, and zero behind them.
  func first(_ length: Int) -> IPAddress {
    let mask = { (bits: Int) in bits <= 0 ? 0 : bits >= 64 ? UInt64.max : ~(UInt64.max >> UInt64(bits)) }
    switch version {
    case .v4: return IPAddress(v4: UInt32(truncatingIfNeeded: low & mask(length + 32)))
    case .v6: return IPAddress(v6High: high & mask(length), low: low & mask(length - 64))
    }
  }
}
