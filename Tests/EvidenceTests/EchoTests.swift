import Evidence
import PacketBuilder
import TestSupport
import Testing
import Wire

/// Who pings whom.
@Suite struct EchoTests {
  private static let seed = SeededGenerator.seed(for: "EchoTests")

  private let request = Scene.toBackend / .ip(from: Scene.balancerIP, to: ip("10.1.10.21")) / .echo()
  private let reply =
    Packet.ethernet(from: Scene.backend, to: Scene.balancer) / .ip(from: ip("10.1.10.21"), to: Scene.balancerIP)
    / .echo(isReply: true)

  @Test func requestsAndRepliesAreNoted() throws {
    let evidence = Scene.evidence([request, reply, request])
    let asked = Echo(
      point: 0, source: Scene.balancer, destination: Scene.backend, from: Scene.balancerIP, to: ip("10.1.10.21"),
      isReply: false)
    let answered = Echo(
      point: 0, source: Scene.backend, destination: Scene.balancer, from: ip("10.1.10.21"), to: Scene.balancerIP,
      isReply: true)
    #expect(Set(evidence.echoes.keys) == [asked, answered])
    #expect(evidence.echoes[asked]?.frames == 2 && evidence.echoes[answered]?.frames == 1)
    #expect(evidence.flowCount == 0 && evidence.pointsWithMulticast.isEmpty)
  }

  @Test func echoesOfICMPv6AreNoted() {
    let evidence = Scene.evidence([
      Scene.toBackend / .ip(from: ip("fd00:10::11"), to: ip("fd00:10::21")) / .echo(.v6),
      Scene.toClient / .ip(from: ip("fd00:10::21"), to: ip("fd00:10::11")) / .echo(.v6, isReply: true),
    ])
    #expect(Set(evidence.echoes.keys.map(\.isReply)) == [false, true])
    #expect(Set(evidence.echoes.keys.map(\.to)) == [ip("fd00:10::21"), ip("fd00:10::11")])
  }

  @Test func linksWithoutMACsHaveEchoesToo() {
    let evidence = Scene.evidence([.ip(from: Scene.balancerIP, to: ip("10.1.10.21")) / .echo()], .raw)
    #expect(evidence.echoes.keys.map(\.source) == [nil])
  }

  /// Whoever is pinged so may be anybody; but the capture sees frames to groups.
  @Test func pingingAGroupTellsOfNoPair() {
    let group = ip("224.0.0.1")
    let multicast =
      Packet.ethernet(from: Scene.client, to: group.multicastMAC) / .ip(from: Scene.clientIP, to: group) / .echo()
    #expect(Scene.evidence([multicast]).echoes.isEmpty)
    #expect(Scene.evidence([multicast]).pointsWithMulticast == [0])
    let subnet =
      Packet.ethernet(from: Scene.client, to: .broadcast) / .ip(from: Scene.clientIP, to: ip("10.1.10.255")) / .echo()
    #expect(Scene.evidence([subnet]).echoes.isEmpty)
  }

  /// The MACs are those of the tunnel's ends.
  @Test func aTunnelledPingTellsOfNoPair() {
    let tunnelled =
      Scene.toBackend / .ip(from: Scene.balancerIP, to: ip("10.1.10.21")) / .ip(from: Scene.clientIP, to: Scene.vip)
      / .echo()
    #expect(Scene.evidence([tunnelled]).echoes.isEmpty)
  }

  /// A scan, at two interfaces, of more hosts than are kept; some of them answer.
  private static let scan: CaptureContents = {
    var frames: [(interface: Int, time: Timestamp, bytes: [UInt8])] = []
    for number in 0..<7000 {
      let to = IPAddress(v4: 0x0a02_0000 + UInt32(number))
      let request = Scene.toBalancer / .ip(from: Scene.clientIP, to: to) / .echo()
      let reply = Scene.toClient / .ip(from: to, to: Scene.clientIP) / .echo(isReply: true)
      var packets = [(number % 2, request)]
      if number % 3 == 0 { packets.append((1 - number % 2, request)) }
      if number % 5 == 0 { packets.append((number % 2, reply)) }
      for (interface, packet) in packets {
        frames.append((interface, Scene.start + .milliseconds(frames.count), packet.bytes))
      }
    }
    return CaptureContents(path: "scan.pcapng", frames: frames, linkTypes: [.ethernet, .ethernet])
  }()

  @Test func asManyAreKeptAsThereIsRoomForWhereverTheyWereSeen() {
    let echoes = Self.scan.evidence.echoes.keys
    let pairs = Set(
      echoes.map {
        Echo(point: 0, source: $0.source, destination: $0.destination, from: $0.from, to: $0.to, isReply: $0.isReply)
      })
    #expect(pairs.count == 4096)
    #expect(echoes.count > pairs.count, "at two points")
    // A sample of all: the last hosts as the first, requests as replies.
    let late = echoes.count { !$0.isReply && $0.to.low >= 0x0a02_0000 + 3500 }
    #expect((1300...3300).contains(late))
    #expect(echoes.contains { $0.isReply })
  }

  @Test func theSampleIsTheSameInEveryOrder() {
    let whole = CanonicalEvidence(Self.scan.evidence)
    var random = SeededGenerator(seed: Self.seed)
    for split in Split.allCases {
      let parts = Self.scan.evidence(split, using: &random)
      let difference = CanonicalEvidence(merged(parts, using: &random)).difference(from: whole)
      #expect(difference == nil, "\(split), seed \(Self.seed)")
    }
  }
}
