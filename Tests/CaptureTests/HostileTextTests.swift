import Foundation
import TestSupport
import Testing

@testable import Capture

/// Damaged text of every kind that tcpdump prints: each read gives frames or a `CaptureError`, in bounded time, and `read`
/// checks every frame. A trap takes the test process with it: the seed is printed before.
@Suite struct HostileTextTests {
  private static let forms: [[String]] = [
    ["-e", "-nn"], ["-e", "-nn", "-vv", "-t"], ["-e", "-nn", "-#", "-XX"], ["-nn", "-v"],
  ]
  private static let captures = [
    "lab/tunnel-vxlan/switch.pcap", "traps/link-mpls-v4-good.pcap", "traps/packet-too-big-for-reply-v4-bad.pcap",
    "lab/failover-vrrp-vmac/client.pcap", "traps/sll-client-bad.pcap", "traps/client-udp-v6-good.pcap",
  ]

  private static func mutated(_ text: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = text
    switch Int.random(in: 0..<4, using: &random) {
    case 0: for _ in 0..<Int.random(in: 1...40, using: &random) { bytes.damage(using: &random) }
    case 1: bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
    case 2:
      // Two lines become one, and words go.
      for _ in 0..<Int.random(in: 1...20, using: &random) {
        guard let place = bytes.indices.randomElement(using: &random) else { break }
        let end = min(bytes.count, place + Int.random(in: 1...60, using: &random))
        bytes.removeSubrange(place..<end)
      }
    default:
      var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      lines.shuffle(using: &random)
      bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }
    return bytes
  }

  @Test(arguments: captures, forms)
  func damagedTextNeverTraps(capture: String, form: [String]) throws {
    let text = Array(try CommandLineTool.data("tcpdump", ["-r", Repository.fixture(capture)] + form).prefix(60_000))
    let seed = UInt64.random(in: 0...UInt64.max)
    print("hostile text of \(capture) \(form): seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let duration = ContinuousClock().measure {
      for _ in 0..<12 { _ = read(Self.mutated(text, &random)) }
    }
    #expect(duration < .seconds(60), "seed \(seed)")
  }

  /// The same of tshark's fields.
  @Test(arguments: captures)
  func damagedFieldsNeverTrap(capture: String) throws {
    var words = PrintedField.command.split(separator: " ").dropFirst().map(String.init)
    words[words.firstIndex(of: "FILE") ?? 0] = Repository.fixture(capture)
    let text = Array(try CommandLineTool.data("tshark", words).prefix(60_000))
    let seed = UInt64.random(in: 0...UInt64.max)
    print("hostile fields of \(capture): seed \(seed)")
    var random = SeededGenerator(seed: seed)
    for _ in 0..<20 { _ = read(Self.mutated(text, &random)) }
  }

  /// The same of tshark's lines.
  @Test(arguments: captures, [#""b","%uhs","c","%uhd""#, #""b","%Cus:eth.dst","c","%Cus:eth.src""#])
  func damagedLinesNeverTrap(capture: String, macs: String) throws {
    let columns = #""n","%m","a","%t","d","%s","e","%d",\#(macs),"f","%p","g","%L","h","%i""#
    let text = Array(
      try CommandLineTool.data(
        "tshark", ["-n", "-r", Repository.fixture(capture), "-o", "gui.column.format:\(columns)"]
      ).prefix(60_000))
    let seed = UInt64.random(in: 0...UInt64.max)
    print("hostile lines of \(capture): seed \(seed)")
    var random = SeededGenerator(seed: seed)
    for _ in 0..<20 { _ = read(Self.mutated(text, &random)) }
  }

  /// The same of a packet's details.
  @Test(arguments: captures, [["-V"], ["-P", "-V", "-x"]])
  func damagedDetailsNeverTrap(capture: String, form: [String]) throws {
    let text = Array(
      try CommandLineTool.data("tshark", ["-n", "-r", Repository.fixture(capture)] + form).prefix(60_000))
    let seed = UInt64.random(in: 0...UInt64.max)
    print("hostile details of \(capture) \(form): seed \(seed)")
    var random = SeededGenerator(seed: seed)
    for _ in 0..<20 { _ = read(Self.mutated(text, &random)) }
  }

  /// One line, words that nest, numbers without end.
  private static let longTexts = [
    String(repeating: "12:00:00.1 06:ba:49:38:53:f0 > 06:1f:8a:6c:8e:d2, ", count: 20_000),
    "12:00:00.1 IP " + String(repeating: "10.0.0.1 > 10.0.0.2: ", count: 20_000),
    "12:00:00.1 IP " + String(repeating: "(", count: 200_000),
    "12:00:00.1 IP 10.0.0.1 > 10.0.0.2: " + String(repeating: "HBH ", count: 50_000),
    "12:00:00.1 06:ba:49:38:53:f0 > 06:1f:8a:6c:8e:d2, "
      + String(repeating: "ethertype 802.1Q (0x8100), length 64: vlan 1, p 0, ", count: 5_000),
    String(repeating: "1 0.1 10.0.0.1 \u{2192} 10.0.0.2 TCP 74 ", count: 20_000),
    String(repeating: "1 0.1 06:ba:49:38:53:f0 06:1f:8a:6c:8e:d2 10.0.0.1 \u{2192} 10.0.0.2 TCP 74 x\n", count: 20_000),
    String(
      repeating: "Frame 1: 74 bytes on wire\nEthernet II, Src: 06:ba:49:38:53:f0, Dst: 06:1f:8a:6c:8e:d2\n",
      count: 20_000),
    "Frame 1: 74 bytes on wire\n"
      + String(repeating: "Internet Protocol Version 4, Src: 10.0.0.1, Dst: 10.0.0.2\n", count: 20_000),
    "Frame 1: 74 bytes on wire\nVirtual Router Redundancy Protocol\n"
      + String(repeating: "    IP Address: 10.0.0.1\n", count: 20_000),
    "Frame 1: 74 bytes on wire\n"
      + (0..<2000).map { String(repeating: " ", count: 4 * $0) + "Internet Control Message Protocol\n" }.joined(),
    String(repeating: "9", count: 1_000_000), String(repeating: " ", count: 1_000_000),
    String(repeating: "\t0x0000:  4500\n", count: 50_000),
  ]

  @Test(arguments: longTexts.indices)
  func longTextsTakeBoundedTime(index: Int) {
    let duration = ContinuousClock().measure { _ = read(Array(Self.longTexts[index].utf8)) }
    #expect(duration < .seconds(30))
  }
}
