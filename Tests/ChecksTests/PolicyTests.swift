import Checks
import Evidence
import PacketBuilder
import Report
import TestSupport
import Testing
import Wire

/// What the user's word changes, and what it does not.
@Suite struct PolicyTests {
  private func verdict(_ path: String, vip: String = "10.1.10.10", _ change: (inout Policy) -> Void = { _ in }) throws
    -> Verdict
  {
    var policy = Policy()
    policy.services = [ServicePattern(address: ip(vip))]
    change(&policy)
    return judge(try CaptureContents(path: Repository.fixture(path)).evidence, under: policy)
  }

  private func failing(_ verdict: Verdict) -> [String] { verdict.checks.filter { $0.outcome == .fail }.map(\.slug) }

  // MARK: --min-flows

  /// Six connections in the capture.
  @Test(arguments: [(1, Verdict.Outcome.pass), (6, .pass), (7, .inconclusive), (1000, .inconclusive)])
  func fewerFlowsThanAskedForAreNoProof(minimum: Int, outcome: Verdict.Outcome) throws {
    let verdict = try verdict("lab/route/client.pcap") { $0.minimumFlows = minimum }
    #expect(verdict.outcome == outcome)
    if outcome == .inconclusive { #expect(verdict.reason.contains("--min-flows")) }
  }

  @Test func oneBadFlowFailsHoweverManyAreAskedFor() throws {
    let verdict = try verdict("traps/client-tcp-v4-bad-one-backend.pcap") { $0.minimumFlows = 1000 }
    #expect(verdict.outcome == .fail)
  }

  // MARK: --balancer-mac

  /// One MAC on both halves may be a router's; named, it is the balancer's.
  @Test func aNamedBalancerDecidesWhatTheFramesLeaveOpen() throws {
    let path = "traps/client-tcp-v4-same-mac-unresolved.pcap"
    #expect(try verdict(path).outcome == .inconclusive)
    let named = try verdict(path) { $0.balancerMACs = [Station.balancer] }
    #expect(named.outcome == .fail)
    #expect(failing(named) == ["reply-via-balancer"])
    #expect(named.services.flatMap(\.balancers).map(\.mac) == [Station.balancer])
  }

  @Test func aNamedBalancerMakesTheProofStronger() throws {
    let path = "traps/client-tcp-v4-good-unresolved.pcap"
    #expect(try verdict(path).services.map(\.proof) == [.macPair])
    #expect(try verdict(path) { $0.balancerMACs = [Station.balancer] }.services.map(\.proof) == [.identified])
  }

  /// The user is believed: if that MAC is the balancer, these replies came from it.
  @Test func aNamedBalancerThatAnswersFailsTheService() throws {
    let verdict = try verdict("traps/client-tcp-v4-good-unresolved.pcap") { $0.balancerMACs = [Station.backend1] }
    #expect(verdict.outcome == .fail)
    #expect(failing(verdict).contains("reply-via-balancer"))
  }

  @Test func theNameOfAnotherHostProvesNothing() throws {
    let stranger = MACAddress(0x0600_0000_0099)
    let verdict = try verdict("traps/client-tcp-v4-same-mac-unresolved.pcap") { $0.balancerMACs = [stranger] }
    #expect(verdict.outcome != .pass)
    #expect(verdict.services.map(\.flows.direct) == [0])
  }

  // MARK: --vantage

  /// At a backend the sender of requests is the balancer, if it is a backend where the capture stood.
  @Test func aNamedVantageTellsTheBalancer() throws {
    let path = "traps/backend-tcp-v4-bad.pcap"
    #expect(try verdict(path).outcome == .inconclusive)
    let named = try verdict(path) { $0.vantage = .backend }
    #expect(named.outcome == .fail)
    #expect(failing(named) == ["reply-via-balancer"])
    #expect(named.services.flatMap(\.vantages).map(\.vantage) == [.backend])
    #expect(named.services.flatMap(\.balancers).map(\.mac) == [Station.balancer])
  }

  /// At the client the receiver of requests is.
  @Test func aNamedVantageAtTheClientTellsTheBalancer() throws {
    let verdict = try verdict("traps/client-tcp-v4-same-mac-unresolved.pcap") { $0.vantage = .client }
    #expect(verdict.outcome == .fail)
    #expect(failing(verdict) == ["reply-via-balancer"])
  }

  /// Behind a router both halves bear routers' MACs, so a pair of two proves nothing.
  @Test func behindARouterMACsProveNothing() throws {
    let path = "traps/client-tcp-v4-good-unresolved.pcap"
    #expect(try verdict(path).outcome == .pass)
    let behind = try verdict(path) { $0.vantage = .behindRouter }
    #expect(behind.outcome == .inconclusive)
    #expect(behind.services.map(\.flows.direct) == [0])
  }

  // MARK: --backend

  @Test func aNamedBackendIsReported() throws {
    let verdict = try verdict("lab/route/client.pcap") {
      $0.backends = [Policy.Backend(address: ip("10.1.10.21"), mac: Station.backend1)]
    }
    #expect(verdict.outcome == .pass)
    let backends = verdict.services.flatMap(\.backends)
    let named = try #require(backends.first { $0.mac == Station.backend1 })
    #expect(named.addresses.contains(ip("10.1.10.21")))
    #expect(named.knownBy.contains("named"))
    #expect(backends.count == 2, "the other one is still found")
  }

  /// A balancer that owns a virtual MAC may answer from a MAC of its own; one that is named a backend's is not its own.
  @Test func aNamedBackendDecidesUnderAVirtualMAC() throws {
    let lines = FixtureLine.all.filter { $0.arguments.contains("--backend") && $0.verdict == "pass" }
    #expect(!lines.isEmpty)
    for line in lines {
      let without = FixtureLine.all.filter { $0.path == line.path && !$0.arguments.contains("--backend") }
      #expect(without.allSatisfy { $0.verdict != "fail" }, "\(line)")
    }
  }
}

/// Where each capture of the lab stood, as its frames tell.
@Suite struct VantageTests {
  struct Lab: Sendable, CustomStringConvertible {
    var path: String
    var vantage: Vantage?
    var because: String
    var description: String { path }
  }

