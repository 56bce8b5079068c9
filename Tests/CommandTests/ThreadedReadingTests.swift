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

  private static func input(_ input: InputOptions, threads: Int, blockSize: Int) -> InputOptions {
    var input = input
    (input.threading.threads, input.threading.blockSize) = (threads, blockSize)
    return input
  }

  /// What was read, or why it could not be.
  private static func read(
    _ input: InputOptions, threads: Int, blockSize: Int = smallBlock, within memory: Int? = nil
  ) -> Result<[GatheredFile], Failure> {
    do {
      let input = Self.input(input, threads: threads, blockSize: blockSize)
      return .success(try gatherFiles(input, within: memory.map { ByteCount(bytes: $0) }))
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
    let kept = try files.map(Self.kept)
    #expect(kept[1] == kept[0])
    #expect(kept[2] == kept[0])
  }

  /// The order is that in which files were named, not that in which they were read: the first is the largest.
  @Test func severalFilesStandInTheirOrder() throws {
    let names = ["lab/route/client.pcap", "seed.pcap", "traps/mirror-tcp-v4-bad.pcap", "seed-3frames.pcap"]
      .map { Repository.fixture($0) }.filter { FileManager.default.fileExists(atPath: $0) }
    try #require(names.count > 2)
    let command = try VerifyCommand.parse(names.flatMap { ["-r", $0] } + ["--vip", "10.1.10.10"])
    for count in [1, 2, 3, 8] {
      let files = try Self.read(command.input, threads: count).get()
      #expect(try files.parts(for: []).map(\.path) == names)
      let one = try Self.read(command.input, threads: 1).get()
      #expect(try Self.reports(files, command) == Self.reports(one, command))
      #expect(try Self.kept(files) == Self.kept(one))
    }
  }

  /// Of files that cannot be read, the first that was named is told.
  @Test(arguments: [
    ["whole", "torn", "missing"], ["missing", "torn", "whole"], ["whole", "whole-2", "foreign", "torn"],
    ["torn", "foreign", "missing", "whole"], ["whole", "damaged", "missing"],
  ])
  func theFirstFileThatCannotBeReadIsTold(names: [String]) throws {
    let folder = try TemporaryFolder()
    let whole = try Data(contentsOf: URL(filePath: Repository.fixture("seed.pcap")))
    let torn = whole.prefix(20)
    var damaged = whole
    // The length of a record that nobody writes.
    for index in 0..<4 { damaged[24 + 8 + index] = 0xff }
    for (name, content) in [
      ("whole", whole), ("whole-2", whole), ("torn", torn), ("damaged", damaged), ("foreign", Data("none\n".utf8)),
    ] {
      _ = try folder.file(name, content)
    }
    let paths = names.map { folder.url.appending(path: $0).path }
    let command = try VerifyCommand.parse(paths.flatMap { ["-r", $0] })
    let messages = (0..<12).map { round in
      if case .failure(let failure) = Self.read(command.input, threads: round % 4 + 1) { failure.message } else { "" }
    }
    let first = try #require(names.firstIndex { !$0.hasPrefix("whole") })
    #expect(messages[0].contains(paths[first]))
    #expect(Set(messages).count == 1)
  }

  @Test func linesOfATextThatSayNothingAreCountedTheSame() throws {
    let folder = try TemporaryFolder()
    let text = try String(contentsOf: Repository.fixtures.appending(path: "text/seed.txt"), encoding: .utf8)
    let path = try folder.file("seed.txt", Data(text.replacing("\n", with: "\nnothing\n").utf8)).path
    let command = try VerifyCommand.parse(["-r", path, "--vip", "10.1.10.10"])
    let files = try Self.counts.map { try Self.read(command.input, threads: $0).get() }
    let captures = try files.map { Evidence.united(try $0.parts(for: [])).captureSummaries }
    #expect(captures[0][0].passedOver[.unreadLine] ?? 0 > 0)
    #expect(captures[1] == captures[0] && captures[2] == captures[0])
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

  /// A flood is read in order while it lasts: what comes between two of them is not.
  @Test(arguments: [nil, 20_000_000, 60_000_000])
  func floodsThatComeAndGoAreBoundedTheSame(ceiling: Int?) throws {
    let link = Packet.ethernet(from: mac("06:ba:49:38:53:f0"), to: mac("06:1f:8a:6c:8e:d2"))
    let talk = Flood.frames(of: 100)
    var frames = talk
    for number in 0..<80_000 {
      if number % 70_000 == 0 { for _ in 0..<40 { frames += talk } }
      let client = IPAddress(v4: 0x1500_0000 + UInt32(number))
      let syn = link / .ip(from: client, to: Flood.vip, ttl: 50) / .tcp(from: 4_000, to: 80, flags: .syn)
      frames.append(TimedFrame(syn, at: talk[0].time + .milliseconds(number)))
    }
    let folder = try TemporaryFolder()
    var writer = PcapWriter()
    writer.write(frames)
    let path = try folder.file("floods.pcap", Data(writer.bytes)).path
    let command = try VerifyCommand.parse(["-r", path])
    let files = try Self.counts.map {
      try Self.read(command.input, threads: $0, blockSize: 1 << 15, within: ceiling).get()
    }
    let captures = try files.map { Evidence.united(try $0.parts(for: [])).captureSummaries }
    #expect(captures[1] == captures[0] && captures[2] == captures[0])
    let kept = try files.map(Self.kept)
    #expect(kept[1] == kept[0] && kept[2] == kept[0])
  }

  @Test func aFloodIsToldByItsFlows() {
    #expect(FlowMemory.isFlood(1_000, flows: 100_000, 100_600))
    #expect(!FlowMemory.isFlood(1_000, flows: 100_000, 100_400))
    // As every capture begins.
    #expect(!FlowMemory.isFlood(1_000, flows: 0, 1_000))
    #expect(FlowMemory.isCalm(1_000, flows: 100_000, 100_100))
    #expect(!FlowMemory.isCalm(1_000, flows: 100_000, 100_200))
  }

  @Test func threadsMergeLongBeforeFlowsAreDropped() {
    var memory = FlowMemory(limit: 100 << 20, threads: 2, batch: 1 << 20)
    #expect(memory.most == 67 << 20 && !memory.needsOrder)
    memory.note(merged: 30 << 20)
    #expect(!memory.needsOrder)
    memory.note(merged: 40 << 20)
    #expect(memory.needsOrder)
    #expect(FlowMemory(limit: 7 << 20, threads: 8, batch: 1 << 20).needsOrder)
    // As many as leave enough for flows.
    let many = FlowMemory(limit: 179 << 20, threads: 64, batch: 1 << 20)
    #expect(many.threads == 16 && !many.needsOrder && many.most > 60 << 20)
  }

  /// Without a ceiling flows that several threads saw take twice as much at most.
  @Test func withoutACeilingThreadsMergeToo() {
    var memory = FlowMemory(limit: nil, threads: 8, batch: 1 << 20)
    #expect(memory.most == 256 << 20)
    memory.note(merged: 200 << 20)
    #expect(memory.most == 400 << 20 && !memory.needsOrder)
  }

  @Test func largeFilesAreReadByAllProcessors() throws {
    let folder = try TemporaryFolder()
    let options = try ThreadOptions.parse([])
    let sized = { (name: String, size: UInt64) throws -> CaptureInput in
      let url = try folder.file(name, Data())
      // A hole: nothing is written.
      try FileHandle(forWritingTo: url).truncate(atOffset: size)
      return CaptureInput(path: url.path)
    }
    let (small, large) = (try sized("small", 7 << 20), try sized("large", 1 << 36))
    #expect(options.count(for: []) == 1)
    #expect(options.count(for: [small]) == 1)
    #expect(options.count(for: [large]) == Processors.count)
    #expect(options.count(for: [small, small]) == min(3, Processors.count))
    #expect(try ThreadOptions.parse(["--threads", "5"]).count(for: [small]) == 5)
    #expect(Processors.count >= 1 && Processors.count <= ProcessInfo.processInfo.processorCount)
  }

  @Test func aContainerMayUseSoManyProcessors() {
    #expect(ControlGroup.processors(ofLimit: "max 100000\n") == nil)
    #expect(ControlGroup.processors(ofLimit: "200000 100000\n") == 2)
    #expect(ControlGroup.processors(ofLimit: "150000 100000\n") == 2)
    #expect(ControlGroup.processors(ofLimit: "10000 100000\n") == 1)
    for text in ["", "100000", "0 100000", "-1 100000", "100000 0", "a b"] {
      #expect(ControlGroup.processors(ofLimit: text) == nil)
    }
  }
}
