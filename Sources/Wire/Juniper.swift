extension Dissection {
  /// LINKTYPE_JUNIPER_ETHER of the tcpdump.org registry: "MGC", flags, extensions with their length where bit 7 is set,
  /// then the frame; without a link layer (bit 1) four bytes and an IP packet.
  mutating func walkJuniper(_ frame: Span<UInt8>, end: Int) throws(Stop) {
    try frame.require(4, at: 0, before: end, in: .link)
    guard frame.be32(at: 0) >> 8 == 0x4d4743 else { throw Stop(.malformed, in: .link, at: 0) }
    let flags = frame.byte(at: 3)
    var offset = 4
    if flags & 0x80 != 0 {
      try frame.require(2, at: offset, before: end, in: .link)
      offset += 2 + Int(frame.be16(at: offset))
    }
    if flags & 0x02 != 0 {
      try walkRawIP(frame, at: offset + 4, end: end)
    } else {
      try walkEthernet(frame, at: offset, end: end)
    }
  }
}
