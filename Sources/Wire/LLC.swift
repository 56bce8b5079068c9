extension Dissection {
  /// RFC 1042: IP in an IEEE 802.3 frame, behind LLC and SNAP headers. `length` is the frame's own, which leaves out
  /// the padding.
  mutating func walkLLC(_ frame: Span<UInt8>, at offset: Int, length: Int, end: Int) throws(Stop) {
    if length > end - offset { note(Stop(.malformed, in: .link, at: offset)) }
    let end = min(end, offset + length)
    try frame.require(8, at: offset, before: end, in: .link)
    // DSAP and SSAP SNAP, unnumbered information, and the organisation code that says an EtherType follows. Network
    // protocols alone may follow: another length would not mean an 802.3 frame again.
    guard frame.be32(at: offset) == 0xaaaa_0300, frame.be16(at: offset + 4) == 0 else {
      throw Stop(.unknownProtocol, in: .link, at: offset)
    }
    switch frame.be16(at: offset + 6) {
    case EtherType.ipv4: try walkIP(.v4, frame, at: offset + 8, end: end)
    case EtherType.ipv6: try walkIP(.v6, frame, at: offset + 8, end: end)
    case EtherType.arp: try walkARP(frame, at: offset + 8, end: end)
    default: throw Stop(.unknownProtocol, in: .link, at: offset + 8)
    }
  }
}
