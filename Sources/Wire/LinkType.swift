/// The link types whose frames can be dissected, with their numbers in capture files.
///
/// Source: the registry at tcpdump.org, "Link-layer header types" (draft-ietf-opsawg-pcaplinktype).
public enum LinkType: UInt16, Sendable, CaseIterable {
  /// BSD loopback: a four-byte address family in the capturing host's byte order.
  case null = 0
  case ethernet = 1
  /// Raw IP, the version told by its first nibble.
  case raw = 101
  /// OpenBSD loopback: a four-byte address family in network byte order.
  case loop = 108
  /// Linux cooked capture, 16 bytes.
  case linuxSLL = 113
  /// Juniper's Ethernet: a header of JUNOS before the frame.
  case juniperEthernet = 178
  /// Raw IPv4.
  case ipv4 = 228
  /// Raw IPv6.
  case ipv6 = 229
  /// Linux netfilter's log: packets with what the kernel notes beside them.
  case nflog = 239
  /// What `any`, `pktap` and `iptap` give on macOS: a header that names interface and link type of each frame.
  case pktap = 258
  /// Linux cooked capture version 2, 20 bytes, with the interface index.
  case linuxSLL2 = 276
  /// Ethernet with a switch's tag of four bytes behind the addresses: Broadcom's.
  case dsaBroadcom = 281
  /// The same before the addresses.
  case dsaBroadcomPrepended = 282
  /// Ethernet with Marvell's tag of four bytes behind the addresses.
  case dsa = 284
  /// Ethernet with Marvell's tag behind an EtherType of its own.
  case edsa = 285
  /// Text that tcpdump printed with the MACs of each frame (`Transcript`). No file has this number, nor the next three.
  case text = 0xff01
  /// The same without MACs.
  case bareText = 0xff02
  /// tshark's lines without columns of MACs.
  case bareColumns = 0xff03
  /// tshark's lines with them.
  case columns = 0xff04

  /// It is read from text, and in no capture file.
  public var isText: Bool { self == .text || self == .bareText || areColumns }

  /// It is read from lines that tshark printed.
  public var areColumns: Bool { self == .columns || self == .bareColumns }

  /// Reads the number a capture file gives. Besides the registered number of RAW, files written on some systems
  /// carry that system's own DLT_RAW: 12 or 14.
  public init?(fileValue: UInt16) {
    switch fileValue {
    case 12, 14: self = .raw
    default:
      guard let type = LinkType(rawValue: fileValue), !type.isText else { return nil }
      self = type
    }
  }
}