  static let captures = [
    Lab(path: "route/client", vantage: .client, because: "requests go to the VIP's owner, replies come from others"),
    Lab(path: "route/lb", vantage: .balancer, because: "every request comes in and goes out, and no reply passes"),
    Lab(path: "route/switch-lb-port", vantage: .balancer, because: "the port sees what the balancer sees"),
    Lab(path: "route/be1", vantage: .backend, because: "requests come from the balancer, replies go to the client"),
    Lab(path: "route/be2", vantage: .backend, because: "the same"),
    Lab(path: "route/switch", vantage: .mirror, because: "requests on both legs, and replies that avoid the balancer"),
    Lab(path: "route/be1-any", vantage: nil, because: "cooked: no frame tells its receiver"),
    Lab(path: "node-masq/client", vantage: .client, because: "as in route"),
    Lab(path: "node-masq/lb", vantage: .balancer, because: "as in route"),
    Lab(path: "node-masq/switch-lb-port", vantage: .balancer, because: "as in route"),
    Lab(
      path: "node-masq/be1", vantage: .backend,
      because: "as in route: the pod's own addresses are no part of the service"),
    Lab(path: "node-masq/switch", vantage: .mirror, because: "as in route"),
    Lab(path: "node-masq/be1-any", vantage: nil, because: "cooked"),
    Lab(path: "masq/client", vantage: .client, because: "both halves pass the VIP's owner"),
    Lab(path: "masq/lb", vantage: .balancer, because: "every reply to a client comes from the balancer itself"),
    Lab(path: "masq/switch-lb-port", vantage: .balancer, because: "the same"),
    Lab(
      path: "arp-leak-ignore/client", vantage: nil, because: "one leg each way: client, backend and mirror see the same"
    ),
  ]

  @Test(arguments: captures)
  func theVantageIsTold(lab: Lab) throws {
    var policy = Policy()
    policy.services = [ServicePattern(address: ip("10.1.10.10"), transport: .tcp, port: 80)]
    if lab.path.hasPrefix("arp-leak-ignore") { policy.balancerMACs = [Station.balancer] }
    let verdict = judge(
      try CaptureContents(path: Repository.fixture("lab/\(lab.path).pcap")).evidence, under: policy)
    let seen = verdict.services.flatMap(\.vantages)
    #expect(!seen.isEmpty)
    #expect(Set(seen.map(\.vantage)) == [lab.vantage], "\(lab.because)")
  }

