import Checks
import Foundation
import Tables
import TestSupport
import Testing

@testable import dsrproof

/// A folder is judged as if each of its files had been given with its option.
@Suite struct CaseTests {
  private static let vip = ["--vip", "10.1.10.10:80"]

  /// Copies fixtures into a folder, by the names that they get there.
  private static func folder(_ files: [String: String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, fixture) in files {
      let place = folder.url.appending(path: name)
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: Repository.fixture(fixture), toPath: place.path)
    }
    return folder
  }

  /// The lab's hosts, each in a folder of its own.
  private static var lab: [String: String] {
    get throws {
      let names = try FileManager.default.contentsOfDirectory(atPath: Repository.fixture("lab/route"))
      var files = ["client.pcap": "lab/route/client.pcap", "mirror/switch.pcap": "lab/route/switch.pcap"]
      for name in names where !name.hasSuffix(".pcap") && (name.hasPrefix("lb.") || name.hasPrefix("be1.")) {
        let host = String(name.prefix { $0 != "." })
        files["\(host)/\(name.dropFirst(host.count + 1))"] = "lab/route/\(name)"
      }
      files["lb/trace.pcap"] = "lab/route/lb.pcap"
      return files
    }
  }

  private func json(_ text: String, without keys: [String]) throws -> [String: Any] {
    var report = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    for key in keys { report[key] = nil }
    return report
  }

  @Test func itIsTheRunWithItsOptions() throws {
    let folder = try Self.folder(Self.lab)
    let path = folder.url.path
    let whole = try Executable.run(["verify", "--case", path, "--format", "json"] + Self.vip)
    let single = try Executable.run(
      [
        "verify", "-r", "\(path)/client.pcap", "-r", "lb=\(path)/lb/trace.pcap", "-r", "\(path)/mirror/switch.pcap",
        "--host", "be1=\(path)/be1", "--host", "lb=\(path)/lb", "--ipvs", "lb=\(path)/lb/ipvsadm-rate", "--format",
        "json",
      ] + Self.vip)
    #expect(whole.status == 0 && single.status == 0, "\(whole.errors)\(single.errors)")
    #expect(
      NSDictionary(dictionary: try json(whole.output, without: ["run", "case"]))
        == NSDictionary(dictionary: try json(single.output, without: ["run", "case"])))
    let files = try #require(try json(whole.output, without: [])["case"] as? [[String: Any]])
    #expect(files.count == (try Self.lab.count))
    #expect(files.allSatisfy { $0["use"] as? String != "leftOut" })
    #expect(try (json(single.output, without: [])["case"] as? [Any])?.isEmpty == true)
  }

  @Test func everyFileIsNamedInEveryForm() throws {
    let folder = try Self.folder(Self.lab)
    _ = try folder.file("README.txt", Data("The virtual_server of lb1 has each real_server twice.\n".utf8))
    let names = ["client.pcap", "lb/addr.json", "README.txt"]
    for format in ["text", "html"] {
      let result = try Executable.run(["--case", folder.url.path, "--format", format] + Self.vip)
      // The note's words are those of a table, which might say otherwise.
      #expect(result.status == 3 && result.errors == "")
      for name in names { #expect(result.output.contains(name)) }
      #expect(result.output.contains("keepalived.conf"))
    }
  }

  /// Whatever lies there, the run does not stop, hang or leave the folder.
  @Test func whatIsNoneOfItIsLeftOut() throws {
    let folder = try Self.folder(["client.pcap": "lab/route/client.pcap"])
    let path = folder.url.path
    _ = try folder.file("notes.gz", Data([0x1f, 0x8b, 8, 0, 0]))
    _ = try folder.file("empty", Data())
    _ = try folder.file("binary", Data([0, 1, 2, 0xff]))
    _ = try folder.file(".hidden", Data("IP Virtual Server version\n".utf8))
    _ = try folder.file("broken.json", Data("{\"class\": \"AS3\", \"declaration\": [".utf8))
    try #require(unsafe mkfifo("\(path)/pipe", 0o600) == 0)
    try FileManager.default.createSymbolicLink(
      atPath: "\(path)/link.pcap", withDestinationPath: Repository.fixture("seed.pcap"))
    try FileManager.default.createSymbolicLink(atPath: "\(path)/up", withDestinationPath: "..")
    let found = try Case(path: path, readsConfig: true)
    let left = found.files.filter { $0.use == .leftOut }
    #expect(left.map(\.path) == ["binary", "broken.json", "empty", "link.pcap", "notes.gz", "pipe", "up"])
    #expect(left.allSatisfy { !$0.reason.isEmpty })
    #expect(found.captures == ["\(path)/client.pcap"])
    #expect(left.filter { !$0.mayMatter }.map(\.path) == ["empty"])
    let result = try Executable.run(["--case", path] + Self.vip)
    #expect(result.status == 3 && result.output.contains("more, were left out, and may say otherwise"))
  }

  /// Mere notes hide nothing; a table with a fault, or beside packets in one text, may.
  @Test func nothingPassesBesideWhatMaySayOtherwise() throws {
    let packets = try #require(
      CommandLineTool.candidates("tcpdump").first.map {
        try CommandLineTool.run($0, ["-enr", Repository.fixture("seed.pcap")]).data
      })
    let table = try Data(contentsOf: URL(filePath: Repository.fixture("lab/masq/lb.ipvsadm")))
    let object = try Data(
      contentsOf: URL(filePath: Repository.fixture("tables/kubernetes/traffic-policy-not-local.yaml")))
    let declaration = try Data(contentsOf: URL(filePath: Repository.fixture("tables/as3/seed.yaml")))
    let cases: [(name: String, content: Data, status: Int32)] = [
      ("notes.txt", Data("lb1 is the old one\n".utf8), 0), ("trace.txt", packets, 0),
      ("trace.txt", table + packets, 3), ("trace.txt", Data(repeating: 0x0a, count: 1 << 17) + packets, 0),
      ("broken.yaml", object + Data("---\nkind: [\n".utf8), 3),
      ("both.yaml", declaration + Data("\n---\n".utf8) + object, 1),
    ]
    for (name, content, status) in cases {
      let folder = try Self.folder(["client.pcap": "seed.pcap"])
      _ = try folder.file(name, content)
      let result = try Executable.run(["--case", folder.url.path] + Self.vip)
      #expect(result.status == status, "\(name) \(content.count): \(result.output.prefix(300)) \(result.errors)")
    }
  }

  @Test func eachTextFindsItsReader() throws {
    let folder = try Self.folder([
      "b/keepalived.conf": "lab/failover-vrrp/lb.keepalived", "a/paste.txt": "tables/pasted/be1.txt",
      "c.yaml": "tables/kubernetes/\(try Self.first("tables/kubernetes"))",
      "d.json": "tables/as3/\(try Self.first("tables/as3"))", "rules": "tables/firewall/iptables-save",
    ])
    let files = try Case(path: folder.url.path, readsConfig: true).files
    let uses = files.map { ($0.path, $0.use) }
    #expect(uses.first { $0.0 == "b/keepalived.conf" }?.1 == .ipvs)
    #expect(uses.first { $0.0 == "a/paste.txt" }?.1 == .host)
    #expect(uses.first { $0.0 == "c.yaml" }?.1 == .kubernetes)
    #expect(uses.first { $0.0 == "d.json" }?.1 == .as3)
    #expect(uses.first { $0.0 == "rules" }?.1 == .firewallMarks, "\(files)")
  }

  private static func first(_ folder: String) throws -> String {
    try #require(FileManager.default.contentsOfDirectory(atPath: Repository.fixture(folder)).sorted().first)
  }

  /// A mark means something on its own host alone.
  @Test func marksThatDisagreeAreNotBelieved() throws {
    let folder = try TemporaryFolder()
    func rules(_ address: String) -> Data {
      Data("*mangle\n-A PREROUTING -d \(address)/32 -p tcp --dport 80 -j MARK --set-mark 7\nCOMMIT\n".utf8)
    }
    _ = try folder.file("one", rules("10.1.10.10"))
    #expect(try Case(path: folder.url.path, readsConfig: true).tables.firewallMarks.count == 1)
    _ = try folder.file("two", rules("10.1.10.11"))
    let found = try Case(path: folder.url.path, readsConfig: true)
    #expect(found.tables.firewallMarks.isEmpty)
    #expect(found.files.allSatisfy { $0.use == .leftOut && $0.reason.contains("--fwmark") })
  }

  @Test func theConfigurationOfTheFolderCountsOnce() throws {
    let folder = try Self.folder(["client.pcap": "lab/route/client.pcap", "lb.txt": "lab/route/lb.ipvsadm"])
    _ = try folder.file(
      "dsrproof.yaml", Data("services: [10.1.10.10:80]\ntables:\n  ipvs:\n    - {host: lb, file: lb.txt}\n".utf8))
    let found = try Case(path: folder.url.path, readsConfig: true)
    #expect(found.config?.hasSuffix("dsrproof.yaml") ?? false)
    #expect(found.tables.ipvs.isEmpty && found.files.map(\.use) == [.capture, .configuration, .leftOut])
    #expect(try Case(path: folder.url.path, readsConfig: false).config == nil)
  }

  @Test func aFolderWithoutCapturesIsNoProof() throws {
    let folder = try Self.folder(["lb.txt": "lab/route/lb.ipvsadm"])
    let result = try Executable.run("--case", folder.url.path)
    #expect(result.status == 2 && result.output == "" && result.errors.contains("dsrproof audit"))
    for path in [folder.path("missing"), folder.path("lb.txt")] {
      #expect(try Executable.run("--case", path).status == 2)
    }
    #expect(try Executable.run("--case", folder.url.path, "-i", "lo").status == 64)
  }

  @Test func foldersWithoutEndAreRefused() throws {
    let folder = try TemporaryFolder()
    var place = folder.url
    for _ in 0..<CaseFolder.deepest { place = place.appending(path: "x") }
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    #expect(throws: Failure.self) { try CaseFolder(path: folder.url.path) }
  }

  /// Damaged texts and captures, cut anywhere: a file is taken by a reader that takes it, or left out with a reason.
  @Test func hostileFilesAreTakenOrLeftOut() throws {
    let seed = SeededGenerator.seed(for: "CaseTests")
    var random = SeededGenerator(seed: seed)
    let texts = try TableReader.allCases.flatMap { try $0.fixtures }.map { Array($0.utf8) }
    let captures = try ["seed.pcap", "lab/route/client.pcap"].map {
      Array(try Data(contentsOf: URL(filePath: Repository.fixture($0))))
    }
    let names = [
      "a", "be1.addr.json", "be1.sysctl", "arp", "host", "rules", "x=y.txt", "lb/iptables", "lb/paste", "lb/host",
    ]
    for _ in 0..<60 {
      let folder = try TemporaryFolder()
      try FileManager.default.createDirectory(
        at: folder.url.appending(path: "lb"), withIntermediateDirectories: true)
      for name in names {
        var bytes = try #require((texts + captures).randomElement(using: &random))
        if Bool.random(using: &random) { bytes.damage(using: &random) }
        if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
        try Data(bytes).write(to: folder.url.appending(path: name))
      }
      let found = try Case(path: folder.url.path, readsConfig: true)
      #expect(found.files.map(\.path) == names.sorted(), "seed \(seed)")
      #expect(found.files.allSatisfy { ($0.use == .leftOut) != $0.reason.isEmpty }, "seed \(seed)")
      // What content alone told is read by the option that it was told for.
      for path in found.tables.kubernetes {
        #expect(throws: Never.self, "seed \(seed)") {
          try TableOptions.table(at: path, for: .kubernetes, KubernetesObjects.init(text:))
        }
      }
      for argument in found.tables.ipvs {
        let (host, path) = TableOptions.named(argument)
        #expect(throws: Never.self, "seed \(seed)") { try TableOptions.ipvsTables(at: path, host: host) }
      }
    }
  }

  /// Captures of other machines that a fleet's job could not read.
  @Test func nothingPassesBesideACaptureThatIsUnread() throws {
    let folder = try TemporaryFolder()
    let arguments = [
      "verify", "-r", Repository.fixture("seed.pcap"), "--vip", "10.1.10.10:80", "--format", "json",
    ]
    let plain = try Executable.run(arguments)
    #expect(plain.status == 0)
    let beside = try Executable.run(arguments + ["--unread", "s3a://b/a.pcap", "--unread", "s3a://b/b.pcap"])
    #expect(
      beside.status == 3 && beside.output.contains("s3a://b/a.pcap, and 1 more, were left out"), "\(beside.output)")
    struct Report: Decodable {
      struct File: Decodable, Equatable { var path, use: String }
      var `case`: [File]
    }
    let files = try JSONDecoder().decode(Report.self, from: Data(beside.output.utf8)).case
    #expect(
      files == [.init(path: "s3a://b/a.pcap", use: "leftOut"), .init(path: "s3a://b/b.pcap", use: "leftOut")])
    let kept = try Executable.run(arguments.dropLast(2) + ["-w", folder.path("x.pcapng"), "--unread", "y"])
    #expect(kept.status == 64)
  }
}
