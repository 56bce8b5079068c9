import Foundation
import TestSupport
import Testing

/// `--ipvs` and its kin, and `dsrproof ipvs`.
@Suite struct TableOptionTests {
  private func verify(_ arguments: String..., input: String = "") throws -> Executable.Result {
    try Executable.run(
      ["verify", "-r", "seed.pcap", "--vip", "10.1.10.10:80"] + arguments, input: Data(input.utf8),
      in: Repository.fixtures)
  }

  private static let table =
    (try? String(
      contentsOf: Repository.fixtures.appending(path: "tables/seed/ipvsadm"), encoding: .utf8)) ?? ""

  @Test func aTableIsReadFromStandardInput() throws {
    let result = try verify("--ipvs", "-", input: Self.table)
    #expect(result.status == 0)
    #expect(result.output.contains("a node's"))
  }

  @Test func aDeclarationIsReadFromAFileOrStandardInput() throws {
    let path = "tables/as3/seed.yaml"
    let text = try String(contentsOf: Repository.fixtures.appending(path: path), encoding: .utf8)
    #expect(try verify("--as3", path).status == 0)
    #expect(try verify("--as3", "-", input: text).status == 0)
    // What the text holds does not reach the terminal as it is.
    let hostile = text.replacing("l2dsr_http", with: "l2\\u001b[31mdsr").replacing("\"none\"", with: "\"auto\"")
    let failed = try verify("--as3", "-", input: hostile)
    #expect(failed.status == 1 && failed.output.contains("snat-enabled") && !failed.output.contains("\u{1b}"))
    let unknown = try verify("--as3", "-", input: text.replacing("Address\": false", with: "Address\": 0"))
    #expect(unknown.status == 3 && unknown.output.contains("0 is no value of translateServerAddress"))
    let broken = try verify("--as3", "-", input: text.replacing("\"AS3\"", with: "\"DO\""))
    #expect(broken.status == 2 && broken.output == "")
    #expect(broken.errors.hasPrefix("dsrproof: standard input: line "))
  }

