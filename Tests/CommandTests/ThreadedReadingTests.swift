import ArgumentParser
import Capture
import Checks
import Evidence
import EvidenceFile
import Foundation
import PacketBuilder
import Report
import TestSupport
import Testing
import Wire

@testable import dsrproof

/// Several threads give what one gives.
@Suite struct ThreadedReadingTests {
  private static let counts = [1, 2, 3]
  /// A few frames.
  private static let smallBlock = 400

  private static func input(_ input: InputOptions, threads: Int) -> InputOptions {
    var input = input
    (input.threading.threads, input.threading.blockSize) = (threads, smallBlock)
    return input
  }

  /// What was read, or why it could not be.
  private static func read(
    _ input: InputOptions, threads: Int, within memory: Int? = nil
  ) -> Result<[GatheredFile], Failure> {
    do {
      return .success(try gatherFiles(Self.input(input, threads: threads), within: memory.map { ByteCount(bytes: $0) }))
    } catch let failure as Failure {
      return .failure(failure)
    } catch {
      return .failure(.cannotRun("\(error)"))
    }
  }

  /// Every report of all that was read.
  private static func reports(_ files: [GatheredFile], _ command: VerifyCommand) throws -> [String] {
    try reports(try files.parts(for: command.input.vip), command)
  }

  private static func reports(_ parts: [CapturePart], _ command: VerifyCommand) throws -> [String] {
    var policy = command.known.policy(for: command.input.vip)
    try command.tables.meaning.add(to: &policy)
    let evidence = Evidence.united(parts)
    let verdict = judge(evidence, beside: try command.tables.read(), under: policy)
    let flows = FlowReport(
      evidence.flowTraces(of: command.input.vip), points: evidence.points, captures: evidence.captureSummaries)
    var (json, csv) = ("", "")
    flows.writeJSON(to: &json)
    flows.writeCSV(to: &csv)
    return [verdict.jsonReport(), json, csv]
  }

  private static func kept(_ files: [GatheredFile]) throws -> [UInt8] {
    EvidenceFile(try files.flatMap { try $0.parts(for: []) }.map { try KeptCapture($0) }).bytes
  }

  @Test(arguments: FixtureLine.all)
  func everyFixtureIsReportedTheSame(line: FixtureLine) throws {
    let command = try line.command
    let files = try Self.counts.map { try Self.read(command.input, threads: $0).get() }
    let reports = try files.map { try Self.reports($0, command) }
    #expect(reports[1] == reports[0])
    #expect(reports[2] == reports[0])
    // An evidence file may number points and links otherwise; it says the same.
    let kept = try files.map { try Self.reports(try EvidenceFile(Self.kept($0)).captures.map { try $0.part }, command) }
    #expect(kept[1] == kept[0])
    #expect(kept[2] == kept[0])
  }

  /// Cut anywhere, or with a record that cannot be: up to there the same is read, and the same is said of it.
  @Test(arguments: ["seed.pcap", "traps/mirror-tcp-v4-bad.pcap"])
  func aDamagedFileIsToldTheSame(name: String) throws {
    let folder = try TemporaryFolder()
    let whole = try Data(contentsOf: Repository.fixtures.appending(path: name))
    for place in stride(from: 0, to: whole.count, by: max(1, whole.count / 60)) {
      var torn = whole
      // The length of a record that nobody writes, where one stands there.
      for index in place..<min(place + 4, torn.count) { torn[index] = 0xff }
      for (number, content) in [whole.prefix(place), torn].enumerated() {
        let path = try folder.file("\(place)-\(number).pcap", Data(content)).path
        let command = try VerifyCommand.parse(["-r", path, "--vip", "10.1.10.10"])
        let found = try Self.counts.map { count in
          switch Self.read(command.input, threads: count) {
          case .success(let files): try Self.reports(files, command)
          case .failure(let failure): [failure.message]
          }
        }
        #expect(found[1] == found[0] && found[2] == found[0], "\(place) \(number)")
      }
    }
  }

