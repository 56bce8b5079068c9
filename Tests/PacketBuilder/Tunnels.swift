import Wire

// IP in IP needs nothing here: an IP layer inside an IP layer is one.

/// RFC 2784, with the key and sequence number of RFC 2890.
public struct GRELayer: PacketLayer {
  public var key: UInt32?
  public var sequence: UInt32?
  public var hasChecksum: Bool

  public var protocolNumber: UInt8? { IPProtocol.gre }

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    var header: [UInt8] = []
    header.append16((hasChecksum ? 0x8000 : 0) | (key != nil ? 0x2000 : 0) | (sequence != nil ? 0x1000 : 0))
    header.append16(next?.etherType ?? 0)
    if hasChecksum { header.append32(0) }
    if let key { header.append32(key) }
    if let sequence { header.append32(sequence) }
    var bytes = header + payload
    if hasChecksum { bytes.set16(internetChecksum(bytes), at: 4) }
    return bytes
  }
}

/// draft-ietf-intarea-gue, variant 0. Variant 1 has no header: an IP layer right inside a UDP layer is one.
public struct GUELayer: PacketLayer {
  public var flags: UInt16
  /// Optional fields and private data, a multiple of four bytes.
  public var fields: [UInt8]

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    var header = [UInt8(truncatingIfNeeded: fields.count / 4) & 0x1f, next?.protocolNumber ?? 59]
    header.append16(flags)
    return header + fields + payload
  }
}

extension Packet {
  public static func gre(key: UInt32? = nil, sequence: UInt32? = nil, checksum: Bool = false) -> Packet {
    Packet(GRELayer(key: key, sequence: sequence, hasChecksum: checksum))
  }

  /// Goes inside a UDP layer.
  public static func gue(flags: UInt16 = 0, fields: [UInt8] = []) -> Packet {
    Packet(GUELayer(flags: flags, fields: fields))
  }
}
