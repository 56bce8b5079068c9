import Evidence
import PacketBuilder
import TestSupport
import Testing
import Wire

/// UDP ports of which nobody said that there is a tunnel.
@Suite struct UntoldPortsTests {
  private func datagram(_ port: UInt16, _ inner: Packet) -> Packet {
    .ethernet(from: Scene.balancer, to: Scene.backend) / .ip(from: Scene.balancerIP, to: ip("10.1.10.21"))
      / .udp(from: 50000, to: port) / inner
  }

  private let vxlan =
    Packet.vxlan(101) / .ethernet(from: Scene.client, to: Scene.backend) / .ip(from: Scene.clientIP, to: Scene.vip)
    / .tcp(from: 40000, to: 80)
  private let text = Packet.payload(Array("no tunnel".utf8))

  private func hints(_ packets: [Packet]) -> [String] { words(Scene.evidence(packets)) }

  private func words(_ evidence: Evidence) -> [String] {
    evidence.captures[0].untoldPorts.hints.map { "\($0.tunnel.entry.name):\($0.port) \($0.frames)" }
  }

  @Test func twoDatagramsAreAHintAndOneIsNone() {
    #expect(hints([datagram(8473, vxlan), datagram(8473, vxlan)]) == ["vxlan:8473 2"])
    #expect(hints([datagram(8473, vxlan)]) == [])
    #expect(hints([datagram(4789, vxlan), datagram(4789, vxlan)]) == [])
  }

  @Test func oneThatIsNoTunnelSettlesThePort() {
    let two = [datagram(8473, vxlan), datagram(8473, vxlan)]
    #expect(hints(two + [datagram(8473, text)]) == [])
    #expect(hints([datagram(8473, text)] + two) == [])
    #expect(hints(two + [datagram(8474, text)]) == ["vxlan:8473 2"])
  }

  @Test func twoKindsAreNone() {
    let gue = Packet.gue() / .ip(from: Scene.clientIP, to: Scene.vip) / .tcp(from: 40000, to: 80)
    #expect(hints([datagram(8473, vxlan), datagram(8473, vxlan), datagram(8473, gue)]) == [])
  }

  /// In whatever order, and whatever was merged first.
  @Test func theyMerge() {
    let parts = [[datagram(8473, vxlan)], [datagram(8473, vxlan), datagram(9000, vxlan)], [datagram(9000, text)]]
    let whole = CanonicalEvidence(Scene.evidence(parts.flatMap(\.self)))
    #expect(hints(parts.flatMap(\.self)) == ["vxlan:8473 2"])
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
      var evidence = Evidence()
      for part in order { evidence.merge(Scene.evidence(parts[part])) }
      #expect(words(evidence) == ["vxlan:8473 2"])
      #expect(evidence.captures[0].untoldPorts == whole.captures["test.pcap"]?.untoldPorts)
    }
  }
}
