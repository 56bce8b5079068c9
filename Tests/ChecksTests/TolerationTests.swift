import Checks
import Evidence
import Foundation
import PacketBuilder
import Report
import Tables
import TestSupport
import Testing
import Wire

/// What the policy lets a service get away with, and what it never does.
@Suite struct TolerationTests {
  private static let service = ServicePattern(address: ip("10.1.10.10"), transport: .tcp, port: 80)
  private static let today = day("2026-06-15")

  private static func day(_ text: String) -> Day { Day(text) ?? .last }

  private func verdict(_ path: String, _ change: (inout Policy) -> Void) throws -> Verdict {
    var policy = Policy()
    policy.services = [Self.service]
    change(&policy)
    return judge(try CaptureContents(path: Repository.fixture(path)).evidence, under: policy)
  }

  /// One direct flow, and a backend that answers ARP for the VIP: that is its only fault.
  private func leak(_ change: (inout Policy) -> Void) throws -> Verdict {
    try verdict("traps/arp-answer-v4-bad.pcap") {
      $0.balancerMACs = [Station.balancer]
      change(&$0)
    }
  }

  private func result(_ id: String, _ verdict: Verdict) throws -> CheckResult {
    try #require(verdict.checks.first { $0.id == id })
  }

  private func waivers(
    _ check: String = "ARP001", _ service: ServicePattern? = nil, until: String...
  ) -> Waivers {
    let days = until.isEmpty ? [Self.today] : until.map(Self.day)
    return Waivers(
      days.map { Waiver(check: check, service: service, reason: "CHG-1", until: $0) }, on: Self.today)
  }

  // MARK: How many flows prove a service

  /// Another name for the same packets proves them no easier.
  @Test func aWiderOrNarrowerNameKeepsWhatIsAskedOfAService() throws {
    let address = ServicePattern(address: ip("10.1.10.10"))
    for (named, judged) in [(address, Self.service), (Self.service, address), (Self.service, Self.service)] {
      let verdict = try verdict("seed.pcap") {
        $0.services = [judged]
        $0.minimumFlowsOfServices = [named: 10]
      }
      #expect(verdict.outcome == .inconclusive, "\(named) \(judged)")
    }
    let other = ServicePattern(address: ip("10.1.10.10"), transport: .tcp, port: 81)
    #expect(try verdict("seed.pcap") { $0.minimumFlowsOfServices = [other: 10] }.outcome == .pass)
  }

  // MARK: Severities

  @Test func aFailureIsAnErrorUnlessPolicySaysOtherwise() throws {
    let verdict = try leak { _ in }
    #expect(verdict.outcome == .fail)
    #expect(verdict.checks.allSatisfy { $0.severity == .error && $0.waiver == nil && !$0.isTolerated })
  }

  @Test func aWarningKeepsItsOutcomeAndFailsNothing() throws {
    let verdict = try leak { $0.severities = ["ARP001": .warning] }
    #expect(verdict.outcome == .pass)
    #expect(verdict.services.map(\.proof) == [.identified])
    #expect(verdict.reason.hasSuffix("in spite of backend-answers-arp (a warning)"))
    let result = try result("ARP001", verdict)
    #expect(result.outcome == .fail && result.severity == .warning && !result.evidence.isEmpty)
  }

  @Test func thePassOfSeveralServicesNamesTheirFaultsToo() throws {
    let evidence = try ["traps/arp-answer-v4-bad.pcap", "traps/client-tcp-v6-good.pcap"].reduce(into: Evidence()) {
      $0.merge(try CaptureContents(path: Repository.fixture($1)).evidence)
    }
    var policy = Policy()
    policy.services = [Self.service, ServicePattern(address: ip("fd00:10::10"), transport: .tcp, port: 80)]
    policy.balancerMACs = [Station.balancer]
    policy.severities = ["ARP001": .warning]
    let verdict = judge(evidence, under: policy)
    #expect(verdict.outcome == .pass && verdict.services.count == 2)
    #expect(verdict.reason.hasSuffix("; in spite of backend-answers-arp (a warning)"))
  }

