/// What an Ethernet frame carries (IEEE Registration Authority, "EtherType").
enum EtherType {
  static let ipv4: UInt16 = 0x0800
  static let arp: UInt16 = 0x0806
  static let ipv6: UInt16 = 0x86dd
  static let mpls: UInt16 = 0x8847
  static let mplsUpstream: UInt16 = 0x8848
  /// Transparent Ethernet bridging (RFC 1701): a frame in a tunnel.
  static let bridging: UInt16 = 0x6558
  static let pppoeSession: UInt16 = 0x8864

  /// Below 0x0600 the field is no type: up to 1500 it is the length of an IEEE 802.3 frame.
  static let longestLength: UInt16 = 1500
}

extension Dissection {
  /// Goes on with the payload of a frame at `offset`, behind any VLAN tags. Untagged IPv4, nearly every frame, takes
  /// the short way.
  @inline(__always)
  mutating func walk(
    etherType: UInt16, _ frame: Span<UInt8>, at offset: Int, end: Int
  ) throws(Stop) {
    if etherType == EtherType.ipv4 {
      try walkIP(.v4, frame, at: offset, end: end)
    } else {
      try walkOther(etherType: etherType, frame, at: offset, end: end)
    }
  }

  private mutating func walkOther(
    etherType: UInt16, _ frame: Span<UInt8>, at offset: Int, end: Int
  ) throws(Stop) {
    var type = etherType
    var offset = offset
    try vlan.read(&type, frame, at: &offset, end: end)
    switch type {
    case EtherType.ipv4: try walkIP(.v4, frame, at: offset, end: end)
    case EtherType.ipv6: try walkIP(.v6, frame, at: offset, end: end)
    case EtherType.arp: try walkARP(frame, at: offset, end: end)
    case EtherType.mpls, EtherType.mplsUpstream: try walkMPLS(frame, at: offset, end: end)
    case EtherType.pppoeSession: try walkPPPoE(frame, at: offset, end: end)
    case ...EtherType.longestLength: try walkLLC(frame, at: offset, length: Int(type), end: end)
    default: throw Stop(.unknownProtocol, in: .link, at: offset)
    }
  }
}
