/// RFC 8926 section 3.4: version and length of the options in words, flags, the EtherType of what follows, the VNI.
enum GeneveHeader {
  static let length = 8
}

extension TunnelPayload {
  init?(geneve frame: Span<UInt8>, at offset: Int, end: Int) {
    guard (try? frame.require(GeneveHeader.length, at: offset, before: end, in: .udp)) != nil else { return nil }
    let first = frame.byte(at: offset)
    let words = frame.be32(at: offset + 4)
    // Control messages (flag O) carry no packet.
    guard first >> 6 == 0, frame.byte(at: offset + 1) & 0x80 == 0, words & 0xff == 0 else { return nil }
    let payload = offset + GeneveHeader.length + Int(first & 0x3f) * 4
    guard payload <= end else { return nil }
    self.init(.geneve, identifier: words >> 8, etherType: frame.be16(at: offset + 2), at: payload)
    bearsDSROption =
      payload <= frame.count && DSROption.isIn(geneve: frame.extracting(offset + GeneveHeader.length..<payload))
  }
}
