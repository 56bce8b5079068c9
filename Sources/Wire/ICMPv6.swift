extension Dissection {
  /// RFC 4443.
  mutating func walkICMPv6(_ frame: Span<UInt8>, at offset: Int, end: Int) throws(Stop) {
    try frame.require(8, at: offset, before: end, in: .icmpv6)
    let type = frame.byte(at: offset)
    let kind: ICMPError.Kind
    switch type {
    case 1: kind = .unreachable
    case 2: kind = .packetTooBig
    case 3: kind = .timeExceeded
    case 4: kind = .parameterProblem
    case 128, 129:
      content = .echo(isReply: type == 129)
      return
    case 134: return try walkRouterAdvertisement(frame, at: offset, end: end)
    case 135: return try walkNeighborMessage(.solicitation, frame, at: offset, end: end)
    case 136: return try walkNeighborMessage(.advertisement, frame, at: offset, end: end)
    case 137: return try walkRedirect(frame, at: offset, end: end)
    default: return
    }
    let mtu = kind == .packetTooBig ? frame.be32(at: offset + 4) : 0
    let quoted = try QuotedPacket(.v6, frame, at: offset + 8, end: end, ports: tunnelPorts)
    content = .icmpError(
      ICMPError(kind: kind, type: type, code: frame.byte(at: offset + 1), mtu: mtu, quoted: quoted))
  }
}
