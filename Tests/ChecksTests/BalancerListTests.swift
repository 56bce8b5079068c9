import Checks
import Evidence
import Foundation
import Report
import Tables
import TestSupport
import Testing
import Wire

/// The lists of other balancers than IPVS beside traffic whose way is known.
@Suite struct BalancerListTests {
  private static func text(_ name: String) throws -> String {
    try String(contentsOf: Repository.fixtures.appending(path: "tables/balancers/\(name)"), encoding: .utf8)
  }

  private func verdict(
    _ text: String, host: String? = nil, beside capture: String = "lab/route/client", hosts: [HostTables] = []
  ) throws -> Verdict {
    var tables = Tables()
    tables.hosts = hosts
    tables.ipvs = [TableFile(path: "list", host: host, table: try IPVSTable(text: text))]
    var policy = Policy()
    policy.services = [ServicePattern(address: IPAddress(v4: 0x0a01_0a0a), transport: .tcp, port: 80)]
    return judge(
      try CaptureContents(path: Repository.fixture("\(capture).pcap")).evidence, beside: tables, under: policy)
  }

  private func outcome(_ id: String, _ verdict: Verdict) -> CheckResult.Outcome? {
    verdict.checks.first { $0.id == id }?.outcome
  }

  @Test func whatHandsOnDirectlyPasses() throws {
    let katran = try Self.text("katran").replacing("weight: 0", with: "weight: 1")
    let rule = try Self.text("loxilb.json").replacing("inactive\"", with: "active\"")
    let farm = try Self.text("nftlb.json").replacing("\"state\" : \"down\" }", with: "\"state\" : \"up\" }")
    for (text, name) in [(katran, "Katran's list"), (rule, "loxilb's list"), (farm, "nftlb's list")] {
      let found = try verdict(text)
      for id in ["IPVS001", "IPVS002", "IPVS003", "IPVS004"] {
        #expect(outcome(id, found) == .pass, "\(id) of \(name)")
      }
      #expect(found.outcome == .pass)
      #expect(found.tables.map(\.role) == [.balancer])
      #expect(found.textReport(color: false).contains(name))
    }
  }

  @Test(arguments: [0, 1, 2, 4, 5])
  func everyOtherModeOfLoxiLBFails(mode: Int) throws {
    let text = try Self.text("loxilb.json").replacing("\"mode\": 3", with: "\"mode\": \(mode)")
    let check = try #require(try verdict(text).checks.first { $0.id == "IPVS002" })
    #expect(check.outcome == .fail && check.remedy.contains("--mode=dsr"))
    guard case .line(let place)? = check.evidence.first?.source else {
      Issue.record("no line of the list as evidence")
      return
    }
    #expect(place.number == 20 && check.evidence[0].actual.contains("mode "))
  }

  @Test(arguments: [
    ("snat", CheckResult.Outcome.fail), ("dnat", .fail), ("stlsdnat", .fail), ("dsr", .pass), ("new", .inconclusive),
  ])
  func aFarmsModeDecides(mode: String, expected: CheckResult.Outcome) throws {
    let text = try Self.text("nftlb.json").replacing("\"dsr\"", with: "\"\(mode)\"")
    #expect(try outcome("IPVS002", verdict(text)) == expected)
  }

  /// A port of the pod's own is right there, and without the flag nothing tells the way back.
  @Test func ciliumIsJudgedByItsFlagAlone() throws {
    let direct = try verdict(Self.text("cilium-bpf-lb-list"))
    #expect(outcome("IPVS001", direct) == .pass && outcome("IPVS002", direct) == .pass)
    #expect(outcome("IPVS004", direct) == .notApplicable)
    let silent = try verdict(Self.text("cilium-bpf-lb-list").replacing(", dsr", with: ""))
    #expect(outcome("IPVS001", silent) == .pass && outcome("IPVS002", silent) == .notApplicable)
    #expect(silent.tables.map(\.role) == [nil])
    #expect(try outcome("IPVS002", verdict(Self.text("cilium-service-list"))) == .notApplicable)
  }

  @Test func aBackendThatTheListLacksFails() throws {
    let katran = try Self.text("katran")
    let all = katran.replacing("weight: 0", with: "weight: 1")
    #expect(try outcome("IPVS005", verdict(all, beside: "lab/route/switch")) == .pass)
    let one = katran.split(separator: "\n").filter { !$0.contains("10.1.10.22") }.joined(separator: "\n")
    #expect(try outcome("IPVS005", verdict(one, beside: "lab/route/switch")) == .fail)
  }

  @Test func aListWithoutTheVIPFails() throws {
    let text = try Self.text("katran").replacing(" 10.1.10.10 ", with: " 10.1.10.99 ")
    #expect(try outcome("IPVS001", verdict(text)) == .fail)
    // The text is cut where fewer are there than it says.
    let cut = text.replacing("vips len 2", with: "vips len 3")
    #expect(try outcome("IPVS001", verdict(cut)) != .fail)
  }

  /// XDP, tc and ingress hooks take requests before connection tracking does.
  @Test func aFirewallIsNoneOfTheirConcern() throws {
    let path = "tables/hosts/conntrack-drops-half-flows-bad"
    for (name, expected) in [("", CheckResult.Outcome.fail), ("katran", .notApplicable)] {
      let files = try HostFolder.files("lb", path)
      let own = try files.files.map { file in
        name.isEmpty || file.name != "ipvsadm" ? file : HostTables.File(name: file.name, text: try Self.text(name))
      }
      let host = try HostTables(name: "lb", path: path, prefix: files.prefix, files: own)
      let text = try String(contentsOf: Repository.fixtures.appending(path: "\(path)/lb.ipvsadm"), encoding: .utf8)
      let found = try verdict(
        name.isEmpty ? text : Self.text(name), host: "lb", beside: "lab/vip-missing/client", hosts: [host])
      #expect(outcome("HOST009", found) == expected)
    }
  }
}
