import Checks
import Evidence
import Foundation
import Tables
import TestSupport
import Testing
import Wire

/// What netsh says of a backend with Windows, pasted or in its folder.
@Suite struct WindowsHostTests {
  private static func text(_ name: String) throws -> String {
    try String(
      contentsOf: Repository.fixtures.appending(path: "tables/hosts/strong-host-drops-vip-good/be1.netsh-\(name)"),
      encoding: .utf8)
  }

  private func host(_ interfaces: String, _ config: String) throws -> HostTables {
    let text =
      "C:\\Users\\me>netsh interface ipv4 show interface level=verbose\n\(interfaces)\nC:\\Users\\me>netsh interface ipv4 show config\n\(config)"
    return try HostTables(name: "be1", pasted: text, path: "be1.txt", fallback: "be1")
  }

  private func outcome(_ host: HostTables, vip: String = "10.1.10.10") throws -> CheckResult.Outcome? {
    var policy = Policy()
    policy.services = [ServicePattern(address: try #require(IPAddress(vip)), transport: .tcp, port: 80)]
    var tables = Tables()
    tables.hosts = [host]
    let evidence = try CaptureContents(path: Repository.fixture("lab/route/client.pcap")).evidence
    return judge(evidence, beside: tables, under: policy).checks.first { $0.id == "HOST011" }?.outcome
  }

  @Test func pastedTextsAreReadWithTheirLines() throws {
    let host = try host(Self.text("interface"), Self.text("config"))
    #expect(host.interfaces.map(\.name) == ["Ethernet 2", "VIP loopback", "Loopback Pseudo-Interface 1"])
    #expect(
      host.interfaces.map { $0.addresses.map { "\($0.address)/\($0.prefixLength)" } } == [
        ["10.1.10.21/24"], ["10.1.10.10/32"], ["127.0.0.1/8"],
      ])
    #expect(host.interfaces.map { $0.weakHost?.sends?.isEnabled } == [false, true, false])
    #expect(host.interfaces.map { $0.weakHost?.receives?.isEnabled } == [true, true, false])
    #expect(host.interfaces[0].weakHost?.sends?.line.number == 23)
    #expect(try outcome(host) == .pass)
  }

  @Test func theAdapterHasToSendToo() throws {
    let interfaces = try Self.text("interface").replacing(
      "Weak Host Sends                    : enabled", with: "Weak Host Sends                    : disabled")
    #expect(try outcome(host(interfaces, Self.text("config"))) == .fail)
  }

  @Test func whatDoesNotShowStaysOpen() throws {
    let (interfaces, config) = (try Self.text("interface"), try Self.text("config"))
    // Two interfaces, of which one takes the VIP.
    let other = interfaces.replacing("Ethernet 2", with: "Ethernet 3").replacing(
      "Weak Host Receives                 : enabled", with: "Weak Host Receives                 : disabled")
    let second = other[..<other.ranges(of: "Interface VIP")[0].lowerBound]
    let both = config + "\nConfiguration for interface \"Ethernet 3\"\n    IP Address:  10.2.10.21\n"
    #expect(try outcome(host(interfaces + second, both)) == .inconclusive)
    let alone = interfaces[interfaces.ranges(of: "Interface VIP")[0].lowerBound...]
    #expect(try outcome(host(String(alone), config)) == .inconclusive)
    #expect(try outcome(host("", config)) == .inconclusive)
  }

  @Test func aVIPElsewhereIsNotJudged() throws {
    let config = try Self.text("config").replacing("10.1.10.10", with: "10.1.10.99")
    #expect(try outcome(host(Self.text("interface"), config)) == .notApplicable)
    #expect(try outcome(host(Self.text("interface"), Self.text("config")), vip: "fd00::10") == .notApplicable)
  }

  @Test(arguments: [
    ("Weak Host Sends : enabled\n", 1), ("Interface A Parameters\nWeak Host Sends : maybe\n", 2),
    ("Interface A Parameters\nWeak Host Listens : enabled\n", 2),
  ])
  func settingsThatMakeNoSenseAreRefused(text: String, line: Int) throws {
    #expect {
      try HostTables(name: "be1", path: "be1", files: [HostTables.File(name: "netsh-interface", text: text)])
    } throws: { ($0 as? HostFileError)?.error.line == line }
  }

  @Test(arguments: [
    "IP Address: 10.0.0.1\n", "Configuration for interface \"a\"\nIP Address: web\n",
    "Configuration for interface \"a\"\nIP Address: 10.0.0.1\nSubnet Prefix: 10.0.0.0/33\n",
  ])
  func addressesThatMakeNoSenseAreRefused(text: String) throws {
    #expect(throws: HostFileError.self) {
      try HostTables(name: "be1", path: "be1", files: [HostTables.File(name: "netsh-config", text: text)])
    }
  }
}
