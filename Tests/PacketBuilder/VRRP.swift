public import Wire

/// An advertisement: RFC 3768 section 5.1 (version 2), RFC 9568 section 5.1 (version 3).
public struct VRRPLayer: PacketLayer {
  public var version: UInt8
  public var virtualRouterID: UInt8
  public var priority: UInt8
  /// In seconds (version 2), or hundredths of a second (version 3).
  public var interval: UInt16
  public var addresses: [IPAddress]

  public var protocolNumber: UInt8? { IPProtocol.vrrp }

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    var message = [version << 4 | 1, virtualRouterID, priority, UInt8(truncatingIfNeeded: addresses.count)]
    // The upper byte is version 2's type of authentication: none.
    message.append16(interval)
    message += [0, 0]
    for address in addresses { message.append(address) }
    if version == 2 { message.append64(0) }
    let checksum =
      version == 2
      ? internetChecksum(message) : carrier?.checksum(of: message, protocolNumber: IPProtocol.vrrp) ?? 0
    message.set16(checksum, at: 6)
    return message + payload
  }
}

extension Packet {
  public static func vrrp(
    version: UInt8 = 3, virtualRouter: UInt8, priority: UInt8 = 100, interval: UInt16? = nil, addresses: [IPAddress]
  ) -> Packet {
    Packet(
      VRRPLayer(
        version: version, virtualRouterID: virtualRouter, priority: priority,
        interval: interval ?? (version == 2 ? 1 : 100), addresses: addresses))
  }

  /// A whole frame: the router at `source` says that it is master of `addresses`. It comes from the virtual MAC, as
  /// the RFCs demand, or from another, as keepalived sends it without `use_vmac`.
  public static func vrrpAdvertisement(
    version: UInt8 = 3, virtualRouter: UInt8, priority: UInt8 = 100, interval: UInt16? = nil, addresses: [IPAddress],
    by source: IPAddress, at sender: MACAddress? = nil
  ) -> Packet {
    let group = source.version == .v4 ? IPAddress(v4: 0xe000_0012) : IPAddress(v6High: 0xff02_0000_0000_0000, low: 0x12)
    return .ethernet(
      from: sender ?? .vrrp(virtualRouter, version: source.version), to: group.multicastMAC)
      / .ip(from: source, to: group, ttl: 255)
      / .vrrp(
        version: version, virtualRouter: virtualRouter, priority: priority, interval: interval, addresses: addresses)
  }
}

extension MACAddress {
  /// The virtual router's MAC: RFC 9568 section 7.3.
  public static func vrrp(_ virtualRouter: UInt8, version: IPAddress.Version = .v4) -> MACAddress {
    MACAddress((version == .v4 ? 0x0000_5e00_0100 : 0x0000_5e00_0200) | UInt64(virtualRouter))
  }
}
