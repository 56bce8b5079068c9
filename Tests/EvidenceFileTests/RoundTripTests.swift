import Evidence
import EvidenceFile
import TestSupport
import Testing
import Wire

/// What evidence holds before it is written, it holds after it was read: all of it.
@Suite struct RoundTripTests {
  private static let seed = SeededGenerator.seed(for: "RoundTripTests")

  @Test(arguments: Repository.captures)
  func everyFixtureIsTheSameAfterwards(path: String) throws {
    let before = try part(Repository.fixture(path))
    let file = EvidenceFile([try KeptCapture(before)])
    let read = try EvidenceFile(file.bytes)
    #expect(read.bytes == file.bytes)
    let after = try read.captures[0].part
    let difference = CanonicalEvidence(after.evidence).difference(from: CanonicalEvidence(before.evidence))
    #expect(difference == nil)
    #expect(after.evidence.points == before.evidence.inOrder().points)
    #expect(after.interfaces == before.interfaces)
    #expect(after.lastFrame == before.lastFrame && after.path == before.path && after.name == before.name)
    #expect(after.filters == before.filters && after.isWhole == before.isWhole)
    // Writing it again gives the same bytes: nothing hangs on the order in which it was seen.
    #expect(EvidenceFile([try KeptCapture(after)]).bytes == file.bytes)
  }

  /// What several threads read, each some of the frames, is kept in the same bytes.
  @Test(arguments: Repository.captures)
  func partsAreKeptAsTheWholeIs(path: String) throws {
    let whole = try part(Repository.fixture(path))
    let bytes = EvidenceFile([try KeptCapture(whole)]).bytes
    let capture = try CaptureContents(path: Repository.fixture(path))
    var random = SeededGenerator(seed: Self.seed)
    for split in [Split.threeParts, .twoInTurn, .frameByFrame] {
      var parts = whole
      parts.evidence = merged(capture.evidence(split, using: &random), using: &random)
      #expect(EvidenceFile([try KeptCapture(parts)]).bytes == bytes, "\(split), seed \(Self.seed)")
    }
  }

  /// What was not kept of a flood is told as before.
  @Test func floodsStayNumbersAndSamplesSamples() throws {
    let flood = Flood.capture(of: 20_000)
    for limit in [1_000_000, 100_000] {
      let evidence = Flood.evidence(of: flood, limit: limit)
      #expect(evidence.hasHalfOpenFlows && (evidence.sampling.level > 0) == (limit == 100_000))
      var before = CapturePart(
        evidence: evidence, path: flood.path, name: nil, lastFrame: UInt64(flood.frames.count),
        interfaces: [.init(name: "", origin: "", linkType: .ethernet)])
      before.filters = [nil]
      let file = EvidenceFile([try KeptCapture(before)])
      let after = try EvidenceFile(file.bytes).captures[0].part.evidence
      #expect(CanonicalEvidence(after).difference(from: CanonicalEvidence(evidence)) == nil)
      #expect(after.sampling == evidence.sampling)
      #expect(after.captureSummaries == evidence.captureSummaries)
    }
  }

  /// Of a flow over very many links those that were dropped stay a number, and what is added is dropped as before.
  @Test func droppedLinksStayANumber() throws {
    let capture = Flood.crowded(links: 4_000)
    let evidence = Flood.evidence(of: capture, limit: 4_000_000)
    #expect(evidence.isSample && evidence.linkLevel > 0)
    var before = CapturePart(
      evidence: evidence, path: capture.path, name: nil, lastFrame: UInt64(capture.frames.count),
      interfaces: [.init(name: "", origin: "", linkType: .ethernet)])
    before.filters = [nil]
    let after = try EvidenceFile(EvidenceFile([try KeptCapture(before)]).bytes).captures[0].part.evidence
    #expect(CanonicalEvidence(after).difference(from: CanonicalEvidence(evidence)) == nil)
    #expect(after.linkLevel == evidence.linkLevel && after.captureSummaries == evidence.captureSummaries)
  }
}

/// What is read of a file.
func part(_ path: String, name: String? = nil) throws -> CapturePart {
  let capture = try CaptureContents(path: path)
  var part = CapturePart(
    evidence: capture.evidence, path: path, name: name, lastFrame: capture.frames.last?.number ?? 0,
    interfaces: capture.linkTypes.enumerated().map {
      .init(name: capture.interfaces[$0], origin: "", linkType: $1)
    })
  part.filters = capture.linkTypes.map { _ in nil }
  return part
}
