import Foundation
import TestSupport
import Testing

/// `dsrproof audit`: tables without any capture.
@Suite struct AuditTests {
  private func audit(_ arguments: String..., input: String = "") throws -> Executable.Result {
    try Executable.run(["audit"] + arguments, input: Data(input.utf8), in: Repository.fixtures)
  }

  private struct Report: Decodable {
    struct Service: Decodable {
      var service: String
      var verdict: String
      var proof: String?
    }
    struct Check: Decodable {
      var id: String
      var outcome: String
    }
    var verdict: String
    var services: [Service]
    var checks: [Check]
    /// What passed or did not apply.
    var settled: [Check]
    var captures: [String]
  }

  private func report(_ arguments: [String]) throws -> Report {
    let result = try Executable.run(["audit", "--format", "json"] + arguments, in: Repository.fixtures)
    #expect(result.errors == "")
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    #expect(result.status == ["fail": 1, "inconclusive": 3][report.verdict])
    return report
  }

  private static let lab = ["lb", "be1", "be2"].flatMap { ["--host", "\($0)=lab/route"] }

  @Test func tablesThatAreRightNeverPass() throws {
    let right = [
      Self.lab, ["--ipvs", "tables/ipvs-checks/IPVS002-good"], ["--kubernetes", "tables/kubernetes/seed.yaml"],
      ["--as3", "tables/as3/seed.yaml"], ["--ipvs", "tables/seed/ipvsadm", "--ipvs-role", "node"],
    ]
    for arguments in right {
      let report = try report(arguments)
      #expect(report.verdict == "inconclusive")
      #expect(report.services.map(\.service) == ["tcp://10.1.10.10:80"])
      #expect(report.services.allSatisfy { $0.verdict == "inconclusive" && $0.proof == nil })
      #expect(report.checks.first { $0.id == "DSR001" }?.outcome == "inconclusive")
      #expect(report.settled.contains { $0.outcome == "pass" })
      #expect(!report.checks.contains { $0.outcome == "fail" })
    }
    let text = try audit("--ipvs", "tables/ipvs-checks/IPVS002-good").output
    #expect(text.hasPrefix("INCONCLUSIVE  nothing in the tables speaks against direct return"))
  }

  /// Nor does policy make them pass.
  @Test func noPolicyMakesAnAuditPass() throws {
    let folder = try TemporaryFolder()
    let config = try folder.file("c.yaml", Data("policy:\n  checks:\n    reply-via-balancer: ignore\n".utf8)).path
    #expect(try audit("--config", config, "--ipvs", "tables/ipvs-checks/IPVS002-good").status == 3)
  }

  @Test func eachKindOfTableFailsByItsChecks() throws {
    let cases = [
      (["--host", "be1=lab/vip-missing", "--host", "lb=lab/vip-missing"], "HOST001"),
      (["--host", "be1=lab/vip-missing", "--backend", "10.1.10.21", "--vip", "10.1.10.10"], "HOST001"),
      // Its own tables show that it is a backend.
      (["--host", "be1=tables/hosts/arp-ignore-too-low-bad", "--vip", "10.1.10.10:80"], "HOST003"),
      (["--ipvs", "tables/ipvs-checks/IPVS002-bad"], "IPVS002"),
      (["--ipvs", "tables/ipvs-checks/IPVS001-bad", "--vip", "10.1.10.10:80"], "IPVS001"),
      (["--kubernetes", "tables/kubernetes/traffic-policy-not-local.yaml"], "K8S001"),
      (["--as3", "tables/as3/F5003-bad.yaml"], "F5003"),
    ]
    for (arguments, id) in cases {
      let report = try report(arguments)
      #expect(report.verdict == "fail")
      #expect(report.checks.filter { $0.outcome == "fail" }.map(\.id) == [id], "\(arguments)")
    }
  }

  @Test func checksOfFramesAreLeftOut() throws {
    let report = try report(Self.lab)
    let ids = Set((report.checks + report.settled).map(\.id))
    #expect(ids.filter { $0.hasPrefix("DSR") || $0.hasPrefix("ARP") } == ["DSR001"])
    #expect(ids.count > 25)
  }

  /// What was only found in one table is not missed in another.
  @Test func servicesAreFoundInTheTables() throws {
    let other =
      "IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n"
      + "  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\nUDP  10.1.10.99:53 rr\n"
      + "  -> 10.1.10.21:53 Route 1 0 0\nTCP  10.96.0.1:443 rr\n  -> 10.1.10.21:6443 Masq 1 0 0\n"
    let folder = try TemporaryFolder()
    let file = try folder.file("lb.txt", Data(other.utf8)).path
    let found = try report(["--ipvs", "lb=\(file)", "--kubernetes", "tables/kubernetes/seed.yaml"])
    #expect(found.services.map(\.service) == ["udp://10.1.10.99:53"])
    let both = try report(["--ipvs", "lb=\(file)", "--as3", "tables/as3/seed.yaml"])
    #expect(both.services.map(\.service) == ["tcp://10.1.10.10:80", "udp://10.1.10.99:53"])
    #expect(both.checks.filter { ["IPVS001", "F5005"].contains($0.id) }.allSatisfy { $0.outcome != "fail" })
    #expect(try report(["--host", "be1=lab/route", "--no-config"]).services.isEmpty)
  }

  @Test func withoutATableThereIsNothingToAudit() throws {
    let result = try audit()
    #expect(result.status == 64 && result.output == "")
    #expect(result.errors.contains("--host, --ipvs, --kubernetes or --as3"))
    #expect(try audit("--host", "be1=missing").status == 2)
    #expect(try audit("--ipvs", "tables/seed/ipvsadm", "-o", "tables/seed/ipvsadm").status == 64)
    let mac = "06:1f:8a:6c:8e:d2"
    let contradiction = try audit(
      "--ipvs", "tables/seed/ipvsadm", "--balancer-mac", mac, "--backend", "10.1.10.21=\(mac)")
    #expect(contradiction.status == 64)
  }

  @Test func tablesAreReadFromTheConfigurationAndFromStandardInput() throws {
    let folder = try TemporaryFolder()
    let table = Repository.fixture("tables/ipvs-checks/IPVS002-bad")
    let config = try folder.file(
      "c.yaml", Data("services: [\"10.1.10.10:80\"]\ntables:\n  ipvs:\n    - file: \(table)\n".utf8)
    ).path
    #expect(try audit("--config", config).status == 1)
    let text = try String(contentsOfFile: table, encoding: .utf8)
    #expect(try audit("--ipvs", "-", input: text).status == 1)
  }

  @Test func everyFormOfTheReportIsWritten() throws {
    let folder = try TemporaryFolder()
    let forms = ["json", "html", "svg", "junit", "markdown", "github", "tap", "prometheus"]
    let outputs = forms.flatMap { ["-o", "\($0)=\(folder.path($0))"] }
    let result = try Executable.run(["audit"] + Self.lab + outputs, in: Repository.fixtures)
    #expect(result.status == 3)
    for form in forms { #expect(try !folder.text(form).isEmpty) }
    #expect(try folder.text("json").contains("\"commandLine\""))
    #expect(try Schema.report.faults(inFiles: [folder.path("json")]) == "")
  }

  #if os(Linux)
    @Test func thisHostIsAudited() throws {
      let result = try audit("--host", "me=live", "--vip", "10.1.10.10:80")
      #expect(result.status == 3)
      #expect(result.output.contains("settings and tables of me"))
    }
  #endif
}
