/// LINKTYPE_NFLOG of the tcpdump.org registry: address family, version, resource; then attributes, each with length and type
/// in the byte order of the host that captured, filled up to four bytes. Numbers of attributes: Linux
/// <linux/netfilter/nfnetlink_log.h>.
private enum NFLOGAttribute {
  static let inputInterface: UInt16 = 4
  static let outputInterface: UInt16 = 5
  static let senderAddress: UInt16 = 8
  static let payload: UInt16 = 9
  static let linkHeader: UInt16 = 16
}

extension Dissection {
  mutating func walkNFLOG(_ frame: Span<UInt8>, end: Int) throws(Stop) {
    try frame.require(8, at: 0, before: end, in: .link)
    guard frame.byte(at: 1) == 0 else { throw Stop(.unknownProtocol, in: .link, at: 0) }
    // The first length tells the byte order: attributes are far shorter than 256 bytes, but for the last.
    let isLittleEndian = frame.byte(at: 5) == 0 || frame.byte(at: 4) != 0
    let inOrder = { (number: UInt16) in isLittleEndian ? number.byteSwapped : number }
    var offset = 4
    while offset + 4 <= min(end, frame.count) {
      let length = Int(inOrder(frame.be16(at: offset)))
      guard length >= 4 else { throw Stop(.malformed, in: .link, at: offset) }
      let (value, count) = (offset + 4, length - 4)
      switch inOrder(frame.be16(at: offset + 2)) & 0x7fff {
      case NFLOGAttribute.inputInterface, NFLOGAttribute.outputInterface: interfaceIndex = frame.be32(at: value)
      case NFLOGAttribute.senderAddress where count >= 10 && frame.be16(at: value) == 6:
        source = MACAddress(frame, at: value + 4)
      // Of a frame that came in, the whole header.
      case NFLOGAttribute.linkHeader where count == EthernetHeader.length:
        destination = MACAddress(frame, at: value)
        source = MACAddress(frame, at: value + 6)
      case NFLOGAttribute.payload:
        return try walkRawIP(frame, at: value, end: min(end, value + count))
      default: break
      }
      offset += (length + 3) & ~3
    }
    throw Stop(offset >= end ? .unknownProtocol : .captureEnded, in: .link, at: offset)
  }
}
