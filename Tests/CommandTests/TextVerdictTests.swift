import Checks
import Evidence
import EvidenceFile
import Foundation
import TestSupport
import Testing
import Wire

@testable import dsrproof

/// The text that tcpdump prints of a capture is judged as the capture is, or left open: never the contrary, and nothing that the
/// capture leaves open is decided.
@Suite struct TextVerdictTests {
  private static func judged(_ line: FixtureLine, _ form: [String]) throws -> Verdict? {
    let folder = try TemporaryFolder()
    var command = try line.command
    for (index, argument) in command.input.captures.enumerated() {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      let path = parts.last ?? argument
      guard let tcpdump = CommandLineTool.candidates("tcpdump").first else { throw MissingTcpdump() }
      let result = try CommandLineTool.run(tcpdump, ["-r", path] + form)
      // What it cannot print, or not to its end, cannot be compared.
      guard result.status == 0 else { return nil }
      let text = try folder.file("\(index)-\(URL(filePath: path).lastPathComponent).txt", result.data).path
      command.input.captures[index] = (parts.count > 1 ? "\(parts[0])=" : "") + text
    }
    return try verdict(of: command)
  }

  private struct MissingTcpdump: Error {}

  /// `nil` where no packet in the text can be read.
  private static func verdict(of command: VerifyCommand) throws -> Verdict? {
    var policy = command.known.policy(for: command.input.vip)
    var command = command
    command.input.vip = policy.services
    try command.tables.meaning.add(to: &policy)
    guard let files = try? gatherFiles(command.input) else { return nil }
    let evidence = Evidence.united(try files.parts(for: policy.services))
    return judge(evidence, beside: try command.tables.read(), under: policy)
  }

  private static let further = [["-t", "-v"], ["-tttt"], ["-#"], ["-XX"], ["-v", "-x"], ["-vv"], ["-S"], ["-ttt"]]

  @Test(arguments: FixtureLine.all)
  func theVerdictIsTheCapturesOrOpen(line: FixtureLine) throws {
    let number = line.description.utf8.reduce(0) { $0 &+ Int($1) } % Self.further.count
    for options in [[], ["-v"], ["-t"], Self.further[number]] {
      guard let verdict = try Self.judged(line, ["-e", "-nn"] + options) else { continue }
      #expect([line.verdict, "inconclusive"].contains(verdict.outcome.rawValue), "\(options): \(verdict.cause)")
    }
  }

  /// So that a reader which reads nothing does not hold.
  @Test(arguments: [
    ("seed.pcap", []), ("traps/client-tcp-v4-good.pcap", ["-XX"]), ("traps/client-tcp-v4-bad.pcap", []),
    ("traps/client-tcp-v6-bad.pcap", ["-v"]), ("lab/route/switch.pcap", ["-XX"]), ("lab/masq/switch.pcap", ["-v"]),
    ("lab/bond-balancer-alb-masq/switch.pcap", ["-XX"]), ("lab/tunnel-vxlan/switch.pcap", ["-v", "-XX"]),
    ("traps/packet-too-big-for-reply-v4-bad.pcap", ["-v"]), ("traps/sll-client-bad.pcap", ["-XX"]),
  ])
  func theVerdictIsTheCaptures(path: String, options: [String]) throws {
    let line = try #require(FixtureLine.all.first { $0.path == path && !$0.arguments.contains("--host") })
    let verdict = try #require(try Self.judged(line, ["-e", "-nn"] + options))
    #expect(verdict.outcome.rawValue == line.verdict, "\(verdict.cause)")
    #expect(line.verdict != "inconclusive")
  }

  /// A bond's second member asks with the first one's hardware address inside, which text does not print. The backends' answers
  /// under their own addresses, which it prints, tell that the balancer translates.
  @Test func translatedAnswersTellWhatIsLeftOut() throws {
    let line = try #require(FixtureLine.all.first { $0.path == "lab/bond-balancer-alb-masq/switch.pcap" })
    for options in [[], ["-v"]] {
      let verdict = try #require(try Self.judged(line, ["-e", "-nn"] + options))
      #expect(line.verdict == "fail" && verdict.outcome == .fail, "\(verdict.cause)")
    }
  }

