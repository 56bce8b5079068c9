import Tables
import TestSupport
import Testing
import Wire

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

  /// Texts that no host of the lab has.
  @Test func damagedRulesNeverTrap() throws {
    let seed = SeededGenerator.seed(for: "HostHostileTests")
    var generator = SeededGenerator(seed: seed)
    let chain = "table inet f {\n\tchain in {\n\t\ttype filter hook input priority 0; policy drop;\n"
    let texts = [
      "rule.json":
        #"[{"priority":9,"not":null,"src":"10.0.0.0","srclen":8,"table":"7"},{"priority":10,"l3mdev":null}]"#,
      "arptables":
        "*filter\n:INPUT ACCEPT\n-A INPUT -j DROP -d 10.1.10.10/24 --opcode 1\n-A OUTPUT -j mangle -s 10.0.0.1\n",
      "iptables":
        "*filter\n:INPUT DROP [0:0]\n-A INPUT -m comment --comment \"a b\" ! -p tcp --dport 80 -j x\n-A x -g x\n",
      "nftables": chain
        + "\t\tct state vmap { invalid : jump in, new : accept } ip daddr != { 10.0.0.1, 10.0.0.2 } drop\n}\n}\n",
    ]
    let vip = try #require(IPAddress("10.1.10.10"))
    for (name, text) in texts {
      for _ in 0..<300 {
        var damaged = Array(text.utf8)
        for _ in 0...generator.next() % 4 { damaged.damage(using: &generator) }
        let text = String(decoding: damaged, as: UTF8.self)
        try read(name, text)
        _ = InvalidStateRules(text: text, vip: vip, port: 80).fate(at: [.prerouting, .input])
      }
      for length in 0..<text.utf8.count { try read(name, String(decoding: text.utf8.prefix(length), as: UTF8.self)) }
    }
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
