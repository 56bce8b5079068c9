import Evidence
import PacketBuilder
import TestSupport
import Testing
import Wire

/// Why a frame was not looked into.
@Suite struct PassedOverTests {
  private static let outer =
    Packet.ethernet(from: Scene.balancer, to: Scene.backend) / .ip(from: Scene.balancerIP, to: ip("10.1.10.21"))

  private func reasons(_ packets: Packet...) -> [PassedOver: UInt64] {
    Scene.evidence(packets).captures[0].passedOver
  }

  private func raw(_ number: UInt8, _ bytes: [UInt8]) -> Packet { Self.outer / .payload(bytes, as: number) }

  @Test func whatIsReadIsNotCounted() {
    var talk = Scene.conversation()
    talk.open()
    #expect(Scene.evidence(talk.frames).captures[0].passedOver == [:])
    #expect(reasons(Self.outer / .udp(from: 40000, to: 53, payload: [1, 2])) == [:])
    let quoted = Packet.ip(from: Scene.clientIP, to: Scene.vip) / .tcp(from: 40000, to: 80)
    #expect(reasons(Self.outer / .icmpUnreachable(code: 1, quoting: quoted)) == [:])
  }

  @Test(arguments: [
    (UInt16(4790), Tunnel.vxlanGPE), (4500, .esp), (1701, .l2tp), (6635, .mplsOverUDP), (2152, .gtp),
  ])
  func aTunnelIsToldByItsUDPPort(port: UInt16, tunnel: Tunnel) {
    #expect(
      reasons(Self.outer / .udp(from: 50000, to: port, payload: [UInt8](repeating: 0, count: 40))) == [
        .tunnel(tunnel): 1
      ])
  }

  @Test(arguments: [(UInt8(50), Tunnel.esp), (51, .ah), (97, .etherIP), (115, .l2tp)])
  func aTunnelIsToldByItsProtocol(number: UInt8, tunnel: Tunnel) {
    #expect(reasons(raw(number, [UInt8](repeating: 0, count: 40))) == [.tunnel(tunnel): 1])
  }

  /// PPTP's GRE has another header.
  @Test func greOfAnotherVersionIsATunnelThatIsNotOpened() {
    #expect(reasons(raw(47, [0x30, 0x01, 0x88, 0x0b, 0, 0, 0, 0])) == [.tunnel(.gre): 1])
  }

  @Test func otherProtocolsAreCounted() {
    #expect(reasons(raw(132, [UInt8](repeating: 0, count: 20))) == [.otherProtocol: 1])
    let link = Packet.ethernet(from: Scene.balancer, to: Scene.backend)
    #expect(reasons(link / .payload([1, 2, 3, 4], etherType: 0x88cc)) == [.otherProtocol: 1])
  }

  @Test func aContradictionAndACutAreTwo() {
    let bytes = (Self.outer / .tcp(from: 40000, to: 80)).bytes
    var wrong = bytes
    wrong[14 + 20 + 12] = 0x10
    #expect(reasons(of: wrong, wireLength: wrong.count) == [.malformed: 1])
    #expect(reasons(of: Array(bytes.prefix(38)), wireLength: bytes.count) == [.cut: 1])
  }

  private func reasons(of bytes: [UInt8], wireLength: Int) -> [PassedOver: UInt64] {
    var evidence = Evidence()
    let frames = [
      Frame(
        offset: 0, capturedLength: bytes.count, wireLength: wireLength, time: Scene.start, interface: 0, number: 1)
    ]
    let capture = evidence.beginCapture(path: "c")
    evidence.observe(frames.span, in: bytes.span, capture: capture, linkTypes: [.ethernet])
    return evidence.captures[0].passedOver
  }

  /// Parts of a capture, and captures of one name, add up.
  @Test func theyAddUp() {
    let packet = raw(50, [0, 0, 0, 0])
    var evidence = Scene.evidence([packet, packet])
    evidence.merge(Scene.evidence([packet]))
    #expect(evidence.captures[0].passedOver == [.tunnel(.esp): 3])
  }
}
