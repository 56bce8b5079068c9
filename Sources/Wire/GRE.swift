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
    let keyOffset = payload
    if flags & 0x2000 != 0 { payload += 4 }
    let hasSequence = flags & 0x1000 != 0
    if hasSequence { payload += 4 }
    try frame.require(payload - offset, at: offset, before: end, in: .gre)
    let key = flags & 0x2000 != 0 ? frame.be32(at: keyOffset) : nil
    let type = frame.be16(at: offset + 2)
    switch type {
    case 0x88be:
      try self.init(erspan: frame, isTypeIII: false, hasSequence: hasSequence, at: payload, end: end)
    case 0x22eb:
      try self.init(erspan: frame, isTypeIII: true, hasSequence: hasSequence, at: payload, end: end)
    // RFC 4023.
    case EtherType.mpls:
      let stack = try LabelStack(frame, at: payload, end: end)
      guard let inner = TunnelPayload(.gre, identifier: key, packetIn: frame, at: stack.end, end: end) else {
        throw Dissection.Stop(.unknownProtocol, in: .gre, at: stack.end)
      }
      self = inner
    default:
      guard let inner = TunnelPayload(.gre, identifier: key, etherType: type, at: payload) else {
        throw Dissection.Stop(.unknownProtocol, in: .gre, at: payload)
      }
      self = inner
    }
  }
}
