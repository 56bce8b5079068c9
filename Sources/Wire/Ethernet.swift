/// IEEE 802.3 section 3: destination, source, and a field that is the type of the payload or its length.
enum EthernetHeader {
  static let length = 14
}

extension Dissection {
  @inline(__always)
  mutating func walkEthernet(_ frame: Span<UInt8>, at offset: Int = 0, end: Int) throws(Stop) {
    try frame.require(EthernetHeader.length, at: offset, before: end, in: .link)
    destination = MACAddress(frame, at: offset)
    source = MACAddress(frame, at: offset + 6)
    try walk(etherType: frame.be16(at: offset + 12), frame, at: offset + EthernetHeader.length, end: end)
  }
}