  /// Hosts' tables may fail by themselves.
  @Test(
    arguments: FixtureLine.all.enumerated().filter {
      $0.offset % 23 == 0 && !$0.element.arguments.contains("--host")
    }.map(\.element))
  func withoutMACsItIsOpen(line: FixtureLine) throws {
    guard let verdict = try Self.judged(line, ["-nn"]) else { return }
    #expect(
      verdict.outcome == .inconclusive || line.failing.isDisjoint(with: ["reply-via-balancer"]), "\(verdict.cause)")
    #expect(verdict.outcome != .pass)
  }

  @Test func withoutMACsItSaysSo() throws {
    let line = try #require(FixtureLine.all.first { $0.path == "seed.pcap" })
    let verdict = try #require(try Self.judged(line, ["-nn"]))
    #expect(verdict.next == .printMACs)
    #expect(verdict.captures.allSatisfy { $0.linkTypes == [.bareText] })
  }

  /// Who repeats himself may stall, and two owners may have taken turns: without times nobody knows.
  @Test(arguments: ["traps/stalled-answer-late-v4-bad.pcap", "lab/failover-vrrp/client.pcap"])
  func withoutTimesItIsOpen(path: String) throws {
    let line = try #require(FixtureLine.all.first { $0.path == path })
    for options in [["-t"], ["-ttt"]] {
      let verdict = try #require(try Self.judged(line, ["-e", "-nn", "-XX"] + options))
      #expect(verdict.outcome == .inconclusive && verdict.next == .printTimes, "\(verdict.cause)")
    }
  }

  @Test func theArticlesLinesPassWithTheirAssumptions() throws {
    let folder = try TemporaryFolder()
    let way =
      "06:ba:49:38:53:f0 > 06:1f:8a:6c:8e:d2, ethertype IPv4 (0x0800), length 143: 10.1.10.100.37664 > 10.1.10.10.80"
    let back =
      "06:d2:0a:b1:14:20 > 06:ba:49:38:53:f0, ethertype IPv4 (0x0800), length 66: 10.1.10.10.80 > 10.1.10.100.37664"
    let text =
      "$ sudo tcpdump -i eth1 -nnn -e host 10.1.10.10 … 01:30:02.579765 \(way): Flags [P.], seq 1:78, ack 1, win 229, options "
      + "[nop,nop,TS val 3625903493 ecr 3191715024], length 77: HTTP: GET /txt HTTP/1.1 01:30:02.582457 \(back): Flags [.], ack 78, "
      + "win 227, options [nop,nop,TS val 3191715027 ecr 3625903493], length 0 ...\n"
    let line = try #require(
      FixtureLine.all.first { $0.path == "seed.pcap" && $0.arguments == ["--vip", "10.1.10.10:80"] })
    var command = try line.command
    command.input.captures = [try folder.file("trace.txt", Data(text.utf8)).path]
    let verdict = try #require(try Self.verdict(of: command))
    #expect(verdict.outcome == .pass, "\(verdict.cause)")
    #expect(
      verdict.services.first?.assumptions == [.balancerExists, .sameNetwork, .oneMAC, .shortWay, .untoldTTL])
  }

  @Test func aFolderOfTexts() throws {
    let folder = try TemporaryFolder()
    let text = try CommandLineTool.data("tcpdump", ["-e", "-nn", "-r", Repository.fixture("seed.pcap")])
    _ = try folder.file("trace.txt", text)
    _ = try folder.file("notes.txt", Data("what we saw on Monday\n".utf8))
    let inputs = try CaptureInput.all([folder.path(".")])
    #expect(inputs.map { URL(filePath: $0.path).lastPathComponent } == ["trace.txt"])
  }

  /// An evidence file keeps what the text left out.
  @Test(arguments: ["lab/bond-balancer-alb-masq/switch.pcap", "lab/failover-vrrp-vmac/switch.pcap", "seed.pcap"])
  func anEvidenceFileKeepsIt(path: String) throws {
    let folder = try TemporaryFolder()
    let text = try CommandLineTool.data("tcpdump", ["-e", "-nn", "-r", Repository.fixture(path)])
    let line = try #require(FixtureLine.all.first { $0.path == path })
    var command = try line.command
    command.input.captures = [try folder.file("trace.txt", text).path]
    let files = try gatherFiles(command.input)
    let kept = try files.map { file in
      guard case .capture(let reading) = file else { return file }
      let bytes = EvidenceFile([try KeptCapture(reading.part)]).bytes
      return GatheredFile.evidence(CaptureInput(path: reading.input.path), try EvidenceFile(bytes))
    }
    let policy = command.known.policy(for: command.input.vip)
    let plain = judge(Evidence.united(try files.parts(for: policy.services)), under: policy)
    let read = judge(Evidence.united(try kept.parts(for: policy.services)), under: policy)
    #expect(read.outcome == plain.outcome && read.cause == plain.cause)
  }
}
