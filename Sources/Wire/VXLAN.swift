extension TunnelPayload {
  /// RFC 7348 section 5: flags, of which I says that there is a VNI; 24 reserved bits; the VNI; 8 reserved bits. The flag P
  /// of draft-ietf-nvo3-vxlan-gpe section 3.1 says that the fourth byte names what follows.
  init?(vxlan frame: Span<UInt8>, at offset: Int, end: Int) {
    guard (try? frame.require(8, at: offset, before: end, in: .udp)) != nil else { return nil }
    let flags = frame.byte(at: offset)
    let words = frame.be32(at: offset + 4)
    guard flags & 0x08 != 0, words & 0xff == 0 else { return nil }
    let identifier = words >> 8
    guard flags & 0x04 != 0 else {
      self.init(.vxlan, identifier: identifier, .frame, at: offset + 8)
      return
    }
    let content: Content
    switch frame.byte(at: offset + 3) {
    case 1: content = .packet(.v4)
    case 2: content = .packet(.v6)
    case 3: content = .frame
    default: return nil
    }
    self.init(.vxlanGPE, identifier: identifier, content, at: offset + 8)
  }
}
