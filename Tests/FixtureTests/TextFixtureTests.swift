import Foundation
import TestSupport
import Testing

/// The texts below `fixtures/text` are what tcpdump prints of the captures.
@Suite struct TextFixtureTests {
  static let all: [(text: String, capture: String, options: [String])] = [
    ("seed", "seed", ["-nnn", "-e"]), ("seed-without-e", "seed", ["-nn"]),
    ("bond-balancer-alb-masq", "lab/bond-balancer-alb-masq/client", ["-e", "-nn"]),
    ("packet-too-big", "traps/packet-too-big-for-reply-v4-bad", ["-e", "-nn"]),
    ("vrrp-by-turns", "traps/vrrp-by-turns-bad", ["-e", "-nn"]),
    ("arp-announce", "traps/arp-announce-request-v4-bad", ["-e", "-nn"]),
    ("stalled-without-times", "traps/stalled-answer-late-v4-bad", ["-e", "-nn", "-t"]),
    ("owners-without-times", "traps/owner-contested-v4-bad", ["-e", "-nn", "-t"]),
  ]

  @Test(arguments: all.indices)
  func theTextIsWhatTcpdumpPrints(index: Int) throws {
    let (text, capture, options) = Self.all[index]
    let tcpdump = try #require(CommandLineTool.candidates("tcpdump").first)
    let printed = try CommandLineTool.run(
      tcpdump, ["-r", Repository.fixture("\(capture).pcap")] + options, environment: ["TZ": "UTC"])
    #expect(printed.status == 0)
    #expect(try String(contentsOfFile: Repository.fixture("text/\(text).txt"), encoding: .utf8) == printed.output)
  }

  @Test func everyTextHasItsCapture() throws {
    let found = try FileManager.default.contentsOfDirectory(atPath: Repository.fixture("text"))
    #expect(Set(found) == Set(Self.all.map { "\($0.text).txt" }))
  }
}
