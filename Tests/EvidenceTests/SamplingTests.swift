import PacketBuilder
import TestSupport
import Testing
import Wire

@testable import Evidence

/// What is kept where flows do not fit in memory.
@Suite struct SamplingTests {
  private static let limit = 300_000

  private static func ports(_ evidence: Evidence, of client: IPAddress) -> Set<UInt16> {
    var found: Set<UInt16> = []
    evidence.forEachFlow { _, lower, higher, _, _ in
      for end in [lower, higher] where end.address == client { found.insert(end.port) }
    }
    return found
  }

  @Test func aFloodOfHalfOpenConnectionsCostsANumber() {
    let capture = Flood.capture(of: 20_000)
    let whole = Flood.evidence(of: capture, limit: nil)
    let bounded = Flood.evidence(of: capture, limit: 1_000_000)
    #expect(whole.flowCount == 20_200 && !whole.hasHalfOpenFlows)
    #expect(bounded.flowByteCount < 1_200_000 && bounded.flowCount < 10_000)
    #expect(bounded.sampling.level == 0)
    #expect(Self.ports(bounded, of: Scene.clientIP).count == 200, "healthy flows are all kept")
    let summary = bounded.captureSummaries[0]
    #expect(UInt64(bounded.flowCount) + summary.halfOpenFlows == 20_200, "every flow is kept or counted")
    #expect(whole.captureSummaries[0].halfOpenFlows == 0 && whole.captureSummaries[0].flowsPerKept == 1)
  }

  /// Where no flow shows both directions, a SYN with nothing behind it may be a healthy one's.
  @Test func halfOpenSaysNothingWhereOneDirectionWasCaptured() {
    let bounded = Flood.evidence(of: Flood.capture(of: 5_000, showsReplies: false), limit: Self.limit)
    #expect(!bounded.hasHalfOpenFlows)
    #expect(bounded.sampling.level > 0)
  }

  /// Where dropping flows would free nothing, none is dropped.
  @Test func oneFlowOverEverMoreLinksCostsNoOtherFlow() {
    let flood = Flood.capture(of: 2_000)
    var evidence = Flood.evidence(of: flood, limit: 1_000_000)
    let capture = Scene.capture(
      (0..<20_000).map { number in
        let (from, to) = (MACAddress(0x0200_0000_0000 + UInt64(number)), MACAddress(0x0600_0000_0000 + UInt64(number)))
        let packet = Packet.ethernet(from: from, to: to) / .ip(from: Scene.clientIP, to: Scene.vip)
        return TimedFrame(
          packet / .tcp(from: 5_555, to: 80, seq: UInt32(number)), at: Scene.start + .milliseconds(number))
      })
    capture.observe(capture.frames, into: &evidence)
    #expect(evidence.sampling.level == 0)
    #expect(Self.ports(evidence, of: Flood.clientIP).count == 21)
    #expect(evidence.captures.reduce(0) { $0 + $1.frames } == UInt64(flood.frames.count + capture.frames.count))
  }

  /// The ends of tunnels cost what flows cost, and go with them.
  @Test func tunnelsWithEverOtherEndsAreBounded() {
    var frames = Flood.frames(of: 500)
    for number in 0..<40_000 {
      let packet =
        Packet.ethernet(from: mac("06:1f:8a:6c:8e:d2"), to: mac("06:d2:0a:b1:14:20"))
        / .ip(from: ip("10.1.10.2"), to: IPAddress(v4: 0x0a03_0000 + UInt32(number)))
        / .ip(from: IPAddress(v4: 0x1400_0000 + UInt32(number)), to: Flood.vip, ttl: 49)
      frames.append(
        TimedFrame(
          packet / .tcp(from: 4_000, to: 80, flags: .syn),
          at: Timestamp(seconds: 1_709_294_401, nanoseconds: 0) + .milliseconds(number)))
    }
    let capture = CaptureContents(
      path: "flood.pcap", frames: frames.map { (interface: 0, time: $0.time, bytes: $0.bytes) }, linkTypes: [.ethernet])
    let whole = Flood.evidence(of: capture, limit: nil)
    let bounded = Flood.evidence(of: capture, limit: 20_000_000)
    #expect(whole.seenLinks.count > 40_000)
    #expect(bounded.flowByteCount < 20_000_000 && (1...3).contains(bounded.sampling.level))
    #expect(bounded.seenLinks.count < whole.seenLinks.count)
    let pairs = { (evidence: Evidence) in
      Set(evidence.seenLinks.map { [$0.source, $0.destination] })
    }
    #expect(pairs(bounded) == pairs(whole), "that two MACs spoke is never lost")
  }

  /// Half-open connections to ever more servers are flows like others once they are too many to stand for each other.
  @Test func aScanOfManyServersLeavesASample() {
    var frames = Flood.frames(of: 2_000)
    for number in 0..<60_000 {
      let server = IPAddress(v4: 0x0a01_0b00 + UInt32(number % 30_000))
      let packet = Scene.toBalancer / .ip(from: IPAddress(v4: 0x1400_0000 + UInt32(number)), to: server)
      frames.append(
        TimedFrame(packet / .tcp(from: 4_000, to: 22, flags: .syn), at: Scene.start + .milliseconds(5_000 + number)))
    }
    let evidence = Flood.evidence(of: Scene.capture(frames), limit: 1_000_000)
    #expect((1...4).contains(evidence.sampling.level))
    #expect(Self.ports(evidence, of: Flood.clientIP).count > 0)
    #expect(evidence.flowByteCount <= 1_000_000)
  }

