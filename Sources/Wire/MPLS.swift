/// RFC 3032: a stack of labels. Nothing says what follows the last but its first nibble (RFC 4928 section 3).
struct LabelStack {
  /// The label at the bottom.
  let bottom: UInt32
  /// Where it ends.
  let end: Int

  init(_ frame: Span<UInt8>, at offset: Int, end: Int) throws(Dissection.Stop) {
    var offset = offset
    var entry: UInt32 = 0
    while entry & 0x100 == 0 {
      try frame.require(4, at: offset, before: end, in: .link)
      entry = frame.be32(at: offset)
      offset += 4
    }
    bottom = entry >> 12
    self.end = offset
  }
}

extension Dissection {
  mutating func walkMPLS(_ frame: Span<UInt8>, at offset: Int, end: Int) throws(Stop) {
    let stack = try LabelStack(frame, at: offset, end: end)
    encapsulation.push(Encapsulation.Layer(.mpls, identifier: stack.bottom))
    try walkRawIP(frame, at: stack.end, end: end)
  }
}

extension TunnelPayload {
  /// RFC 7510.
  init?(mplsOverUDP frame: Span<UInt8>, at offset: Int, end: Int) {
    guard let stack = try? LabelStack(frame, at: offset, end: end) else { return nil }
    self.init(.mplsOverUDP, identifier: stack.bottom, packetIn: frame, at: stack.end, end: end)
  }
}
