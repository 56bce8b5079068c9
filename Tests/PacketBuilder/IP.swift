public import Wire

/// RFC 791 section 3.1.
public struct IPv4Layer: PacketLayer {
  public var source: IPAddress
  public var destination: IPAddress
  public var hopLimit: UInt8
  public var identification: UInt16
  public var typeOfService: UInt8
  public var dontFragment: Bool
  public var moreFragments: Bool
  /// In bytes; a multiple of eight.
  public var fragmentOffset: UInt16
  /// Filled up with zeros (end of options) to a multiple of four bytes.
  public var options: [UInt8]
  /// `nil` for that of the next layer.
  public var payloadProtocol: UInt8?
  /// `nil` for the right one.
  public var totalLength: UInt16?
  /// `nil` for the right one.
  public var checksum: UInt16?

  public var etherType: UInt16? { EtherType.ipv4 }
  public var protocolNumber: UInt8? { IPProtocol.ipv4 }
  public var carrier: Carrier? { Carrier(from: source, to: destination) }

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    let padded = options + Array(repeating: 0, count: (4 - options.count % 4) % 4)
    let headerLength = 20 + padded.count
    var header: [UInt8] = [0x40 | UInt8(truncatingIfNeeded: headerLength / 4), typeOfService]
    header.append16(totalLength ?? UInt16(truncatingIfNeeded: headerLength + payload.count))
    header.append16(identification)
    header.append16((dontFragment ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0) | fragmentOffset / 8)
    header += [hopLimit, payloadProtocol ?? next?.protocolNumber ?? 255, 0, 0]
    header.append(source)
    header.append(destination)
    header += padded
    header.set16(checksum ?? internetChecksum(header), at: 10)
    return header + payload
  }
}

/// RFC 8200 section 3.
public struct IPv6Layer: PacketLayer {
  public var source: IPAddress
  public var destination: IPAddress
  public var hopLimit: UInt8
  public var trafficClass: UInt8
  public var flowLabel: UInt32
  /// `nil` for that of the next layer.
  public var nextHeader: UInt8?
  /// `nil` for the right one.
  public var payloadLength: UInt16?

  public var etherType: UInt16? { EtherType.ipv6 }
  public var protocolNumber: UInt8? { IPProtocol.ipv6 }
  public var carrier: Carrier? { Carrier(from: source, to: destination) }

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    var header: [UInt8] = []
    header.append32(6 << 28 | UInt32(trafficClass) << 20 | flowLabel)
    header.append16(payloadLength ?? UInt16(truncatingIfNeeded: payload.count))
    header += [nextHeader ?? next?.protocolNumber ?? 59, hopLimit]
    header.append(source)
    header.append(destination)
    return header + payload
  }
}

/// RFC 8200 section 4: hop-by-hop options, routing, destination options, and others of the same form.
public struct IPv6ExtensionLayer: PacketLayer {
  public static let hopByHop: UInt8 = 0
  public static let routing: UInt8 = 43
  public static let destinationOptions: UInt8 = 60

  public var kind: UInt8
  /// What follows the first two bytes; filled up with a PadN option, or zeros, to a multiple of eight bytes.
  public var contents: [UInt8]

  public var protocolNumber: UInt8? { kind }

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    var body = contents
    let missing = (8 - (2 + body.count) % 8) % 8
    if missing == 1 { body.append(0) }
    if missing > 1 { body += [1, UInt8(missing - 2)] + Array(repeating: 0, count: missing - 2) }
    return [next?.protocolNumber ?? 59, UInt8(truncatingIfNeeded: (2 + body.count) / 8 - 1)] + body + payload
  }
}

/// RFC 8200 section 4.5.
public struct IPv6FragmentLayer: PacketLayer {
  public var identification: UInt32
  /// In bytes; a multiple of eight.
  public var offset: UInt16
  public var moreFragments: Bool

  public var protocolNumber: UInt8? { 44 }

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    var header: [UInt8] = [next?.protocolNumber ?? 59, 0]
    header.append16(offset & 0xfff8 | (moreFragments ? 1 : 0))
    header.append32(identification)
    return header + payload
  }
}

extension Packet {
  public static func ipv4(
    from source: IPAddress, to destination: IPAddress, ttl: UInt8 = 64, id: UInt16 = 0, tos: UInt8 = 0,
    dontFragment: Bool = true, moreFragments: Bool = false, fragmentOffset: UInt16 = 0, options: [UInt8] = [],
    protocolNumber: UInt8? = nil, totalLength: UInt16? = nil, checksum: UInt16? = nil
  ) -> Packet {
    Packet(
      IPv4Layer(
        source: source, destination: destination, hopLimit: ttl, identification: id, typeOfService: tos,
        dontFragment: dontFragment, moreFragments: moreFragments, fragmentOffset: fragmentOffset, options: options,
        payloadProtocol: protocolNumber, totalLength: totalLength, checksum: checksum))
  }

  public static func ipv6(
    from source: IPAddress, to destination: IPAddress, hopLimit: UInt8 = 64, trafficClass: UInt8 = 0,
    flowLabel: UInt32 = 0, nextHeader: UInt8? = nil, payloadLength: UInt16? = nil
  ) -> Packet {
    Packet(
      IPv6Layer(
        source: source, destination: destination, hopLimit: hopLimit, trafficClass: trafficClass,
        flowLabel: flowLabel, nextHeader: nextHeader, payloadLength: payloadLength))
  }

  /// The IP header that fits the addresses; IPv6 has no place for `id`.
  public static func ip(
    from source: IPAddress, to destination: IPAddress, ttl: UInt8 = 64, id: UInt16 = 0
  ) -> Packet {
    switch source.version {
    case .v4: .ipv4(from: source, to: destination, ttl: ttl, id: id)
    case .v6: .ipv6(from: source, to: destination, hopLimit: ttl)
    }
  }

  public static func ipv6Extension(_ kind: UInt8, _ contents: [UInt8] = []) -> Packet {
    Packet(IPv6ExtensionLayer(kind: kind, contents: contents))
  }

  public static func ipv6Fragment(id: UInt32, offset: UInt16 = 0, moreFragments: Bool = false) -> Packet {
    Packet(IPv6FragmentLayer(identification: id, offset: offset, moreFragments: moreFragments))
  }
}
