import Tables
import TestSupport
import Testing

/// Whatever is done to a host's files, they are read or refused: nothing traps, and nothing takes long.
@Suite struct HostHostileTests {
  static let texts: [HostTables.Text] = [.addresses, .neighbours, .routes, .routes6, .settings, .arp]

  @Test(arguments: texts)
  func damagedTextsNeverTrap(kind: HostTables.Text) throws {
    let seed = SeededGenerator.seed(for: "HostHostileTests")
    var generator = SeededGenerator(seed: seed)
    let name = try #require(kind.names.first)
    for host in ["be1", "lb"] {
      let file = try #require(
        try HostFolder.files(host, "lab/tunnel-ipip").files.first { kind.names.contains($0.name) })
      let bytes = Array(file.text.utf8.prefix(4096))
      for _ in 0..<300 {
        var damaged = bytes
        for _ in 0...generator.next() % 4 { damaged.damage(using: &generator) }
        try read(name, String(decoding: damaged, as: UTF8.self))
      }
      for length in 0..<min(bytes.count, 400) { try read(name, String(decoding: bytes.prefix(length), as: UTF8.self)) }
    }
  }

  @Test(arguments: texts)
  func whatUnfoldsWithoutEndIsRefused(kind: HostTables.Text) throws {
    let name = try #require(kind.names.first)
    let clock = ContinuousClock()
    let took = try clock.measure {
      try read(name, String(repeating: "[", count: 100_000))
      try read(name, String(repeating: "{\"a\":", count: 100_000))
      try read(name, "[" + String(repeating: "{},", count: 100_000) + "{}]")
      try read(name, "[&a [0]," + (0..<30).map { "&b\($0) [*a,*a]" }.joined(separator: ",") + "]")
      try read(name, "[{\"dst\":\"" + String(repeating: "1", count: 1_000_000) + "\"}]")
      try read(name, String(repeating: "net.ipv4.conf.a.rp_filter = 1\n", count: 50_000))
      try read(name, "IP address\n" + String(repeating: "1.2.3.4 0x1 0x2 02:00:00:00:00:01 * e\n", count: 50_000))
    }
    #expect(took < .seconds(60))
  }

  /// Any other error than the one that tells the file is a fault.
  private func read(_ name: String, _ text: String) throws {
    do throws(HostFileError) {
      _ = try HostTables(name: "h", path: "h", files: [HostTables.File(name: name, text: text)])
    } catch {
      #expect(error.path == "h/\(name)")
    }
  }
}
