/// LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 of the tcpdump.org registry: what "any" interface gives on Linux. Only
/// the sender's address is kept.
private enum CookedHeader {
  static let sllLength = 16
  static let sll2Length = 20

  /// ARPHRD_ETHER and ARPHRD_LOOPBACK: hardware whose addresses are MAC addresses, and where `protocol` is an
  /// EtherType. Linux's <linux/if_arp.h>.
  static func isEthernetLike(_ hardwareType: UInt16) -> Bool {
    hardwareType == 1 || hardwareType == 772
  }

  /// ARPHRD_NETLINK, ARPHRD_IEEE80211_RADIOTAP and their like, where `protocol` means something else.
  static func hasEtherType(_ hardwareType: UInt16) -> Bool {
    switch hardwareType {
    case 770, 801, 802, 803, 824: false
    default: true
    }
  }
}

extension Dissection {
  mutating func walkLinuxSLL(_ frame: Span<UInt8>, end: Int) throws(Stop) {
    try frame.require(CookedHeader.sllLength, at: 0, before: end, in: .link)
    try walkCooked(
      frame, protocolNumber: frame.be16(at: 14), hardwareType: frame.be16(at: 2), addressLength: frame.be16(at: 4),
      addressOffset: 6, payloadOffset: CookedHeader.sllLength, end: end)
  }

  mutating func walkLinuxSLL2(_ frame: Span<UInt8>, end: Int) throws(Stop) {
    try frame.require(CookedHeader.sll2Length, at: 0, before: end, in: .link)
    interfaceIndex = frame.be32(at: 4)
    try walkCooked(
      frame, protocolNumber: frame.be16(at: 0), hardwareType: frame.be16(at: 8),
      addressLength: UInt16(frame.byte(at: 11)), addressOffset: 12, payloadOffset: CookedHeader.sll2Length, end: end)
  }

  @inline(__always)
  private mutating func walkCooked(
    _ frame: Span<UInt8>, protocolNumber: UInt16, hardwareType: UInt16, addressLength: UInt16, addressOffset: Int,
    payloadOffset: Int, end: Int
  ) throws(Stop) {
    if CookedHeader.isEthernetLike(hardwareType), addressLength == 6 {
      source = MACAddress(frame, at: addressOffset)
    }
    // Small numbers are Linux's own (ETH_P_802_3 and so on), not lengths.
    guard protocolNumber > EtherType.longestLength, CookedHeader.hasEtherType(hardwareType) else {
      throw Stop(.unknownProtocol, in: .link, at: payloadOffset)
    }
    try walk(etherType: protocolNumber, frame, at: payloadOffset, end: end)
  }
}