  @Test func tablesAloneNameTheFaultThatIsTolerated() throws {
    var tables = Tables()
    let text = try String(
      contentsOf: Repository.fixtures.appending(path: "tables/seed/ipvsadm"), encoding: .utf8)
    tables.ipvs = [TableFile(path: "ipvsadm", host: "lb1", table: try IPVSTable(text: text))]
    var policy = Policy()
    policy.ipvsRoles = ["lb1": .balancer]
    #expect(judge(tables, under: policy).outcome == .fail)
    policy.severities = ["IPVS002": .warning]
    let verdict = judge(tables, under: policy)
    #expect(verdict.outcome == .pass)
    #expect(verdict.reason.hasSuffix("; in spite of ipvs-wrong-forwarding (a warning)"))
  }

  @Test func whatPolicyIgnoresIsNotApplicable() throws {
    let verdict = try leak { $0.severities = ["ARP001": .ignore] }
    #expect(verdict.outcome == .pass)
    let result = try result("ARP001", verdict)
    #expect(result.outcome == .notApplicable && result.summary == "policy ignores it" && result.evidence.isEmpty)
    #expect(!verdict.reason.contains("in spite of"), "it was not looked for, so nothing was found")
  }

  @Test func theSeverityOfOneCheckLeavesTheOthersAlone() throws {
    let verdict = try leak { $0.severities = ["ARP004": .ignore, "DSR002": .warning] }
    #expect(verdict.outcome == .fail)
    #expect(verdict.reason.contains("backend-answers-arp"))
  }

  /// A stranger's reset leaves DSR007 open, and the flow is direct.
  @Test func anOpenCheckThatIsAWarningKeepsNoPassOpen() throws {
    let path = "traps/backend-changes-v4-stranger.pcap"
    #expect(try verdict(path) { _ in }.outcome == .inconclusive)
    for tolerate: (inout Policy) -> Void in [
      { $0.severities = ["DSR007": .warning] }, { $0.waivers = self.waivers("DSR007") },
    ] {
      let verdict = try verdict(path, tolerate)
      #expect(verdict.outcome == .pass)
      #expect(try result("DSR007", verdict).outcome == .inconclusive)
    }
  }

  // MARK: Waivers