  /// Flows of kept evidence take no more room than those that were captured.
  @Test func whatIsMergedLeavesNoRoomEmpty() {
    let whole = Flood.capture(of: 20_000).evidence
    var merged = Evidence()
    merged.merge(whole)
    #expect(merged.flowByteCount == whole.flowByteCount)
    let halves = merged.flowsV4.rooms.halves
    // One place is left again and again, when the second half of a flow comes.
    let places = (0..<halves.chunkCount).map(halves.filled(ofChunk:)).reduce(0, +)
    #expect(places == 20_401)
  }

  /// What a sample holds depends on the flows alone.
  @Test func samplesMergeInAnyOrder() throws {
    let capture = try CaptureContents(path: Repository.fixture("lab/route/switch.pcap"))
    var random = SeededGenerator(seed: 7)
    let parts = capture.evidence(.half, using: &random)
    for level in 1...3 {
      var whole = capture.evidence
      whole.keepSample(with: Sampling(level: level))
      var sampledFirst = Evidence()
      for part in parts.reversed() {
        var part = part
        part.keepSample(with: Sampling(level: level))
        sampledFirst.merge(part)
      }
      var mixed = parts[0]
      mixed.keepSample(with: Sampling(level: level))
      for part in parts.dropFirst() { mixed.merge(part) }
      let flows = { (evidence: Evidence) in Set(CanonicalEvidence(evidence).flows.keys) }
      let kept = Set(CanonicalEvidence(capture.evidence).flows.keys).filter { ends in
        Sampling(level: level).rank(of: ends).leadingZeroBitCount >= level
      }
      // Beside these stands one flow for each link.
      #expect(flows(whole).isSuperset(of: kept) && flows(sampledFirst).isSuperset(of: kept))
      #expect(flows(mixed).isSuperset(of: kept))
      #expect(Set(whole.seenLinks) == Set(capture.evidence.seenLinks))
      let canonical = CanonicalEvidence(whole)
      for ends in kept {
        #expect(CanonicalEvidence(sampledFirst).flows[ends] == canonical.flows[ends])
        #expect(CanonicalEvidence(mixed).flows[ends] == canonical.flows[ends])
      }
    }
  }

  @Test func theLegOnWhichABalancerTranslatesStaysWithItsFlow() {
    let flow = FlowKeyV4.ordered(.tcp, UInt32(Scene.clientIP.low), 40_000, UInt32(Scene.vip.low), 80).key
    let leg = FlowKeyV4.ordered(.tcp, UInt32(Scene.clientIP.low), 40_000, UInt32(Scene.balancerIP.low), 8080).key
    for key in 0..<200 as Range<UInt64> {
      #expect(Sampling(key: key).rank(flow) == Sampling(key: key).rank(leg))
    }
  }

  /// Each key has a sample of its own.
  @Test func whoeverDoesNotKnowTheKeyCannotTellWhichFlowsStay() {
    let capture = Flood.capture(of: 2_000)
    let samples = (0..<3 as Range<UInt64>).map { key in
      var evidence = capture.evidence
      evidence.keepSample(with: Sampling(key: key, level: 4))
      return Set(CanonicalEvidence(evidence).flows.keys)
    }
    #expect(Set(samples).count == 3)
    for sample in samples { #expect((60...250).contains(sample.count)) }
  }

  /// Every flow of the table is where it was told to be, whatever came before.
  @Test func roomsKeepEveryFlow() {
    var random = SeededGenerator(seed: 11)
    var rooms = FlowRooms<FlowKeyV4>()
    var known: [UInt64: Int] = [:]
    var isWide: Set<UInt64> = []
    func record(_ number: UInt64) -> LinkRecord {
      var record = LinkRecord()
      (record.frames, record.payload) = (1, UInt32(truncatingIfNeeded: number))
      return record
    }
    for number in 0..<150_000 as Range<UInt64> {
      let end = FlowEnd(isHigher: number.isMultiple(of: 3))
      known[number] = rooms.add(number, ports: UInt32(number), from: end, record(number))
      if let other = (0...number).randomElement(using: &random), let place = known[other], !isWide.contains(other) {
        known[other] = rooms.widen(place)
        if number.isMultiple(of: 48) { rooms.settle() }
        isWide.insert(other)
      }
    }
    #expect(rooms.count == 150_000)
    func areAllThere() -> Bool {
      known.allSatisfy { number, place in
        let (lower, higher) = rooms.records(place)
        let own = number.isMultiple(of: 3) ? higher : lower
        let other = number.isMultiple(of: 3) ? lower : higher
        return rooms.addresses(place) == number && rooms[sideOf: place].ports == UInt32(number)
          && own.payload == UInt32(truncatingIfNeeded: number) && other.frames == 0
          && (rooms.half(ofFlowAt: place, from: FlowEnd(isHigher: !number.isMultiple(of: 3))) >= 0)
            == isWide.contains(number)
      }
    }
    #expect(areAllThere())
    let before = rooms
    rooms.makeUnique()
    rooms.keep { before.addresses($0).isMultiple(of: 5) }
    known = [:]
    rooms.forEachPlace {
      known[rooms.addresses($0)] = $0
      return true
    }
    #expect(rooms.count == 30_000 && Set(known.keys) == Set((0..<30_000 as Range<UInt64>).map { $0 * 5 }))
    #expect(areAllThere())
  }
}

extension Sampling {
  fileprivate func rank(of ends: CanonicalEvidence.Ends) -> UInt64 {
    ends.lower.address.version == .v4
      ? rank(
        FlowKeyV4.ordered(
          ends.transport, UInt32(truncatingIfNeeded: ends.lower.address.low), ends.lower.port,
          UInt32(truncatingIfNeeded: ends.higher.address.low), ends.higher.port
        ).key)
      : rank(
        FlowKeyV6.ordered(
          ends.transport, ends.lower.address, ends.lower.port, ends.higher.address, ends.higher.port
        ).key)
  }
}
