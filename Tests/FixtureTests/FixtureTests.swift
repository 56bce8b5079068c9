import Fixtures
import Foundation
import TestSupport
import Testing

private let folder = Repository.fixtures

@Suite struct FixtureTests {
  @Test(arguments: Fixture.all.filter { $0.bytes != nil }.map(\.path))
  func `The file is what the recipe makes`(path: String) throws {
    let recipe = try #require(Fixture.all.first { $0.path == path && $0.bytes != nil }?.bytes)
    let file = try Data(contentsOf: folder.appendingPathComponent(path))
    #expect(file == Data(recipe), "run `make fixtures`")
  }

  @Test func `LIST is what the recipes say`() throws {
    #expect(try String(contentsOf: folder.appendingPathComponent("LIST"), encoding: .utf8) == Fixture.list)
  }

  @Test func `Every capture has its line, and every line its capture`() throws {
    let found = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    #expect(Set(found.filter { $0.hasSuffix(".pcap") }) == Set(Fixture.all.map(\.path)))
  }

  @Test func `What decides is stated of fixtures that there are`() { #expect(Fixture.strayDecisions == []) }

  @Test func `No two recipes make the same file or judge it under the same arguments`() {
    let made = Fixture.all.filter { $0.bytes != nil }.map(\.path)
    #expect(made.count == Set(made).count)
    let judged = Fixture.all.map { $0.path + "\t" + $0.arguments }
    #expect(judged.count == Set(judged).count)
  }
}

/// What tcpdump prints of the seed's capture is what the article shows.
@Suite struct SeedTests {
  static let article = [
    """
    01:30:02.579765 06:ba:49:38:53:f0 > 06:1f:8a:6c:8e:d2, ethertype IPv4 (0x0800), length 143: \
    10.1.10.100.37664 > 10.1.10.10.80: Flags [P.], seq 1:78, ack 1, win 229, \
    options [nop,nop,TS val 3625903493 ecr 3191715024], length 77: HTTP: GET /txt HTTP/1.1
    """,
    """
    01:30:02.582457 06:d2:0a:b1:14:20 > 06:ba:49:38:53:f0, ethertype IPv4 (0x0800), length 66: \
    10.1.10.10.80 > 10.1.10.100.37664: Flags [.], ack 78, win 227, \
    options [nop,nop,TS val 3191715027 ecr 3625903493], length 0
    """,
    """
    01:30:02.584176 06:d2:0a:b1:14:20 > 06:ba:49:38:53:f0, ethertype IPv4 (0x0800), length 692: \
    10.1.10.10.80 > 10.1.10.100.37664: Flags [P.], seq 1:627, ack 78, win 227, \
    options [nop,nop,TS val 3191715028 ecr 3625903493], length 626: HTTP: HTTP/1.1 200 OK
    """,
  ]

  @Test func `tcpdump prints the article's lines, one after the other, behind a handshake`() throws {
    let lines = try run("tcpdump", "-r", folder.appendingPathComponent("seed.pcap").path, "-nnn", "-e")
    let start = try #require(lines.firstIndex(of: Self.article[0]))
    #expect(start == 3)
    #expect(Array(lines[start..<(start + 3)]) == Self.article)
    #expect(lines[0].contains("Flags [S]") && lines[1].contains("Flags [S.]"))
  }

  @Test func `The three frames alone are the same frames`() throws {
    let whole = try run("tcpdump", "-r", folder.appendingPathComponent("seed.pcap").path, "-nnn", "-e", "-S", "-xx")
    let three = try run(
      "tcpdump", "-r", folder.appendingPathComponent("seed-3frames.pcap").path, "-nnn", "-e", "-S", "-xx")
    #expect(three.count > 3)
    #expect(whole.joined(separator: "\n").contains(three.joined(separator: "\n")))
  }
}

/// An independent reader finds the built packets right: lengths, checksums, nesting.
@Suite struct BuilderTests {
  /// Captures whose frames are wrong on purpose, or cut, or in fragments, whose checksums tshark cannot judge.
  static let odd = ["offload-", "snaplen-", "fragments-"]

  @Test func `tshark decodes every frame and every checksum is right`() throws {
    // One file for all captures of the same link type (their file headers are equal), so that tshark starts but once.
    let headerLength = 24
    var files: [[UInt8]: [UInt8]] = [:]
    for fixture in Fixture.all where !Self.odd.contains(where: { fixture.path.contains($0) }) {
      guard let bytes = fixture.bytes else { continue }
      files[Array(bytes.prefix(headerLength)), default: []] += bytes.dropFirst(headerLength)
    }
    let protocols = ["ip", "tcp", "udp"]
    let checksums = (protocols + ["icmp", "icmpv6", "vrrp", "gre"]).map { "\($0).checksum.status == 0" }
    // tshark sums up quoted packets too, although the quotation ends before they do.
    let quoting = "icmpv6.type == 2 && icmpv6.checksum.status == 1"
    let wrong = "(\((["_ws.malformed"] + checksums).joined(separator: " || "))) && !(\(quoting))"
    #expect(files.count > 5)
    for (header, records) in files {
      let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).pcap")
      defer { try? FileManager.default.removeItem(at: file) }
      try Data(header + records).write(to: file)
      let options = protocols.flatMap { ["-o", "\($0).check_checksum:TRUE"] }
      #expect(try run("tshark", ["-r", file.path, "-n", "-Y", wrong] + options) == [])
    }
  }
}

private func run(_ tool: String, _ arguments: String...) throws -> [String] { try run(tool, arguments) }

/// The lines that a tool prints, in UTC.
private func run(_ tool: String, _ arguments: [String]) throws -> [String] {
  try CommandLineTool.output(tool, arguments).split(separator: "\n").map(String.init)
}
