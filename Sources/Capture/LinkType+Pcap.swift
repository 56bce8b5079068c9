import CPcap
public import Wire

extension LinkType {
  /// libpcap's number in memory, which is not everywhere the one in files.
  var dataLinkType: CInt {
    switch self {
    case .null: DLT_NULL
    case .ethernet: DLT_EN10MB
    case .raw: DLT_RAW
    case .loop: DLT_LOOP
    case .linuxSLL: DLT_LINUX_SLL
    case .ipv4: DLT_IPV4
    case .ipv6: DLT_IPV6
    case .linuxSLL2: DLT_LINUX_SLL2
    // libpcap numbers these in memory as in files, but for PKTAP on macOS itself.
    case .juniperEthernet, .nflog, .dsaBroadcom, .dsaBroadcomPrepended, .dsa, .edsa: CInt(rawValue)
    case .pktap: DLT_PKTAP
    // libpcap knows none.
    case .text, .bareText, .bareColumns, .columns: CInt(rawValue)
    }
  }

  /// The name that tcpdump uses, such as EN10MB for Ethernet.
  public var pcapName: String { isText ? "text" : name }
}
