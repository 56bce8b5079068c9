import PacketBuilder
import TestSupport
import Testing
import Wire

@testable import Checks
@testable import Evidence

/// What a flood must not change: the verdict on the flows beside it.
@Suite struct FloodTests {
  private static let flood = Flood.capture(of: 20_000)

  private static func verdict(limit: Int?, isNamed: Bool = true) -> Verdict {
    var policy = Policy()
    if isNamed { policy.services = [ServicePattern(address: Flood.vip, transport: .tcp, port: 80)] }
    return judge(Flood.evidence(of: flood, limit: limit), under: policy)
  }

  @Test(arguments: [true, false])
  func aServiceIsJudgedAsWithoutALimit(isNamed: Bool) throws {
    let whole = Self.verdict(limit: nil, isNamed: isNamed)
    let bounded = Self.verdict(limit: 1_000_000, isNamed: isNamed)
    #expect(bounded.outcome == whole.outcome && bounded.services.count == whole.services.count)
    let (one, other) = (try #require(whole.services.first), try #require(bounded.services.first))
    #expect(one.flows == other.flows)
    #expect(one.flows.total == 20_200 && one.flows.direct == (isNamed ? 200 : 0))
    #expect(bounded.checks.map(\.outcome) == whole.checks.map(\.outcome))
    #expect(bounded.captures[0].halfOpenFlows > 10_000 && whole.captures[0].halfOpenFlows == 0)
  }

  @Test func ofASampleTheVerdictIsThatOfTheWhole() throws {
    let sampled = Self.verdict(limit: 100_000)
    let whole = Self.verdict(limit: nil)
    #expect(whole.outcome == .pass && sampled.outcome == .pass)
    #expect(sampled.captures[0].flowsPerKept > 1)
    let counts = try #require(sampled.services.first).flows
    #expect(counts.direct > 0 && counts.direct < 200)
  }

  private static func judged(_ evidence: Evidence) -> Verdict {
    var policy = Policy()
    policy.services = [ServicePattern(address: Flood.vip, transport: .tcp, port: 80)]
    return judge(evidence, under: policy)
  }

  private static func tally(_ number: Int) -> Tally {
    Tally(frame: UInt64(number + 1), time: Timestamp(seconds: 1_709_294_400, nanoseconds: 0))
  }

  /// Messages that packets to clients nobody saw are too big, more than there is room for.
  @Test func aFloodOfErrorsChangesNothing() {
    var evidence = Flood.evidence(of: Flood.capture(of: 500), limit: nil)
    for number in 0..<40_000 {
      let quoted = QuotedPacket(
        source: Flood.vip, destination: IPAddress(v4: 0x1500_0000 + UInt32(number)), protocolNumber: 6, sourcePort: 80,
        destinationPort: 5_000, sequence: nil)
      evidence.add(
        Self.tally(number),
        of: ErrorMessage(
          point: 0, from: IPAddress(v4: 0x1600_0000 + UInt32(number)), source: nil, destination: nil,
          error: ICMPError(kind: .packetTooBig, type: 3, code: 4, mtu: 1400, quoted: quoted)))
    }
    let verdict = Self.judged(evidence)
    #expect(verdict.outcome == .pass)
    #expect(verdict.captures[0].countedOnly.errors == 40_000 - 32_768)
    // One of those that are only counted may be about these flows, where nobody knows what they were about.
    var counted = CountedOnly()
    counted.errors = 1
    evidence.add(counted, atPoint: 0)
    let open = Self.judged(evidence)
    #expect(open.outcome == .inconclusive)
    #expect(open.checks.filter { $0.outcome == .inconclusive }.map(\.id) == ["DSR008"])
  }

  /// Where not all claims of the VIP are kept, nothing tells that it has one owner.
  @Test func aFloodOfClaimsLeavesTheVIPUndecided() {
    var evidence = Flood.evidence(of: Flood.capture(of: 500), limit: nil)
    #expect(Self.judged(evidence).outcome == .pass)
    var counted = CountedOnly()
    counted.claims = 1
    evidence.add(counted, atPoint: 0)
    let open = Self.judged(evidence)
    #expect(open.outcome == .inconclusive)
    #expect(
      open.checks.filter { $0.outcome == .inconclusive }.map(\.id).sorted() == ["ARP001", "ARP002", "ARP003", "ARP004"])
  }

  /// One flow whose replies cross the balancer, and resets of it to ever other MACs.
  private static func resets(_ count: Int) -> CaptureContents {
    let (client, balancer, backend) = (mac("06:ba:49:38:53:f0"), mac("06:1f:8a:6c:8e:d2"), mac("06:d2:0a:b1:14:20"))
    let start = Timestamp(seconds: 1_709_294_402, nanoseconds: 0)
    let leg = { (from: MACAddress, to: MACAddress) in Sighting(Packet.ethernet(from: from, to: to)) }
    var talk = Conversation(
      client: .init(Flood.clientIP, 40_000), server: .init(Flood.vip, 80), at: start,
      requests: [leg(client, balancer), leg(balancer, backend)],
      replies: [leg(backend, balancer), leg(balancer, client)],
      clientSequence: 1_000, serverSequence: 5_000)
    talk.open()
    let claim =
      Packet.ethernet(from: balancer, to: client)
      / .arp(.reply, sender: balancer, Flood.vip, target: client, Flood.clientIP)
    var frames = Flood.frames(of: 500) + [TimedFrame(claim, at: Timestamp(seconds: 1_709_294_400, nanoseconds: 0))]
    frames += talk.frames
    for number in 0..<count {
      let packet =
        Packet.ethernet(from: backend, to: MACAddress(0x0200_0000_0000 + UInt64(number)))
        / .ip(from: Flood.vip, to: Flood.clientIP)
      let reset = packet / .tcp(from: 80, to: 40_000, seq: 5_001, flags: .rst)
      frames.append(TimedFrame(reset, at: start + .milliseconds(2_000 + number)))
    }
    return CaptureContents(
      path: "resets.pcap", frames: frames.map { (interface: 0, time: $0.time, bytes: $0.bytes) },
      linkTypes: [.ethernet])
  }

  /// Of a flow over very many links some are dropped: what these would show is open.
  @Test func linksThatAreMissingPassNothing() {
    let capture = Self.resets(4_000)
    let whole = Self.judged(Flood.evidence(of: capture, limit: nil))
    #expect(whole.outcome == .fail && whole.services[0].flows.viaBalancer == 1)
    for limit in [16_000_000, 4_000_000, 1_000_000] {
      let verdict = Self.judged(Flood.evidence(of: capture, limit: limit))
      #expect(verdict.captures[0].countedOnly.links > 0)
      #expect(verdict.outcome == .inconclusive || verdict.services[0].flows.viaBalancer == 1)
      #expect(verdict.services[0].flows.direct > 0)
    }
  }
}