  @Test func whatIsNoTableStopsWithItsFileAndLine() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("table", Data(Self.table.replacing("Masq    1 ", with: "Masq    x ").utf8)).path
    for command in [["verify", "-r", Repository.fixture("seed.pcap"), "--ipvs", file], ["ipvs", file]] {
      let result = try Executable.run(command)
      #expect(result.status == 2)
      #expect(result.output == "")
      #expect(result.errors == "dsrproof: \(file): line 5: expected a weight, found x\n")
    }
    let missing = try verify("--ipvs", folder.path("missing"))
    #expect(missing.status == 2)
    #expect(missing.errors.hasSuffix("missing: cannot read: No such file or directory\n"))
    let binary = try folder.file("binary", Data([0xff, 0xfe, 0])).path
    #expect(try verify("--ipvs", binary).errors.contains("expected text in UTF-8"))
  }

  /// The error tells which option reads such a text, or what it comes nearest to.
  @Test(arguments: [
    (
      ["--ipvs", "tables/kubernetes/get-services-wide.txt"],
      "its words are those of kubectl get services, which --kubernetes FILE reads"
    ),
    (["--ipvs", "tables/as3/tmsh-list.txt"], "its words are those of tmsh list ltm virtual, which --as3 FILE reads"),
    (["--kubernetes", "tables/ipvs/ln"], "its words are those of ipvsadm -ln, which --ipvs FILE reads"),
    (
      ["--as3", "tables/balancers/loxilb.json"],
      "its words are those of loxicmd get lb -o json, which --ipvs FILE reads"
    ),
    (
      ["--as3", "tables/kubernetes/seed.yaml"],
      "its words are those of kubectl get services -o yaml, which --kubernetes FILE reads"
    ),
    (["--host", "be1=tables/balancers/katran"], "its words are those of katran_goclient -l, which --ipvs FILE reads"),
    (["--fwmark", "tables/ipvs/ln"], "its words are those of ipvsadm -ln, which --ipvs FILE reads"),
  ])
  func aTextOfAnotherOptionSaysWhoReadsIt(arguments: [String], expected: String) throws {
    let result = try Executable.run(
      ["verify", "-r", "seed.pcap", "--vip", "10.1.10.10:80"] + arguments, in: Repository.fixtures)
    #expect(result.status == 2 && result.errors.hasSuffix("; \(expected)\n"), "\(result.errors)")
  }

  @Test func aTextOfNoFormSaysWhatItIsNearestTo() throws {
    let text = "Listing of ltm pools, vs-index and translate-address: none\n"
    let result = try Executable.run(
      ["verify", "-r", "seed.pcap", "--as3", "-"], input: Data(text.utf8), in: Repository.fixtures)
    #expect(
      result.status == 2 && result.errors.hasSuffix("; its words come nearest to tmsh list ltm virtual\n"),
      "\(result.errors)")
  }

  @Test func aTableIsNeverOverwritten() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("table", Data(Self.table.utf8)).path
    #expect(try verify("--ipvs", "lb1=\(file)", "-o", file).status == 64)
    #expect(try folder.text("table") == Self.table)
  }

  @Test func rolesAreGivenForAllOrForOneHost() throws {
    #expect(try verify("--ipvs", "n1=tables/seed/ipvsadm", "--ipvs-role", "balancer").status == 1)
    #expect(try verify("--ipvs", "n1=tables/seed/ipvsadm", "--ipvs-role", "n1=balancer").status == 1)
    #expect(try verify("--ipvs", "n1=tables/seed/ipvsadm", "--ipvs-role", "n2=balancer").status == 0)
    #expect(try verify("--ipvs", "tables/seed/ipvsadm", "--ipvs-role", "director").status == 64)
  }

  @Test func marksAreMappedByHandOrByTheFirewallsRules() throws {
    let folder = try TemporaryFolder()
    let marked = Self.table.replacing("TCP  10.1.10.10:80", with: "FWM  1481")
    let file = try folder.file("table", Data(marked.utf8)).path
    let rules = try folder.file(
      "rules",
      Data("*mangle\n-A PREROUTING -d 10.1.10.10/32 -p tcp --dport 80 -j MARK --set-mark 1481\nCOMMIT\n".utf8)
    ).path
    #expect(try verify("--ipvs", file).status == 3)
    for mapping in ["1481=10.1.10.10", "0x5c9=10.1.10.10:80", rules] {
      #expect(try verify("--ipvs", file, "--fwmark", mapping).status == 0, "\(mapping)")
    }
    #expect(try verify("--ipvs", file, "--fwmark", "1481=10.1.10.12").status == 1)
    #expect(try verify("--ipvs", file, "--fwmark", "1481=nonsense").status == 64)
    #expect(try verify("--ipvs", file, "--fwmark", file).status == 2)
  }

  #if os(Linux)
    @Test func aKernelWithoutIPVSSaysSo() throws {
      let result = try Executable.run("ipvs")
      if FileManager.default.fileExists(atPath: "/proc/net/ip_vs") {
        #expect(result.status != 2)
      } else {
        #expect(result.status == 2)
        #expect(result.errors.contains("this kernel has no IPVS"))
      }
    }
  #endif

  @Test func aTableAloneIsShownAndJudged() throws {
    let pass = try Executable.run(["ipvs", "tables/ipvs-checks/IPVS002-good"], in: Repository.fixtures)
    #expect(pass.status == 0)
    #expect(pass.output.contains("10.1.10.22:80  Route  weight 1"))
    #expect(pass.output.hasPrefix("PASS          nothing in the tables speaks against direct return\n"))
    let fail = try Executable.run(["ipvs", "tables/ipvs-checks/IPVS002-bad"], in: Repository.fixtures)
    #expect(fail.status == 1)
    #expect(fail.output.contains("line        6 of tables/ipvs-checks/IPVS002-bad"))
    let open = try Executable.run("ipvs", "-", input: Data(Self.table.utf8))
    #expect(open.status == 3)
    #expect(open.output.contains("--ipvs-role"))
  }

  private struct Report: Decodable {
    struct Service: Decodable { var proof: String? }
    struct Table: Decodable {
      var kind: String
      var role: String?
    }
    var services: [Service]
    var tables: [Table]
  }

  private func report(_ arguments: [String]) throws -> Report {
    let result = try Executable.run(["verify", "--format", "json"] + arguments, in: Repository.fixtures)
    return try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
  }

  /// The folder of a host of the lab, with its files changed.
  private func folder(
    _ host: String, of scenario: String, _ change: (_ name: String, _ text: String) -> String
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let source = Repository.fixtures.appending(path: "lab/\(scenario)")
    for name in try FileManager.default.contentsOfDirectory(atPath: source.path) where name.hasPrefix("\(host).") {
      guard !name.hasSuffix(".pcap") else { continue }
      let text = try String(contentsOf: source.appending(path: name), encoding: .utf8)
      _ = try folder.file(name, Data(change(name, text).utf8))
    }
    return folder
  }

  @Test func theBalancersOwnTablesLiftAProof() throws {
    let traffic = ["-r", "traps/client-tcp-v4-good-unresolved.pcap", "--vip", "10.1.10.10:80"]
    #expect(try report(traffic).services.map(\.proof) == ["mac-pair"])
    #expect(try report(traffic + ["--host", "lb=lab/route"]).services.map(\.proof) == ["identified"])
    // A standby has the table and not the VIP: nothing tells that its MAC balances.
    let standby = try folder("lb", of: "route") { name, text in
      name.contains("addr") ? text.replacing("10.1.10.10\"", with: "10.1.10.9\"") : text
    }
    let found = try report(traffic + ["--host", "lb=\(standby.url.path)"])
    #expect(found.services.map(\.proof) == ["mac-pair"])
  }

  @Test func aHostsTablesTellWhoseItsTableIs() throws {
    let masq = ["-r", "lab/masq/client.pcap", "--vip", "10.1.10.10:80"]
    #expect(
      try report(masq + ["--host", "lb=lab/masq"]).tables.filter { $0.kind == "ipvs" }.allSatisfy {
        $0.role == "balancer"
      })
    // A cooked capture tells nothing; an interface without ARP that has the VIP, as kube-ipvs0, does.
    let cooked = ["-r", "lab/node-masq/be1-any.pcap", "--vip", "10.1.10.10:80", "--host"]
    let node = try folder("be1", of: "node-masq") { name, text in
      name.contains("addr") ? text.replacing("LOOPBACK", with: "NOARP") : text
    }
    for (folder, role) in [("lab/node-masq", nil), (node.url.path, "node")] {
      let tables = try report(cooked + ["be1=\(folder)"]).tables.filter { $0.kind == "ipvs" }
      #expect(tables.count == 3)
      #expect(tables.allSatisfy { $0.role == role })
    }
  }

  @Test func reportsWithTablesFollowTheSchema() throws {
    let folder = try TemporaryFolder()
    let tables = "tables/ipvs"
    let names = try FileManager.default.contentsOfDirectory(atPath: Repository.fixtures.appending(path: tables).path)
    var documents: [String] = []
    for (index, name) in names.sorted().enumerated() {
      for command in [["ipvs", "\(tables)/\(name)"], ["verify", "-r", "seed.pcap", "--ipvs", "lb=\(tables)/\(name)"]] {
        let document = folder.path("\(index)-\(command[0]).json")
        let result = try Executable.run(command + ["--format", "json", "-o", document], in: Repository.fixtures)
        if result.status == 2 { continue }
        documents.append(document)
      }
    }
    #expect(documents.count > 20)
    #expect(try Schema.report.faults(inFiles: documents) == "")
  }
}
