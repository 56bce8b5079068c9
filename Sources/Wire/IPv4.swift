extension IPHeader {
  /// RFC 791 section 3.1. Options are passed over.
  @inline(__always)
  init(v4 frame: Span<UInt8>, at offset: Int, end: Int) throws(Dissection.Stop) {
    try frame.require(20, at: offset, before: end, in: .ipv4)
    let bytes = frame.extracting(offset..<offset &+ 20)
    let first = bytes.byte(at: 0)
    let headerLength = Int(first & 0x0f) * 4
    // Zero is what a capture on the sending host shows of a packet that its network card is going to cut up (TSO),
    // and what every capture shows of one above 64 KiB.
    let givenLength = Int(bytes.be16(at: 2))
    let totalLength = givenLength == 0 ? end - offset : givenLength
    guard first >> 4 == 4, headerLength >= 20, totalLength >= headerLength else {
      throw Dissection.Stop(.malformed, in: .ipv4, at: offset)
    }
    let fragment = bytes.be16(at: 6)
    self.init(
      source: IPAddress(v4: bytes, at: 12), destination: IPAddress(v4: bytes, at: 16),
      hopLimit: bytes.byte(at: 8), protocolNumber: bytes.byte(at: 9),
      identification: UInt32(bytes.be16(at: 4)), moreFragments: fragment & 0x2000 != 0,
      fragmentOffset: fragment << 3, payloadOffset: offset + headerLength, payloadLength: totalLength - headerLength,
      isOversized: givenLength == 0 || totalLength > Self.ethernetLimit)
  }
}

extension Dissection {
  mutating func walkIPv4(
    _ frame: Span<UInt8>, at offset: Int, end: Int, in tunnel: TunnelPayload?
  ) throws(Stop) {
    let header = try IPHeader(v4: frame, at: offset, end: end)
    accept(header, layer: .ipv4, at: offset, end: end, in: tunnel)
    if header.payloadOffset > offset + 20, header.payloadOffset <= frame.count,
      DSROption.isIn(v4: frame.extracting(offset + 20..<header.payloadOffset))
    {
      bearsDSROption = true
    }
    guard header.payloadOffset <= frame.count else {
      network?.payloadOffset = frame.count
      throw Stop(.captureEnded, in: .ipv4, at: offset)
    }
    guard header.fragmentOffset == 0 else {
      content = .laterFragment(protocolNumber: header.protocolNumber)
      return
    }
    try walkPayload(
      header.protocolNumber, of: .v4, frame, at: header.payloadOffset, end: header.payloadEnd,
      isWhole: !header.moreFragments)
  }
}
