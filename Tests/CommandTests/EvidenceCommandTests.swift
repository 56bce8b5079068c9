import ArgumentParser
import Checks
import Evidence
import EvidenceFile
import Foundation
import Report
import TestSupport
import Testing
import Wire

@testable import dsrproof

/// `dsrproof evidence`: what it keeps is judged as the captures are.
@Suite struct EvidenceCommandTests {
  /// A report but for when and how it came to be, and what captures are called.
  private static func judged(_ command: VerifyCommand, _ parts: [CapturePart], tables: Bool = true) throws -> String {
    var command = command
    var policy = command.known.policy(for: command.input.vip)
    command.input.vip = policy.services
    try command.tables.meaning.add(to: &policy)
    var verdict = judge(Evidence.united(parts), beside: try command.tables.read(), under: policy)
    for index in verdict.captures.indices { verdict.captures[index].evidenceFile = nil }
    return verdict.jsonReport()
  }

  private static func kept(_ files: [GatheredFile]) throws -> [GatheredFile] {
    try files.map { file in
      guard case .capture(let reading) = file else { return file }
      let bytes = EvidenceFile([try KeptCapture(reading.part)]).bytes
      return .evidence(CaptureInput(path: reading.input.path), try EvidenceFile(bytes))
    }
  }

  @Test(arguments: FixtureLine.all)
  func everyFixtureIsJudgedTheSame(line: FixtureLine) throws {
    let command = try line.command
    let files = try gatherFiles(command.input)
    let services = command.input.vip
    let plain = try Self.judged(command, try files.parts(for: services))
    let kept = try Self.judged(command, try Self.kept(files).parts(for: services))
    #expect(kept == plain)
  }

  /// What a report says that no address is part of.
  private struct Said: Decodable, Equatable {
    struct Service: Decodable, Equatable { var verdict: String, flows: [String: Int]? }
    struct Check: Decodable, Equatable { var slug, outcome: String }
    var verdict: String
    var checks: [Check]
  }

  /// Tables have addresses of their own, so fixtures with some are left out.
  @Test(arguments: FixtureLine.all.filter { line in !line.arguments.contains { $0.contains("/") } })
  func everyFixtureIsJudgedTheSameAnonymised(line: FixtureLine) throws {
    var command = try line.command
    let files = try gatherFiles(command.input)
    let parts = try files.parts(for: command.input.vip)
    let plain = try Self.judged(command, parts)
    let made = Anonymiser(key: (0..<32).map { UInt8($0 * 7 + 1) })
    var anonymiser = try #require(made)
    let changed = parts.map { anonymiser.changed($0, hasSight: $0.hasSight(of: [])) }
    command.input.vip = command.input.vip.map {
      var service = $0
      service.address = anonymiser.changed($0.address)
      return service
    }
    command.known.stations.balancerMAC = command.known.stations.balancerMAC.map { anonymiser.changed($0) }
    command.known.stations.backend = command.known.stations.backend.map {
      var backend = $0
      backend.address = anonymiser.changed($0.address)
      backend.mac = $0.mac.map { anonymiser.changed($0) }
      return backend
    }
    let bytes = EvidenceFile(try changed.map { try KeptCapture($0) }).bytes
    let read = try EvidenceFile(bytes).captures.map { try $0.part }
    let other = try Self.judged(command, read)
    let (before, after) = try (said(plain), said(other))
    #expect(after.verdict == before.verdict)
    let fails = { (said: Said) in Set(said.checks.filter { $0.outcome == "fail" }.map(\.slug)) }
    #expect(fails(after) == fails(before))
  }

  private func said(_ report: String) throws -> Said {
    try JSONDecoder().decode(Said.self, from: Data(report.utf8))
  }

