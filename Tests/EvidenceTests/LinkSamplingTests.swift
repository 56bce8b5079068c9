import PacketBuilder
import TestSupport
import Testing
import Wire

@testable import Evidence

/// What is kept of flows that pass ever more pairs of MACs.
@Suite struct LinkSamplingTests {
  /// What the flow over many links sent, and what came back.
  private static func crowded(_ evidence: Evidence) throws -> CanonicalEvidence.Flow {
    let flows = CanonicalEvidence(evidence).flows.filter { $0.key.lower.port == 5_555 || $0.key.higher.port == 5_555 }
    #expect(flows.count == 1)
    return try #require(flows.values.first)
  }

  private static func sizes(_ flow: CanonicalEvidence.Flow) -> Set<Int> { [flow.fromLower.count, flow.fromHigher.count] }

  /// One flow over so many links, each of them twice; every tenth frame is a reply.
  private static func capture(of count: Int) -> CaptureContents {
    let packets = (0..<count * 2).map { number -> Packet in
      let link = UInt64(number % count)
      let ethernet = Packet.ethernet(from: MACAddress(0x0200_0000_0000 + link), to: MACAddress(0x0600_0000_0000 + link))
      if link.isMultiple(of: 10) {
        return ethernet / .ip(from: Scene.vip, to: Scene.clientIP) / .tcp(from: 80, to: 5_555, seq: UInt32(number))
      }
      return ethernet / .ip(from: Scene.clientIP, to: Scene.vip) / .tcp(from: 5_555, to: 80, seq: UInt32(number))
    }
    return Scene.capture(packets.enumerated().map { TimedFrame($1, at: Scene.start + .milliseconds($0)) })
  }

  private static func frames(_ evidence: Evidence) -> UInt64 {
    var frames = evidence.captureSummaries.reduce(0) { $0 + $1.countedOnly.links }
    evidence.forEachFlow { _, _, _, fromLower, fromHigher in
      for record in Array(fromLower) + Array(fromHigher) { frames += UInt64(record.frames) }
    }
    return frames
  }

  @Test func ofEachHalfTheFirstByTheirHashesStay() throws {
    var evidence = Self.capture(of: 4_000).evidence
    let whole = try Self.crowded(evidence)
    evidence.keepSample(with: LinkSampling(level: 7))
    let kept = try Self.crowded(evidence)
    // 3,600 requests and 400 replies at different links.
    #expect(Self.sizes(kept) == [256])
    #expect(kept.fromLower.isSubset(of: whole.fromLower) && kept.fromHigher.isSubset(of: whole.fromHigher))
    #expect(Self.frames(evidence) == 8_000 && evidence.countedOnly.links == 8_000 - 2 * 512)
    #expect(evidence.flowCount == 1)
    evidence.keepSample(with: LinkSampling(level: 8))
    let fewer = try Self.crowded(evidence)
    #expect(Self.sizes(fewer) == [128] && fewer.fromLower.isSubset(of: kept.fromLower))
    #expect(Self.frames(evidence) == 8_000)
  }

  @Test func samplesMergeInAnyOrder() {
    let capture = Self.capture(of: 3_000)
    for seed in 1...3 as ClosedRange<UInt64> {
      var random = SeededGenerator(seed: seed)
      let parts = capture.evidence(.half, using: &random)
      var whole = capture.evidence
      whole.keepSample(with: LinkSampling(level: 6))
      var merged = Evidence()
      for (number, var part) in parts.shuffled(using: &random).enumerated() {
        if number.isMultiple(of: 2) { part.keepSample(with: LinkSampling(level: 6)) }
        merged.merge(part)
      }
      merged.settleLinks()
      #expect(CanonicalEvidence(merged).flows == CanonicalEvidence(whole).flows)
      #expect(merged.countedOnly == whole.countedOnly)
      #expect(Set(merged.seenLinks) == Set(whole.seenLinks))
    }
  }

  /// However many links come, they take a quarter of the room, and cost no other flow.
  @Test func linksOfOneFlowAreBounded() {
    let capture = Self.capture(of: 40_000)
    var evidence = Flood.evidence(of: Flood.capture(of: 1_000), limit: 4_000_000)
    let flows = evidence.flowCount
    for start in stride(from: 0, to: capture.frames.count, by: 500) {
      capture.observe(Array(capture.frames[start..<min(start + 500, capture.frames.count)]), into: &evidence)
    }
    capture.end(in: &evidence)
    #expect(evidence.flowCount == flows + 1 && evidence.sampling.level == 0)
    #expect(evidence.flowsV4.distantByteCount <= 1_000_000)
    #expect(evidence.flowsV4.further.count < 10_000)
    #expect(evidence.seenLinks.count < LinkTable.unusedLimit + 10_000)
    #expect(evidence.countedOnly.links > 60_000)
  }

  /// A flow that passes as many links as there is room for keeps them all.
  @Test func fewLinksAreAllKept() throws {
    let evidence = Flood.evidence(of: Self.capture(of: 10_000), limit: 128_000_000)
    #expect(evidence.linkSampling.level == 0 && evidence.countedOnly.links == 0)
    #expect(Self.sizes(try Self.crowded(evidence)) == [1_000, 9_000])
  }
}
