/// ARP for IPv4 over Ethernet, RFC 826.
public struct ARPPacket: Sendable {
  /// 1 request, 2 reply.
  public var operation: UInt16
  public var senderMAC: MACAddress
  public var senderIP: IPAddress
  public var targetMAC: MACAddress
  public var targetIP: IPAddress

  public init(
    operation: UInt16, senderMAC: MACAddress, senderIP: IPAddress, targetMAC: MACAddress, targetIP: IPAddress
  ) {
    self.operation = operation
    self.senderMAC = senderMAC
    self.senderIP = senderIP
    self.targetMAC = targetMAC
    self.targetIP = targetIP
  }
}

extension Dissection {
  mutating func walkARP(_ frame: Span<UInt8>, at offset: Int, end: Int) throws(Stop) {
    try frame.require(8, at: offset, before: end, in: .arp)
    // Hardware Ethernet, protocol IPv4, addresses of six and four octets.
    guard frame.be32(at: offset) == 0x0001_0800, frame.be16(at: offset + 4) == 0x0604 else {
      throw Stop(.unknownProtocol, in: .arp, at: offset)
    }
    try frame.require(28, at: offset, before: end, in: .arp)
    content = .arp(
      ARPPacket(
        operation: frame.be16(at: offset + 6),
        senderMAC: MACAddress(frame, at: offset + 8), senderIP: IPAddress(v4: frame, at: offset + 14),
        targetMAC: MACAddress(frame, at: offset + 18), targetIP: IPAddress(v4: frame, at: offset + 24)))
  }
}
