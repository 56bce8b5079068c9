extension TunnelPayload {
  /// RFC 2784 and RFC 2890: flags and version, the protocol, then checksum, key and sequence number where their flags
  /// are set.
  init(gre frame: Span<UInt8>, at offset: Int, end: Int) throws(Dissection.Stop) {
    try frame.require(4, at: offset, before: end, in: .gre)
    let flags = frame.be16(at: offset)
    // With routing (RFC 1701) the header's length is another; version 1 is PPTP's (RFC 2637).
    guard flags & 0x4007 == 0 else { throw Dissection.Stop(.unknownProtocol, in: .gre, at: offset) }
    var payload = offset + 4
    if flags & 0x8000 != 0 { payload += 4 }
    if flags & 0x2000 != 0 { payload += 4 }
    if flags & 0x1000 != 0 { payload += 4 }
    try frame.require(payload - offset, at: offset, before: end, in: .gre)
    switch frame.be16(at: offset + 2) {
    case EtherType.ipv4: self.init(kind: .gre, version: .v4, offset: payload)
    case EtherType.ipv6: self.init(kind: .gre, version: .v6, offset: payload)
    // Transparent Ethernet bridging, RFC 1701.
    case 0x6558: try self.init(.gre, inEthernet: frame, at: payload, end: end, layer: .gre)
    default: throw Dissection.Stop(.unknownProtocol, in: .gre, at: payload)
    }
  }
}
