import Foundation
import TestSupport
import Testing

@testable import dsrproof

/// A case in one file, for a vendor or a ticket.
@Suite struct BundleTests {
  private static let vip = ["--vip", "10.1.10.10:80"]

  private static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in ["client.pcap", "lb.ipvsadm", "lb.addr.json"] {
      _ = try folder.file(name, Data(contentsOf: URL(filePath: Repository.fixture("lab/route/\(name)"))))
    }
    _ = try folder.file("notes of 10.1.10.100.txt", Data("seen on Monday\n".utf8))
    return folder
  }

  private static func content(of archive: String) throws -> [String: Data] {
    let names = try CommandLineTool.output("tar", ["tzf", archive]).split(separator: "\n").map(String.init)
    return Dictionary(
      uniqueKeysWithValues: try names.map { ($0, try CommandLineTool.data("tar", ["xzOf", archive, $0])) })
  }

  @Test func itHoldsTheFolderAndTheReport() throws {
    let (folder, out) = (try Self.folder(), try TemporaryFolder())
    let archive = out.path("case.tar.gz")
    let result = try Executable.run(["--case", folder.url.path, "--bundle", archive] + Self.vip)
    #expect(result.status == 0, "\(result.errors)")
    let content = try Self.content(of: archive)
    #expect(
      Set(content.keys) == Set(try folder.names.map { "case/\($0)" } + ["report.txt", "report.json", "report.html"]))
    for name in try folder.names {
      #expect(try content["case/\(name)"] == Data(contentsOf: folder.url.appending(path: name)))
    }
    #expect(content["report.txt"] == Data(result.output.utf8))
    // The same folder, the same bytes.
    let again = out.path("again.tgz")
    #expect(try Executable.run(["--case", folder.url.path, "--bundle", again] + Self.vip).status == 0)
    #expect(try Data(contentsOf: URL(filePath: archive)) == Data(contentsOf: URL(filePath: again)))
  }

  @Test func anonymisedItHoldsNoAddress() throws {
    let (folder, out) = (try Self.folder(), try TemporaryFolder())
    let archive = out.path("case.tar.gz")
    let result = try Executable.run(["--case", folder.url.path, "--bundle", archive, "--anonymise"] + Self.vip)
    #expect(result.status == 0)
    for name in ["lb.ipvsadm", "lb.addr.json", "notes of 10.1.10.100.txt"] { #expect(result.errors.contains(name)) }
    let content = try Self.content(of: archive)
    #expect(
      Set(content.keys) == [
        "case/captures.evidence", "case/left-out.txt", "report.txt", "report.json", "report.html",
      ])
    for (name, data) in content where name != "case/captures.evidence" {
      let text = String(decoding: data, as: UTF8.self)
      #expect(!text.contains("10.1.10.") && !text.contains("client.pcap") && !text.contains("notes"), "\(name)")
    }
    // It is evidence, and judged as the captures are.
    let evidence = try out.file("captures.evidence", #require(content["case/captures.evidence"]))
    let flows = try Executable.run("flows", "-r", evidence.path)
    #expect(flows.status == 0 && !flows.output.contains("10.1.10.") && !flows.output.isEmpty)
    #expect(String(decoding: try #require(content["report.txt"]), as: UTF8.self).hasPrefix("PASS"))
  }

  private static func anonymised(
    _ capture: String, _ texts: [String: String]
  ) throws -> (status: Int32, content: [String: String], errors: String) {
    let (folder, out) = (try TemporaryFolder(), try TemporaryFolder())
    _ = try folder.file("client.pcap", Data(contentsOf: URL(filePath: Repository.fixture(capture))))
    for (name, text) in texts { _ = try folder.file(name, Data(text.utf8)) }
    let archive = out.path("case.tar.gz")
    let result = try Executable.run(["--case", folder.url.path, "--bundle", archive, "--anonymise"] + Self.vip)
    let content = try Self.content(of: archive).mapValues { String(decoding: $0, as: UTF8.self) }
    return (result.status, content, result.errors)
  }

  private static func table(port: Int = 80, more: String = "") -> String {
    """
    web-lb.example # ipvsadm -ln
    IP Virtual Server version 1.2.1 (size=4096)
    Prot LocalAddress:Port Scheduler Flags
      -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
    TCP  10.1.10.10:80 wlc persistent 300 mask 255.255.255.0\(more)
      -> 10.1.10.21:\(port)                Route   1      0          1
      -> 10.1.10.22:80                Route   1      0          1

    """
  }

  /// Nothing is left of its text but what was read.
  @Test func anIPVSTableHasOtherAddressesThere() throws {
    let found = try Self.anonymised("lab/route/client.pcap", ["table.txt": Self.table()])
    #expect(found.status == 0, "\(found.errors)")
    let table = try #require(found.content["case/table-1.ipvs"])
    #expect(table.contains(":80 wlc persistent 300 mask 255.255.255.0\n") && table.contains(":80 Route 1 0 1\n"))
    #expect(!table.contains("10.1.10.") && !table.contains("web-lb"))
    let report = try #require(found.content["report.txt"])
    #expect(report.hasPrefix("PASS") && report.contains("ipvs-service-missing"), "\(report)")
    #expect(!found.errors.contains("table.txt"))
    #expect(
      try #require(found.content["case/left-out.txt"]).contains(
        "Left out, for their addresses cannot be changed: nothing"))
  }

  @Test func aTablesFaultIsFoundThere() throws {
    let found = try Self.anonymised("lab/route/client.pcap", ["table.txt": Self.table(port: 8080)])
    #expect(found.status == 1)
    #expect(try #require(found.content["report.txt"]).hasPrefix("FAIL"))
  }

  /// The faults are in a table that is left out.
  @Test func nothingPassesThatDoesNotPassWithTheRest() throws {
    for (port, status) in [(8080, Int32(1)), (80, 0)] {
      let text = Self.table(port: port, more: " of-web-lb-and-nobody-else")
      let found = try Self.anonymised("lab/route/client.pcap", ["table.txt": text])
      #expect(found.status == status && found.content["case/table-1.ipvs"] == nil && found.errors.contains("table.txt"))
      #expect(try #require(found.content["report.txt"]).hasPrefix(status == 0 ? "PASS" : "INCONCLUSIVE"))
      let note = try #require(found.content["case/left-out.txt"])
      #expect(note.contains("1 of ") && note.contains("may tell who you are") && !note.contains("table.txt"))
    }
  }

  @Test func itIsWholeOrAbsent() throws {
    let (folder, out) = (try Self.folder(), try TemporaryFolder())
    let path = folder.url.path
    _ = try folder.file(String(repeating: "x", count: 120), Data("a name too long for an archive\n".utf8))
    let result = try Executable.run(["--case", path, "--bundle", out.path("case.tar.gz")] + Self.vip)
    #expect(result.status == 2 && result.output == "" && result.errors.contains("too long a name"))
    #expect(try out.names.isEmpty)
  }

  @Test(arguments: [
    ["--bundle", "x.tar.gz"], ["--case", "DIR", "--bundle", "x.zip"], ["--case", "DIR", "--anonymise"],
    ["--case", "DIR", "--bundle", "x.tgz", "--key", "k"], ["--case", "DIR", "--bundle", "DIR/x.tgz"],
    ["--case", "DIR", "--bundle", "DIR/sub/../x.tgz"],
  ])
  func whatMakesNoSenseIsRefused(arguments: [String]) throws {
    let folder = try Self.folder()
    try FileManager.default.createDirectory(at: folder.url.appending(path: "sub"), withIntermediateDirectories: true)
    let result = try Executable.run(
      arguments.map { $0.replacingOccurrences(of: "DIR", with: folder.url.path) } + Self.vip)
    #expect(result.status == 64 && result.output == "", "\(result.errors)")
  }

  /// As every tar reads it, to the largest sizes and names that fit.
  @Test(arguments: [
    ("a", 0), (String(repeating: "x", count: 100), 511), ("\(String(repeating: "d", count: 150))/f", 512),
  ])
  func headersAreRead(name: String, size: Int) throws {
    let folder = try TemporaryFolder()
    let header = try #require(TarHeader(name: name, size: size))
    #expect(header.bytes.count == TarHeader.blockSize)
    let content = [UInt8](repeating: 0x61, count: size)
    let archive = try folder.file(
      "a.tar", Data(header.bytes + content + TarHeader.padding(after: size) + TarHeader.end))
    #expect(try CommandLineTool.output("tar", ["tf", archive.path]) == "\(name)\n")
    #expect(try CommandLineTool.data("tar", ["xOf", archive.path]) == Data(content))
  }

  @Test func whatDoesNotFitHasNoHeader() {
    #expect(TarHeader(name: String(repeating: "x", count: 101), size: 1) == nil)
    #expect(TarHeader(name: "\(String(repeating: "d", count: 156))/f", size: 1) == nil)
    #expect(TarHeader(name: "a", size: 1 << 33) == nil)
    #expect(TarHeader(name: "", size: 0) == nil)
  }
}
