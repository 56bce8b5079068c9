import Checks
import Evidence
import Tables
import TestSupport
import Testing
import Wire

/// Hosts whose interfaces and VIP are in a VRF: the lab's own tables, with one thing changed.
@Suite struct VRFTests {
  private func host(_ scenario: String, changing: [String: String] = [:], dropping: Set<String> = []) throws
    -> HostTables
  {
    let path = "lab/\(scenario)"
    let files = try HostFolder.files("be1", path)
    let changed = files.files.filter { !dropping.contains($0.name) }.map { file in
      var file = file
      for (old, new) in changing { file.text = file.text.replacing(old, with: new) }
      return file
    }
    return try HostTables(name: "be1", path: path, prefix: files.prefix, files: changed)
  }

  private func outcome(
    _ id: String, _ scenario: String, _ capture: String, changing: [String: String] = [:], dropping: Set<String> = []
  ) throws -> CheckResult.Outcome {
    let path = "lab/\(scenario)"
    var tables = try HostFolder.tables([("lb", path)])
    tables.hosts.append(try host(scenario, changing: changing, dropping: dropping))
    var policy = Policy()
    policy.services = [ServicePattern(address: try #require(IPAddress("10.1.10.10")))]
    let evidence = try CaptureContents(path: Repository.fixture(capture)).evidence
    return try #require(judge(evidence, beside: tables, under: policy).checks.first { $0.id == id }).outcome
  }

  @Test func whichVRFAnInterfaceBelongsToIsRead() throws {
    let host = try host("vrf")
    let blue = HostTables.Domain.vrf(.init(name: "blue", table: "10"))
    let domains = Dictionary(uniqueKeysWithValues: host.interfaces.map { ($0.name, host.domain(of: $0)) })
    #expect(domains["eth1"] == blue && domains["blue"] == blue && domains["lo"] == .main)
    #expect(host.domain(of: try #require(IPAddress("10.1.10.10"))) == blue)
    #expect(host.domain(of: try #require(IPAddress("127.0.0.1"))) == .main)
    // A bond's port belongs where the bond does; a circle to nobody.
    let bond = #"{"ifname":"p1","flags":["UP"],"link_type":"ether","master":"eth1","addr_info":[]},"#
    let circle = #"{"ifname":"p2","flags":["UP"],"link_type":"ether","master":"p2","addr_info":[]},"#
    let lone = #"{"ifname":"p3","flags":["UP"],"link_type":"ether","master":"gone","addr_info":[]},"#
    let more = try self.host("vrf", changing: [#"[{"ifindex":1,"#: "[" + bond + circle + lone + #"{"ifindex":1,"#])
    #expect(more.interfaces.prefix(3).map { more.domain(of: $0) } == [blue, .unknown, .unknown])
  }

  @Test func aRepliesRouteIsThatOfItsVRF() throws {
    let vip = try #require(IPAddress("10.1.10.10"))
    let client = try #require(IPAddress("10.2.20.100"))
    for (scenario, gateway) in [("vrf", "10.1.10.1"), ("vrf-gateway-is-balancer", "10.1.10.11")] {
      let found = try host(scenario).reply(from: vip, to: client)
      #expect(found.isSure)
      #expect(found.route?.table == "10")
      #expect(found.route?.hops.first?.gateway?.description == gateway)
      // Without the rules it is likely.
      let likely = try host(scenario, dropping: ["rule.json"]).reply(from: vip, to: client)
      #expect(!likely.isSure && likely.route?.table == "10")
      // Another address of the host looks elsewhere.
      let other = try host(scenario).reply(from: try #require(IPAddress("127.0.0.1")), to: client)
      #expect(!other.isSure && other.route?.table == "main")
      // The main table alone does not tell.
      let missing = try host(scenario, changing: [#""table":"10""#: #""table":"11""#]).reply(from: vip, to: client)
      #expect(missing.lacksTable && missing.route == nil)
    }
  }

  /// The main table of either leads the other way.
  @Test func aGatewayIsJudgedInTheVRFsTable() throws {
    let nobodyAnswers = "lab/vip-missing/client.pcap"
    let remote = [#""dst":"10.1.10.0/24""#: #""dst":"10.9.9.0/24""#]
    #expect(try outcome("HOST006", "vrf", "lab/vrf/lb.pcap") == .pass)
    #expect(try outcome("HOST006", "vrf", nobodyAnswers, changing: remote) == .pass)
    #expect(try outcome("HOST006", "vrf-gateway-is-balancer", "lab/vrf-gateway-is-balancer/lb.pcap") == .fail)
    #expect(try outcome("HOST006", "vrf-gateway-is-balancer", nobodyAnswers, changing: remote) == .fail)
    let missing = [#""table":"10""#: #""table":"11""#]
    #expect(try outcome("HOST006", "vrf", nobodyAnswers, changing: missing) == .inconclusive)
  }

  /// The interface that requests come by has to be in the VIP's VRF.
  @Test func aVIPInAnotherVRFIsNotFound() throws {
    let outside = [#""master":"blue","#: ""]
    #expect(try outcome("HOST001", "vrf", "lab/vip-missing/be1.pcap") == .pass)
    #expect(try outcome("HOST001", "vrf", "lab/vip-missing/be1.pcap", changing: outside) == .fail)
    // Where no request was seen to come, nothing tells by which it does.
    #expect(try outcome("HOST001", "vrf", "lab/vip-missing/client.pcap", changing: outside) == .pass)
    // What answers finds it.
    #expect(try outcome("HOST001", "vrf", "lab/vrf/be1.pcap", changing: outside) == .pass)
  }

  /// Nobody on an interface outside of the VIP's VRF is answered about it.
  @Test func anInterfaceOfAnotherVRFDoesNotAnswerARP() throws {
    let loud = [
      "net.ipv4.conf.all.arp_ignore = 1\n": "net.ipv4.conf.all.arp_ignore = 0\n"
    ]
    #expect(try outcome("HOST003", "vrf", "lab/vip-missing/client.pcap", changing: loud) == .fail)
    let outside = loud.merging([#""master":"blue","#: ""]) { a, _ in a }
    #expect(try outcome("HOST003", "vrf", "lab/vip-missing/client.pcap", changing: outside) == .notApplicable)
  }
}
