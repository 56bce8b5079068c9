public import Wire

/// A prefix that a router says is on its link (RFC 4861 section 4.6.2): hosts there reach its addresses without a router.
public struct OnLinkPrefix: Hashable, Sendable {
  /// Index in `Evidence.points`.
  public var point: Int
  public var vlan: VLANStack
  /// The Ethernet source of the router's advertisement.
  public var router: MACAddress
  /// The bits behind the prefix are zero.
  public var prefix: IPAddress
  /// In bits.
  public var length: UInt8

  public init(point: Int, vlan: VLANStack = VLANStack(), router: MACAddress, prefix: IPAddress, length: UInt8) {
    self.point = point
    self.vlan = vlan
    self.router = router
    self.prefix = prefix
    self.length = length
  }
}

extension OnLinkPrefix {
  /// The prefixes that a router advertisement names, added to those of the link that it came over.
  static func collect(
    _ advertisement: RouterAdvertisement, from frame: Dissection, _ bytes: Span<UInt8>, point: Int,
    into add: (OnLinkPrefix) -> Void
  ) {
    // RFC 4861 section 6.1.2: hosts believe only what a router on the link sent, from its link-local address. What came
    // through a tunnel is about another link.
    guard let router = frame.source, router.isUnicast, let network = frame.network, network.hopLimit == 255,
      network.source.isLinkLocal, !frame.encapsulation.wrapsPacket
    else { return }
    advertisement.forEachPrefixOnLink(bytes) { prefix in
      add(
        OnLinkPrefix(
          point: point, vlan: frame.vlan, router: router, prefix: prefix.address, length: prefix.length))
    }
  }
}
