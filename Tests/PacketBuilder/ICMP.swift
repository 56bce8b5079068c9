public import Wire

/// RFC 792 and RFC 4443: type, code, checksum, four bytes that depend on the type, and the rest.
public struct ICMPLayer: PacketLayer {
  public var version: IPAddress.Version
  public var type: UInt8
  public var code: UInt8
  public var parameter: UInt32
  public var contents: [UInt8]
  /// `nil` for the right one.
  public var checksum: UInt16?

  public var protocolNumber: UInt8? { version == .v4 ? IPProtocol.icmp : IPProtocol.icmpv6 }

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    var message: [UInt8] = [type, code, 0, 0]
    message.append32(parameter)
    message += contents + payload
    let right =
      switch version {
      case .v4: internetChecksum(message)
      case .v6: carrier?.checksum(of: message, protocolNumber: IPProtocol.icmpv6) ?? 0
      }
    message.set16(checksum ?? right, at: 2)
    return message
  }
}

extension Packet {
  public static func icmp(
    type: UInt8, code: UInt8 = 0, parameter: UInt32 = 0, contents: [UInt8] = [], checksum: UInt16? = nil
  ) -> Packet {
    Packet(
      ICMPLayer(
        version: .v4, type: type, code: code, parameter: parameter, contents: contents, checksum: checksum))
  }

  public static func icmpv6(
    type: UInt8, code: UInt8 = 0, parameter: UInt32 = 0, contents: [UInt8] = [], checksum: UInt16? = nil
  ) -> Packet {
    Packet(
      ICMPLayer(
        version: .v6, type: type, code: code, parameter: parameter, contents: contents, checksum: checksum))
  }
}

/// Echo requests and replies: RFC 792, RFC 4443 section 4.
extension Packet {
  public static func echo(
    _ version: IPAddress.Version = .v4, isReply: Bool = false, id: UInt16 = 1, sequence: UInt16 = 1,
    contents: [UInt8] = Array("abcdefgh".utf8)
  ) -> Packet {
    let parameter = UInt32(id) << 16 | UInt32(sequence)
    return switch version {
    case .v4: .icmp(type: isReply ? 0 : 8, parameter: parameter, contents: contents)
    case .v6: .icmpv6(type: isReply ? 129 : 128, parameter: parameter, contents: contents)
    }
  }
}

/// Errors. `quoting` is the packet that the error is about, beginning with its IP header; `length` of its bytes are
/// kept. RFC 792 asks for the header and eight bytes more, RFC 4443 for as much as fits the minimum MTU.
extension Packet {
  public static func icmpUnreachable(code: UInt8, quoting packet: Packet, length: Int = 28) -> Packet {
    .icmp(type: 3, code: code, contents: Array(packet.bytes.prefix(length)))
  }

  /// RFC 1191 section 4.
  public static func icmpFragmentationNeeded(mtu: UInt16, quoting packet: Packet, length: Int = 28) -> Packet {
    .icmp(type: 3, code: 4, parameter: UInt32(mtu), contents: Array(packet.bytes.prefix(length)))
  }

  public static func icmpTimeExceeded(quoting packet: Packet, length: Int = 28) -> Packet {
    .icmp(type: 11, contents: Array(packet.bytes.prefix(length)))
  }

  /// The router says that `gateway` is the better next hop.
  public static func icmpRedirect(to gateway: IPAddress, quoting packet: Packet, length: Int = 28) -> Packet {
    .icmp(
      type: 5, code: 1, parameter: UInt32(truncatingIfNeeded: gateway.low), contents: Array(packet.bytes.prefix(length))
    )
  }

  /// RFC 4861 section 4.5: `gateway` is the better next hop for `destination`, the destination itself where it is on
  /// the link. `packet` is quoted in a Redirected Header option, filled up to a multiple of eight bytes.
  public static func icmpv6Redirect(
    to gateway: IPAddress, for destination: IPAddress, at owner: MACAddress? = nil, quoting packet: Packet? = nil,
    length: Int = 1160
  ) -> Packet {
    var contents: [UInt8] = []
    contents.append(gateway)
    contents.append(destination)
    if let owner {
      contents += [2, 1]
      contents.append(owner)
    }
    if let packet {
      let quoted = packet.bytes.prefix(length)
      let padding = (8 - quoted.count % 8) % 8
      contents += [4, UInt8((8 + quoted.count + padding) / 8), 0, 0, 0, 0, 0, 0]
      contents += quoted + Array(repeating: 0, count: padding)
    }
    return .icmpv6(type: 137, contents: contents)
  }

  public static func icmpv6Unreachable(code: UInt8, quoting packet: Packet, length: Int = 1232) -> Packet {
    .icmpv6(type: 1, code: code, contents: Array(packet.bytes.prefix(length)))
  }

  public static func icmpv6PacketTooBig(mtu: UInt32, quoting packet: Packet, length: Int = 1232) -> Packet {
    .icmpv6(type: 2, parameter: mtu, contents: Array(packet.bytes.prefix(length)))
  }

  public static func icmpv6TimeExceeded(quoting packet: Packet, length: Int = 1232) -> Packet {
    .icmpv6(type: 3, contents: Array(packet.bytes.prefix(length)))
  }
}

