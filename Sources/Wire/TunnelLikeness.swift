/// What a datagram looks like at whose port no tunnel is looked for. It decides nothing: what it says is told to the user.
///
/// It is strict, for any payload may begin like a header. The header has no reserved bit and no flag that is not known, its
/// parts end where it says, and what follows is IP to the last byte: lengths that fit exactly, in IPv4 a checksum that is right
/// and no address that nobody sends from, behind it a transport header that fits as well.
public enum TunnelLikeness: Sendable, Equatable {
  case tunnel(Tunnel)
  /// No tunnel that is known here.
  case none
  /// The capture kept too little of it, it is a part of a datagram, or what the tunnel would carry is no IP.
  case unknown

  init(_ datagram: UDPHeader, of packet: IPHeader, in frame: Span<UInt8>) {
    let (start, end) = (datagram.payloadOffset, datagram.payloadEnd)
    guard !packet.moreFragments, end <= frame.count, end <= packet.payloadEnd else {
      self = .unknown
      return
    }
    var isUnknown = false
    for (tunnel, isLike) in Self.forms {
      switch isLike(frame, start, end) {
      case .right:
        self = .tunnel(tunnel)
        return
      case .unknown: isUnknown = true
      case .wrong: continue
      }
    }
    self = isUnknown ? .unknown : .none
  }

  private enum Match { case right, wrong, unknown }

  private static let forms: [(Tunnel, @Sendable (Span<UInt8>, Int, Int) -> Match)] = [
    (.fou, anyPacket), (.vxlan, vxlan), (.vxlanGPE, vxlanGPE), (.geneve, geneve), (.gue, gue), (.gre, gre),
    (.mplsOverUDP, mpls),
  ]

  // MARK: Headers

  private static func vxlan(_ frame: Span<UInt8>, _ start: Int, _ end: Int) -> Match {
    guard end - start > 8, frame.be32(at: start) == 0x0800_0000, frame.byte(at: start + 7) == 0 else { return .wrong }
    return ethernet(frame, start + 8, end)
  }

  private static func vxlanGPE(_ frame: Span<UInt8>, _ start: Int, _ end: Int) -> Match {
    guard end - start > 8, frame.be32(at: start) & 0xffff_ff00 == 0x0c00_0000, frame.byte(at: start + 7) == 0 else {
      return .wrong
    }
    switch frame.byte(at: start + 3) {
    case 1: return packet(.v4, frame, start + 8, end)
    case 2: return packet(.v6, frame, start + 8, end)
    case 3: return ethernet(frame, start + 8, end)
    default: return .wrong
    }
  }

  private static func geneve(_ frame: Span<UInt8>, _ start: Int, _ end: Int) -> Match {
    // Version 0, no control message, no reserved bit.
    guard end - start > 8, frame.be16(at: start) & 0xc0bf == 0, frame.byte(at: start + 7) == 0 else { return .wrong }
    let payload = start + 8 + Int(frame.byte(at: start) & 0x3f) * 4
    guard payload < end else { return .wrong }
    var option = start + 8
    while option < payload { option += 4 + Int(frame.byte(at: option + 3) & 0x1f) * 4 }
    guard option == payload else { return .wrong }
    return carried(frame.be16(at: start + 2), frame, payload, end)
  }

  private static func gue(_ frame: Span<UInt8>, _ start: Int, _ end: Int) -> Match {
    // Variant 0, no control message, no flag, which is all that Linux sends without encryption and checksums.
    guard end - start > 4, frame.byte(at: start) & 0xe0 == 0, frame.be16(at: start + 2) == 0 else { return .wrong }
    let payload = start + 4 + Int(frame.byte(at: start) & 0x1f) * 4
    guard payload < end else { return .wrong }
    switch frame.byte(at: start + 1) {
    case IPProtocol.ipv4: return packet(.v4, frame, payload, end)
    case IPProtocol.ipv6: return packet(.v6, frame, payload, end)
    default: return .wrong
    }
  }

  private static func gre(_ frame: Span<UInt8>, _ start: Int, _ end: Int) -> Match {
    let flags = frame.be16(at: start)
    guard end - start > 4, flags & 0x4fff == 0 else { return .wrong }
    let fields = [0x8000, 0x2000, 0x1000].count { flags & $0 != 0 }
    return carried(frame.be16(at: start + 2), frame, start + 4 + 4 * fields, end)
  }

