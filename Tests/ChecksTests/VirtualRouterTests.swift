import Checks
import Evidence
import Foundation
import Tables
import TestSupport
import Testing
import Wire

/// What keepalived's configuration says of VRRP, alone and beside frames.
@Suite struct VirtualRouterTests {
  private static let vip = IPAddress(v4: 0x0a01_0a0a)

  private static func table(_ text: String, _ path: String, host: String? = nil) throws -> TableFile<IPVSTable> {
    TableFile(path: path, host: host, table: try IPVSTable(text: text))
  }

  private static func file(_ name: String, host: String? = nil) throws -> TableFile<IPVSTable> {
    try table(String(contentsOf: Repository.fixtures.appending(path: name), encoding: .utf8), name, host: host)
  }

  private func check(_ id: String, _ capture: String?, _ files: [TableFile<IPVSTable>]) throws -> CheckResult {
    var tables = Tables()
    tables.ipvs = files
    var policy = Policy()
    policy.services = [ServicePattern(address: Self.vip, transport: .tcp, port: 80)]
    let evidence = try capture.map { try CaptureContents(path: Repository.fixture("\($0).pcap")).evidence }
    let verdict = judge(evidence ?? Evidence(), beside: tables, under: policy)
    return try #require(verdict.checks.first { $0.id == id })
  }

  private static func router(_ addresses: String, id: Int = 51, priority: Int = 100, _ more: String = "") -> String {
    """
    vrrp_instance web {
      interface eth1
      virtual_router_id \(id)
      priority \(priority)
      \(more)
      virtual_ipaddress {
        \(addresses)
      }
    }

    """
  }

  @Test func allOfItIsRead() throws {
    let router = try #require(try Self.file("tables/keepalived/all").table.routers.first)
    #expect(router.name == "web" && router.id == 51 && router.priority == 150 && router.interface == "eth1")
    #expect(router.usesVirtualMAC && router.advertisesFromInterface)
    #expect(router.addresses.map(\.isExcluded) == [false, true])
    #expect(router.announces(Self.vip) && router.peers == [IPAddress(v4: 0x0a01_0a02)])
    // What holds on one node alone may add to it.
    #expect(router.isPart)
    #expect(router.virtualMAC(.v4)?.description == "00:00:5e:00:01:33")
  }