  @Test func filesMergeInAnyOrderAndGrouping() throws {
    let folder = try TemporaryFolder()
    let names = ["client", "balancer", "backend"]
    for name in names {
      try run("-r", Repository.fixture("traps/several-routed-\(name).pcap"), "-o", folder.path(name))
    }
    let files = names.map(folder.path)
    try run("-r", files[0], "-r", files[1], "-r", files[2], "-o", folder.path("one"))
    try run("-r", files[2], "-r", files[0], "-o", folder.path("some"))
    let again = try Executable.run([
      "evidence", "-r", files[1], "-r", folder.path("some"), "-r", files[0], "-o", folder.path("other"),
    ])
    #expect(again.status == 0)
    #expect(
      again.errors
        == "dsrproof: the evidence of \(Repository.fixture("traps/several-routed-client.pcap")) is given twice: it counts once\n"
    )
    let (one, other) = (try folder.data("one"), try folder.data("other"))
    #expect(one == other)
    #expect(try EvidenceFile([UInt8](one)).captures.count == 3)
    let captures = try Executable.run(
      ["-r", Repository.fixture("traps/several-routed-backend.pcap")]
        + names.prefix(2).flatMap { ["-r", Repository.fixture("traps/several-routed-\($0).pcap")] })
    let merged = try Executable.run(["-r", folder.path("one")])
    #expect(merged.status == captures.status)
  }

  private func run(_ arguments: String...) throws {
    let result = try Executable.run(["evidence"] + arguments)
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
  }

  @Test func whatHasNoMeaningIsRefused() throws {
    let folder = try TemporaryFolder()
    let capture = Repository.fixture("seed.pcap")
    try run("-r", capture, "-o", folder.path("e"))
    for arguments in [
      ["verify", "-r", folder.path("e"), "tcp"], ["verify", "-r", folder.path("e"), "-c", "3"],
      ["evidence", "-i", "lo"], ["evidence", "-r", capture, "--key", "k"],
    ] {
      let result = try Executable.run(arguments)
      #expect(result.status == 64 && result.output == "", "\(arguments): \(result.errors)")
    }
    let missing = try Executable.run(["evidence", "-r", capture, "--anonymise", "--key", folder.path("none")])
    #expect(missing.status == 2 && missing.errors.contains("cannot read"))
  }

  /// Plain and anonymised evidence have no address in common: together they would show flows that nobody answers.
  @Test func whatIsAnonymisedOtherwiseIsNotJoined() throws {
    let folder = try TemporaryFolder()
    let (client, backend) = (
      Repository.fixture("traps/several-routed-client.pcap"), Repository.fixture("traps/several-routed-backend.pcap")
    )
    let made = try Executable.run(
      ["evidence", "-r", client, "--vip", "10.1.10.10:80", "--anonymise", "-o", folder.path("client")])
    #expect(made.status == 0)
    #expect(made.errors.contains("tcp://10.1.10.10:80 is tcp://") && made.errors.contains("key was not kept"))
    let result = try Executable.run(["verify", "-r", folder.path("client"), "-r", backend])
    #expect(result.status == 64 && result.errors.contains("anonymise all of them with one key"), "\(result.errors)")
    let again = try Executable.run(["evidence", "-r", folder.path("client"), "--anonymise", "-o", folder.path("x")])
    #expect(again.status == 64)
  }

  /// Everything goes through pipes too, and what a pipe gave is called as the file that it is kept in.
  @Test func pipesAreReadByContent() throws {
    let folder = try TemporaryFolder()
    let bytes = try Data(contentsOf: URL(filePath: Repository.fixture("seed.pcap")))
    let kept = try Executable.run(["evidence", "-r", "-", "-o", folder.path("e")], input: bytes)
    #expect(kept.status == 0)
    let plain = try Executable.run(["flows", "-r", "-", "--format", "csv"], input: bytes)
    let read = try Executable.run(["flows", "-r", "-", "--format", "csv"], input: try folder.data("e"))
    #expect(read.output == plain.output && read.status == 0, "\(read.errors)")
  }

  /// From another file of evidence, too: a place more would be a witness more.
  @Test func oneCapturesEvidenceCountsOnce() throws {
    let folder = try TemporaryFolder()
    try run("-r", Repository.fixture("seed.pcap"), "-o", folder.path("e"))
    try FileManager.default.copyItem(atPath: folder.path("e"), toPath: folder.path("f"))
    let once = try Executable.run(["flows", "-r", folder.path("e"), "--format", "csv"])
    let twice = try Executable.run(["flows", "-r", folder.path("e"), "-r", folder.path("f"), "--format", "csv"])
    #expect(twice.output == once.output)
    #expect(twice.errors.contains("seed.pcap is given twice: it counts once"), "\(twice.errors)")
  }

  /// Nobody can tell whether two paths are one capture or two, but that they show the same.
  @Test func copiesOfACaptureAreTold() throws {
    let folder = try TemporaryFolder()
    let capture = Repository.fixture("seed.pcap")
    let other = Repository.fixture("traps/several-routed-client.pcap")
    for name in ["a.pcap", "b.pcap"] {
      try FileManager.default.copyItem(atPath: capture, toPath: folder.path(name))
      try run("-r", "place-\(name)=\(folder.path(name))", "-o", folder.path("\(name).evidence"))
    }
    let (a, b) = (folder.path("a.pcap"), folder.path("b.pcap"))
    let told = "dsrproof: \(a), \(b) hold the same evidence: if that is one capture, give it once\n"
    for arguments in [
      ["verify", "-r", a, "-r", other, "-r", b], ["verify", "-r", "\(a).evidence", "-r", b],
      ["evidence", "-r", "\(a).evidence", "-r", other, "-r", "\(b).evidence", "-o", folder.path("merged")],
      ["verify", "-r", folder.path("merged")],
    ] {
      let result = try Executable.run(arguments)
      #expect(result.errors == told, "\(arguments)")
    }
  }

  @Test func aCaptureFromAPipeIsCitedByThePathThatIsGiven() throws {
    let folder = try TemporaryFolder()
    let bytes = try Data(contentsOf: URL(filePath: Repository.fixture("seed.pcap")))
    let path = "s3a://captures/seed.pcap"
    for (name, cited) in [("piped", []), ("plain", ["--cited-as", path])] {
      let kept = try Executable.run(["evidence", "-r", "-", "-o", folder.path(name)] + cited, input: bytes)
      #expect(kept.status == 0, "\(kept.errors)")
    }
    try run("-r", Repository.fixture("seed.pcap"), "--cited-as", path, "-o", folder.path("file"))
    try run("-r", folder.path("piped"), "--cited-as", path, "-o", folder.path("named"))
    // It was named once.
    try run("-r", folder.path("file"), "--cited-as", "other", "-o", folder.path("same"))
    let expected = try folder.data("plain")
    for name in ["file", "named", "same"] { #expect(try folder.data(name) == expected, "\(name)") }
    #expect(try EvidenceFile([UInt8](expected)).captures.map(\.path) == [path])
    let several = try Executable.run([
      "evidence", "-r", folder.path("file"), "-r", folder.path("piped"), "--cited-as", path, "-o", folder.path("x"),
    ])
    #expect(several.status == 64 && several.errors.contains("--cited-as is for one capture"), "\(several.errors)")
    // Two captures of one file would be cited as one.
    let other = try Data(contentsOf: URL(filePath: Repository.fixture("traps/client-tcp-v4-good.pcap")))
    let kept = try Executable.run(["evidence", "-r", "-", "-o", folder.path("other")], input: other)
    #expect(kept.status == 0, "\(kept.errors)")
    try run("-r", folder.path("piped"), "-r", folder.path("other"), "-o", folder.path("both"))
    let both = try Executable.run(["evidence", "-r", folder.path("both"), "--cited-as", path, "-o", folder.path("x")])
    #expect(both.status == 64 && both.errors.contains("2 of this evidence have no path"), "\(both.errors)")
  }
}
