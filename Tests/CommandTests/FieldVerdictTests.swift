import Checks
import Evidence
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Capture
@testable import dsrproof

/// The fields that tshark prints of a capture are judged as the capture is, or left open: never the contrary.
@Suite struct FieldVerdictTests {
  /// What the command in the manual prints of a file; `nil` where tshark cannot read all of it.
  private static func printed(_ path: String, _ change: ([String]) -> [String] = { $0 }) throws -> Data? {
    var words = PrintedField.command.split(separator: " ").dropFirst().map(String.init)
    words[words.firstIndex(of: "FILE") ?? 0] = path
    let arguments = change(words)
    let key = arguments.joined(separator: " ")
    if let known = known.withLock({ $0[key] }) { return known }
    let program = try #require(CommandLineTool.candidates("tshark").first)
    let result = try CommandLineTool.run(program, arguments)
    let data = result.status == 0 ? result.data : nil
    known.withLock { $0[key] = data }
    return data
  }

  /// Many lines have the same capture, and tshark takes its time.
  private static let known = Mutex<[String: Data]>([:])

  private static func judged(_ line: FixtureLine, _ change: ([String]) -> [String] = { $0 }) throws -> Verdict? {
    try line.verdict { try printed($0, change) }
  }

  @Test(arguments: FixtureLine.all)
  func theVerdictIsTheCapturesOrOpen(line: FixtureLine) throws {
    guard let verdict = try Self.judged(line) else { return }
    #expect([line.verdict, "inconclusive"].contains(verdict.outcome.rawValue), "\(verdict.cause)")
  }

  /// Each of them decides one fixture or other.
  @Test(arguments: PrintedField.allCases)
  func noFieldMayBeMissing(field: PrintedField) throws {
    let line = try #require(FixtureLine.all.first { $0.path == "seed.pcap" && $0.verdict == "pass" })
    let name = field.rawValue
    let data = try #require(try Self.printed(Repository.fixture("seed.pcap")))
    let place = try #require(PrintedField.allCases.firstIndex(of: field))
    let rows = String(decoding: data, as: UTF8.self).split(separator: "\n").map { row in
      var cells = row.split(separator: "\t", omittingEmptySubsequences: false)
      cells.remove(at: place)
      return cells.joined(separator: "\t") + "\n"
    }
    let folder = try TemporaryFolder()
    var command = try line.command
    command.input.captures = [try folder.file("fields.txt", Data(rows.joined().utf8)).path]
    #expect { try gatherFiles(command.input) } throws: { "\($0)".contains("without \(name);") }
  }

  @Test(arguments: FixtureLine.toldByText)
  func theVerdictIsTheCaptures(path: String) throws {
    let line = try #require(FixtureLine.decided(path))
    let verdict = try #require(try Self.judged(line))
    #expect(verdict.outcome.rawValue == line.verdict, "\(verdict.cause)")
  }

  /// `-E occurrence=f` leaves out what is inside, `l` what is outside.
  @Test(arguments: ["lab/tunnel-ipip/be1.pcap", "lab/tunnel-vxlan/switch.pcap"], ["f", "l"])
  func oneOccurrenceIsNotEnough(path: String, occurrence: String) throws {
    let line = try #require(FixtureLine.all.first { $0.path == path && !$0.arguments.contains("--host") })
    let verdict = try Self.judged(line) { $0 + ["-E", "occurrence=\(occurrence)"] }
    #expect([nil, line.verdict, "inconclusive"].contains(verdict?.outcome.rawValue))
  }

  @Test(arguments: [["-E", "separator=;"], ["-E", "quote=d"], ["-E", "separator=|", "-E", "quote=s"]])
  func otherSignsBetweenThem(options: [String]) throws {
    let line = try #require(FixtureLine.all.first { $0.path == "seed.pcap" && $0.verdict == "pass" })
    #expect(try Self.judged(line) { $0 + options }?.outcome == .pass)
  }

  /// What holds the sign between fields, and a second heading without some of them, would hide frames.
  @Test func aTableThatIsNotWholeStopsTheRun() throws {
    let line = try #require(FixtureLine.all.first { $0.path == "seed.pcap" && $0.verdict == "pass" })
    let text = String(decoding: try #require(try Self.printed(Repository.fixture("seed.pcap"))), as: UTF8.self)
    let rows = text.split(separator: "\n").map(String.init)
    let second = rows.map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).dropLast().joined(separator: "\t")
    }
    let cases = [
      (rows + [rows[1] + "\tmore"], "line \(rows.count + 1): expected"),
      (rows + second, "line \(rows.count + 1): expected the heading"),
    ]
    for (rows, words) in cases {
      let folder = try TemporaryFolder()
      var command = try line.command
      command.input.captures = [try folder.file("fields.txt", Data((rows.joined(separator: "\n") + "\n").utf8)).path]
      #expect { try gatherFiles(command.input) } throws: { "\($0)".contains(words) }
    }
    // Notes between rows are none of them.
    let folder = try TemporaryFolder()
    var command = try line.command
    command.input.captures = [
      try folder.file("fields.txt", Data((["$ tshark"] + rows + ["10 packets", ""]).joined(separator: "\n").utf8)).path
    ]
    #expect(try gatherFiles(command.input).count == 1)
  }

  /// Redirects quote a packet, whose addresses one occurrence leaves out.
  @Test(arguments: [["-E", "occurrence=f"], ["-E", "occurrence=l"], ["-E", "aggregator=/s"]])
  func aQuotedPacketIsNotLeftOut(options: [String]) throws {
    let line = try #require(FixtureLine.all.first { $0.path == "lab/router-redirects/client-late.pcap" })
    let whole = try Self.judged(line)
    #expect(whole != nil)
    let cut = try Self.judged(line) { $0 + options }
    #expect(cut == nil)
  }

  @Test func whatIsMissingIsNamedWithItsCommand() throws {
    let folder = try TemporaryFolder()
    let text = try folder.file(
      "t.txt", Data("frame.time_epoch\teth.src\tip.src\n1.5\t06:ba:49:38:53:f0\t10.1.10.100\n".utf8))
    let result = try Executable.run("-r", text.path)
    #expect(result.status == 2)
    #expect(result.errors.contains("without frame.protocols, frame.len, eth.dst"))
    #expect(result.errors.contains(PrintedField.command))
  }
}
