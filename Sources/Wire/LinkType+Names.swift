extension LinkType {
  /// The name that tcpdump and Wireshark use, without its prefix `DLT_` or `LINKTYPE_`.
  public var name: String {
    switch self {
    case .text: "TEXT"
    case .bareText: "TEXT_WITHOUT_MACS"
    case .columns: "COLUMNS"
    case .bareColumns: "COLUMNS_WITHOUT_MACS"
    default: Self.name(of: rawValue) ?? "\(rawValue)"
    }
  }

  /// The same for a number in a file, of those that are met; `nil` for any other.
  ///
  /// Source: the registry at tcpdump.org, and pcap_datalink_val_to_name(3PCAP).
  public static func name(of number: UInt16) -> String? { names[number] }

  private static let names: [UInt16: String] = [
    0: "NULL", 1: "EN10MB", 6: "IEEE802", 7: "ARCNET", 8: "SLIP", 9: "PPP", 10: "FDDI", 50: "PPP_SERIAL",
    51: "PPP_ETHER", 101: "RAW", 104: "C_HDLC", 105: "IEEE802_11", 107: "FRELAY", 108: "LOOP", 113: "LINUX_SLL",
    117: "PFLOG", 119: "PRISM_HEADER", 122: "IP_OVER_FC", 127: "IEEE802_11_RADIO", 138: "APPLE_IP_OVER_IEEE1394",
    144: "LINUX_IRDA", 163: "IEEE802_11_RADIO_AVS", 165: "BACNET_MS_TP", 178: "JUNIPER_ETHER",
    187: "BLUETOOTH_HCI_H4", 189: "USB_LINUX", 192: "PPI", 195: "IEEE802_15_4", 201: "BLUETOOTH_HCI_H4_WITH_PHDR",
    220: "USB_LINUX_MMAPPED", 227: "CAN_SOCKETCAN", 228: "IPV4", 229: "IPV6", 230: "IEEE802_15_4_NOFCS", 239: "NFLOG",
    247: "INFINIBAND", 249: "USBPCAP", 251: "BLUETOOTH_LE_LL", 253: "NETLINK", 254: "BLUETOOTH_LINUX_MONITOR",
    256: "BLUETOOTH_LE_LL_WITH_PHDR", 258: "PKTAP", 271: "VSOCK", 272: "NORDIC_BLE", 274: "ETHERNET_MPACKET",
    276: "LINUX_SLL2", 280: "VPP_DISPATCH", 281: "DSA_TAG_BRCM", 282: "DSA_TAG_BRCM_PREPEND", 284: "DSA_TAG_DSA",
    285: "DSA_TAG_EDSA",
  ]
}