  @Test func soManyFramesAreReadAsWereAskedFor() throws {
    let whole = try VerifyCommand.parse(["-r", Repository.fixture("seed.pcap")])
    let all = try Self.read(whole.input, threads: 1).get()[0].frames
    for limit in [1, 2, 3, 5, 8, all - 1, all, all + 1] {
      var command = whole
      command.input.frameLimit = limit
      let files = try Self.counts.map { try Self.read(command.input, threads: $0).get() }
      #expect(files.map { $0[0].frames } == Array(repeating: min(limit, all), count: 3))
      let kept = try files.map(Self.kept)
      #expect(kept[1] == kept[0] && kept[2] == kept[0])
    }
  }

  /// What is dropped, and when, hangs on the order of the frames; ceilings below which nothing, half-open connections and a
  /// sample is dropped.
  @Test(arguments: [1_000_000, 4_000_000, 12_000_000])
  func aFloodIsBoundedTheSame(ceiling: Int) throws {
    let folder = try TemporaryFolder()
    var writer = PcapWriter()
    writer.write(Flood.frames(of: 20_000))
    let path = try folder.file("flood.pcap", Data(writer.bytes)).path
    let command = try VerifyCommand.parse(["-r", path, "--vip", "10.1.10.10:80"])
    let files = try Self.counts.map { try Self.read(command.input, threads: $0, within: ceiling).get() }
    let captures = try files.map { Evidence.united(try $0.parts(for: [])).captureSummaries }
    #expect((captures[0][0].halfOpenFlows > 0) == (ceiling < 12_000_000))
    #expect((captures[0][0].flowsPerKept > 1) == (ceiling == 1_000_000))
    #expect(captures[1] == captures[0] && captures[2] == captures[0])
    let kept = try files.map(Self.kept)
    #expect(kept[1] == kept[0] && kept[2] == kept[0])
    let reports = try files.map { try Self.reports($0, command) }
    #expect(reports[1] == reports[0] && reports[2] == reports[0])
  }

  /// The server's port is the higher one, so that all connections have the hash of its end.
  @Test func aFloodThatNoHashTellsApartIsBoundedTheSame() throws {
    let folder = try TemporaryFolder()
    let link = Packet.ethernet(from: mac("06:ba:49:38:53:f0"), to: mac("06:1f:8a:6c:8e:d2"))
    var frames = Flood.frames(of: 400)
    for number in 0..<12_000 {
      let client = IPAddress(v4: 0x1500_0000 + UInt32(number &* 40_503 & 0xffff))
      let syn = link / .ip(from: client, to: Flood.vip, ttl: 50) / .tcp(from: 4_000, to: 8_443, flags: .syn)
      frames.append(TimedFrame(syn, at: frames[0].time + .milliseconds(number)))
    }
    var writer = PcapWriter()
    writer.write(frames)
    let path = try folder.file("flood.pcap", Data(writer.bytes)).path
    let command = try VerifyCommand.parse(["-r", path])
    let files = try Self.counts.map { try Self.read(command.input, threads: $0, within: 2_000_000).get() }
    let kept = try files.map(Self.kept)
    #expect(kept[1] == kept[0] && kept[2] == kept[0])
    let summaries = Evidence.united(try files[0].parts(for: [])).captureSummaries
    #expect(summaries[0].halfOpenFlows > 0)
  }

  @Test func threadsMergeLongBeforeFlowsAreDropped() {
    var memory = FlowMemory(limit: 100 << 20, threads: 2, batch: 1 << 20)
    #expect(memory.most == 67 << 20 && !memory.needsOrder)
    memory.note(merged: 30 << 20)
    #expect(!memory.needsOrder)
    memory.note(merged: 40 << 20)
    #expect(memory.needsOrder)
    #expect(FlowMemory(limit: 22 << 20, threads: 8, batch: 1 << 20).needsOrder)
  }

  /// Without a ceiling flows that several threads saw take twice as much at most.
  @Test func withoutACeilingThreadsMergeToo() {
    var memory = FlowMemory(limit: nil, threads: 8, batch: 1 << 20)
    #expect(memory.most == 256 << 20)
    memory.note(merged: 200 << 20)
    #expect(memory.most == 400 << 20 && !memory.needsOrder)
  }

  @Test func oneThreadReadsWhereNoneIsAskedFor() throws {
    #expect(try ThreadOptions.parse([]).count == 1)
    #expect(try ThreadOptions.parse(["--threads", "5"]).count == 5)
  }
}
