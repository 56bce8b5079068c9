public import Wire

/// RFC 9293 section 3.1.
public struct TCPLayer: PacketLayer {
  public enum Option: Sendable {
    case end
    case noOperation
    case maximumSegmentSize(UInt16)
    case windowScale(UInt8)
    case selectiveAcknowledgmentPermitted
    case timestamps(value: UInt32, echo: UInt32)
    /// Any other: the bytes after kind and length.
    case other(kind: UInt8, [UInt8])
  }

  public var sourcePort: UInt16
  public var destinationPort: UInt16
  public var sequence: UInt32
  public var acknowledgment: UInt32
  public var flags: TCPHeader.Flags
  public var window: UInt16
  public var options: [Option]
  public var contents: [UInt8]
  /// `nil` for the right one.
  public var checksum: UInt16?

  public var protocolNumber: UInt8? { IPProtocol.tcp }

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    var written: [UInt8] = []
    for option in options { option.append(to: &written) }
    written += Array(repeating: 0, count: (4 - written.count % 4) % 4)
    var segment: [UInt8] = []
    segment.append16(sourcePort)
    segment.append16(destinationPort)
    segment.append32(sequence)
    segment.append32(acknowledgment)
    segment += [UInt8(truncatingIfNeeded: (20 + written.count) / 4) << 4, flags.rawValue]
    segment.append16(window)
    segment += [0, 0, 0, 0] + written + contents + payload
    let right = carrier?.checksum(of: segment, protocolNumber: IPProtocol.tcp)
    segment.set16(checksum ?? right ?? 0, at: 16)
    return segment
  }
}

extension TCPLayer.Option {
  fileprivate func append(to bytes: inout [UInt8]) {
    switch self {
    case .end: bytes.append(0)
    case .noOperation: bytes.append(1)
    case .maximumSegmentSize(let size):
      bytes += [2, 4]
      bytes.append16(size)
    case .windowScale(let shift): bytes += [3, 3, shift]
    case .selectiveAcknowledgmentPermitted: bytes += [4, 2]
    case .timestamps(let value, let echo):
      bytes += [8, 10]
      bytes.append32(value)
      bytes.append32(echo)
    case .other(let kind, let contents): bytes += [kind, UInt8(truncatingIfNeeded: 2 + contents.count)] + contents
    }
  }
}

/// RFC 768.
public struct UDPLayer: PacketLayer {
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  public var contents: [UInt8]
  /// `nil` for the right one.
  public var length: UInt16?
  /// `nil` for the right one; 0 says that there is none.
  public var checksum: UInt16?

  public var protocolNumber: UInt8? { IPProtocol.udp }

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    var datagram: [UInt8] = []
    datagram.append16(sourcePort)
    datagram.append16(destinationPort)
    datagram.append16(length ?? UInt16(truncatingIfNeeded: 8 + contents.count + payload.count))
    datagram += [0, 0] + contents + payload
    let right = carrier.map { $0.checksum(of: datagram, protocolNumber: IPProtocol.udp) }.map { $0 == 0 ? 0xffff : $0 }
    datagram.set16(checksum ?? right ?? 0, at: 6)
    return datagram
  }
}

extension Packet {
  public static func tcp(
    from source: UInt16, to destination: UInt16, seq: UInt32 = 0, ack: UInt32 = 0, flags: TCPHeader.Flags = .ack,
    window: UInt16 = 502, options: [TCPLayer.Option] = [], payload: [UInt8] = [], checksum: UInt16? = nil
  ) -> Packet {
    Packet(
      TCPLayer(
        sourcePort: source, destinationPort: destination, sequence: seq, acknowledgment: ack, flags: flags,
        window: window, options: options, contents: payload, checksum: checksum))
  }

  public static func udp(
    from source: UInt16, to destination: UInt16, payload: [UInt8] = [], length: UInt16? = nil,
    checksum: UInt16? = nil
  ) -> Packet {
    Packet(
      UDPLayer(
        sourcePort: source, destinationPort: destination, contents: payload, length: length, checksum: checksum))
  }
}
