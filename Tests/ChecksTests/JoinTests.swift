import Evidence
import TestSupport
import Testing
import Wire

@testable import Checks

/// Several captures as one proof.
@Suite struct JoinTests {
  private static let policy: Policy = {
    var policy = Policy()
    policy.services = [ServicePattern(address: IPAddress(v4: 0x0a01_0a0a), transport: .tcp, port: 80)]
    return policy
  }()

  private static func evidence(_ names: [String]) throws -> Evidence {
    try names.reduce(into: Evidence()) { evidence, name in
      evidence.merge(try CaptureContents(path: Repository.fixture("traps/several-\(name).pcap")).evidence)
    }
  }

  private static func verdict(_ names: String...) throws -> Verdict {
    judge(try evidence(names), under: policy)
  }

  @Test func `every leg of a client behind a router, end to end`() throws {
    let verdict = try Self.verdict("routed-client", "routed-balancer", "routed-backend")
    #expect(verdict.outcome == .pass)
    #expect(verdict.services.first?.proof == .endToEnd)
    #expect(verdict.services.first?.flows.total == 1)
    // The places are judged each, and not the one that stands for them.
    #expect(verdict.captures.count == 3)
    #expect(verdict.services.first?.vantages.map(\.vantage) == [.behindRouter, .balancer, .backend])
    let legs = verdict.services.first?.legs ?? []
    #expect(legs.count == 6)
    // Either side of the router is the router.
    #expect(legs.allSatisfy { $0.from != .unknown && $0.to != .unknown })
    let routers = legs.flatMap { [($0.from, $0.fromDevice), ($0.to, $0.toDevice)] }.filter { $0.0 == .router }
    #expect(routers.count == 4 && Set(routers.compactMap(\.1)).count == 1)
    #expect(Set(legs.compactMap(\.capture)) == Set(verdict.captures.map(\.path)))
  }

  @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]])
  func `the order of the captures does not matter`(order: [Int]) throws {
    for names in [
      ["routed-client", "routed-balancer", "routed-backend"], ["routed-client", "snat-balancer", "snat-backend"],
      ["routed-client-via", "routed-claims", "routed-backend-via"],
    ] {
      let verdict = judge(try Self.evidence(order.map { names[$0] }), under: Self.policy)
      let usual = judge(try Self.evidence(names), under: Self.policy)
      #expect(verdict.outcome == usual.outcome && verdict.services.first?.proof == usual.services.first?.proof)
      #expect(verdict.services.first?.flows == usual.services.first?.flows)
    }
  }

  @Test func `clocks are held against each other`() throws {
    let verdict = try Self.verdict("routed-client", "routed-balancer", "routed-backend")
    let clocks = verdict.captures.map(\.clock)
    #expect(clocks[0] == nil)
    let (balancer, backend) = (try #require(clocks[1]), try #require(clocks[2]))
    #expect(abs(balancer.ahead - 37) < 0.001 && balancer.isByFramesOfBoth && balancer.conversations == 1)
    #expect(abs(backend.ahead) < 0.001)
    let halves = try Self.verdict("in-client", "in-backend").captures[1].clock
    #expect(abs((halves?.ahead ?? 0) + 10_800) < 0.01)
    #expect(halves?.isByFramesOfBoth == false)
    #expect(try Self.verdict("in-client", "in-backend-strangers").captures.allSatisfy { $0.clock == nil })
  }

  @Test func `replies that went somewhere in between are not seen end to end`() throws {
    // At the client they have lost two hops more than where they left the backend.
    let verdict = try Self.verdict("routed-client-via", "routed-balancer", "routed-backend")
    #expect(verdict.services.first?.proof != .endToEnd)
  }

  @Test func `a translated client is one flow`() throws {
    let verdict = try Self.verdict("routed-client", "snat-balancer", "snat-backend")
    #expect(verdict.services.first?.flows.total == 1)
    #expect(verdict.services.first?.proof == .endToEnd)
  }

  private static let names = [
    "in-client", "in-backend", "in-backend-strangers", "routed-client", "routed-balancer", "routed-backend",
    "routed-client-via", "routed-backend-via", "routed-claims", "snat-balancer", "snat-backend", "lost-client",
    "lost-backend",
  ]

  @Test(arguments: names)
  func `more captures take no fault away`(name: String) throws {
    guard try Self.verdict(name).outcome == .fail else { return }
    for other in Self.names where other != name {
      #expect(try Self.verdict(name, other).outcome == .fail, "beside \(other)")
      for third in Self.names where third != name && third != other {
        #expect(try Self.verdict(other, third, name).outcome == .fail, "beside \(other) and \(third)")
      }
    }
  }
}
