/// A neighbour solicitation or advertisement, RFC 4861 sections 4.3 and 4.4.
public struct NeighborMessage: Sendable {
  /// The raw value is the ICMPv6 type.
  public enum Kind: UInt8, Sendable {
    case solicitation = 135
    case advertisement = 136
  }
  public var kind: Kind
  public var target: IPAddress
  /// The source (solicitation) or target (advertisement) link-layer address option.
  public var linkLayerAddress: MACAddress?
  /// The R, S and O flags of an advertisement.
  public var isRouter: Bool
  public var isSolicited: Bool
  public var isOverride: Bool

  public init(
    kind: Kind, target: IPAddress, linkLayerAddress: MACAddress?, isRouter: Bool, isSolicited: Bool, isOverride: Bool
  ) {
    self.kind = kind
    self.target = target
    self.linkLayerAddress = linkLayerAddress
    self.isRouter = isRouter
    self.isSolicited = isSolicited
    self.isOverride = isOverride
  }
}

extension Dissection {
  mutating func walkNeighborMessage(
    _ kind: NeighborMessage.Kind, _ frame: Span<UInt8>, at offset: Int, end: Int
  ) throws(Stop) {
    try frame.require(24, at: offset, before: end, in: .icmpv6)
    let flags = kind == .advertisement ? frame.byte(at: offset + 4) : 0
    var message = NeighborMessage(
      kind: kind, target: IPAddress(v6: frame, at: offset + 8), linkLayerAddress: nil,
      isRouter: flags & 0x80 != 0, isSolicited: flags & 0x40 != 0, isOverride: flags & 0x20 != 0)
    content = .neighborDiscovery(message)

    let addressOption: UInt8 = kind == .solicitation ? 1 : 2
    var option = offset + 24
    while option < end {
      let length = try Self.optionLength(frame, at: option, end: end)
      if frame.byte(at: option) == addressOption, length == 8, message.linkLayerAddress == nil {
        message.linkLayerAddress = MACAddress(frame, at: option + 2)
        content = .neighborDiscovery(message)
      }
      try frame.require(length, at: option, before: end, in: .icmpv6)
      option += length
    }
  }

  /// RFC 4861 section 4.5. The packet that was redirected is an option, of which a router quotes as much as fits.
  mutating func walkRedirect(_ frame: Span<UInt8>, at offset: Int, end: Int) throws(Stop) {
    try frame.require(40, at: offset, before: end, in: .icmpv6)
    var error = ICMPError(
      kind: .redirect, type: frame.byte(at: offset), code: frame.byte(at: offset + 1), mtu: 0,
      gateway: IPAddress(v6: frame, at: offset + 8),
      quoted: QuotedPacket(
        source: IPAddress(v6High: 0, low: 0), destination: IPAddress(v6: frame, at: offset + 24), protocolNumber: 0,
        sourcePort: 0, destinationPort: 0))
    content = .icmpError(error)

    var option = offset + 40
    while option < end {
      let length = try Self.optionLength(frame, at: option, end: end)
      // Section 4.6.3: six reserved bytes, and the packet.
      if frame.byte(at: option) == 4 {
        error.quoted = try QuotedPacket(.v6, frame, at: option + 8, end: min(option + length, end), ports: tunnelPorts)
        content = .icmpError(error)
        return
      }
      try frame.require(length, at: option, before: end, in: .icmpv6)
      option += length
    }
  }

  /// Section 4.6: an option is a type, and a length in units of eight octets that takes in both.
  static func optionLength(_ frame: Span<UInt8>, at option: Int, end: Int) throws(Stop) -> Int {
    try frame.require(8, at: option, before: end, in: .icmpv6)
    let length = Int(frame.byte(at: option + 1)) * 8
    guard length > 0 else { throw Stop(.malformed, in: .icmpv6, at: option) }
    return length
  }
}
