/// The extension headers that the walk passes over (IANA "IPv6 Extension Header Types").
private enum IPv6Extension {
  static let hopByHop: UInt8 = 0
  static let routing: UInt8 = 43
  static let fragment: UInt8 = 44
  static let authentication: UInt8 = 51
  static let noNextHeader: UInt8 = 59
  static let destinationOptions: UInt8 = 60
}

extension IPHeader {
  /// RFC 8200 section 3: the fixed header alone.
  init(v6 frame: Span<UInt8>, at offset: Int, end: Int) throws(Dissection.Stop) {
    try frame.require(40, at: offset, before: end, in: .ipv6)
    guard frame.byte(at: offset) >> 4 == 6 else { throw Dissection.Stop(.malformed, in: .ipv6, at: offset) }
    let nextHeader = frame.byte(at: offset + 6)
    // Zero stands for a jumbogram (RFC 2675), or a packet that the network card is going to cut up (TSO).
    let givenLength = Int(frame.be16(at: offset + 4))
    let isLengthMissing = givenLength == 0 && nextHeader != IPv6Extension.noNextHeader
    self.init(
      source: IPAddress(v6: frame, at: offset + 8), destination: IPAddress(v6: frame, at: offset + 24),
      hopLimit: frame.byte(at: offset + 7), protocolNumber: nextHeader, identification: 0, moreFragments: false,
      fragmentOffset: 0, payloadOffset: offset + 40, payloadLength: isLengthMissing ? end - offset - 40 : givenLength)
  }

  /// RFC 8200 section 4. Moves the payload behind the extension headers, of which each takes eight bytes or more; where
  /// one cannot be read, the header is left as it is before that one.
  mutating func skipExtensions(_ frame: Span<UInt8>) throws(Dissection.Stop) {
    while fragmentOffset == 0 {
      let length: Int
      switch protocolNumber {
      case IPv6Extension.hopByHop, IPv6Extension.routing, IPv6Extension.destinationOptions:
        try frame.require(8, at: payloadOffset, before: payloadEnd, in: .ipv6)
        length = (Int(frame.byte(at: payloadOffset + 1)) + 1) * 8
      case IPv6Extension.authentication:
        // RFC 4302 section 2.2 counts in units of four.
        try frame.require(8, at: payloadOffset, before: payloadEnd, in: .ipv6)
        length = (Int(frame.byte(at: payloadOffset + 1)) + 2) * 4
      case IPv6Extension.fragment:
        length = 8
      default:
        return
      }
      try frame.require(length, at: payloadOffset, before: payloadEnd, in: .ipv6)
      if protocolNumber == IPv6Extension.fragment {
        let fragment = frame.be16(at: payloadOffset + 2)
        fragmentOffset = fragment & 0xfff8
        moreFragments = fragment & 1 == 1
        identification = frame.be32(at: payloadOffset + 4)
      }
      protocolNumber = frame.byte(at: payloadOffset)
      payloadOffset += length
      payloadLength -= length
    }
  }
}
