/// RFC 768.
public struct UDPHeader: Sendable {
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  /// Where the payload begins, and its length as the headers give it, captured or not.
  public var payloadOffset: Int
  public var payloadLength: UInt32

  public init(sourcePort: UInt16, destinationPort: UInt16, payloadOffset: Int, payloadLength: UInt32) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.payloadOffset = payloadOffset
    self.payloadLength = payloadLength
  }
}

extension UDPHeader {
  /// Reads a header whose datagram may claim more than the IP packet around it holds.
  init(_ frame: Span<UInt8>, at offset: Int, end: Int) throws(Dissection.Stop) {
    try frame.require(8, at: offset, before: end, in: .udp)
    // Zero is a jumbogram (RFC 2675 section 4), or a length that the network card was left to fill in.
    let givenLength = Int(frame.be16(at: offset + 4))
    let length = givenLength == 0 ? end - offset : givenLength
    guard length >= 8 else { throw Dissection.Stop(.malformed, in: .udp, at: offset) }
    self.init(
      sourcePort: frame.be16(at: offset), destinationPort: frame.be16(at: offset + 2), payloadOffset: offset + 8,
      payloadLength: UInt32(truncatingIfNeeded: length - 8))
  }

  /// Where the datagram ends by its own header.
  var payloadEnd: Int { payloadOffset + Int(payloadLength) }
}

extension Dissection {
  /// `isWhole` is false in a first fragment, whose datagram is rightly longer than the packet.
  mutating func walkUDP(_ frame: Span<UInt8>, at offset: Int, end: Int, isWhole: Bool) throws(Stop) {
    let header = try UDPHeader(frame, at: offset, end: end)
    if isWhole, header.payloadEnd > end { note(Stop(.malformed, in: .udp, at: offset)) }
    content = .udp(header)
    if let tunnel = TunnelPayload(udp: header, frame, ports: tunnelPorts) {
      try enter(tunnel, frame, end: header.payloadEnd)
    }
  }
}
