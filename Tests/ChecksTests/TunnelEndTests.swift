import Checks
import Evidence
import Tables
import TestSupport
import Testing
import Wire

/// What a backend's tables say of its end of a tunnel, beside the lab's captures of it, with one thing changed.
@Suite struct TunnelEndTests {
  /// What the checks say beside be1's own tables.
  private func verdict(
    _ scenario: String, _ capture: String = "be1", vip: String = "10.1.10.10", changing: [String: String] = [:]
  ) throws -> Verdict {
    let path = "lab/\(scenario)"
    let files = try HostFolder.files("be1", path)
    let changed = files.files.map { file in
      var file = file
      for (old, new) in changing { file.text = file.text.replacing(old, with: new) }
      return file
    }
    var tables = Tables()
    tables.hosts = [try HostTables(name: "be1", path: path, prefix: files.prefix, files: changed)]
    var policy = Policy()
    policy.services = [ServicePattern(address: try #require(IPAddress(vip)))]
    let evidence = try CaptureContents(path: Repository.fixture("\(path)/\(capture).pcap")).evidence
    return judge(evidence, beside: tables, under: policy)
  }

  private func check(_ id: String, _ verdict: Verdict) throws -> CheckResult {
    try #require(verdict.checks.first { $0.id == id })
  }

  @Test(arguments: [
    ("tunnel-geneve-rp-filter", "10.1.10.10", TunnelEndFault.rpFilter(device: "inside", 1)),
    ("tunnel-vxlan-no-device", "10.1.10.10", .noDevice),
    ("tunnel-vxlan-other-vni", "10.1.10.10", .otherIdentifier(device: "inside", 201)),
    ("tunnel-gre-other-key", "10.1.10.10", .otherIdentifier(device: "inside", 201)),
    ("tunnel-ip6gre-other-key", "10.1.10.10", .otherIdentifier(device: "inside", 201)),
    ("tunnel-ipv6-from-vip", "fd00:10::10", .ownSource(IPAddress("fd00:10::10")!)),
  ])
  func theCauseStandsInTheFindingOfTheTunnel(scenario: String, vip: String, fault: TunnelEndFault) throws {
    // At the backend, and at the balancer, where frames alone do not tell all of these.
    for capture in ["be1", "lb"] {
      let found = try check("DSR012", try verdict(scenario, capture, vip: vip))
      #expect(found.outcome == .fail)
      #expect(found.next == .mendTunnelEnd(fault, on: "be1"), "\(found.reason)")
      #expect(found.reason.hasPrefix("it leads to be1, and "))
      #expect(
        found.evidence.contains { if case .line(let line) = $0.source { line.path.hasPrefix("lab/") } else { false } })
      #expect(found.evidence.contains { if case .frame = $0.source { true } else { false } })
    }
  }

  @Test func aDeviceThatIsDownAndAnotherRemoteAreTold() throws {
    let scenario = "tunnel-geneve-rp-filter"
    let up = #""ifname":"inside","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"]"#
    let down = try verdict(scenario, changing: [up: #""ifname":"inside","flags":["BROADCAST","MULTICAST"]"#])
    #expect(try check("DSR012", down).next == .mendTunnelEnd(.down(device: "inside"), on: "be1"))
    #expect(try check("HOST008", down).outcome == .fail)
    let other = try verdict(scenario, changing: [#""remote":"10.1.10.11""#: #""remote":"10.1.10.77""#])
    let remote = try #require(IPAddress("10.1.10.77"))
    #expect(try check("DSR012", other).next == .mendTunnelEnd(.otherRemote(device: "inside", remote), on: "be1"))
    #expect(try check("HOST008", other).outcome == .fail)
    #expect(try check("HOST005", other).outcome != .fail)
  }

  @Test func withoutKindsNoDeviceIsMissed() throws {
    // A device without its kind may be the one.
    let bare = try verdict(
      "tunnel-vxlan-other-vni", changing: [#""linkinfo""#: #""other""#, #""promiscuity""#: #""more""#])
    #expect(try check("HOST008", bare).outcome == .inconclusive)
    guard case .mend? = try check("DSR012", bare).next else {
      Issue.record("a cause that nothing shows")
      return
    }
    // An XDP program may open it.
    let program = try verdict(
      "tunnel-vxlan-no-device", changing: [#""ifname":"eth1","#: #""ifname":"eth1","xdp":{"mode":1},"#])
    guard case .mend? = try check("DSR012", program).next else {
      Issue.record("a cause beside an XDP program")
      return
    }
    // A device that takes all that comes.
    let all = try verdict("tunnel-vxlan-other-vni", changing: [#""id":201"#: #""external":true"#])
    #expect(try check("HOST008", all).outcome == .pass)
  }

  /// Whose tables are right has no cause in them.
  @Test(arguments: [
    "tunnel-vxlan", "tunnel-geneve", "tunnel-geneve-ipv6", "tunnel-gre-key", "tunnel-ip6tnl", "tunnel-ip6gre",
  ])
  func whatWorksFailsNothing(scenario: String) throws {
    for capture in ["be1", "lb"] {
      let verdict = try verdict(scenario, capture)
      #expect(verdict.outcome == .pass)
      for id in ["HOST005", "HOST008", "DSR012"] { #expect(try check(id, verdict).outcome != .fail) }
    }
  }
}
