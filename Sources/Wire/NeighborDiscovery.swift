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

    // Section 4.6: a type, and a length in units of eight octets that takes in both.
    let addressOption: UInt8 = kind == .solicitation ? 1 : 2
    var option = offset + 24
    while option < end {
      try frame.require(8, at: option, before: end, in: .icmpv6)
      let length = Int(frame.byte(at: option + 1)) * 8
      guard length > 0 else { throw Stop(.malformed, in: .icmpv6, at: option) }
      if frame.byte(at: option) == addressOption, length == 8, message.linkLayerAddress == nil {
        message.linkLayerAddress = MACAddress(frame, at: option + 2)
        content = .neighborDiscovery(message)
      }
      try frame.require(length, at: option, before: end, in: .icmpv6)
      option += length
    }
  }
}