  @Test(arguments: ["node-masq/be2", "masq/be1", "masq/be2", "arp-leak-ignore/be2", "arp-leak-ignore/lb"])
  func whoSawNothingOfTheServiceHasNoVantage(path: String) throws {
    var policy = Policy()
    policy.services = [ServicePattern(address: ip("10.1.10.10"), transport: .tcp, port: 80)]
    let verdict = judge(try CaptureContents(path: Repository.fixture("lab/\(path).pcap")).evidence, under: policy)
    #expect(verdict.services.flatMap(\.vantages).isEmpty)
  }
}

/// Captures from several places in one run.
@Suite struct SeveralCapturesTests {
  private static let service = ServicePattern(address: ip("10.1.10.10"), transport: .tcp, port: 80)

  private func contents(_ names: [String]) throws -> [CaptureContents] {
    try names.map { try CaptureContents(path: Repository.fixture("lab/\($0).pcap")) }
  }

  private func evidence(_ captures: [CaptureContents]) -> Evidence {
    captures.reduce(into: Evidence()) { $0.merge($1.evidence) }
  }

  private func verdict(_ names: [String]) throws -> Verdict {
    var policy = Policy()
    policy.services = [Self.service]
    return judge(evidence(try contents(names)), under: policy)
  }

  @Test func clientAndBalancerTogetherIdentifyTheBalancer() throws {
    let verdict = try verdict(["route/client", "route/lb"])
    let service = try #require(verdict.services.first)
    #expect(verdict.outcome == .pass)
    #expect(try #require(service.proof) >= .identified)
    #expect(service.flows.direct == 6 && service.flows.total == 6, "a flow that two captures saw is one flow")
    #expect(service.balancers.map(\.mac) == [Station.balancer])
    #expect(Set(service.backends.map(\.mac)) == [Station.backend1, Station.backend2])
    #expect(service.vantages.map(\.vantage) == [.client, .balancer])
  }

  @Test(arguments: [
    ["route/client", "route/lb"], ["route/lb", "route/be1", "route/be2"], ["route/switch", "route/client"],
  ])
  func linksOfSeveralCapturesAreNeverMixed(names: [String]) throws {
    struct Seen: Hashable {
      var capture: String
      var flow: Flow
      var half: Half
      var source, destination: MACAddress?
      var frames: UInt64
      var first: UInt64
    }
    func links(_ evidence: Evidence) -> [Seen] {
      evidence.traces(of: [Self.service]).flatMap { trace in
        trace.links.map { seen in
          Seen(
            capture: evidence.captures[evidence.points[seen.link.point].capture].path, flow: trace.flow,
            half: seen.half, source: seen.link.source, destination: seen.link.destination, frames: seen.frames,
            first: seen.firstFrame)
        }
      }
    }
    let captures = try contents(names)
    let together = links(evidence(captures))
    let apart = captures.flatMap { links($0.evidence) }
    #expect(!together.isEmpty && together.count == apart.count)
    #expect(Set(together) == Set(apart))
  }

  @Test func theOrderOfTheCapturesDoesNotMatter() throws {
    let names = ["route/client", "route/lb", "route/be1", "route/be2"]
    let verdicts = try [names, names.reversed()].map { try verdict($0) }
    #expect(verdicts.map(\.outcome) == [.pass, .pass])
    #expect(verdicts[0].services.map(\.flows) == verdicts[1].services.map(\.flows))
    #expect(verdicts[0].services.map(\.proof) == verdicts[1].services.map(\.proof))
  }

  /// The balancer's own capture shows the six connections translated, the client's alone shows who answers.
  @Test func aFaultThatOneCaptureShowsFailsTheWhole() throws {
    let verdict = try verdict(["masq/be1", "masq/client"])
    #expect(verdict.outcome == .fail)
    #expect(verdict.services.map(\.flows.viaBalancer) == [6])
  }
}
