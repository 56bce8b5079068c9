import ArgumentParser
import Checks
import Evidence
import Foundation
import Report
import TestSupport
import Testing

@testable import dsrproof

/// A capture in parts is judged as if it had never been cut.
@Suite struct PartsTests {
  /// A little-endian pcap file, cut between its records.
  static func cut(_ file: Data, into count: Int) -> [Data] {
    let bytes = [UInt8](file)
    var starts: [Int] = []
    var offset = 24
    while offset + 16 <= bytes.count {
      let length = bytes[offset + 8..<offset + 12].reversed().reduce(0) { $0 << 8 | Int($1) }
      guard offset + 16 + length <= bytes.count else { break }
      starts.append(offset)
      offset += 16 + length
    }
    let bounds = (0...count).map { part in
      part == count ? bytes.count : part == 0 ? 24 : starts[min(starts.count * part / count, starts.count - 1)]
    }
    return zip(bounds, bounds.dropFirst()).map { Data(bytes[..<24] + bytes[$0..<max($0, $1)]) }
  }

  private struct Outcome: Equatable {
    var verdict: Verdict.Outcome
    var reasons: [String]
    var flows: [ServiceVerdict.FlowCounts]
    var proofs: [ServiceVerdict.Proof?]
    var failed: [String]

    init(_ verdict: Verdict) {
      self.verdict = verdict.outcome
      reasons = verdict.services.map(\.reason)
      flows = verdict.services.map(\.flows)
      proofs = verdict.services.map(\.proof)
      failed = verdict.checks.filter { $0.outcome == .fail }.map(\.slug)
    }
  }

  private static func outcome(of command: VerifyCommand, reading captures: [String]) throws -> Outcome {
    var command = command
    command.input.captures = captures
    var files = command.tables
    let config = try command.configuration.read()
    files.add(config.tables)
    var policy = command.known.policy(for: command.input.vip, beside: config)
    try files.meaning.add(to: &policy)
    return Outcome(judge(try dsrproof.gather(command.input), beside: try files.read(), under: policy))
  }

  /// Each fixture that is one file in order, once for each set of arguments that name no file.
  private static let lines = FixtureLine.all.filter { line in
    !line.arguments.contains { $0.contains("/") && !$0.contains("://") }
  }

  @Test(arguments: lines)
  func everyFixtureInTwoAndInThreeIsJudgedAsTheWhole(line: FixtureLine) throws {
    let path = Repository.fixture(line.path)
    let file = try Data(contentsOf: URL(filePath: path))
    guard file.prefix(4).elementsEqual([0xd4, 0xc3, 0xb2, 0xa1]) else { return }
    let command = try line.command
    let whole = try Self.outcome(of: command, reading: [path])
    for count in [2, 3] {
      let folder = try TemporaryFolder()
      let parts = try Self.cut(file, into: count).enumerated().map { index, part in
        try folder.file("part_0000\(index)_2024030112000\(index).pcap", part).path
      }
      for named in [false, true] {
        let parts = try Self.outcome(of: command, reading: parts.map { named ? "lb=\($0)" : $0 })
        #expect(parts == whole, "\(count) parts\(named ? " with a name" : "")")
      }
    }
  }

  /// What an interface sent and what came to it, as `tcpdump -Q out` and `-Q in` capture them; `nil` where no host sees all.
  private static func directions(_ file: Data) -> [Data]? {
    let bytes = [UInt8](file)
    var (sent, received) = (Array(bytes[..<24]), Array(bytes[..<24]))
    var ends: [(source: [UInt8], destination: [UInt8], record: ArraySlice<UInt8>)] = []
    var offset = 24
    while offset + 28 <= bytes.count {
      let length = bytes[offset + 8..<offset + 12].reversed().reduce(0) { $0 << 8 | Int($1) }
      let frame = offset + 16
      ends.append(
        (Array(bytes[frame + 6..<frame + 12]), Array(bytes[frame..<frame + 6]), bytes[offset..<frame + length]))
      offset = frame + length
    }
    let unicast = ends.filter { $0.destination[0] & 1 == 0 }
    let own = unicast.first.flatMap { first in
      [first.source, first.destination].first { mac in unicast.allSatisfy { $0.source == mac || $0.destination == mac }
      }
    }
    guard let own else { return nil }
    for end in ends { if end.source == own { sent += end.record } else { received += end.record } }
    return [Data(received), Data(sent)]
  }

