import Foundation
import TestSupport
import Testing

@Suite struct CollectTests {
  private static let capture = Repository.fixture("lab/route/client.pcap")

  /// What this host is does not matter: what it gathers of itself it reads again.
  @Test func whatIsCollectedIsReadBack() throws {
    let folder = try TemporaryFolder()
    let host = folder.path("this")
    let collected = try Executable.run("collect", host)
    #if os(Linux)
      #expect(collected.status == 0, "\(collected.errors)")
      #expect(collected.output == "")
      for line in collected.errors.split(separator: "\n") {
        #expect(line.hasPrefix("dsrproof: ") && line.contains("cannot read"))
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: host)
      #expect(names.contains("sysctl") && names.contains("arp") && names.contains("host"))
      #expect(names.allSatisfy { !$0.hasSuffix(".tmp") })
      let note = try String(contentsOfFile: host + "/host", encoding: .utf8)
      #expect(note.contains(/^name .+\ntime [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+Z\n$/))

      for argument in [host, "other=\(host)"] {
        let result = try Executable.run("-r", Self.capture, "--vip", "10.1.10.10:80", "--host", argument)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors == "")
        let name = argument == host ? String(note.split(separator: "\n")[0].dropFirst("name ".count)) : "other"
        #expect(result.output.contains("settings and tables of \(name)"))
      }
      // Again into the same folder.
      #expect(try Executable.run("collect", host).status == 0)
    #else
      #expect(collected.status == 2)
    #endif
  }

  #if os(Linux)
    @Test func thisHostIsReadWithoutAFolder() throws {
      let result = try Executable.run("-r", Self.capture, "--vip", "10.1.10.10:80", "--host", "me=live")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("settings and tables of me"))
    }
  #endif

  @Test func aFolderOfSomethingElseIsLeftAlone() throws {
    let folder = try TemporaryFolder()
    _ = try folder.file("thesis.tex", Data("words".utf8))
    let result = try Executable.run("collect", folder.url.path)
    #expect(result.status == 2)
    #expect(result.errors.contains("thesis.tex") && result.errors.split(separator: "\n").count == 1)
    #expect(try folder.names == ["thesis.tex"])
    // A file in its place.
    #expect(try Executable.run("collect", folder.path("thesis.tex")).status == 2)
    #expect(try Executable.run("collect").status == 64)
  }

  @Test func aFolderWithoutTablesIsNoHost() throws {
    let folder = try TemporaryFolder()
    for path in [folder.url.path, folder.path("missing"), Self.capture] {
      let result = try Executable.run("-r", Self.capture, "--host", "be1=\(path)")
      #expect(result.status == 2)
      #expect(result.output == "")
      #expect(result.errors.hasPrefix("dsrproof: \(path): ") && result.errors.split(separator: "\n").count == 1)
    }
  }

  @Test func aTableThatCannotBeReadStopsWithItsLine() throws {
    let folder = try TemporaryFolder()
    _ = try folder.file("neigh.json", Data("[\n{\"dst\":\"be1\"}]".utf8))
    let result = try Executable.run("-r", Self.capture, "--host", "be1=\(folder.url.path)")
    #expect(result.status == 2)
    let path = folder.path("neigh.json")
    #expect(result.errors == "dsrproof: \(path): line 2: expected an IP address, found be1\n")
  }

  @Test func aNameStandsForOneHost() throws {
    let lab = Repository.fixture("lab/route")
    let twice = try Executable.run("-r", Self.capture, "--host", "be1=\(lab)", "--host", "be1=\(lab)")
    #expect(twice.status == 64)
    #expect(twice.errors.contains("be1 is named twice"))
  }

  @Test func aReportOverwritesNoTable() throws {
    let folder = try TemporaryFolder()
    let table = try folder.file("sysctl", Data("net.ipv4.ip_forward = 0\n".utf8))
    let result = try Executable.run("-r", Self.capture, "--host", "x=\(folder.url.path)", "-o", table.path)
    #expect(result.status == 64)
    #expect(try folder.text("sysctl") == "net.ipv4.ip_forward = 0\n")
  }
}
