import Testing
import Wire

/// What datagrams look like at ports that nobody told.
@Suite struct TunnelLikenessTests {
  private static let port = 8473

  /// With a right checksum, which the packets of these tests do not have otherwise.
  private func packet(_ payload: [UInt8]? = nil, next: UInt8 = 6, longer: Int = 0) -> [UInt8] {
    let payload = payload ?? tcp([1, 2, 3])
    var packet = ipv4(next, payload, totalLength: 20 + payload.count + longer)
    var sum = stride(from: 0, to: 20, by: 2).reduce(0) { $0 + Int(packet[$1]) << 8 + Int(packet[$1 + 1]) }
    while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
    packet.replaceSubrange(10..<12, with: be16(~sum & 0xffff))
    return packet
  }

  private func likeness(_ payload: [UInt8], captured: Int? = nil, fragment: Int = 0) -> TunnelLikeness? {
    let frame = ethernet(0x0800, ipv4(17, udp(payload, destination: Self.port), fragment: fragment))
    let kept = Array(frame.prefix(captured ?? frame.count))
    return Dissection(kept.span, linkType: .ethernet, wireLength: frame.count).likeness(in: kept.span)?.likeness
  }

  private func inner(_ packet: [UInt8], type: Int = 0x0800) -> [UInt8] {
    bytes("0e0000000001 0e0000000002") + be16(type) + packet
  }

  @Test func eachKindIsKnownByItsHeaderAndThePacketBehindIt() {
    let six = ipv6(6, tcp([1, 2, 3]))
    let kinds: [(Tunnel, [UInt8])] = [
      (.fou, packet()), (.fou, six), (.fou, packet(udp([1]), next: 17)),
      (.vxlan, bytes("0800 0000 00006500") + inner(packet())),
      (.vxlan, bytes("0800 0000 00006500") + [UInt8](repeating: 0, count: 12) + be16(0x86dd) + six),
      (.vxlan, bytes("0800 0000 00006500") + bytes("0e0000000001 0e0000000002 8100 0007 0800") + packet()),
      (.vxlanGPE, bytes("0c00 0001 00006500") + packet()), (.vxlanGPE, bytes("0c00 0002 00006500") + six),
      (.vxlanGPE, bytes("0c00 0003 00006500") + inner(packet())),
      (.geneve, bytes("0000 6558 00002a00") + inner(packet())),
      (.geneve, bytes("0200 0800 00002a00 01020301 00000000") + packet()),
      (.gue, bytes("0004 0000") + packet()), (.gue, bytes("0229 0000 0000000000000000") + six),
      (.gre, bytes("0000 0800") + packet()), (.gre, bytes("2000 6558 00000007") + inner(packet())),
      (.mplsOverUDP, bytes("00010040 00012140") + packet()),
    ]
    for (tunnel, payload) in kinds { #expect(likeness(payload) == .tunnel(tunnel), "\(tunnel) \(payload.count)") }
    // A short frame is filled up.
    let short = inner(packet(udp([1]), next: 17))
    #expect(
      likeness(bytes("0800 0000 00006500") + short + [UInt8](repeating: 0, count: 60 - short.count)) == .tunnel(.vxlan))
  }

  /// Each is one byte, or one bit, off what it seems to be.
  @Test func whatIsNotWholeIsNoTunnel() {
    var wrongSum = packet()
    wrongSum[10] ^= 1
    let header = bytes("0800 0000 00006500")
    let payloads: [[UInt8]] = [
      [], [0x45], Array("GET / HTTP/1.1\r\n".utf8), wrongSum, packet(longer: 1), packet() + [0], packet([1, 2, 3]),
      packet(udp([1], length: 8), next: 17), ipv6(6, tcp(), payloadLength: 19),
      bytes("0800 0000 00006501") + inner(packet()), bytes("0800 0100 00006500") + inner(packet()),
      bytes("8800 0000 00006500") + inner(packet()), header + inner(packet(tcp([1, 2, 3, 4, 5, 6, 7]))) + [0],
      header + bytes("0e0000000001 0f0000000002 0800") + packet(),
      bytes("0c00 0004 00006500") + packet(), bytes("0080 6558 00002a00") + inner(packet()),
      bytes("0100 0800 00002a00 01020301") + packet(), bytes("0006 0000") + packet(),
      bytes("0004 0001") + packet(), bytes("0100 0800") + packet(), bytes("4000 0800") + packet(),
      bytes("00001140") + packet(), bytes("00012100") + packet(),
    ]
    for payload in payloads { #expect(likeness(payload) == TunnelLikeness.none, "\(payload)") }
  }

  @Test func whatCannotBeToldSpeaksForNothing() {
    let vxlan = bytes("0800 0000 00006500")
    #expect(likeness(packet(), captured: 60) == .unknown)
    #expect(likeness(packet(), fragment: 0x2000) == .unknown)
    #expect(
      likeness(vxlan + inner(bytes("0001 0800 0604 0002 0e0000000002 0a010a0a 0e0000000003 0a010a64"), type: 0x0806))
        == .unknown)
    #expect(likeness(packet([1, 2, 3, 4], next: 50)) == .unknown)
  }

  @Test func aPortThatIsToldIsNotAskedAbout() {
    let frame = ethernet(0x0800, ipv4(17, udp(Array("?".utf8), destination: 4789)))
    #expect(Dissection(frame.span, linkType: .ethernet, wireLength: frame.count).likeness(in: frame.span) == nil)
  }

  /// Nothing traps, and no cut of a tunnel is taken for one.
  @Test func everyCutIsRead() {
    let whole = bytes("0200 6558 00002a00 01020301 00000000") + inner(packet())
    for length in 0..<whole.count {
      let found = likeness(Array(whole.prefix(length)))
      #expect(found == TunnelLikeness.none || found == .unknown, "\(length)")
    }
  }
}
