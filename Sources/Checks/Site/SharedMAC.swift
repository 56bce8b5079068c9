import Wire

extension MACAddress {
  /// No device's own: a virtual MAC of a redundancy protocol, a group's, or one that a fabric puts on every frame.
  var isShared: Bool { !isUnicast || redundancyProtocol != nil || isFabric }

  /// Azure's virtual network answers every ARP question with this MAC, and every frame that a host receives bears it
  /// (seen on Azure; https://www.untangled.eu on its networking).
  var isFabric: Bool { rawValue == 0x1234_5678_9abc }
}

extension Devices.Join {
  /// VirtualBox's NAT is one host with two fixed MACs: its gateway's and its name server's (VirtualBox manual, network
  /// address translation; seen in public captures).
  static let ofProducts = [
    Devices.Join(one: MACAddress(0x5254_0012_3502), other: MACAddress(0x5254_0012_3503), reason: .product)
  ]
}
