import Evidence
import PacketBuilder
import TestSupport
import Testing
import Wire

@testable import Checks

/// Networks inside tunnels that have nothing to do with each other.
@Suite struct SeparateNetworksTests {
  private let policy: Policy = {
    var policy = Policy()
    policy.services = [ServicePattern(address: Wire.IPAddress(v4: 0x0a01_0a0a), transport: .tcp, port: 80)]
    return policy
  }()

  private let start = Timestamp(seconds: 1_709_294_400, nanoseconds: 0)

  /// A conversation with the VIP inside tunnels, each way in one of its own.
  private func talk(
    _ requests: Packet, _ replies: Packet, port: UInt16 = 40001, sequence: UInt32, stations: UInt64
  ) -> [TimedFrame] {
    let client = MACAddress(0x0e00_0000_0001 | stations << 8)
    let (balancer, backend) = (
      MACAddress(0x0e00_0000_0002 | stations << 8), MACAddress(0x0e00_0000_0003 | stations << 8)
    )
    var talk = Conversation(
      client: .init("10.1.10.100", port), server: .init("10.1.10.10", 80), at: start,
      requests: [Sighting(requests / .ethernet(from: client, to: balancer))],
      replies: [Sighting(replies / .ethernet(from: backend, to: client))], clientSequence: sequence,
      serverSequence: sequence &+ 500_000_000)
    talk.open()
    talk.request("GET / HTTP/1.1\r\n\r\n")
    talk.reply("HTTP/1.1 204 No Content\r\n\r\n")
    return talk.frames
  }

  private func underlay(_ header: Packet, back: Bool = false) -> Packet {
    let (one, other) = (mac("06:00:00:00:00:a1"), mac("06:00:00:00:00:a2"))
    return back
      ? .ethernet(from: other, to: one) / .ip(from: ip("10.9.0.2"), to: ip("10.9.0.1")) / header
      : .ethernet(from: one, to: other) / .ip(from: ip("10.9.0.1"), to: ip("10.9.0.2")) / header
  }

  private func vxlan(_ identifier: UInt32, back: Bool = false) -> Packet {
    underlay(.udp(from: 50001, to: 4789) / .vxlan(identifier), back: back)
  }

  private func gre(_ key: UInt32, back: Bool = false) -> Packet { underlay(.gre(key: key), back: back) }

  private func flows(_ frames: [TimedFrame]) -> Int? {
    judge(evidence(frames), under: policy).services.first?.flows.total
  }

  private func evidence(_ frames: [TimedFrame]) -> Evidence {
    CaptureContents(
      path: "test.pcap", frames: frames.map { (interface: 0, time: $0.time, bytes: $0.bytes) }, linkTypes: [.ethernet]
    ).evidence
  }

  @Test func twoVNIsWithTheSamePortsAreTwoFlows() {
    let one = talk(vxlan(101), vxlan(101, back: true), sequence: 1_000_000, stations: 1)
    let other = talk(vxlan(102), vxlan(102, back: true), sequence: 900_000_000, stations: 2)
    #expect(flows(one + other) == 2)
    #expect(flows(one) == 1)
  }

  /// What the verdict says of both is what it says of each alone, added up.
  @Test func eachIsJudgedAsIfItWereAlone() {
    let one = talk(vxlan(101), vxlan(101, back: true), sequence: 1_000_000, stations: 1)
    let other = talk(vxlan(102), vxlan(102, back: true), port: 40002, sequence: 900_000_000, stations: 2)
    let outcomes = [one, other, one + other].map { judge(evidence($0), under: policy).outcome }
    #expect(outcomes == [.pass, .pass, .pass])
  }

  /// A router between them (asymmetric IRB): the request is in one VNI and its reply in the other.
  @Test func aConversationInBothTiesThem() {
    #expect(flows(talk(vxlan(101), vxlan(102, back: true), sequence: 1_000_000, stations: 1)) == 1)
  }

  /// Linux lets each direction of a GRE device have its own key.
  @Test func aKeyThatIsSeenOneWayTellsNothing() {
    let one = talk(gre(1), gre(2, back: true), sequence: 1_000_000, stations: 1)
    let other = talk(gre(3), gre(4, back: true), sequence: 900_000_000, stations: 2)
    #expect(flows(one + other) == 1)
    let both = talk(gre(1), gre(1, back: true), sequence: 1_000_000, stations: 1)
    let others = talk(gre(3), gre(3, back: true), sequence: 900_000_000, stations: 2)
    #expect(flows(both + others) == 2)
  }

  @Test func labelsAndSessionsAreNoNetworks() {
    let frames = talk(
      .ethernet(from: MACAddress(2), to: MACAddress(4)), .ethernet(from: MACAddress(4), to: MACAddress(2)), sequence: 1,
      stations: 1)
    #expect(!evidence(frames).hasNetworks)
    #expect(
      OverlayNetwork(
        Encapsulation([.init(.mpls, identifier: 7), .init(.pppoe, identifier: 8)], isOutside: false) ?? .init()
      ).isBare)
  }

  /// The claims of one say nothing in the other.
  @Test func claimsBearTheirNetwork() {
    let reply = Packet.arpReply(
      ip("10.1.10.10"), isAt: MACAddress(0x0e00_0000_0002), to: MACAddress(0x0e00_0000_0001), ip("10.1.10.100"))
    let evidence = evidence([
      TimedFrame(vxlan(101) / reply, at: start), TimedFrame(vxlan(102) / reply, at: start),
      TimedFrame(reply, at: start),
    ])
    #expect(
      Set(evidence.claims.keys.map(\.network)) == [
        OverlayNetwork(), OverlayNetwork([.init(.vxlan, 101)]), OverlayNetwork([.init(.vxlan, 102)]),
      ])
  }
}
