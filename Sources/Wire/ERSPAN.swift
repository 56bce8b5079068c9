extension TunnelPayload {
  /// What a mirror wraps (draft-foschiano-erspan sections 4.1 to 4.3), behind a GRE header. Type I has no header at all,
  /// which a GRE header without a sequence number tells; type II has eight bytes; type III twelve, and eight more where
  /// the flag O is set. The session stands in the lower ten bits of the second field, the flag T, for a frame that was
  /// cut, above it.
  init(
    erspan frame: Span<UInt8>, isTypeIII: Bool, hasSequence: Bool, at offset: Int, end: Int
  ) throws(Dissection.Stop) {
    guard isTypeIII || hasSequence else {
      // Nothing tells whether it was cut.
      self.init(.erspan, .frame, at: offset, mayBeCut: true)
      return
    }
    var length = isTypeIII ? 12 : 8
    try frame.require(length, at: offset, before: end, in: .gre)
    guard frame.byte(at: offset) >> 4 == (isTypeIII ? 2 : 1) else {
      throw Dissection.Stop(.unknownProtocol, in: .gre, at: offset)
    }
    let field = frame.be16(at: offset + 2)
    if isTypeIII {
      let last = frame.be16(at: offset + 10)
      // Of the frame types 0 is Ethernet.
      guard last >> 10 & 0x1f == 0 else { throw Dissection.Stop(.unknownProtocol, in: .gre, at: offset) }
      if last & 1 == 1 { length += 8 }
    }
    self.init(
      .erspan, identifier: UInt32(field & 0x03ff), .frame, at: offset + length, mayBeCut: field & 0x0400 != 0)
  }
}
