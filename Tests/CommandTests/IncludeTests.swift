import Foundation
import Tables
import TestSupport
import Testing
import Wire

@testable import dsrproof

/// Files that keepalived.conf names are read beside it, and never stop the run.
@Suite struct IncludeTests {
  private static func server(_ vip: String) -> String {
    "virtual_server \(vip) 80 {\n lvs_method DR\n protocol TCP\n real_server 10.1.10.21 80 {\n weight 1\n }\n}\n"
  }

  private func read(_ files: [String: String]) throws -> [TableFile<IPVSTable>] {
    let folder = try TemporaryFolder()
    for (name, text) in files {
      let place = folder.url.appending(path: name)
      try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: place)
    }
    return try TableOptions.ipvsTables(at: folder.path("keepalived.conf"), host: "lb")
  }

  @Test(arguments: ["conf.d/*.conf", "/etc/keepalived/conf.d/*.conf", "./conf.d/?.conf"])
  func theyAreReadBesideIt(pattern: String) throws {
    let tables = try read([
      "keepalived.conf": Self.server("10.1.10.10") + "include \(pattern)\n", "conf.d/a.conf": Self.server("10.1.10.11"),
      "conf.d/b.conf": Self.server("10.1.10.12"), "conf.d/c.bak": Self.server("10.1.10.13"),
      "conf.d/.d.conf": Self.server("10.1.10.14"),
    ])
    #expect(tables.map { URL(filePath: $0.path).lastPathComponent } == ["keepalived.conf", "a.conf", "b.conf"])
    #expect(tables.allSatisfy { $0.host == "lb" && $0.table.listsAllServices && $0.table.services.count == 1 })
  }

  /// Nothing elsewhere is opened, and the table is a part.
  @Test(arguments: [
    "missing.conf", "../secret", "/etc/passwd", "conf.d/../../x", "*/*/*/*/*/*/*/*/*/*", "broken", "conf.d",
  ])
  func whatIsMissingLeavesThePart(pattern: String) throws {
    let tables = try read([
      "keepalived.conf": Self.server("10.1.10.10") + "include \(pattern)\n", "broken": "vrrp_instance a {\n",
      "conf.d/a.conf": Self.server("10.1.10.11"),
    ])
    #expect(tables.count == 1 && !tables[0].table.listsAllServices)
  }

  @Test func whatABlockNamesStandsInItsPlace() throws {
    let block = "virtual_server $VIP 80 {\n protocol TCP\n lvs_method DR\n include conf.d/*.real\n}\n"
    let tables = try read([
      "keepalived.conf": "include names\n" + block + block.replacing(" 80 ", with: " 81 "),
      "names": "$VIP=10.1.10.10\n",
      "conf.d/a.real": "real_server 10.1.10.21 80 {\n}\n", "conf.d/b.real": "real_server 10.1.10.22 80 {\n}\n",
    ])
    let services = tables[0].table.services
    #expect(services.map { $0.destinations.map(\.line) } == [[5, 5], [10, 10]])
    #expect(tables[0].table.unread.isEmpty)
    for pattern in ["missing", "../secret", "/etc/passwd", "conf.d"] {
      let part = try read([
        "keepalived.conf": block.replacing("$VIP", with: "10.1.10.10").replacing("conf.d/*.real", with: pattern)
      ])
      #expect(part[0].table.unread.map(\.line) == [4] && !part[0].table.listsAllServices)
    }
  }

  /// A relative path begins at the file that names it, as keepalived 2.2.7 has it in a block and outside.
  @Test func filesInFoldersNameTheirNeighbours() throws {
    let block =
      "virtual_server 10.1.10.10 80 {\n protocol TCP\n include conf.d/m\n real_server 10.1.10.21 80 {\n }\n}\n"
    let tables = try read([
      "keepalived.conf": block + "include conf.d/n\n", "conf.d/m": "include method\n",
      "conf.d/method": "lvs_method DR\n",
      "method": "lvs_method NAT\n", "conf.d/n": "include v\ninclude /etc/keepalived/w\ninclude deep/b\n",
      "conf.d/v": Self.server("10.1.10.11"), "v": Self.server("10.1.10.12"), "w": Self.server("10.1.10.13"),
      "conf.d/w": Self.server("10.1.10.14"), "conf.d/deep/b": block.replacing("conf.d/m", with: "m"),
      "conf.d/deep/m": "lvs_method TUN\n",
    ])
    #expect(tables.allSatisfy { $0.table.listsAllServices && $0.table.unread.isEmpty })
    let names = tables.map { URL(filePath: $0.path).lastPathComponent }
    #expect(names.sorted() == ["b", "keepalived.conf", "n", "v", "w"])
    #expect(tables.first?.table.services.first?.destinations.map(\.forwarding) == [.route])
    let services = tables.flatMap(\.table.services)
    #expect(
      services.contains { $0.name == .endpoint(.tcp, .init(address: IPAddress(v4: 0x0a01_0a0b), port: 80)) }
        && services.contains { $0.name == .endpoint(.tcp, .init(address: IPAddress(v4: 0x0a01_0a0d), port: 80)) })
    let index = try #require(names.firstIndex(of: "b"))
    #expect(tables[index].table.services.first?.destinations.map(\.forwarding) == [.tunnel])
  }

  /// It is keepalived's, whatever stands in it.
  @Test(arguments: ["$A=1\n", "# nothing\n", "", "vrrp_track_process p {\n}\n", "@lb1 $A=1\n"])
  func anIncludedFileNeedsNoBlock(text: String) throws {
    let tables = try read(["keepalived.conf": "include a\n" + Self.server("10.1.10.10"), "a": text])
    #expect(tables.count == 2 && tables.allSatisfy(\.table.listsAllServices))
  }

  @Test func ringsEnd() throws {
    let tables = try read([
      "keepalived.conf": "include a\n" + Self.server("10.1.10.10"), "a": "include b\n" + Self.server("10.1.10.11"),
      "b": "include a\ninclude keepalived.conf\n" + Self.server("10.1.10.12"),
    ])
    #expect(tables.count == 3)
  }

  @Test func manyAreBounded() throws {
    var files = ["keepalived.conf": "include *.x\n" + Self.server("10.1.10.10")]
    for number in 0..<300 { files["\(number).x"] = Self.server("10.1.11.\(number % 250)") }
    let tables = try read(files)
    #expect(tables.count == 257 && !tables[0].table.listsAllServices)
  }

  @Test(arguments: [
    ("a.conf", "*.conf", true), ("a.conf", "?.conf", true), ("ab.conf", "?.conf", false), (".a", "*", false),
    ("abcbc", "a*bc", true), ("abcbd", "a*bc", false), ("", "*", true), ("a", "", false),
  ])
  func patterns(name: String, pattern: String, matches: Bool) {
    #expect(IncludedFiles.matches(name[...], pattern[...]) == matches)
  }
}
