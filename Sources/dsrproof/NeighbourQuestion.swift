import Capture
import Platform
import Wire

/// The frame that asks who has an address: ARP (RFC 826), or a neighbour solicitation (RFC 4861 section 4.3).
struct NeighbourQuestion {
  let frame: [UInt8]

  /// Why there is none.
  enum Obstacle: Error {
    case noMAC
    /// Of the VIP's family.
    case noAddress
  }

  init(
    for vip: IPAddress, on interface: InterfaceDescription, from source: IPAddress?
  ) throws(Obstacle) {
    guard let station = interface.mac else { throw .noMAC }
    guard let own = source ?? Self.address(of: interface, near: vip), own.version == vip.version else {
      throw .noAddress
    }
    let mac = station.octets
    switch vip.version {
    case .v4: frame = Self.arp(vip, mac, own)
    case .v6: frame = Self.solicitation(vip, mac, own)
    }
  }

  private static func arp(_ vip: IPAddress, _ mac: [UInt8], _ own: IPAddress) -> [UInt8] {
    [UInt8](repeating: 0xff, count: 6) + mac + [0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 1] + mac + own.octets
      + [UInt8](repeating: 0, count: 6) + vip.octets
  }

  private static func solicitation(_ vip: IPAddress, _ mac: [UInt8], _ own: IPAddress) -> [UInt8] {
    // The solicited-node group of the address: RFC 4291 section 2.7.1.
    let last = Array(vip.octets.suffix(3))
    let group: [UInt8] = [0xff, 2] + [UInt8](repeating: 0, count: 9) + [1, 0xff] + last
    // Option 1: the source's link-layer address.
    var message: [UInt8] = [135, 0, 0, 0, 0, 0, 0, 0] + vip.octets + [1, 1] + mac
    let length = UInt8(message.count)
    // The sum goes over a header of its own: RFC 8200 section 8.1.
    let sum = checksum(own.octets + group + [0, 0, 0, length, 0, 0, 0, 58] + message)
    message[2] = UInt8(sum >> 8)
    message[3] = UInt8(sum & 0xff)
    let header: [UInt8] = [0x60, 0, 0, 0, 0, length, 58, 255] + own.octets + group
    return [0x33, 0x33, 0xff] + last + mac + [0x86, 0xdd] + header + message
  }

  /// RFC 1071.
  private static func checksum(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for index in stride(from: 0, to: bytes.count, by: 2) {
      sum += UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
    }
    while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
    return ~UInt16(truncatingIfNeeded: sum)
  }

  /// An address of the interface in the VIP's network; else any of its family.
  private static func address(of interface: InterfaceDescription, near vip: IPAddress) -> IPAddress? {
    let own = interface.addresses.filter { $0.address.version == vip.version && $0.address != vip }
    let near = own.first { $0.address.octets.shares($0.prefixLength, with: vip.octets) }
    return (near ?? own.first)?.address
  }
}

extension [UInt8] {
  fileprivate func shares(_ bits: Int, with other: [UInt8]) -> Bool {
    indices.allSatisfy { index in
      let length = Swift.min(8, Swift.max(0, bits - 8 * index))
      let mask = UInt8(truncatingIfNeeded: 0xff << (8 - length))
      return other.indices.contains(index) && self[index] & mask == other[index] & mask
    }
  }
}