  private static let hosts = FixtureLine.all.filter { line in
    line.path.hasPrefix("lab/") && !line.path.contains("switch") && !line.path.contains("-any")
      && lines.contains { $0.path == line.path && $0.arguments == line.arguments }
  }

  @Test func `an interface's two directions under one name are judged as the whole`() throws {
    var judged = 0
    // Of a client whose replies come from another MAC than its requests go to nothing tells that both directions are one place.
    for line in Self.hosts where line.path != "lab/router-redirects/client-late.pcap" {
      let path = Repository.fixture(line.path)
      guard let directions = Self.directions(try Data(contentsOf: URL(filePath: path))) else { continue }
      let command = try line.command
      let folder = try TemporaryFolder()
      let named = try zip(["in", "out"], directions).map { "host=\(try folder.file("\($0).pcap", $1).path)" }
      #expect(
        try Self.outcome(of: command, reading: named) == Self.outcome(of: command, reading: [path]), "\(line.path)")
      judged += 1
    }
    #expect(judged > 100)
  }

  @Test func `frames are cited by the part in which they stand`() throws {
    let path = Repository.fixture("lab/route/client.pcap")
    let folder = try TemporaryFolder()
    let parts = try Self.cut(try Data(contentsOf: URL(filePath: path)), into: 3).enumerated().map { index, part in
      try folder.file("client_0000\(index)_2024030112000\(index).pcap", part).path
    }
    let whole = try judge(gather(path), under: Self.policy)
    let joined = try judge(gather(parts), under: Self.policy)
    #expect(joined.captures.map(\.parts.count) == [3])
    let frames = { (verdict: Verdict) in
      verdict.checks.flatMap(\.evidence).compactMap { exhibit -> (String, UInt64)? in
        guard case .frame(let frame) = exhibit.source else { return nil }
        return (frame.capture, frame.number)
      }
    }
    let before = try parts.map { try CaptureContents(path: $0).frames.count }
    #expect(!frames(whole).isEmpty && frames(whole).count == frames(joined).count)
    for ((_, number), (part, own)) in zip(frames(whole), frames(joined)) {
      let index = try #require(parts.firstIndex(of: part))
      #expect(number == own + UInt64(before[..<index].reduce(0, +)))
    }
  }

  @Test func `files of one name are one capture in whatever order they are named`() throws {
    let path = Repository.fixture("lab/route/client.pcap")
    let folder = try TemporaryFolder()
    let parts = try Self.cut(try Data(contentsOf: URL(filePath: path)), into: 2).enumerated().map { index, part in
      try folder.file("\(index == 0 ? "first" : "second").pcap", part).path
    }
    let evidence = try gather(["c=\(parts[1])", "c=\(parts[0])"])
    #expect(evidence.captures.map(\.label) == ["c"])
    #expect(evidence.captures.first?.parts.map(\.path) == parts)
  }

  @Test func `a client's capture followed by a backend's is two`() throws {
    let folder = try TemporaryFolder()
    let (client, backend) = ("lab/route/client.pcap", "lab/route/be1.pcap")
    var names: [String] = []
    for (index, path) in [client, backend].enumerated() {
      var bytes = [UInt8](try Data(contentsOf: URL(filePath: Repository.fixture(path))))
      // A day later.
      var offset = 24
      while offset + 16 <= bytes.count {
        bytes[offset + 2] &+= UInt8(index * 2)
        offset += 16 + bytes[offset + 8..<offset + 12].reversed().reduce(0) { $0 << 8 | Int($1) }
      }
      names.append(try folder.file("node-00\(index).pcap", Data(bytes)).path)
    }
    #expect(try gather(names).captures.count == 2)
  }

  private static var policy: Policy {
    get throws {
      var policy = Policy()
      policy.services = [try ServicePattern(argument: "10.1.10.10:80")]
      return policy
    }
  }

  private func gather(_ captures: [String]) throws -> Evidence {
    let command = try VerifyCommand.parse(captures.flatMap { ["-r", $0] })
    return try dsrproof.gather(command.input)
  }

  private func gather(_ capture: String) throws -> Evidence { try gather([capture]) }
}
