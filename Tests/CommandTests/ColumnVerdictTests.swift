import Checks
import Evidence
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Capture
@testable import Report
@testable import dsrproof

/// The lines that tshark prints of a capture, with columns of MACs, are judged as the capture is, or left open: never the contrary.
@Suite struct ColumnVerdictTests {
  /// So that each line has its ports.
  private static let ports = ["http", "dns", "syslog"].flatMap { ["--disable-protocol", $0] }

  /// Where people put the two columns, and how.
  private static let formats: [(columns: String, options: [String])] = [
    (
      #""n","%m","a","%t","b","%uhs","c","%uhd","d","%s","e","%d","f","%p","g","%L","h","%i""#, ["-t", "ad"] + ports
    ),
    (
      #""n","%m","a","%t","d","%s","e","%d","f","%p","g","%L","b","%Cus:eth.src","c","%Cus:eth.dst","h","%i""#, []
    ),
    (#""a","%t","c","%uhd","b","%uhs","d","%s","e","%d","f","%p","g","%L","h","%i""#, ["-t", "e"] + ports),
    (#""n","%m","d","%s","e","%d","b","%Cus:eth.dst","c","%Cus:eth.src","f","%p","g","%L","h","%i""#, []),
    (
      #""a","%t","d","%s","e","%d","b","%rhs","c","%rhd","f","%p","g","%L","h","%i""#,
      ["-t", "a", "-o", "tcp.relative_sequence_numbers:FALSE"] + ports
    ),
  ]

  /// `nil` where tshark cannot read all of the file.
  private static func printed(_ path: String, _ format: Int) throws -> Data? {
    let key = "\(format) \(path)"
    if let known = known.withLock({ $0[key] }) { return known }
    let program = try #require(CommandLineTool.candidates("tshark").first)
    let (columns, options) = formats[format]
    let result = try CommandLineTool.run(
      program, ["-n", "-r", path, "-o", "gui.column.format:\(columns)"] + options, environment: ["TZ": "UTC"])
    let data = result.status == 0 ? result.data : nil
    known.withLock { $0[key] = data }
    return data
  }

  /// Many lines have the same capture, and tshark takes its time.
  private static let known = Mutex<[String: Data]>([:])

  private static func judged(_ line: FixtureLine, _ format: Int) throws -> Verdict? {
    try line.verdict { try printed($0, format) }
  }

  @Test(arguments: FixtureLine.all)
  func theVerdictIsTheCapturesOrOpen(line: FixtureLine) throws {
    // One form of each file, so that tshark runs once.
    let number = line.path.utf8.reduce(0) { $0 &+ Int($1) } % Self.formats.count
    guard let verdict = try Self.judged(line, number) else { return }
    #expect([line.verdict, "inconclusive"].contains(verdict.outcome.rawValue), "form \(number): \(verdict.cause)")
  }

  /// So that a reader which reads nothing does not hold.
  @Test(
    arguments: [
      "traps/client-tcp-v4-bad.pcap", "traps/client-tcp-v6-bad.pcap", "lab/masq/switch.pcap",
      "traps/refused-mirror-v6-bad.pcap",
    ], [0, 2])
  func aFaultIsTheCaptures(path: String, format: Int) throws {
    let line = try #require(
      FixtureLine.all.first { $0.path == path && !$0.arguments.contains("--host") && $0.verdict == "fail" })
    let verdict = try #require(try Self.judged(line, format))
    #expect(verdict.outcome == .fail, "\(verdict.cause)")
  }

  /// Where each line has its ports, it passes; beside others it is open.
  @Test(arguments: ["seed.pcap", "traps/client-tcp-v4-good.pcap"])
  func itPassesWithThePortsOfEachLine(path: String) throws {
    let line = try #require(FixtureLine.all.first { $0.path == path && $0.verdict == "pass" })
    let words = ["-n", "-r", Repository.fixture(path), "-o", "gui.column.format:\(Self.formats[0].columns)"]
    let folder = try TemporaryFolder()
    var command = try line.command
    command.input.captures = [
      try folder.file("all.txt", CommandLineTool.data("tshark", words + ["--disable-protocol", "http"])).path
    ]
    let verdict = try #require(try command.verdictOnFiles())
    #expect(verdict.outcome == .pass, "\(verdict.cause)")
    command.input.captures = [try folder.file("named.txt", CommandLineTool.data("tshark", words)).path]
    let open = try #require(try command.verdictOnFiles())
    #expect(open.outcome == .inconclusive && open.next == .printPorts, "\(open.cause)")
  }

  @Test func whatIsMissingIsNamedWithItsCommand() throws {
    let line = try #require(FixtureLine.all.first { $0.path == "seed.pcap" && $0.verdict == "pass" })
    let folder = try TemporaryFolder()
    var command = try line.command
    command.input.captures = [
      try folder.file("c.txt", CommandLineTool.data("tshark", ["-n", "-r", Repository.fixture("seed.pcap")])).path
    ]
    let verdict = try #require(try command.verdictOnFiles())
    #expect(verdict.outcome == .inconclusive && verdict.next == .printMACColumns, "\(verdict.cause)")
    #expect(NextStep.printMACColumns.words.contains(ColumnLine.command))
  }

  @Test func withoutTheirLengthNothingIsRead() throws {
    let format = #"gui.column.format:"n","%m","a","%t","b","%uhs","c","%uhd","d","%s","e","%d","f","%p","h","%i""#
    let folder = try TemporaryFolder()
    let text = try folder.file(
      "c.txt", CommandLineTool.data("tshark", ["-n", "-r", Repository.fixture("seed.pcap"), "-o", format]))
    let result = try Executable.run("-r", text.path, "--vip", "10.1.10.10:80")
    #expect(result.status == 2)
    #expect(result.errors.contains("without the column Length") && result.errors.contains(ColumnLine.command))
  }

  /// A tunnel's requests leave room for its header.
  @Test(arguments: ["lab/tunnel-ipip/be1.pcap", "traps/leaking-backend-in-tunnel.pcap"])
  func besideWhatIsHiddenNothingIsDecided(path: String) throws {
    let line = try #require(FixtureLine.all.first { $0.path == path && !$0.arguments.contains("--host") })
    let verdict = try #require(try Self.judged(line, 0))
    #expect(verdict.outcome == .inconclusive && verdict.services.allSatisfy { $0.outcome == .inconclusive })
  }
}
