import Wire

/// RFC 7348, and with `isGPE` draft-ietf-nvo3-vxlan-gpe.
public struct VXLANLayer: PacketLayer {
  public var identifier: UInt32
  public var isGPE: Bool

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    let protocols: [UInt16: UInt8] = [EtherType.ipv4: 1, EtherType.ipv6: 2, EtherType.bridging: 3]
    let following = isGPE ? next?.etherType.flatMap { protocols[$0] } ?? 0 : 0
    var header: [UInt8] = [isGPE ? 0x0c : 0x08, 0, 0, following]
    header.append32(identifier << 8)
    return header + payload
  }
}

/// RFC 8926.
public struct GeneveLayer: PacketLayer {
  public var identifier: UInt32
  /// A multiple of four bytes.
  public var options: [UInt8]

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    var header: [UInt8] = [UInt8(truncatingIfNeeded: options.count / 4), 0]
    header.append16(next?.etherType ?? 0)
    header.append32(identifier << 8)
    return header + options + payload
  }
}

/// What a mirror puts behind GRE: draft-foschiano-erspan. Type I has no header.
public struct ERSPANLayer: PacketLayer {
  public enum Kind: Sendable, CaseIterable { case i, ii, iii }
  public var kind: Kind
  public var session: UInt16
  public var isCut: Bool

  public var etherType: UInt16? { kind == .iii ? 0x22eb : 0x88be }

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    if kind == .i { return payload }
    var header: [UInt8] = []
    header.append16(kind == .ii ? 0x1000 : 0x2000)
    header.append16((isCut ? 0x0400 : 0) | session & 0x03ff)
    header.append32(0)
    if kind == .iii { header.append32(0) }
    return header + payload
  }
}

/// RFC 2516 section 4, with PPP's protocol number (RFC 1332, RFC 5072) behind it.
public struct SessionLayer: PacketLayer {
  public var session: UInt16

  public var etherType: UInt16? { 0x8864 }

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    var header: [UInt8] = []
    header.append16(0x1100)
    header.append16(session)
    header.append16(UInt16(truncatingIfNeeded: payload.count + 2))
    header.append16(next?.etherType == EtherType.ipv6 ? 0x0057 : 0x0021)
    return header + payload
  }
}

/// RFC 3032: one label, the last.
public struct LabelLayer: PacketLayer {
  public var label: UInt32

  public var etherType: UInt16? { 0x8847 }

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    var header: [UInt8] = []
    header.append32(label << 12 | 0x140)
    return header + payload
  }
}

/// RFC 3378.
public struct EtherIPLayer: PacketLayer {
  public var protocolNumber: UInt8? { 97 }

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    [0x30, 0] + payload
  }
}

extension Packet {
  /// Goes inside a UDP layer.
  public static func vxlan(_ identifier: UInt32, isGPE: Bool = false) -> Packet {
    Packet(VXLANLayer(identifier: identifier, isGPE: isGPE))
  }

  /// Goes inside a UDP layer.
  public static func geneve(_ identifier: UInt32, options: [UInt8] = []) -> Packet {
    Packet(GeneveLayer(identifier: identifier, options: options))
  }

  /// GRE and what a mirror puts behind it.
  public static func erspan(_ kind: ERSPANLayer.Kind, session: UInt16 = 5, isCut: Bool = false) -> Packet {
    .gre(sequence: kind == .i ? nil : 1) / Packet(ERSPANLayer(kind: kind, session: session, isCut: isCut))
  }

  public static func mpls(_ label: UInt32) -> Packet { Packet(LabelLayer(label: label)) }

  public static func pppoe(_ session: UInt16) -> Packet { Packet(SessionLayer(session: session)) }
  public static var etherIP: Packet { Packet(EtherIPLayer()) }
}
