import Evidence
import Tables
import TestSupport
import Testing

@testable import Checks

/// What was found and not judged is counted, and nothing passes beside it.
@Suite struct FoundServiceTests {
  @Test func thoseWithTheMostFlowsAreJudged() throws {
    var evidence = try CaptureContents(path: Repository.fixture("lab/route/client.pcap")).evidence
    evidence.merge(try CaptureContents(path: Repository.fixture("traps/backend-udp-v4-good.pcap")).evidence)
    let all = judge(evidence, beside: .init(), under: Policy(), by: Rule.all)
    try #require(all.services.count > 1)
    #expect(!all.cause.contains("not judged"))
    let some = judge(evidence, beside: .init(), under: Policy(), by: Rule.all, mostFound: 1)
    let busiest = try #require(all.services.max { $0.flows.total < $1.flows.total })
    #expect(some.services.map(\.service) == [busiest.service])
    #expect(some.cause.contains("\(counted(all.services.count - 1, "service")) with the fewest flows"))
    #expect(some.outcome == .inconclusive)
  }

  @Test func portsThatRefuseAScanAreNone() throws {
    let evidence = try CaptureContents(path: Repository.fixture("traps/ports-scanned-good.pcap")).evidence
    let verdict = judge(evidence, beside: .init(), under: Policy(), by: Rule.all)
    #expect(verdict.services.map(\.service.port) == [80])
    #expect(verdict.cause.contains("4 ports refused a scan"))
    #expect(verdict.outcome == .inconclusive)
  }
}
