/// An ICMP (RFC 792) or ICMPv6 (RFC 4443) error and the packet it quotes.
public struct ICMPError: Sendable, Hashable {
  /// A packet ran out of hops. Code 1 says of fragments that the rest did not come in time.
  public var isOutOfHops: Bool { kind == .timeExceeded && code == 0 }

  public enum Kind: UInt8, Sendable, Hashable {
    /// ICMP 3, other than code 4; ICMPv6 1.
    case unreachable
    /// ICMP 3 code 4 (RFC 1191); ICMPv6 2.
    case packetTooBig
    /// ICMP 11; ICMPv6 3.
    case timeExceeded
    /// ICMP 5 (RFC 792), ICMPv6 137 (RFC 4861 section 4.5): a router names a better next hop.
    case redirect
    /// ICMP 12; ICMPv6 4.
    case parameterProblem
  }
  public var kind: Kind
  public var type: UInt8
  public var code: UInt8
  /// The next hop's MTU of a packet-too-big message in bytes; 0 where it does not say.
  public var mtu: UInt32
  /// The next hop that a redirect names. For a destination on the link that is the destination itself (ICMPv6).
  public var gateway: IPAddress?
  /// The packet that the error is about, innermost packet where a tunnelled one is quoted. A redirect of ICMPv6 need not
  /// quote one: then only the destination is known, the source is unspecified and the protocol 0.
  public var quoted: QuotedPacket

  public init(
    kind: Kind, type: UInt8, code: UInt8, mtu: UInt32, gateway: IPAddress? = nil, quoted: QuotedPacket
  ) {
    self.kind = kind
    self.type = type
    self.code = code
    self.mtu = mtu
    self.gateway = gateway
    self.quoted = quoted
  }
}

extension Dissection {
  /// RFC 792.
  mutating func walkICMP(_ frame: Span<UInt8>, at offset: Int, end: Int) throws(Stop) {
    try frame.require(8, at: offset, before: end, in: .icmp)
    let type = frame.byte(at: offset)
    let code = frame.byte(at: offset + 1)
    let kind: ICMPError.Kind
    switch (type, code) {
    case (0, _), (8, _):
      content = .echo(isReply: type == 0)
      return
    case (3, 4): kind = .packetTooBig
    case (3, _): kind = .unreachable
    case (5, _): kind = .redirect
    case (11, _): kind = .timeExceeded
    case (12, _): kind = .parameterProblem
    default: return
    }
    // RFC 1191 section 4: the MTU is in the lower half of what RFC 792 left unused.
    let mtu = kind == .packetTooBig ? UInt32(frame.be16(at: offset + 6)) : 0
    let gateway = kind == .redirect ? IPAddress(v4: frame, at: offset + 4) : nil
    let quoted = try QuotedPacket(.v4, frame, at: offset + 8, end: end, ports: tunnelPorts)
    content = .icmpError(ICMPError(kind: kind, type: type, code: code, mtu: mtu, gateway: gateway, quoted: quoted))
  }
}
