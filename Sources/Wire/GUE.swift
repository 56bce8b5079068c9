/// The UDP destination ports at which GUE is looked for.
public enum GUEPort: UInt16, CaseIterable, Sendable {
  /// IANA's "gue", also the default of Katran and of Linux's foo-over-UDP.
  case registered = 6080
  /// GitHub's GLB director.
  case glb = 19523
}

extension TunnelPayload {
  /// Generic UDP Encapsulation, draft-ietf-intarea-gue section 3. A port number proves nothing, so that what does not
  /// hold an IP packet of a fitting length is no tunnel (`nil`), and no contradiction either.
  init?(gue frame: Span<UInt8>, at offset: Int, end: Int) {
    let version: IPAddress.Version
    let payload: Int
    switch frame.byte(at: offset) >> 6 {
    case 0:
      // Variant 0: variant (2 bits), control (1), header length in words after the first (5), protocol, flags. Control
      // messages carry no packet.
      let first = frame.byte(at: offset)
      guard first & 0x20 == 0 else { return nil }
      payload = offset + 4 + Int(first & 0x1f) * 4
      switch frame.byte(at: offset + 1) {
      case IPProtocol.ipv4: version = .v4
      case IPProtocol.ipv6: version = .v6
      default: return nil
      }
    case 1:
      // Variant 1: no header. The bits of the variant are the first two of an IP version.
      payload = offset
      guard let nibble = IPAddress.Version(rawValue: frame.byte(at: offset) >> 4) else { return nil }
      version = nibble
    default:
      return nil
    }
    guard
      let inner = try? IPHeader(version, frame, at: payload, end: end),
      inner.payloadLength > 0, inner.payloadEnd <= end,
      frame.be16(at: version == .v4 ? payload + 2 : payload + 4) != 0
    else { return nil }
    self.init(kind: .gue, version: version, offset: payload)
  }
}
