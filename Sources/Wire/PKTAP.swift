extension Dissection {
  /// LINKTYPE_PKTAP of the tcpdump.org registry: the length of its header, the type of the record (1 is a packet), the link
  /// type of the frame behind it, all little-endian; more about interface and process follows.
  mutating func walkPKTAP(_ frame: Span<UInt8>, end: Int) throws(Stop) {
    try frame.require(12, at: 0, before: end, in: .link)
    let length = Int(frame.be32(at: 0).byteSwapped)
    guard length >= 12, frame.be32(at: 4).byteSwapped == 1 else { throw Stop(.unknownProtocol, in: .link, at: 0) }
    try frame.require(length, at: 0, before: end, in: .link)
    let number = UInt16(exactly: frame.be32(at: 8).byteSwapped)
    switch number.flatMap({ LinkType(fileValue: $0) }) {
    case .ethernet: try walkEthernet(frame, at: length, end: end)
    case .raw, .ipv4, .ipv6: try walkRawIP(frame, at: length, end: end)
    case .null, .loop: try walkLoopback(frame, at: length, end: end)
    default: throw Stop(.unknownProtocol, in: .link, at: length)
    }
  }
}
