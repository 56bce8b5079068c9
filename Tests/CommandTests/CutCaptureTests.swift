import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import dsrproof

/// `verify -r … -w`: what is cut of a capture proves the same.
@Suite struct CutCaptureTests {
  private struct Report: Decodable {
    struct Service: Decodable { var service, verdict: String }
    struct Check: Decodable, Hashable { var slug, outcome, service: String }
    var verdict: String
    var services: [Service]
    var checks: [Check]
  }

  private static func report(_ command: VerifyCommand, in folder: TemporaryFolder) throws -> Report {
    var command = command
    command.output.chosenFormat = .json
    command.output.targets = [try .init(argument: folder.path("report"))]
    _ = #expect(throws: ExitCode.self) { try command.run() }
    return try JSONDecoder().decode(Report.self, from: Data(folder.text("report").utf8))
  }

  /// Lines of one capture, which is no text and no evidence.
  private static let lines = FixtureLine.all.filter { line in
    guard let inputs = try? line.command.input.inputs, inputs.count == 1 else { return false }
    return inputs[0].path.hasSuffix(".pcap") || inputs[0].path.hasSuffix(".pcapng")
  }

  @Test func mostLinesAreHere() { #expect(Self.lines.count > 250) }

  @Test(arguments: lines)
  func theVerdictIsThatOfTheWhole(line: FixtureLine) throws {
    let folder = try TemporaryFolder()
    let cut = folder.path("cut.pcapng")
    var command = try line.command
    command.input.live.savePath = cut
    let whole = try Self.report(command, in: folder)
    #expect(whole.verdict == line.verdict)

    command.input.live.savePath = nil
    let name = try command.input.inputs[0].name
    command.input.captures = [name.map { "\($0)=\(cut)" } ?? cut]
    let again = try Self.report(command, in: folder)
    #expect(again.verdict == whole.verdict)
    #expect(again.services.map(\.verdict) == whole.services.map(\.verdict))
    #expect(Set(again.checks) == Set(whole.checks))
  }

  @Test func otherFlowsAreLeftOutAndTheProofIsCommented() throws {
    let folder = try TemporaryFolder()
    let capture = Repository.fixture("lab/masq/switch.pcap")
    let cut = folder.path("cut.pcapng")
    let result = try Executable.run("verify", "-r", capture, "--vip", "10.1.10.10:80", "-w", cut)
    #expect(result.status == 1)
    let words = result.errors.split(separator: " ")
    let place = try #require(words.firstIndex(of: "wrote"))
    let (kept, all) = (try #require(Int(words[place + 1])), try #require(Int(words[place + 3])))
    #expect(kept < all / 2)
    let tshark = try #require(CommandLineTool.candidates("tshark").first)
    let read = try CommandLineTool.run(tshark, ["-r", cut, "-T", "fields", "-e", "frame.comment"])
    let lines = String(decoding: read.data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == kept + 1)
    #expect(lines.contains { $0.contains("DSR001 reply-via-balancer") })
  }

  @Test func whatCannotBeCutIsRefused() throws {
    let folder = try TemporaryFolder()
    let (seed, cut) = (Repository.fixture("seed.pcap"), folder.path("cut.pcapng"))
    let cases: [[String]] = [
      ["verify", "-r", seed, "-r", Repository.fixture("traps/client-tcp-v4-bad.pcap"), "-w", cut],
      ["verify", "-r", seed, "-w", seed], ["flows", "-r", seed, "-w", cut], ["init", "-r", seed, "-w", cut],
      ["evidence", "-r", seed, "-w", cut], ["verify", "-r", seed, "-w", "/dev/null"],
    ]
    for arguments in cases {
      let result = try Executable.run(arguments)
      #expect(result.status == 64, "\(arguments) \(result.errors)")
    }
    #expect(try folder.names.isEmpty)
  }
}
