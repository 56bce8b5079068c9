public import Wire

/// IEEE 802.3 section 3.1.1, with its type field.
public struct EthernetLayer: PacketLayer {
  public var source: MACAddress
  public var destination: MACAddress
  /// `nil` for that of the next layer.
  public var type: UInt16?

  /// A tunnel carries it as a bridged frame.
  public var etherType: UInt16? { EtherType.bridging }

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(destination)
    bytes.append(source)
    bytes.append16(type ?? next?.etherType ?? 0)
    return bytes + payload
  }
}

/// IEEE 802.1Q section 9.
public struct VLANLayer: PacketLayer {
  public var identifier: UInt16
  public var priority: UInt8
  /// 0x8100, or 0x88a8 for the outer tag of 802.1ad.
  public var tagProtocol: UInt16

  public var etherType: UInt16? { tagProtocol }

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append16(UInt16(priority) << 13 | identifier)
    bytes.append16(next?.etherType ?? 0)
    return bytes + payload
  }
}

/// A Linux cooked capture, version 1 or 2 (`LINKTYPE_LINUX_SLL`, `LINKTYPE_LINUX_SLL2`).
public struct CookedLayer: PacketLayer {
  public enum Version: Sendable { case sll, sll2 }
  public enum Direction: UInt8, Sendable {
    case toUs = 0
    case broadcast = 1
    case multicast = 2
    case toOther = 3
    case fromUs = 4
  }

  public var version: Version
  public var direction: Direction
  public var source: MACAddress
  public var interfaceIndex: UInt32

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    let ethernet: UInt16 = 1  // ARPHRD_ETHER
    let type = next?.etherType ?? 0
    var bytes: [UInt8] = []
    switch version {
    case .sll:
      bytes.append16(UInt16(direction.rawValue))
      bytes.append16(ethernet)
      bytes.append16(6)
      bytes.append(source)
      bytes.append16(0)
      bytes.append16(type)
    case .sll2:
      bytes.append16(type)
      bytes.append16(0)
      bytes.append32(interfaceIndex)
      bytes.append16(ethernet)
      bytes += [direction.rawValue, 6]
      bytes.append(source)
      bytes.append16(0)
    }
    return bytes + payload
  }
}

/// The four-byte address family of BSD loopback (`LINKTYPE_NULL`, `LINKTYPE_LOOP`).
public struct FamilyLayer: PacketLayer {
  /// NULL has the byte order of the capturing host, LOOP that of the network.
  public var isLittleEndian: Bool
  /// 24, 28 or 30 for IPv6, by system.
  public var ipv6Family: UInt8

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    let family: UInt8 = next?.etherType == EtherType.ipv6 ? ipv6Family : 2
    return (isLittleEndian ? [family, 0, 0, 0] : [0, 0, 0, family]) + payload
  }
}

/// The types of IEEE 802 that the layers here announce each other by.
public enum EtherType {
  public static let ipv4: UInt16 = 0x0800
  public static let arp: UInt16 = 0x0806
  public static let vlan: UInt16 = 0x8100
  public static let ipv6: UInt16 = 0x86dd
  public static let serviceVLAN: UInt16 = 0x88a8
  public static let bridging: UInt16 = 0x6558
}

extension Packet {
  public static func ethernet(
    from source: MACAddress, to destination: MACAddress, vlan: UInt16? = nil, type: UInt16? = nil
  ) -> Packet {
    let ethernet = Packet(EthernetLayer(source: source, destination: destination, type: type))
    guard let vlan else { return ethernet }
    return ethernet / .vlan(vlan)
  }

  public static func vlan(
    _ identifier: UInt16, priority: UInt8 = 0, tagProtocol: UInt16 = EtherType.vlan
  ) -> Packet {
    Packet(VLANLayer(identifier: identifier, priority: priority, tagProtocol: tagProtocol))
  }

  public static func sll(_ direction: CookedLayer.Direction, from source: MACAddress) -> Packet {
    Packet(CookedLayer(version: .sll, direction: direction, source: source, interfaceIndex: 0))
  }

  public static func sll2(
    _ direction: CookedLayer.Direction, from source: MACAddress, interface: UInt32
  ) -> Packet {
    Packet(CookedLayer(version: .sll2, direction: direction, source: source, interfaceIndex: interface))
  }

  /// `LINKTYPE_NULL`.
  public static func null(littleEndian: Bool = true, ipv6Family: UInt8 = 24) -> Packet {
    Packet(FamilyLayer(isLittleEndian: littleEndian, ipv6Family: ipv6Family))
  }

  /// `LINKTYPE_LOOP`.
  public static func loop(ipv6Family: UInt8 = 24) -> Packet {
    Packet(FamilyLayer(isLittleEndian: false, ipv6Family: ipv6Family))
  }

  /// `LINKTYPE_RAW` and its like: nothing before IP.
  public static var raw: Packet { Packet() }
}
