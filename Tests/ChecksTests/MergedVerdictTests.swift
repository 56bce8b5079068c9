import Checks
import Evidence
import PacketBuilder
import Report
import TestSupport
import Testing
import Wire

/// However a capture was cut and merged, the report is the same to the byte.
@Suite struct MergedVerdictTests {
  private static let seed = SeededGenerator.seed(for: "MergedVerdictTests")

  /// The services of the fixtures, by name, and none: then they are found.
  private static let policies: [Policy] = {
    var named = Policy()
    named.services = [ServicePattern(address: ip("10.1.10.10")), ServicePattern(address: ip("fd00:10::10"))]
    var known = named
    known.balancerMACs = [Station.balancer]
    return [Policy(), named, known]
  }()

  @Test(arguments: Repository.captures)
  func theReportOfTheWholeIsThatOfItsParts(path: String) throws {
    let capture = try CaptureContents(path: Repository.fixture(path))
    let whole = capture.evidence
    let expected = Self.policies.map { judge(whole, under: $0).jsonReport() }
    var random = SeededGenerator(seed: Self.seed)
    for split in [Split.half, .fiveInTurn, .atRandom] {
      let parts = merged(capture.evidence(split, using: &random), using: &random)
      for (policy, report) in zip(Self.policies, expected) {
        let difference = difference(judge(parts, under: policy).jsonReport(), report)
        #expect(difference == nil, "\(split), seed \(Self.seed)")
      }
    }
  }

  /// Captures are listed in the order that the user named them; all else is the same whoever comes first.
  @Test(arguments: ["route", "node-masq", "masq", "arp-leak-ignore", "failover-vrrp"])
  func theReportOfSeveralCapturesIsThatOfTheirParts(topology: String) throws {
    let captures = try Repository.captures.filter { $0.hasPrefix("lab/\(topology)/") }
      .map { try CaptureContents(path: Repository.fixture($0)) }
    let whole = captures.reduce(into: Evidence()) { $0.merge($1.evidence) }
    let expected = Self.policies.map { judge(whole, under: $0).jsonReport() }
    var random = SeededGenerator(seed: Self.seed)
    for _ in 0..<3 {
      var parts = Evidence()
      for capture in captures { _ = parts.beginCapture(path: capture.path) }
      parts.merge(
        merged(captures.flatMap { $0.evidence(.atRandom, using: &random) }, using: &random))
      for (policy, report) in zip(Self.policies, expected) {
        let difference = difference(judge(parts, under: policy).jsonReport(), report)
        #expect(difference == nil, "seed \(Self.seed)")
      }
    }
  }

  /// The first line that differs; `nil` where none does.
  private func difference(_ one: String, _ other: String) -> String? {
    if one == other { return nil }
    let lines = [one, other].map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
    let number = zip(lines[0], lines[1]).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
    return "line \(number + 1): " + lines.map { $0.dropFirst(number).first ?? "" }.joined(separator: " and ")
  }
}
