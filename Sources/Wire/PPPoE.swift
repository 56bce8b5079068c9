extension Dissection {
  /// RFC 2516: a session's frame, which carries PPP (RFC 1661) with IPv4 (RFC 1332) or IPv6 (RFC 5072).
  mutating func walkPPPoE(_ frame: Span<UInt8>, at offset: Int, end: Int) throws(Stop) {
    try frame.require(8, at: offset, before: end, in: .link)
    // Version 1, type 1, code 0; the session; the length from the PPP protocol number on.
    guard frame.be16(at: offset) == 0x1100 else { throw Stop(.malformed, in: .link, at: offset) }
    encapsulation.push(Encapsulation.Layer(.pppoe, identifier: UInt32(frame.be16(at: offset + 2))))
    let end = min(end, offset + 6 + Int(frame.be16(at: offset + 4)))
    // RFC 1661 section 6.5: where both sides agreed, the first byte of the protocol number is left out if it is 0. The last
    // byte of such a number is odd, all others are even.
    let isCompressed = frame.byte(at: offset + 6) & 1 == 1
    let number = isCompressed ? UInt16(frame.byte(at: offset + 6)) : frame.be16(at: offset + 6)
    let payload = offset + (isCompressed ? 7 : 8)
    switch number {
    case 0x0021: try walkIP(.v4, frame, at: payload, end: end)
    case 0x0057: try walkIP(.v6, frame, at: payload, end: end)
    default: throw Stop(.unknownProtocol, in: .link, at: payload)
    }
  }
}
