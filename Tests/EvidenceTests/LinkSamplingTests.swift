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

  private static func sizes(_ flow: CanonicalEvidence.Flow) -> Set<Int> {
    [flow.fromLower.count, flow.fromHigher.count]
  }

  private static func frames(_ evidence: Evidence) -> UInt64 {
    var frames = evidence.captureSummaries.reduce(0) { $0 + $1.countedOnly.links }
    evidence.forEachFlow { _, _, _, fromLower, fromHigher in
      for record in Array(fromLower) + Array(fromHigher) { frames += UInt64(record.frames) }
    }
    return frames
  }

  @Test func ofEachHalfTheFirstByTheirHashesStay() throws {
    var evidence = Flood.crowded(links: 4_000).evidence
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
    let capture = Flood.crowded(links: 3_000)
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
    let capture = Flood.crowded(links: 40_000)
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
    let evidence = Flood.evidence(of: Flood.crowded(links: 10_000), limit: 128_000_000)
    #expect(evidence.linkSampling.level == 0 && evidence.countedOnly.links == 0)
    #expect(Self.sizes(try Self.crowded(evidence)) == [1_000, 9_000])
  }
}
