/// A protocol by which several stations answer for one address, with a MAC address that belongs to none of them.
public enum RedundancyProtocol: Hashable, Sendable, CaseIterable {
  /// VRRP for IPv4, and CARP, which took over its addresses.
  case vrrp
  /// VRRP for IPv6.
  case vrrpIPv6
  /// HSRP version 1.
  case hsrp
  /// HSRP version 2 for IPv4.
  case hsrpV2
  /// HSRP version 2 for IPv6.
  case hsrpIPv6
  case glbp
  /// Cisco virtual port channel.
  case vpc
  /// Microsoft Network Load Balancing in its unicast mode.
  case nlbUnicast
  /// Microsoft Network Load Balancing in its multicast mode.
  case nlbMulticast
}

extension MACAddress {
  /// The protocol that this virtual address belongs to, and `nil` for any other address.
  ///
  /// A host of an NLB cluster in unicast mode sends from 02:01 to 02:20 (its number in the cluster) in place of the
  /// 02:bf it is sent to. Those are left out on purpose: they are ordinary locally administered addresses, which
  /// virtual machines and cloud interfaces carry as their own, and Wireshark's list of well-known addresses notes such
  /// a clash too. Nothing is lost, as the other half of the same flow goes to the 02:bf address.
  public var redundancyProtocol: RedundancyProtocol? {
    switch rawValue & 0xffff_ffff_ff00 {
    case 0x0000_5e00_0100: return .vrrp  // RFC 9568 section 7.3; OpenBSD carp(4)
    case 0x0000_5e00_0200: return .vrrpIPv6  // RFC 9568 section 7.3
    case 0x0000_0c07_ac00: return .hsrp  // RFC 2281
    case 0x0023_04ee_be00: return .vpc  // Cisco NX-OS Interfaces Configuration Guide, "vPC Domain"
    default: break
    }
    // The group has twelve bits.
    switch rawValue & 0xffff_ffff_f000 {
    case 0x0000_0c9f_f000: return .hsrpV2  // Cisco IOS FHRP Configuration Guide, "HSRP Version 2"
    case 0x0005_73a0_0000: return .hsrpIPv6  // Cisco IOS FHRP Configuration Guide, "HSRP for IPv6"
    default: break
    }
    // The group and the forwarder: Cisco IOS FHRP Configuration Guide, "GLBP".
    if rawValue & 0xffff_ffff_0000 == 0x0007_b400_0000 { return .glbp }
    // The IPv4 address of the cluster: Microsoft KB 4494444.
    switch rawValue & 0xffff_0000_0000 {
    case 0x02bf_0000_0000: return .nlbUnicast
    case 0x03bf_0000_0000: return .nlbMulticast
    default: return nil
    }
  }
}