  @Test(arguments: ["virtual_router_id 0", "virtual_router_id x", "priority 256", "unicast_peer {\n name\n}"])
  func whatIsNoneIsNamedWithItsLine(line: String) {
    #expect { try IPVSTable(text: Self.router("10.1.10.10", line)) } throws: { error in
      (error as? TableError).map { $0.line > 1 && !$0.expected.isEmpty } ?? false
    }
  }

  /// Instances alone say nothing of services.
  @Test func aFileOfInstancesAloneHasNoServiceThatIsMissing() throws {
    let check = try check("IPVS001", "lab/route/client", [Self.table(Self.router("10.1.10.10"), "a")])
    #expect(check.outcome == .notApplicable)
  }

  /// The lab's own files beside what its balancers said.
  @Test(arguments: ["lab/failover-vrrp-vmac", "lab/two-nodes-swap", "lab/split-brain-vmac", "lab/failover-vrrp"])
  func theLabRunsAsConfigured(folder: String) throws {
    let files = [
      try Self.file("\(folder)/lb.keepalived", host: "lb"), try Self.file("\(folder)/lb2.keepalived", host: "lb2"),
    ]
    let capture = "\(folder)/client"
    #expect(try check("IPVS010", capture, files).outcome == .pass)
    #expect(try check("IPVS009", capture, files).outcome == .pass)
    // With the file of another set-up it is not.
    let isVirtual = folder.hasSuffix("vmac")
    let other = try Self.file("lab/\(isVirtual ? "failover-vrrp" : "failover-vrrp-vmac")/lb.keepalived")
    #expect(try check("IPVS010", capture, [other]).outcome == .inconclusive)
    let otherRouter = try Self.table(Self.router("10.1.10.10", id: 52, isVirtual ? "use_vmac" : ""), "x")
    #expect(try check("IPVS010", capture, [otherRouter]).outcome == .inconclusive)
  }

  /// What the lab's nodes say is what their files say; a file that does not run is told, and never fails.
  @Test(arguments: ["lab/failover-vrrp-vmac", "lab/failover-vrrp"])
  func prioritiesAreThoseOfTheFiles(folder: String) throws {
    let text = try String(contentsOf: Repository.fixtures.appending(path: "\(folder)/lb.keepalived"), encoding: .utf8)
    let second = try Self.file("\(folder)/lb2.keepalived", host: "lb2")
    let outcome = { (text: String) in
      try check("IPVS011", "\(folder)/client", [Self.table(text, "a", host: "lb"), second]).outcome
    }
    #expect(try outcome(text) == .pass)
    let other = text.replacing("priority 150", with: "priority 149")
    #expect(try outcome(other) == .inconclusive)
    // What moves a priority, or need not be all, leaves it alone.
    for more in ["track_script {\n check weight -20\n}", "track_interface {\n eth2\n}", "@lb1 garp_master_delay 1"] {
      #expect(try outcome(other.replacing("priority 149", with: "priority 149\n\(more)")) == .notApplicable, "\(more)")
    }
    #expect(try outcome(other.replacing("priority 149", with: "")) == .notApplicable)
    #expect(
      try outcome("vrrp_sync_group g {\n group {\n vip\n }\n track_script {\n check weight 1\n }\n}\n" + other)
        == .notApplicable)
    // Another virtual router's priorities are none of its.
    #expect(try outcome(other.replacing("virtual_router_id 51", with: "virtual_router_id 52")) != .pass)
  }

  /// Where the address that it came from tells the node, no other node's priority counts.
  @Test func theSendersOwnFileCounts() throws {
    let capture = "lab/failover-vrrp/client"
    let claims = try CaptureContents(path: Repository.fixture("\(capture).pcap")).evidence.claims.keys.filter {
      $0.kind == .vrrp && $0.priority == 150
    }
    let speaker = try #require(claims.first?.speaker)
    let own = { (priority: Int) in Self.router("10.1.10.10", priority: priority, "mcast_src_ip \(speaker)") }
    // It is the other file that has 150.
    let others = try [
      Self.table(Self.router("10.1.10.10", priority: 150), "b"), Self.table(Self.router("10.1.10.10"), "c"),
    ]
    #expect(try check("IPVS011", capture, [Self.table(own(150), "a")] + others).outcome == .pass)
    #expect(try check("IPVS011", capture, [Self.table(own(90), "a")] + others).outcome == .inconclusive)
  }

  /// keepalived puts it on an interface at its start.
  @Test func aStaticVIPIsThereWithoutAnInstance() throws {
    let text = try String(
      contentsOf: Repository.fixtures.appending(path: "tables/ipvs-checks/IPVS008-bad"), encoding: .utf8)
    let fixed = try Self.table("static_ipaddress {\n 10.1.10.10/32 dev lo\n}\n" + text, "a")
    #expect(try check("IPVS008", nil, [fixed]).outcome == .pass)
    #expect(try check("IPVS008", "traps/vip-unowned-v4-bad", [fixed]).outcome == .inconclusive)
    #expect(try check("IPVS008", "traps/vip-unowned-v4-bad", [Self.table(text, "a")]).outcome == .fail)
  }

  @Test func aConfigurationWithoutFramesIsLeftAlone() throws {
    #expect(
      try check("IPVS010", "lab/route/client", [Self.table(Self.router("10.1.10.10"), "a")]).outcome == .notApplicable)
  }

  @Test(arguments: [
    (router("10.1.10.12", id: 52), CheckResult.Outcome.notApplicable), (router("10.1.10.13"), .notApplicable),
    (router("10.1.10.12"), .fail), (router("10.1.10.12\n@lb2 10.1.10.10"), .inconclusive),
    (router("10.1.10.12\n10.1.10.10"), .pass),
  ])
  func nodesOfOneVirtualRouterAgree(other: String, outcome: CheckResult.Outcome) throws {
    let own = Self.router("10.1.10.12\n10.1.10.10")
    let named = [try Self.table(own, "a", host: "lb1"), try Self.table(other, "b", host: "lb2")]
    #expect(try check("IPVS009", nil, named).outcome == outcome)
    // Files of nobody may be an older and a newer one.
    let unnamed = try check("IPVS009", nil, [Self.table(own, "a"), Self.table(other, "b")]).outcome
    #expect(unnamed == (outcome == .fail ? .inconclusive : outcome))
    // Two files of one host are no two nodes.
    let files = [
      try Self.table(Self.router("10.1.10.12\n10.1.10.10"), "a", host: "lb"), try Self.table(other, "b", host: "lb"),
    ]
    #expect(try check("IPVS009", nil, files).outcome == .notApplicable)
  }

  /// The node has the VIP in an instance of its own for that family.
  @Test func anotherInstanceOfTheNodeCounts() throws {
    let own = try Self.table(Self.router("10.1.10.12\n10.1.10.10"), "a", host: "lb1")
    let other = try Self.table(Self.router("10.1.10.12") + "\n" + Self.router("10.1.10.10", id: 53), "b", host: "lb2")
    #expect(try check("IPVS009", nil, [own, other]).outcome == .pass)
  }

  /// keepalived 2.2.8 has four more words for a file that is included.
  @Test(arguments: ["include", "includer", "includem", "includew", "includeb"])
  func whatIsIncludedMayAddToIt(word: String) throws {
    let own = try Self.table(Self.router("10.1.10.12\n10.1.10.10"), "a", host: "lb1")
    let other = try Self.table(Self.router("10.1.10.12\n\(word) more.conf"), "b", host: "lb2")
    #expect(try check("IPVS009", nil, [own, other]).outcome == .inconclusive)
    let table = try IPVSTable(
      text: "virtual_server 10.1.10.10 80 {\nprotocol TCP\n\(word) kind.conf\nreal_server 10.1.10.21 80 {\n}\n}\n")
    #expect(table.services[0].destinations[0].forwarding == .other("said elsewhere"))
  }

  /// Neither what a condition decides, nor what stands beside it, is judged.
  @Test(arguments: [
    "lvs_method DR\nreal_server 10.1.10.21 80 {\n}\n@a real_server 10.1.10.22 8080 {\n@a weight 1\n@a }",
    "lvs_method NAT\n@a lvs_method DR\nreal_server 10.1.10.21 8080 {\n}",
    "lvs_method DR\ninclude missing\nreal_server 10.1.10.21 8080 {\n}",
    "real_server 10.1.10.21 8080 {\nlvs_method NAT\n@a lvs_method DR\n}",
  ])
  func whatAConditionDecidesIsNotJudged(lines: String) throws {
    let files = [try Self.table("virtual_server 10.1.10.10 80 {\nprotocol TCP\n\(lines)\n}\n", "a")]
    #expect(try check("IPVS002", "lab/route/client", files).outcome == .inconclusive)
    #expect(try check("IPVS004", "lab/route/client", files).outcome == .notApplicable)
  }

  @Test func aVIPThatIsThereInAnotherWayIsNoFault() throws {
    let bad = try Self.file("tables/ipvs-checks/IPVS008-bad")
    #expect(try check("IPVS008", "lab/route/client", [bad]).outcome == .pass)
    #expect(try check("IPVS008", nil, [bad]).outcome == .inconclusive)
    #expect(try check("IPVS008", nil, [Self.file("tables/ipvs-checks/IPVS008-good")]).outcome == .pass)
  }
}
