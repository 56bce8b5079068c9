import Foundation
import TestSupport
import Testing

@testable import dsrproof

/// What fingers type that know tcpdump.
@Suite struct TcpdumpHabitTests {
  private static let seed = ["-r", Repository.fixture("seed.pcap")]
  private static let vip = ["--vip", "10.1.10.10:80"]

  @Test(arguments: [["-e"], ["-nn"], ["-nnn"], ["-l"], ["-U"], ["-v"], ["-vv"], ["-enlU"]])
  func `Options without effect change nothing`(options: [String]) throws {
    let result = try Executable.run(options + Self.seed + Self.vip)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    #expect(result.output == (try Executable.run(Self.seed + Self.vip)).output)
  }

  @Test(arguments: ["-A", "-X", "-x", "-q"])
  func `Options that print packets get one line of advice`(option: String) throws {
    let result = try Executable.run([option] + Self.seed + Self.vip)
    #expect(result.status == 0)
    #expect(result.errors == "dsrproof: \(option): this prints no packets; tcpdump -r FILE does\n")
  }

  @Test func `The interfaces are listed as with the long option`() throws {
    #expect(try Executable.run(["-D"]).output == Executable.run(["--list-interfaces"]).output)
  }

  @Test func `A filter comes from a file, without its comments`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file(
      "filter", Data("# the service\nhost 10.1.10.10 # as tcpdump has it\nand tcp port 80\n".utf8)
    ).path
    let words = try Executable.run(
      Self.seed + Self.vip + ["--format", "json", "host", "10.1.10.10", "and", "tcp", "port", "80"])
    let file = try Executable.run(Self.seed + Self.vip + ["--format", "json", "-F", path])
    #expect(file.status == 0)
    let run = try Regex(#"(?m)^"run":.*$"#)
    #expect(words.output.replacing(run, with: "") == file.output.replacing(run, with: ""))
    #expect(try Executable.run(Self.seed + ["-F", path, "tcp"]).status == 64)
    #expect(try Executable.run(Self.seed + ["-F", path + "x"]).status == 64)
    let empty = try folder.file("empty", Data("# nothing\n".utf8)).path
    #expect(try Executable.run(Self.seed + ["-F", empty]).status == 64)
  }

  @Test(arguments: [
    ("verfy", "verify"), ("wacth", "watch"), ("flow", "flows"), ("colect", "collect"), ("evidense", "evidence"),
  ])
  func `A mistyped command names the nearest`(word: String, command: String) throws {
    let result = try Executable.run([word] + Self.seed)
    #expect(result.status == 64)
    #expect(result.errors == "dsrproof: there is no command \(word): did you mean dsrproof \(command)?\n")
  }

  /// Words with which a capture filter may begin.
  @Test(arguments: [
    "host", "port", "portrange", "proto", "ether", "wlan", "inbound", "outbound", "ifname", "vlan", "mpls", "geneve",
    "vxlan", "broadcast", "multicast", "less", "greater", "gateway", "icmp", "igmp", "vrrp", "carp", "sctp", "link",
    "tcp",
  ])
  func `Words of a filter are taken for a filter`(word: String) throws {
    let result = try Executable.run([word] + Self.seed)
    #expect(!result.errors.contains("did you mean dsrproof"), "\(result.errors)")
  }

  @Test(arguments: [["-i", "lo"], seed], ["-G60", "-C10", "-W5"])
  func `A ring of files is tcpdump's to make`(source: [String], option: String) throws {
    let result = try Executable.run(source + [option, "-w", "x.pcap"])
    #expect(result.status == 64 && result.errors.contains("\(option.prefix(2)) makes a ring"), "\(result.errors)")
    for way in ["dsrproof watch --keep", "watch --evidence", "dsrproof watch -r ring"] {
      #expect(result.errors.contains(way), "\(result.errors)")
    }
  }

  @Test func `A mistyped option names the nearest`() throws {
    let result = try Executable.run(Self.seed + ["--vpi", "10.1.10.10"])
    #expect(result.status == 64 && result.errors.contains("--vip"), "\(result.errors)")
  }

  @Test(arguments: [
    ("r.html", "<!DOCTYPE"), ("r.JSON", "{"), ("r.xml", "<?xml"), ("r.svg", "<svg"), ("r.md", "#"), ("r.tap", "TAP"),
  ])
  func `The name of the report tells its format`(name: String, beginning: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.url.appending(path: name).path
    #expect(try Executable.run(Self.seed + Self.vip + ["-o", path]).status == 0)
    #expect(try folder.text(name).uppercased().contains(beginning.uppercased()))
    #expect(try Executable.run(Self.seed + Self.vip + ["-o", path, "--format", "text"]).status == 0)
    #expect(try folder.text(name).hasPrefix("PASS"))
  }

  @Test(arguments: [
    ("lzma.compress(d)", "xz -dc"), ("bz2.compress(d)", "bzip2 -dc"),
    ("(b := io.BytesIO(), zipfile.ZipFile(b, 'w').writestr('c', d), b.getvalue())[2]", "unzip -p"),
  ])
  func `What is packed otherwise says how to unpack it`(program: String, command: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.url.appending(path: "packed").path
    let made = try CommandLineTool.run(
      "/usr/bin/python3",
      [
        "-c",
        "import bz2, io, lzma, sys, zipfile\nd = open(sys.argv[1], 'rb').read()\nopen(sys.argv[2], 'wb').write(\(program))",
        Self.seed[1], path,
      ])
    try #require(made.status == 0, "\(made.errors)")
    let result = try Executable.run(["-r", path] + Self.vip)
    #expect(result.status == 2)
    #expect(result.errors.contains("\(command) FILE | dsrproof -r -"), "\(result.errors)")
  }
}
