import Evidence
import Tables
import TestSupport
import Testing
import Wire

@testable import Checks

/// A capture that lost a frame may decide less, and never the contrary: no pass becomes a fail, and no fail a pass.
@Suite struct RemovedFrameTests {
  private static let passing = [
    "seed", "traps/client-tcp-v4-good", "traps/backend-tcp-v4-good", "traps/balancer-tcp-v4-good",
    "traps/mirror-tcp-v4-good", "lab/bond-active-backup/client", "traps/packet-too-big-got-over-v4-good",
    "lab/bond-balancer-alb/switch", "lab/route/client",
    "lab/route/be1", "lab/route/lb", "lab/tunnel-ipip/switch", "lab/failover-vrrp/client", "lab/node-masq/client",
  ]
  private static let failing = [
    "traps/client-tcp-v4-bad", "traps/mirror-tcp-v4-bad", "lab/route-one-backend-of-two/switch",
    "traps/balancer-tcp-v4-bad",
    "traps/unanswered-mirror-v4-bad", "traps/stalled-mirror-v4-bad", "traps/loop-mirror-v4-bad", "lab/masq/client",
    "lab/route-gateway-is-balancer/router-inside", "lab/arp-leak-ignore/client", "lab/split-brain/client",
    "lab/vip-missing/switch",
  ]
  /// So many frames are left out, one at a time, spread over the capture.
  private static let most = 120

  @Test(arguments: passing)
  func aPassNeverBecomesAFail(name: String) throws {
    for (frame, outcome) in try outcomes(of: name, judged: .pass) {
      #expect(outcome != .fail, "without frame \(frame)")
    }
  }

  @Test(arguments: failing)
  func aFailNeverBecomesAPass(name: String) throws {
    for (frame, outcome) in try outcomes(of: name, judged: .fail) {
      #expect(outcome != .pass, "without frame \(frame)")
    }
  }

  private func outcomes(
    of name: String, judged whole: Verdict.Outcome
  ) throws -> [(frame: Int, outcome: Verdict.Outcome)] {
    let line = try #require(
      FixtureLine.all.first {
        $0.path == "\(name).pcap" && $0.verdict == whole.rawValue && Policy(simpleArguments: $0.arguments) != nil
      }, "fixtures/LIST has no \(whole.rawValue) of \(name) that is judged without tables")
    let policy = try #require(Policy(simpleArguments: line.arguments))
    let contents = try CaptureContents(path: Repository.fixture(line.path))
    #expect(judge(contents.evidence, under: policy).outcome == whole)
    let step = max(1, contents.frames.count / Self.most)
    return stride(from: 0, to: contents.frames.count, by: step).map { index in
      var evidence = Evidence()
      contents.observe(Array(contents.frames[..<index]) + contents.frames[(index + 1)...], into: &evidence)
      contents.end(in: &evidence)
      return (index + 1, judge(evidence, under: policy).outcome)
    }
  }
}
