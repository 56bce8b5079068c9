/// Tags that switches put between the source address and the EtherType of a frame, other than VLAN tags. What they say of
/// ports inside the switch is passed over.
enum SwitchTag {
  /// The bytes between such a tag's own EtherType and the one behind it; `nil` for what is no such tag.
  static func length(_ etherType: UInt16) -> Int? {
    switch etherType {
    // VN-Tag (Cisco, IEEE 802.1Qbh draft).
    case 0x8926: 4
    // E-TAG, IEEE 802.1BR clause 7.5.
    case 0x893f: 6
    // Broadcom's legacy tag (Linux net/dsa/tag_brcm.c).
    case 0x8874: 4
    default: nil
    }
  }

  /// Marvell's EtherType DSA tag: two reserved bytes, then a DSA tag (Linux net/dsa/tag_dsa.c, ETH_P_EDSA).
  static let edsa: UInt16 = 0xdada
}

extension VLANStack {
  /// Marvell's DSA tag, four bytes: the bit "tagged" says that an 802.1Q tag was taken into it, whose VLAN stands in the
  /// lower twelve bits (Linux net/dsa/tag_dsa.c).
  mutating func pushDSA(_ frame: Span<UInt8>, at offset: Int) {
    if frame.byte(at: offset) & 0x20 != 0 { push(frame.be16(at: offset + 2) & 0x0fff) }
  }
}
