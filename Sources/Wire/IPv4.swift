extension IPHeader {
  /// RFC 791 section 3.1. Options are passed over.
  @inline(__always)
  init(v4 frame: Span<UInt8>, at offset: Int, end: Int) throws(Dissection.Stop) {
    try frame.require(20, at: offset, before: end, in: .ipv4)
    let first = frame.byte(at: offset)
    let headerLength = Int(first & 0x0f) * 4
    // Zero is what a capture on the sending host shows of a packet that its network card is going to cut up (TSO),
    // and what every capture shows of one above 64 KiB.
    let givenLength = Int(frame.be16(at: offset + 2))
    let totalLength = givenLength == 0 ? end - offset : givenLength
    guard first >> 4 == 4, headerLength >= 20, totalLength >= headerLength else {
      throw Dissection.Stop(.malformed, in: .ipv4, at: offset)
    }
    let fragment = frame.be16(at: offset + 6)
    self.init(
      source: IPAddress(v4: frame, at: offset + 12), destination: IPAddress(v4: frame, at: offset + 16),
      hopLimit: frame.byte(at: offset + 8), protocolNumber: frame.byte(at: offset + 9),
      identification: UInt32(frame.be16(at: offset + 4)), moreFragments: fragment & 0x2000 != 0,
      fragmentOffset: fragment << 3, payloadOffset: offset + headerLength, payloadLength: totalLength - headerLength)
  }
}
