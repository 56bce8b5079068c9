extension TunnelPayload {
  /// Generic UDP Encapsulation, draft-ietf-intarea-gue section 3.
  init?(gue frame: Span<UInt8>, at offset: Int, end: Int) {
    switch frame.byte(at: offset) >> 6 {
    case 0:
      // Variant 0: variant (2 bits), control (1), header length in words after the first (5), protocol, flags. Control
      // messages carry no packet.
      let first = frame.byte(at: offset)
      let version = frame.byte(at: offset + 1)
      guard first & 0x20 == 0, version == IPProtocol.ipv4 || version == IPProtocol.ipv6 else { return nil }
      let payload = offset + 4 + Int(first & 0x1f) * 4
      guard (frame.byte(at: payload) >> 4 == 4) == (version == IPProtocol.ipv4) else { return nil }
      self.init(.gue, packetIn: frame, at: payload, end: end)
    case 1:
      // Variant 1: no header. The bits of the variant are the first two of an IP version.
      self.init(.gue, packetIn: frame, at: offset, end: end)
    default:
      return nil
    }
  }
}
