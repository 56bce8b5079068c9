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
