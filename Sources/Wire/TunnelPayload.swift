/// What a tunnel's header carries, and where it begins.
struct TunnelPayload {
  enum Content {
    case packet(IPAddress.Version)
    /// An Ethernet frame, destination first.
    case frame
  }

  var tunnel: Tunnel
  var identifier: UInt32?
  var content: Content
  var offset: Int
  /// The frame may have been cut when it was wrapped, so that it claims more than is here.
  var mayBeCut = false
  /// Its header names the VIP of a request whose destination a balancer has translated.
  var bearsDSROption = false

  init(_ tunnel: Tunnel, identifier: UInt32? = nil, _ content: Content, at offset: Int, mayBeCut: Bool = false) {
    self.tunnel = tunnel
    self.identifier = identifier
    self.content = content
    self.offset = offset
    self.mayBeCut = mayBeCut
  }

  /// The tunnel that is the payload of an IP packet; `nil` where it is none, or one that is not opened.
  init?(_ protocolNumber: UInt8, _ frame: Span<UInt8>, at offset: Int, end: Int) throws(Dissection.Stop) {
    // RFC 2003, RFC 4213, RFC 2473: the inner header follows at once.
    if protocolNumber == IPProtocol.ipv4 || protocolNumber == IPProtocol.ipv6 {
      self.init(.ipip, .packet(protocolNumber == IPProtocol.ipv4 ? .v4 : .v6), at: offset)
      return
    }
    guard let tunnel = Tunnel(protocolNumber: protocolNumber) else { return nil }
    try self.init(tunnel, frame, at: offset, end: end)
  }

  /// The tunnel that is the payload of a UDP datagram. A port number proves nothing, so that what does not hold what it
  /// should is no tunnel (`nil`), and no contradiction either.
  init?(udp header: UDPHeader, _ frame: Span<UInt8>, ports: borrowing TunnelPorts) {
    guard let tunnel = ports[header.destinationPort],
      let payload = try? TunnelPayload(tunnel, frame, at: header.payloadOffset, end: header.payloadEnd)
    else { return nil }
    self = payload
  }

  private init?(_ tunnel: Tunnel, _ frame: Span<UInt8>, at offset: Int, end: Int) throws(Dissection.Stop) {
    switch tunnel {
    case .gre: try self.init(gre: frame, at: offset, end: end)
    case .gue: self.init(gue: frame, at: offset, end: end)
    case .fou: self.init(.fou, packetIn: frame, at: offset, end: end)
    case .vxlan, .vxlanGPE: self.init(vxlan: frame, at: offset, end: end)
    case .geneve: self.init(geneve: frame, at: offset, end: end)
    case .mplsOverUDP: self.init(mplsOverUDP: frame, at: offset, end: end)
    case .etherIP: try self.init(etherIP: frame, at: offset, end: end)
    // IP in IP has no header of its own, GRE carries ERSPAN, and a frame what is of its link.
    case .ipip, .erspan, .mpls, .pppoe, .esp, .ah, .l2tp, .gtp: return nil
    }
  }

  /// An IP packet that follows a header without a checksum or a length: its own header has to be whole and to fit.
  init?(
    _ tunnel: Tunnel, identifier: UInt32? = nil, packetIn frame: Span<UInt8>, at offset: Int, end: Int
  ) {
    guard let version = IPAddress.Version(rawValue: frame.byte(at: offset) >> 4),
      let inner = try? IPHeader(version, frame, at: offset, end: end),
      inner.payloadLength > 0, inner.payloadEnd <= end,
      frame.be16(at: version == .v4 ? offset + 2 : offset + 4) != 0
    else { return nil }
    self.init(tunnel, identifier: identifier, .packet(version), at: offset)
  }

  /// What begins at `offset` is of `etherType`; `nil` for what no tunnel is followed with.
  init?(_ tunnel: Tunnel, identifier: UInt32?, etherType: UInt16, at offset: Int) {
    let content: Content
    switch etherType {
    case EtherType.ipv4: content = .packet(.v4)
    case EtherType.ipv6: content = .packet(.v6)
    case EtherType.bridging: content = .frame
    default: return nil
    }
    self.init(tunnel, identifier: identifier, content, at: offset)
  }

  /// The IP packet in it, whose version and place this finds behind the header of a frame and its tags.
  func packet(_ frame: Span<UInt8>, end: Int) -> (version: IPAddress.Version, offset: Int)? {
    guard case .frame = content else {
      guard case .packet(let version) = content else { return nil }
      return (version, offset)
    }
    guard (try? frame.require(EthernetHeader.length, at: offset, before: end, in: .link)) != nil else { return nil }
    var type = frame.be16(at: offset + 12)
    var inner = offset + EthernetHeader.length
    var tags = VLANStack()
    guard (try? tags.read(&type, frame, at: &inner, end: end)) != nil else { return nil }
    switch type {
    case EtherType.ipv4: return (.v4, inner)
    case EtherType.ipv6: return (.v6, inner)
    default: return nil
    }
  }
}

extension Dissection {
  /// More than any packet holds: what may have been cut does not end where it is carried.
  private static let longestFrame = 1 << 17

  /// Goes on with what is inside a tunnel that ends at `end`.
  mutating func enter(_ payload: TunnelPayload, _ frame: Span<UInt8>, end: Int) throws(Stop) {
    // What a mirror wraps was captured where the mirror stands: nothing of the way from there to here counts.
    guard payload.tunnel == .erspan || encapsulation.depth < Encapsulation.depthLimit else {
      throw Stop(.tooManyTunnels, in: .link, at: payload.offset)
    }
    if payload.bearsDSROption { bearsDSROption = true }
    switch payload.content {
    case .packet(let version): try walkIP(version, frame, at: payload.offset, end: end, in: payload)
    case .frame: try enterFrame(payload, frame, end: end)
    }
  }

  private mutating func enterFrame(_ payload: TunnelPayload, _ frame: Span<UInt8>, end: Int) throws(Stop) {
    let offset = payload.offset
    try frame.require(EthernetHeader.length, at: offset, before: end, in: .link)
    let isCut = payload.mayBeCut || network?.moreFragments == true
    let end = isCut ? max(end, offset + Self.longestFrame) : end
    let carrier = LinkAddresses(source: source, destination: destination, vlan: vlan)
    let (innerDestination, innerSource) = (MACAddress(frame, at: offset), MACAddress(frame, at: offset + 6))
    // Calico leaves both at zero (felix/bpf-gpl/nat.h): such a frame is a packet with a header that says nothing.
    guard innerSource.rawValue != 0 || innerDestination.rawValue != 0 else {
      guard let packet = payload.packet(frame, end: end) else { throw Stop(.unknownProtocol, in: .link, at: offset) }
      return try walkIP(packet.version, frame, at: packet.offset, end: end, in: payload)
    }
    if payload.tunnel == .erspan {
      encapsulation.clear()
      mirror = payload.identifier ?? 0
    } else if let network {
      encapsulation.push(
        Encapsulation.Layer(
          payload.tunnel, identifier: payload.identifier, from: network.source, to: network.destination,
          carrier: carrier))
    }
    vlan = VLANStack()
    network = nil
    content = .none
    try walkEthernet(frame, at: offset, end: end)
  }
}
