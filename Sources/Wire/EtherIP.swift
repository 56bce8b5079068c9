extension TunnelPayload {
  /// RFC 3378 section 3: version 3, twelve reserved bits, then the frame.
  init(etherIP frame: Span<UInt8>, at offset: Int, end: Int) throws(Dissection.Stop) {
    try frame.require(2, at: offset, before: end, in: .link)
    guard frame.be16(at: offset) == 0x3000 else { throw Dissection.Stop(.unknownProtocol, in: .link, at: offset) }
    self.init(.etherIP, .frame, at: offset + 2)
  }
}
