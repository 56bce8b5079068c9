import Checks
import Evidence
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Capture
@testable import Report
@testable import dsrproof

/// The details that tshark prints of a capture are judged as the capture is, or left open: never the contrary.
@Suite struct DetailVerdictTests {
  /// `-V`; with names, the packet list and the bytes too; as Wireshark exports them with every tree closed.
  enum Form: CaseIterable {
    case open, besideOthers, closed
  }

  /// `nil` where tshark cannot read all of it.
  private static func printed(_ path: String, _ form: Form) throws -> Data? {
    let key = "\(form) \(path)"
    if let known = known.withLock({ $0[key] }) { return known }
    let program = try #require(CommandLineTool.candidates("tshark").first)
    let words =
      switch form {
      case .open: ["-n", "-V"]
      case .besideOthers: ["-P", "-V", "-x"]
      case .closed: ["-n", "-V", "--disable-protocol", "http"]
      }
    let result = try CommandLineTool.run(program, ["-r", path] + words)
    var data = result.status == 0 ? result.data : nil
    if form == .closed, let open = data {
      let list = try CommandLineTool.data("tshark", ["-n", "-r", path, "--disable-protocol", "http"])
      data = Data(closed(open, list).utf8)
    }
    known.withLock { $0[key] = data }
    return data
  }

  /// Each packet's line of the packet list below its heading, and of its details the lines of the layers.
  private static func closed(_ details: Data, _ list: Data) -> String {
    var list = String(decoding: list, as: UTF8.self).split(separator: "\n")[...]
    var lines: [Substring] = []
    for line in String(decoding: details, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("Frame "), line.contains(" on wire"), let listed = list.popFirst() {
        lines += ["No.     Time           Source                Destination           Protocol Length Info"]
        lines += [listed.replacing(" \u{2192} ", with: "   ", maxReplacements: 1)[...], ""]
      }
      if !line.hasPrefix(" ") { lines.append(line) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Many lines have the same capture, and tshark takes its time.
  private static let known = Mutex<[String: Data]>([:])

  private static func judged(_ line: FixtureLine, _ form: Form) throws -> Verdict? {
    try line.verdict { try printed($0, form) }
  }

  @Test(arguments: FixtureLine.all)
  func theVerdictIsTheCapturesOrOpen(line: FixtureLine) throws {
    // One form of each file, so that tshark runs once.
    let form = line.path.utf8.reduce(0) { $0 &+ Int($1) } % 2 == 0 ? Form.open : .closed
    guard let verdict = try Self.judged(line, form) else { return }
    #expect([line.verdict, "inconclusive"].contains(verdict.outcome.rawValue), "\(form): \(verdict.cause)")
  }

  @Test(arguments: FixtureLine.toldByText)
  func theVerdictIsTheCaptures(path: String) throws {
    let line = try #require(FixtureLine.decided(path))
    for form in [Form.open, .besideOthers] {
      let verdict = try #require(try Self.judged(line, form))
      #expect(verdict.outcome.rawValue == line.verdict, "\(form): \(verdict.cause)")
    }
  }

  @Test(arguments: ["seed.pcap", "traps/client-tcp-v4-good.pcap", "traps/client-tcp-v4-bad.pcap"])
  func closedTreesAreReadBesideThePacketList(path: String) throws {
    let line = try #require(FixtureLine.decided(path))
    let verdict = try #require(try Self.judged(line, .closed))
    #expect(verdict.outcome.rawValue == line.verdict, "\(verdict.cause)")
  }

  @Test func whatIsMissingIsNamedWithItsCommand() throws {
    let folder = try TemporaryFolder()
    let text = try folder.file(
      "t.txt", Data("Frame 1: 74 bytes on wire (592 bits), 74 bytes captured (592 bits)\nEthernet II\n".utf8))
    let result = try Executable.run("-r", text.path)
    #expect(result.status == 2)
    #expect(result.errors.contains("line 1: ") && result.errors.contains(DetailTree.command), "\(result.errors)")
  }
}
