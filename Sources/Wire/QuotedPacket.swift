/// The packet that an ICMP error quotes.
public struct QuotedPacket: Sendable, Hashable {
  public var source: IPAddress
  public var destination: IPAddress
  public var protocolNumber: UInt8
  /// 0 where the quotation is too short, or the protocol has none.
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  /// TCP: the sequence number; `nil` where the quotation is too short for one.
  public var sequence: UInt32?
  /// The quotation begins with the header of a tunnel that this packet was in.
  public var isTunnelled = false

  public init(
    source: IPAddress, destination: IPAddress, protocolNumber: UInt8, sourcePort: UInt16, destinationPort: UInt16,
    sequence: UInt32? = nil
  ) {
    self.sequence = sequence
    self.source = source
    self.destination = destination
    self.protocolNumber = protocolNumber
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
  }
}

extension QuotedPacket {
  /// What text names an error by in place of the packet's protocol: a reserved number, which no packet bears (RFC 5237).
  public static let untoldProtocol: UInt8 = 255

  /// It was read from text that tells its destination at most.
  public var isUntold: Bool { protocolNumber == Self.untoldProtocol }

  /// Reads the packet that begins at `offset` and goes on through its tunnels as far as the quotation, which ends at
  /// `end`, allows. What its header says of its length is that of the whole packet: no contradiction where it is more
  /// than was quoted.
  init(
    _ version: IPAddress.Version, _ frame: Span<UInt8>, at offset: Int, end: Int, ports: borrowing TunnelPorts
  ) throws(Dissection.Stop) {
    let quotation = frame.extracting(first: end)
    var header = try IPHeader(version, quotation, at: offset, end: end)
    header.skipQuotedExtensions(quotation)
    var isTunnelled = false
    for _ in 0..<Encapsulation.depthLimit {
      guard header.fragmentOffset == 0, let inner = header.quotedInner(quotation, ports: ports) else { break }
      header = inner
      isTunnelled = true
    }
    let ports = header.hasPorts && header.fragmentOffset == 0 ? quotation.be32(at: header.payloadOffset) : 0
    let isWhole = header.protocolNumber == IPProtocol.tcp && header.fragmentOffset == 0
    let sequence = isWhole && header.payloadOffset + 8 <= end ? quotation.be32(at: header.payloadOffset + 4) : nil
    self.init(
      source: header.source, destination: header.destination, protocolNumber: header.protocolNumber,
      sourcePort: UInt16(truncatingIfNeeded: ports >> 16), destinationPort: UInt16(truncatingIfNeeded: ports),
      sequence: sequence)
    self.isTunnelled = isTunnelled
  }
}

extension IPHeader {
  /// TCP, UDP, DCCP, SCTP and UDP-Lite begin with the two ports.
  fileprivate var hasPorts: Bool {
    switch protocolNumber {
    case IPProtocol.tcp, IPProtocol.udp, 33, 132, 136: true
    default: false
    }
  }

  fileprivate mutating func skipQuotedExtensions(_ quotation: Span<UInt8>) {
    guard source.version == .v6 else { return }
    do throws(Dissection.Stop) {
      try skipExtensions(quotation)
    } catch {
      // The quotation ended there; the addresses stand.
    }
  }

  /// The header of the packet tunnelled in this one, where enough of it is quoted.
  fileprivate func quotedInner(_ quotation: Span<UInt8>, ports: borrowing TunnelPorts) -> IPHeader? {
    let tunnel: TunnelPayload?
    if protocolNumber == IPProtocol.udp {
      guard let udp = try? UDPHeader(quotation, at: payloadOffset, end: payloadEnd) else { return nil }
      tunnel = TunnelPayload(udp: udp, quotation, ports: ports)
    } else {
      tunnel = try? TunnelPayload(protocolNumber, quotation, at: payloadOffset, end: payloadEnd)
    }
    guard let tunnel, tunnel.tunnel != .erspan, let packet = tunnel.packet(quotation, end: payloadEnd),
      var inner = try? IPHeader(packet.version, quotation, at: packet.offset, end: payloadEnd)
    else { return nil }
    inner.skipQuotedExtensions(quotation)
    return inner
  }
}