  @Test func aWaiverHoldsOnItsLastDayAndNotAfter() throws {
    let held = try leak { $0.waivers = waivers() }
    #expect(held.outcome == .pass)
    #expect(held.reason.hasSuffix("in spite of backend-answers-arp (waived)"))
    #expect(try result("ARP001", held).outcome == .fail)
    #expect(
      try result("ARP001", held).waiver == .init(reason: "CHG-1", until: Self.today, hasEnded: false))
    let ended = try leak { $0.waivers = waivers(until: "2026-06-14") }
    #expect(ended.outcome == .fail)
    #expect(try result("ARP001", ended).waiver?.hasEnded == true)
  }

  @Test func theWaiverThatHoldsLongestCounts() throws {
    let verdict = try leak { $0.waivers = waivers(until: "2026-01-01", "2026-12-31", "2026-02-01") }
    #expect(verdict.outcome == .pass)
  }

  @Test(arguments: [
    (ServicePattern(address: ip("10.1.10.10")), Verdict.Outcome.pass),
    (ServicePattern(address: ip("10.1.10.10"), transport: .tcp), .pass),
    (ServicePattern(address: ip("10.1.10.10"), transport: .tcp, port: 80), .pass),
    (ServicePattern(address: ip("10.1.10.10"), transport: .udp, port: 80), .fail),
    (ServicePattern(address: ip("10.1.10.10"), transport: .tcp, port: 443), .fail),
    (ServicePattern(address: ip("10.1.10.11")), .fail),
  ])
  func aWaiverHoldsForTheServicesThatItCovers(service: ServicePattern, outcome: Verdict.Outcome) throws {
    #expect(try leak { $0.waivers = waivers("ARP001", service) }.outcome == outcome)
  }

  @Test func aWaiverForOnePortIsNoneForTheAddress() throws {
    let verdict = try leak {
      $0.services = [ServicePattern(address: ip("10.1.10.10"))]
      $0.waivers = waivers("ARP001", Self.service)
    }
    #expect(verdict.outcome == .fail)
  }

  @Test func aWaiverOfAnotherCheckChangesNothing() throws {
    #expect(try leak { $0.waivers = waivers("ARP002") }.outcome == .fail)
  }

  @Test func whatPassesBearsNoWaiver() throws {
    let verdict = try leak { $0.waivers = waivers("DSR001") }
    #expect(try result("DSR001", verdict).waiver == nil)
  }

  // MARK: Never a pass without a proof

  @Test(arguments: [Severity.warning, .ignore])
  func repliesThroughTheBalancerNeverPass(severity: Severity) throws {
    let verdict = try verdict("traps/client-tcp-v4-bad.pcap") { $0.severities = ["DSR001": severity] }
    #expect(verdict.outcome == .inconclusive)
    #expect(verdict.services.map(\.flows.viaBalancer) == [2])
    #expect(verdict.services.map(\.proof) == [nil])
    #expect(verdict.reason.contains("reply-via-balancer is "))
  }

  @Test func waivedRepliesThroughTheBalancerNeverPass() throws {
    for path in ["traps/client-tcp-v4-bad.pcap", "traps/client-tcp-v4-bad-one-backend.pcap"] {
      let verdict = try verdict(path) { $0.waivers = waivers("DSR001") }
      #expect(verdict.outcome == .inconclusive)
      #expect(try result("DSR001", verdict).outcome == .fail)
    }
  }

  /// Whatever is tolerated, a service passes where DSR001 alone would.
  @Test func tolerationOfEverythingPassesProvedServicesAlone() throws {
    let all = Check.all.map(\.id)
    var tolerated = (pass: 0, others: 0)
    for line in FixtureLine.all where line.arguments.count == 2 && line.arguments.first == "--vip" {
      guard line.path.hasPrefix("traps/"), line.arguments[1] == "10.1.10.10:80" else { continue }
      let evidence = try CaptureContents(path: Repository.fixture(line.path)).evidence
      var policy = Policy()
      policy.services = [Self.service]
      let plain = judge(evidence, under: policy)
      let isProved = plain.checks.contains { $0.id == "DSR001" && $0.outcome == .pass }
      policy.severities = Dictionary(all.map { ($0, .warning) }) { first, _ in first }
      let warned = judge(evidence, under: policy)
      #expect(warned.outcome == (isProved ? .pass : .inconclusive), "\(line)")
      #expect(warned.services.map(\.flows) == plain.services.map(\.flows), "\(line)")
      policy.severities = [:]
      policy.waivers = Waivers(
        all.map { Waiver(check: $0, reason: "all", until: Self.today) }, on: Self.today)
      #expect(judge(evidence, under: policy).outcome == warned.outcome, "\(line)")
      policy.severities = Dictionary(all.map { ($0, .ignore) }) { first, _ in first }
      #expect(judge(evidence, under: policy).outcome == .inconclusive, "\(line)")
      if isProved { tolerated.pass += 1 } else { tolerated.others += 1 }
    }
    #expect(tolerated.pass > 20 && tolerated.others > 20, "both kinds are among the fixtures: \(tolerated)")
  }

  // MARK: --min-flows of a service

  /// Six connections in the capture.
  @Test(arguments: [(6, Verdict.Outcome.pass), (7, .inconclusive)])
  func aServicesOwnNumberCountsForItAlone(minimum: Int, outcome: Verdict.Outcome) throws {
    let own = try verdict("lab/route/client.pcap") { $0.minimumFlowsOfServices = [Self.service: minimum] }
    #expect(own.outcome == outcome)
    let others = try verdict("lab/route/client.pcap") {
      $0.minimumFlowsOfServices = [ServicePattern(address: ip("10.1.10.11")): minimum]
    }
    #expect(others.outcome == .pass)
  }
}

@Suite struct DayTests {
  @Test(arguments: ["2026-12-31", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"])
  func daysAreReadAndWrittenAlike(text: String) throws { #expect(try #require(Day(text)).description == text) }

  @Test(arguments: [
    "", "2026", "2026-12", "2026-13-01", "2026-00-10", "2026-02-29", "1900-02-29", "2026-04-31", "2026-1-1",
    "26-12-31", "2026-12-31T00:00:00Z", "2026/12/31", "-026-12-31", "2026-12-+1", "0000-01-01", "tomorrow",
    "2026-12-31-",
  ])
  func otherTextsAreNone(text: String) { #expect(Day(text) == nil) }

  @Test func theEarlierDayIsLess() throws {
    let days = try ["2025-12-31", "2026-01-30", "2026-02-01", "2026-02-02"].map { try #require(Day($0)) }
    #expect(days.reversed().sorted() == days)
  }
}
