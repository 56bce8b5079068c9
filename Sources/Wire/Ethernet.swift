/// IEEE 802.3 section 3: destination, source, and a field that is the type of the payload or its length.
enum EthernetHeader {
  static let length = 14
}

extension Dissection {
  @inline(__always)
  mutating func walkEthernet(_ frame: Span<UInt8>, end: Int) throws(Stop) {
    try frame.require(EthernetHeader.length, at: 0, before: end, in: .link)
    destination = MACAddress(frame, at: 0)
    source = MACAddress(frame, at: 6)
    try walk(etherType: frame.be16(at: 12), frame, at: EthernetHeader.length, end: end)
  }
}

extension TunnelPayload {
  /// The IP packet in an Ethernet frame at `offset` that a tunnel carries: its addresses and tags belong to another
  /// network than those of the captured frame, and are passed over.
  init(
    _ kind: Encapsulation.Kind, inEthernet frame: Span<UInt8>, at offset: Int, end: Int, layer: Dissection.Layer
  ) throws(Dissection.Stop) {
    try frame.require(EthernetHeader.length, at: offset, before: end, in: layer)
    var type = frame.be16(at: offset + 12)
    var payload = offset + EthernetHeader.length
    var innerTags = VLANStack()
    try innerTags.read(&type, frame, at: &payload, end: end)
    switch type {
    case EtherType.ipv4: self.init(kind: kind, version: .v4, offset: payload)
    case EtherType.ipv6: self.init(kind: kind, version: .v6, offset: payload)
    default: throw Dissection.Stop(.unknownProtocol, in: layer, at: payload)
    }
  }
}