/// Router advertisements, RFC 4861 sections 4.2 and 4.6.2.
extension Packet {
  /// A Prefix Information option.
  public struct AdvertisedPrefix: Sendable {
    public var prefix: IPAddress
    public var length: UInt8
    /// The flags L and A; the first says that the prefix is on the link.
    public var isOnLink: Bool
    public var isAutonomous: Bool
    public var validLifetime: UInt32

    public init(
      _ prefix: IPAddress, length: UInt8 = 64, isOnLink: Bool = true, isAutonomous: Bool = true,
      validLifetime: UInt32 = 86400
    ) {
      self.prefix = prefix
      self.length = length
      self.isOnLink = isOnLink
      self.isAutonomous = isAutonomous
      self.validLifetime = validLifetime
    }

    var option: [UInt8] {
      var bytes: [UInt8] = [3, 4, length, (isOnLink ? 0x80 : 0) | (isAutonomous ? 0x40 : 0)]
      bytes.append32(validLifetime)
      bytes.append32(min(validLifetime, 14400))
      bytes.append32(0)
      bytes.append(prefix)
      return bytes
    }
  }

  public static func routerAdvertisement(_ prefixes: [AdvertisedPrefix], sourceMAC: MACAddress? = nil) -> Packet {
    // Reachable time and retransmission timer: unspecified.
    var contents: [UInt8] = Array(repeating: 0, count: 8)
    if let sourceMAC {
      contents += [1, 1]
      contents.append(sourceMAC)
    }
    // Hop limit 64, lifetime 1,800 seconds.
    return .icmpv6(type: 134, parameter: 64 << 24 | 1800, contents: contents + prefixes.flatMap(\.option))
  }

  /// A whole frame: `router` tells all nodes what is on its link.
  public static func routerAdvertisement(
    _ prefixes: [AdvertisedPrefix], by router: MACAddress, _ source: IPAddress, vlan: UInt16? = nil,
    hopLimit: UInt8 = 255
  ) -> Packet {
    let allNodes = IPAddress(v6High: 0xff02_0000_0000_0000, low: 1)
    return .ethernet(from: router, to: allNodes.multicastMAC, vlan: vlan)
      / .ipv6(from: source, to: allNodes, hopLimit: hopLimit)
      / .routerAdvertisement(prefixes, sourceMAC: router)
  }
}

/// Neighbour discovery, RFC 4861 sections 4.3, 4.4 and 4.6.1.
extension Packet {
  public static func neighborSolicitation(for target: IPAddress, sourceMAC: MACAddress? = nil) -> Packet {
    .icmpv6(type: 135, contents: neighborBody(target, option: 1, sourceMAC))
  }

  public static func neighborAdvertisement(
    of target: IPAddress, isAt owner: MACAddress?, router: Bool = false, solicited: Bool = true, override: Bool = true
  ) -> Packet {
    let flags: UInt32 = (router ? 1 << 31 : 0) | (solicited ? 1 << 30 : 0) | (override ? 1 << 29 : 0)
    return .icmpv6(type: 136, parameter: flags, contents: neighborBody(target, option: 2, owner))
  }

  /// A whole frame: `asker` with the address `source` asks who has `target`.
  public static func ndpRequest(for target: IPAddress, by asker: MACAddress, _ source: IPAddress) -> Packet {
    let group = target.solicitedNodeMulticast
    return .ethernet(from: asker, to: group.multicastMAC) / .ipv6(from: source, to: group, hopLimit: 255)
      / .neighborSolicitation(for: target, sourceMAC: asker)
  }

  /// A whole frame: `owner` answers `asker` that it has `target`.
  public static func ndpReply(
    _ target: IPAddress, isAt owner: MACAddress, to asker: MACAddress, _ askerIP: IPAddress, override: Bool = true
  ) -> Packet {
    .ethernet(from: owner, to: asker) / .ipv6(from: target, to: askerIP, hopLimit: 255)
      / .neighborAdvertisement(of: target, isAt: owner, override: override)
  }

  /// A whole frame: `owner` tells all nodes, unasked, that it has `target` (RFC 4861 section 7.2.6).
  public static func unsolicitedAdvertisement(_ target: IPAddress, isAt owner: MACAddress) -> Packet {
    let allNodes = IPAddress(v6High: 0xff02_0000_0000_0000, low: 1)
    return .ethernet(from: owner, to: allNodes.multicastMAC) / .ipv6(from: target, to: allNodes, hopLimit: 255)
      / .neighborAdvertisement(of: target, isAt: owner, solicited: false)
  }

  private static func neighborBody(_ target: IPAddress, option: UInt8, _ address: MACAddress?) -> [UInt8] {
    var body: [UInt8] = []
    body.append(target)
    if let address {
      body += [option, 1]
      body.append(address)
    }
    return body
  }
}

extension IPAddress {
  /// RFC 4291 section 2.7.1.
  public var solicitedNodeMulticast: IPAddress {
    IPAddress(v6High: 0xff02_0000_0000_0000, low: 0x1_ff00_0000 | low & 0xff_ffff)
  }

  /// The Ethernet address of a multicast group: RFC 1112 section 6.4, RFC 2464 section 7.
  public var multicastMAC: MACAddress {
    switch version {
    case .v4: MACAddress(0x0100_5e00_0000 | low & 0x7f_ffff)
    case .v6: MACAddress(0x3333_0000_0000 | low & 0xffff_ffff)
    }
  }
}
