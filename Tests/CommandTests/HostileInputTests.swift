import ArgumentParser
import Capture
import Checks
import Evidence
import EvidenceFile
import Foundation
import Report
import TestSupport
import Testing

@testable import dsrproof

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Damaged captures and evidence of captures, the whole way from the file to the reports. A trap takes the test process with it: the seed was
/// printed before, and the capture that did it stays where the first line says.
@Suite struct HostileInputTests {
  /// Real and hand-made captures of every kind, none of them large.
  private static let seeds: [[UInt8]] = Repository.captures.compactMap { path in
    let bytes = (try? Data(contentsOf: URL(filePath: Repository.fixture(path)))).map(Array.init) ?? []
    return (24..<40_000).contains(bytes.count) ? bytes : nil
  }

  /// The same as evidence files, of which everything is smaller.
  private static let evidence: [KeptCapture] = Repository.captures.enumerated().compactMap { index, path in
    guard index % 12 == 0 else { return nil }
    let command = try? DSRProof.parseAsRoot(["-r", Repository.fixture(path)]) as? VerifyCommand
    guard let command, let parts = try? gatherFiles(command.input).parts(for: []) else { return nil }
    return try? parts.first.map { try KeptCapture($0) }
  }

  /// Torn or damaged, which the checksum tells, or with other messages and a checksum that fits to them.
  private static func mutatedEvidence(using random: inout SeededGenerator) throws -> [UInt8] {
    let kept = try #require(evidence.randomElement(using: &random))
    var bytes = EvidenceFile([kept]).bytes
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes.removeLast(Int.random(in: 0..<bytes.count - EvidenceFile.signature.count, using: &random))
    case 1: bytes[Int.random(in: EvidenceFile.signature.count..<bytes.count, using: &random)] ^= 1
    default:
      var messages = try kept.messages
      for index in messages.indices {
        for _ in 0..<Int.random(in: 0...2, using: &random) { messages[index].damage(using: &random) }
      }
      bytes = EvidenceFile([(try? kept.replacing(messages: messages)) ?? kept]).bytes
    }
    return bytes
  }

  private static func mutated(using random: inout SeededGenerator) -> [UInt8] {
    var bytes = seeds.randomElement(using: &random) ?? []
    switch Int.random(in: 0..<4, using: &random) {
    case 0: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
    case 1:
      // The records stay whole, so that every frame is reached.
      for frame in frames(of: bytes) where Bool.random(using: &random) && !frame.isEmpty {
        let place = Int.random(in: frame, using: &random)
        bytes[place] = Bool.random(using: &random) ? .random(in: 0 ... .max, using: &random) : bytes[place] ^ 1
      }
    case 2: for _ in 0..<Int.random(in: 1...4, using: &random) { bytes.damage(using: &random) }
    default:
      // Frames under another link type are other frames.
      if bytes.count > 24 { bytes[20] = [0, 1, 12, 101, 108, 113, 228, 229].randomElement(using: &random) ?? 1 }
      if Bool.random(using: &random) { bytes.damage(using: &random) }
    }
    return bytes
  }

  /// Where the frames of a little-endian pcap file stand.
  private static func frames(of bytes: [UInt8]) -> [Range<Int>] {
    var (found, offset): ([Range<Int>], Int) = ([], 24)
    while offset + 16 <= bytes.count {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[offset + 8 + $1]) << (8 * $1) }
      guard length <= bytes.count - offset - 16 else { break }
      found.append(offset + 16..<offset + 16 + length)
      offset += 16 + length
    }
    return found
  }

  private static let arguments = [
    [], ["--vip", "10.1.10.10"], ["--vip", "[fd00:10::10]:80"], ["--vip", "10.1.10.10:80", "--vip", "10.1.10.10"],
    ["--vip", "10.1.10.10", "--balancer-mac", "06:1f:8a:6c:8e:d2"], ["--vantage", "backend"], ["--vantage", "mirror"],
    ["--vip", "10.1.10.10", "--backend", "10.1.10.21=06:d2:0a:b1:14:20", "--min-flows", "3"],
  ]

  @Test(arguments: [false, true])
  func nothingTrapsOnTheWayToAReport(isEvidence: Bool) throws {
    let seed = SeededGenerator.seed(for: "HostileInputTests")
    var random = SeededGenerator(seed: seed)
    try #require(Self.seeds.count > 200 && Self.evidence.count > 20)
    let kind = isEvidence ? "evidence" : "pcap"
    let file = FileManager.default.temporaryDirectory.appending(path: "dsrproof-hostile-\(seed).\(kind)")
    print("HostileInputTests: the capture at hand is \(file.path)")
    defer { try? FileManager.default.removeItem(at: file) }
    // Reading arguments takes longer than judging a small capture.
    let commands = try Self.arguments.map { options in
      try #require(try DSRProof.parseAsRoot(["-r", file.path] + options) as? VerifyCommand)
    }
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(12)
    // On a busy machine some take their time.
    let last = clock.now + .seconds(120)
    var (judged, refused) = (0, 0)
    while clock.now < deadline || clock.now < last && (judged <= 50 || refused == 0) {
      let bytes = isEvidence ? try Self.mutatedEvidence(using: &random) : Self.mutated(using: &random)
      try Data(bytes).write(to: file)
      let command = try #require(commands.randomElement(using: &random))
      let evidence: Evidence
      do {
        evidence = try gather(command.input)
      } catch let failure as Failure {
        #expect(failure.status == 2)
        #expect(failure.message.hasPrefix(file.path) && !failure.message.contains("\n"))
        refused += 1
        continue
      }
      let verdict = judge(evidence, under: command.known.policy(for: command.input.vip))
      let json = verdict.jsonReport()
      #expect(throws: Never.self, "seed \(seed)") { try JSONSerialization.jsonObject(with: Data(json.utf8)) }
      #expect(!verdict.textReport(color: Bool.random(using: &random)).isEmpty)
      let page = Exemplars.shown(in: verdict, from: command.input.sources).htmlReport()
      #expect(page.hasSuffix("</body></html>\n"), "seed \(seed)")
      #expect(XMLParser(data: Data(verdict.svgReport().utf8)).parse(), "seed \(seed)")
      let flows = FlowReport(
        evidence.traces(of: command.input.vip), points: evidence.points, captures: evidence.captures)
      var text = ""
      flows.writeText(to: &text)
      flows.writeCSV(to: &text)
      flows.writeJSON(to: &text)
      #expect(!verdict.reason.isEmpty)
      judged += 1
    }
    print("HostileInputTests (\(kind)): \(judged) judged, \(refused) refused")
    #expect(judged > 50 && refused > 0)
  }

  @Test func everyCaptureGivesAnExitStatusWithAMeaning() throws {
    let seed = SeededGenerator.seed(for: "HostileInputTests (exit status)")
    var random = SeededGenerator(seed: seed)
    for number in 0..<80 {
      let bytes =
        number.isMultiple(of: 4) ? try Self.mutatedEvidence(using: &random) : Self.mutated(using: &random)
      let options = Self.arguments.randomElement(using: &random) ?? []
      let result = try Executable.run(["verify", "-r", "-"] + options, input: Data(bytes))
      switch result.status {
      case 0, 1, 3:
        #expect(!result.output.isEmpty && result.errors == "", "seed \(seed)")
      case 2:
        #expect(result.output == "" && result.errors.hasPrefix("dsrproof: standard input: "), "seed \(seed)")
        #expect(result.errors.split(separator: "\n").count == 1, "seed \(seed)")
      default:
        Issue.record("exit status \(result.status), seed \(seed): \(result.errors)")
      }
    }
  }
}
