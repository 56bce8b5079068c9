import ArgumentParser
import Checks
import Evidence
import Foundation
import Tables
import TestSupport
import Testing
import Wire

@testable import dsrproof

/// What a configuration may say, held against its schema as well.
@Suite struct ConfigTests {
  private func config(_ text: String, folder: String = "") throws -> Config { try Config(text: text, folder: folder) }

  /// `line: expected | found`.
  private func fault(_ text: String) -> String {
    do {
      _ = try config(text)
      return "none"
    } catch {
      let error = error as? TableError
      return "\(error?.line ?? -1): \(error?.expected ?? "\(error as Any)") | \(error?.found ?? "")"
    }
  }

  private static let example: String = {
    let page = try? String(contentsOf: Repository.root.appending(path: "docs/config.md"), encoding: .utf8)
    let block = page?.components(separatedBy: "```yaml\n").dropFirst().first
    return block?.components(separatedBy: "```").first ?? ""
  }()

  @Test func theExampleOfTheManualIsRead() throws {
    let config = try Config(text: Self.example, folder: "site")
    let service = try ServicePattern(argument: "10.1.10.10:80")
    #expect(
      config.services
        == [service, try ServicePattern(argument: "10.1.10.11"), try ServicePattern(argument: "[fd00:10::10]:443")])
    #expect(config.minimumProofOfServices == [service: .endToEnd] && config.minimumProof == .identified)
    #expect(config.minimumFlowsOfServices == [service: 10] && config.names == [service: "shop"])
    #expect(config.balancerMACs == [MACAddress(0x061f_8a6c_8ed2)])
    #expect(config.backends == [try Policy.Backend(argument: "10.1.10.20=06:d2:0a:b1:14:20")])
    #expect(config.tables.ipvs == ["lb1=site/tables/lb1.txt"])
    #expect(config.tables.roles.map(\.host) == ["lb1"] && config.tables.roles.map(\.role) == [.balancer])
    #expect(config.tables.hosts == ["be1=site/be1"])
    #expect(config.tables.kubernetes == ["site/objects.yaml"] && config.tables.as3 == ["site/declaration.json"])
    #expect(config.tables.firewallMarks == ["1481=10.1.10.10:80"])
    #expect(
      config.minimumFlows == 5 && config.maximumDrops == 0.5 && config.maximumBackground == 20
        && config.vantage == .client)
    #expect(config.severities == ["ARP004": .ignore, "IPVS004": .warning])
    #expect(
      config.waivers == [
        Waiver(
          check: "ARP001", service: service, reason: "be7 is rebuilt, CHG-1234", until: try #require(Day("2026-12-31")))
      ])
  }

  /// JSON is YAML, so one text is held against both.
  private static let good = [
    "{}", "null", #"{"services": ["10.1.10.10", {"vip": "udp://10.1.10.10:53", "min-flows": 3, "proof": "mac-pair"}]}"#,
    #"{"services": null, "policy": null, "tables": null}"#, #"{"balancers": ["061f.8a6c.8ed2", {"macs": []}]}"#,
    #"{"backends": ["10.1.10.20", "fd00::20=06-d2-0a-b1-14-20", {"address": "fd00::21", "name": "be2"}]}"#,
    #"{"tables": {"ipvs": [{"file": "live"}], "hosts": [{"folder": "be1"}], "kubernetes": ["a"], "as3": ["b"]}}"#,
    #"{"tables": {"fwmarks": ["rules", {"mark": 7, "vip": "10.1.10.10"}, {"mark": "0x5c9", "vip": "10.1.10.10"}]}}"#,
    #"{"policy": {"min-flows": 1, "proof": "end-to-end", "max-drops": 0.5, "vantage": "behind-router", "checks": {"DSR001": "error"}}}"#,
    #"{"policy": {"max-drops": "1%", "waivers": [{"check": "DSR004", "reason": "r", "until": "2024-02-29"}]}}"#,
  ]

  @Test func whatTheSchemaTakesIsRead() throws {
    for text in Self.good { #expect(fault(text) == "none", "\(text)") }
    #expect(try Schema.config.faults(in: Self.good) == "")
  }

  /// What neither takes, and what the reader says.
  private static let bad = [
    ("[]", "the keys services, balancers, backends, tables, policy | a list"),
    (
      #"{"servces": []}"#, "one of the keys services, balancers, backends, tables, policy (nearest: services) | servces"
    ),
    (#"{"services": {"vip": "10.1.10.10"}}"#, "a list of services | a mapping"),
    (#"{"services": ["shop"]}"#, "a VIP like 10.1.10.10"), (#"{"services": [["10.1.10.10"]]}"#, "a VIP like"),
    (#"{"services": [{"name": "shop"}]}"#, "the key vip | only name"),
    (
      #"{"services": [{"vip": "10.1.10.10", "min-flow": 1}]}"#, "name, min-flows, proof (nearest: min-flows) | min-flow"
    ),
    (#"{"services": [{"vip": "10.1.10.10", "min-flows": 0}]}"#, "a number from 1, like 10 | 0"),
    (#"{"services": [{"vip": "10.1.10.10", "proof": "mac"}]}"#, "a proof: mac-pair, identified, end-to-end | mac"),
    (#"{"policy": {"proof": "identifed"}}"#, "identified, end-to-end (nearest: identified) | identifed"),
    (#"{"balancers": [{"macs": ["lb1"]}]}"#, "the MAC of one station, like 06:1f:8a:6c:8e:d2 | lb1"),
    (#"{"balancers": [{"macs": "06:1f:8a:6c:8e:d2"}]}"#, "a list of MACs | 06:1f:8a:6c:8e:d2"),
    (#"{"backends": [{"mac": "06:d2:0a:b1:14:20"}]}"#, "the key address | only mac"),
    (#"{"tables": {"ipvs": ["a"]}}"#, "the keys host, file, role | a"),
    (#"{"tables": {"ipvs": [{"file": "a", "role": "director"}]}}"#, "a role: balancer, node | director"),
    (#"{"tables": {"hosts": [{"name": "a=b", "folder": "c"}]}}"#, "a host's name, without = and / | a=b"),
    (#"{"tables": {"as3": [""]}}"#, "a path | "),
    (#"{"tables": {"fwmarks": [{"mark": "x", "vip": "10.1.10.10"}]}}"#, "a firewall mark like 1481 or 0x5c9 | x"),
    (#"{"policy": {"vantage": "clients"}}"#, "behind-router (nearest: client) | clients"),
    (#"{"policy": {"checks": {"DSR001": "waning"}}}"#, "error, warning, ignore (nearest: warning) | waning"),
    (#"{"policy": {"waivers": [{"check": "DSR004", "until": "2026-12-31"}]}}"#, "the key reason | only check, until"),
    (#"{"policy": {"waivers": [{"check": "DSR004", "reason": "", "until": "2026-12-31"}]}}"#, "a reason | "),
    (
      #"{"policy": {"waivers": [{"check": "DSR004", "reason": "r", "until": "2026-02-29"}]}}"#,
      "the last day, like 2026-12-31 | 2026-02-29"
    ),
  ]

  @Test func whatTheSchemaRefusesIsRefused() throws {
    for (text, says) in Self.bad { #expect(fault(text).contains(says), "\(text): \(fault(text))") }
    let faults = try Schema.config.faults(in: Self.bad.map(\.0))
    for index in Self.bad.indices { #expect(faults.contains("/\(index).json: "), "\(Self.bad[index].0)") }
  }

  /// Faults that a schema does not tell, each in the third line of its file.
  @Test(arguments: [
    ("services:\n- 10.1.10.10:80\n- tcp://10.1.10.10:80\n", "each service once | tcp://10.1.10.10:80 again"),
    ("balancers:\n- 06:1f:8a:6c:8e:d2\n- 06-1F-8A-6C-8E-D2\n", "each MAC once | 06:1f:8a:6c:8e:d2 again"),
    ("backends:\n- 10.1.10.20\n- {address: 10.1.10.20}\n", "each backend once | 10.1.10.20 again"),
    ("balancers:\n- macs:\n  - 01:00:5e:00:00:01\n", "the MAC of one station, like 06:1f:8a:6c:8e:d2 | 01:00:5e"),
    (
      "policy:\n  checks:\n    backend-answer-arp: ignore\n",
      "(nearest: backend-answers-arp); dsrproof checks lists them"
    ),
    ("policy:\n  checks: {ARP001: ignore,\n    backend-answers-arp: error}\n", "each check once | ARP001 again"),
    (
      "services: [10.1.10.10:80]\npolicy: {waivers: [{check: ARP001, reason: r, until: 2026-12-31,\n  service: 10.1.10.10}]}",
      "none"
    ),
    (
      "services: [10.1.10.10]\npolicy: {waivers: [{check: ARP001, reason: r, until: 2026-12-31,\n  service: 10.1.10.10:80}]}",
      "a service that is listed under services | 10.1.10.10:80"
    ),
    (
      "tables:\n  ipvs: [{host: a, file: b, role: node},\n    {host: a, file: c, role: balancer}]\n", "one role for a |"
    ),
    ("services:\n- 10.1.10.10\n---\nbackends: []\n", "one document | another"),
    ("services: []\n\n? [vip]\n: 1\n", "one of the keys"),
  ])
  func faultsAreFoundInTheirLine(text: String, says: String) {
    let fault = fault(text)
    #expect(fault.contains(says), "\(fault)")
    if says != "none" { #expect(fault.hasPrefix("3: ") || fault.hasPrefix("4: one document"), "\(fault)") }
  }

  @Test func aKeyThatIsGivenTwiceIsAFault() {
    #expect(fault("services: []\nservices: [10.1.10.10]\n").contains("each key once | services twice"))
  }

  /// To YAML these are a number in base 60, a float and a date.
  @Test func valuesAreTakenAsTheyAreWritten() throws {
    let config = try config(
      "balancers: [06:11:22:33:44:55]\nbackends: [{address: fd00::10, mac: 02:00:00:00:00:01}]\n"
        + "policy: {max-drops: 1e0, waivers: [{check: DSR004, reason: 1.10, until: 2026-12-31}]}\n")
    #expect(config.balancerMACs == [MACAddress(0x0611_2233_4455)])
    #expect(config.backends.map(\.mac) == [MACAddress(0x0200_0000_0001)])
    #expect(config.waivers.map(\.reason) == ["1.10"])
    #expect(fault("services: [10.1]\n").hasSuffix("| 10.1"))
  }

  @Test func pathsBeginInTheFoldersOfTheFile() throws {
    let text = "tables: {as3: [a.json, /b.json, live, d=e, \"-\"], ipvs: [{file: f=g}, {host: h, file: i}]}"
    let here = try config(text).tables
    #expect(here.as3 == ["a.json", "/b.json", "live", "./d=e", "./-"])
    #expect(here.ipvs == ["./f=g", "h=i"])
    let there = try config(text, folder: "../site").tables
    #expect(there.as3 == ["../site/a.json", "/b.json", "live", "../site/d=e", "../site/-"])
    #expect(there.ipvs.map { TableOptions.named($0).host } == [nil, "h"])
  }

  // MARK: What is hostile

  @Test(arguments: [
    String(repeating: "[", count: 500_000), "services: " + String(repeating: "[", count: 900),
    String(repeating: "a: ", count: 300_000), "a: &a [x]\nb: [" + String(repeating: "*a, ", count: 5000) + "]",
    "services: [\"" + String(repeating: "1", count: 1_000_000) + "\"]",
    String(repeating: "x", count: 1_000_000) + ": 1",
    "\u{0}", "services: [", "%YAML 9.9\n---\n", "\t", "services:\n  - vip: [fd00::1]:80\n",
  ])
  func hostileTextIsRefusedSoon(text: String) {
    let started = ContinuousClock.now
    #expect(fault(text) != "none")
    #expect(ContinuousClock.now - started < .seconds(20))
  }

  @Test func thousandsOfServicesAreReadSoon() throws {
    let started = ContinuousClock.now
    var text = "services:\n"
    for index in 0..<4000 { text += "- 10.1.\(index / 250).\(index % 250):80\n" }
    text += "policy:\n  waivers:\n"
    for index in 0..<4000 {
      text += "  - {check: ARP001, reason: r, until: 2026-12-31, service: 10.1.\(index / 250).\(index % 250):80}\n"
    }
    let config = try config(text)
    #expect(config.services.count == 4000 && config.waivers.count == 4000)
    #expect(ContinuousClock.now - started < .seconds(20))
  }

  @Test func aFileThatIsTooLargeIsRefused() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("large.yaml", Data(repeating: UInt8(ascii: "#"), count: 1 << 20 + 1))
    #expect(throws: Failure.cannotRun("\(file.path): expected a configuration of at most 1 MiB, found more")) {
      try Config(path: file.path)
    }
  }

  // MARK: With the command line

  private func policy(_ arguments: String...) throws -> Policy {
    let command = try #require(try DSRProof.parseAsRoot(["-r", "a.pcap"] + arguments) as? VerifyCommand)
    return command.known.policy(for: command.input.vip, beside: try Config(text: Self.example, folder: ""))
  }

  @Test func theFileAloneMakesThePolicy() throws {
    let policy = try policy()
    let service = try ServicePattern(argument: "10.1.10.10:80")
    #expect(policy.services.count == 3 && policy.balancerMACs.count == 1 && policy.backends.count == 1)
    #expect(
      policy.minimumFlows == 5 && policy.maximumDrops == 0.005 && policy.maximumBackground == 0.2
        && policy.vantage == .client)
    #expect(policy.minimumFlowsOfServices == [service: 10] && policy.names == [service: "shop"])
    #expect(policy.minimumProof == .identified && policy.minimumProofOfServices == [service: .endToEnd])
    #expect(policy.severities.count == 2 && policy.waivers != nil)
    #expect(policy.stationNames.byMAC.values.sorted() == ["lb1"])
  }

  @Test func theCommandLineWinsWhereThereIsOneValue() throws {
    let policy = try policy(
      "--min-flows", "2", "--max-drops", "3", "--background", "0", "--vantage", "mirror", "--proof", "mac-pair")
    #expect(
      policy.minimumFlows == 2 && policy.maximumDrops == 0.03 && policy.maximumBackground == 0
        && policy.vantage == .mirror)
    #expect(policy.minimumProof == .macPair)
    #expect(policy.minimumFlowsOfServices.isEmpty && policy.minimumProofOfServices.isEmpty)
  }

  @Test func theCommandLineJoinsWhatThereIsMoreOf() throws {
    let policy = try policy("--balancer-mac", "06:00:00:00:00:01", "--backend", "10.1.10.21", "--vip", "10.1.10.11")
    #expect(policy.balancerMACs.count == 2)
    #expect(policy.backends.map(\.address.description) == ["10.1.10.20", "10.1.10.21"])
    #expect(policy.services == [try ServicePattern(argument: "10.1.10.11")], "these alone")
    #expect(!policy.minimumFlowsOfServices.isEmpty && !policy.severities.isEmpty)
  }

  @Test func tablesOfBothAreRead() throws {
    var tables = try #require(
      try DSRProof.parseAsRoot(["-r", "a", "--ipvs", "x", "--ipvs-role", "lb1=node", "--as3", "y"]) as? VerifyCommand
    ).tables
    tables.add(try Config(text: Self.example, folder: "").tables)
    #expect(tables.ipvs == ["lb1=tables/lb1.txt", "x"] && tables.as3 == ["declaration.json", "y"])
    var policy = Policy()
    try tables.meaning.add(to: &policy)
    #expect(policy.ipvsRoles == ["lb1": .node], "the later word holds")
    #expect(policy.firewallMarks == [1481: [try ServicePattern(argument: "10.1.10.10:80")]])
  }
}
