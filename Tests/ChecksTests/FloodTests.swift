import Evidence
import TestSupport
import Testing
import Wire

@testable import Checks

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
}