  private static func mpls(_ frame: Span<UInt8>, _ start: Int, _ end: Int) -> Match {
    guard let stack = try? LabelStack(frame, at: start, end: end), stack.end < end else { return .wrong }
    // Labels below 16 are reserved, but for explicit null, which stands alone or at the bottom (RFC 3032 section 2.1).
    var entry = start
    while entry < stack.end {
      let (label, lifetime) = (frame.be32(at: entry) >> 12, frame.byte(at: entry + 3))
      guard lifetime > 0, label >= 16 || label == 0 || label == 2 else { return .wrong }
      entry += 4
    }
    return anyPacket(frame, stack.end, end)
  }

  // MARK: What they carry

  private static func carried(_ type: UInt16, _ frame: Span<UInt8>, _ start: Int, _ end: Int) -> Match {
    switch type {
    case EtherType.ipv4: packet(.v4, frame, start, end)
    case EtherType.ipv6: packet(.v6, frame, start, end)
    case EtherType.bridging: ethernet(frame, start, end)
    default: .wrong
    }
  }

  private static func ethernet(_ frame: Span<UInt8>, _ start: Int, _ end: Int) -> Match {
    guard end - start > EthernetHeader.length else { return .wrong }
    let (destination, source) = (MACAddress(frame, at: start), MACAddress(frame, at: start + 6))
    // Calico leaves both at zero (felix/bpf-gpl/nat.h).
    guard source.isUnicast && source != destination || source.rawValue == 0 && destination.rawValue == 0 else {
      return .wrong
    }
    var type = frame.be16(at: start + 12)
    var payload = start + EthernetHeader.length
    var tags = VLANStack()
    guard (try? tags.read(&type, frame, at: &payload, end: end)) != nil else { return .wrong }
    switch type {
    case EtherType.ipv4: return packet(.v4, frame, payload, end, isInFrame: true)
    case EtherType.ipv6: return packet(.v6, frame, payload, end, isInFrame: true)
    // ARP, LLDP and spanning tree pass an overlay, and prove nothing.
    default: return .unknown
    }
  }

  private static func anyPacket(_ frame: Span<UInt8>, _ start: Int, _ end: Int) -> Match {
    guard let version = IPAddress.Version(rawValue: frame.byte(at: start) >> 4) else { return .wrong }
    return packet(version, frame, start, end)
  }

  /// Ethernet fills a short frame up: IEEE 802.3 clause 4.2.3.3.
  private static let shortestPayload = 46

  private static func packet(
    _ version: IPAddress.Version, _ frame: Span<UInt8>, _ start: Int, _ end: Int, isInFrame: Bool = false
  ) -> Match {
    guard start < end, let header = try? IPHeader(version, frame, at: start, end: end), header.payloadEnd <= end,
      header.payloadEnd == end || isInFrame && end - start <= shortestPayload,
      frame.be16(at: version == .v4 ? start + 2 : start + 4) != 0, header.hopLimit > 0,
      !header.source.isMulticastOrBroadcast, !header.source.isUnspecified, !header.destination.isUnspecified,
      version == .v6 || isSumRight(frame, start, header.payloadOffset)
    else { return .wrong }
    guard header.fragmentOffset == 0, !header.moreFragments else { return .right }
    let (payload, length) = (header.payloadOffset, header.payloadLength)
    switch header.protocolNumber {
    case IPProtocol.tcp:
      let headerLength = Int(frame.byte(at: payload + 12) >> 4) * 4
      return length >= 20 && headerLength >= 20 && headerLength <= length && hasPorts(frame, payload) ? .right : .wrong
    case IPProtocol.udp:
      return length >= 8 && Int(frame.be16(at: payload + 4)) == length && hasPorts(frame, payload) ? .right : .wrong
    case IPProtocol.icmp where version == .v4, IPProtocol.icmpv6 where version == .v6:
      return length >= 8 ? .right : .wrong
    default: return .unknown
    }
  }

  private static func hasPorts(_ frame: Span<UInt8>, _ offset: Int) -> Bool {
    frame.be16(at: offset) != 0 && frame.be16(at: offset + 2) != 0
  }

  /// RFC 1071.
  private static func isSumRight(_ frame: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
    var sum: UInt32 = 0
    var offset = start
    while offset < end {
      sum += UInt32(frame.be16(at: offset))
      offset += 2
    }
    while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
    return sum == 0xffff
  }
}

extension Dissection {
  /// Of a datagram at whose port no tunnel is looked for; `nil` for all else.
  public func likeness(in frame: Span<UInt8>) -> (port: UInt16, likeness: TunnelLikeness)? {
    guard case .udp(let datagram) = content, let network, tunnelPorts[datagram.destinationPort] == nil else {
      return nil
    }
    return (datagram.destinationPort, TunnelLikeness(datagram, of: network, in: frame))
  }
}
