import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import dsrproof

/// `-o FORMAT=FILE`, repeated.
@Suite struct SeveralReportsTests {
  private let folder: TemporaryFolder
  private static let seed = Repository.fixture("seed.pcap")

  init() throws { folder = try TemporaryFolder() }

  /// What refuses the run before its work begins.
  private func refusal(_ arguments: String...) throws -> Failure? {
    let command = try #require(try DSRProof.parseAsRoot(["verify"] + arguments) as? VerifyCommand)
    do {
      _ = try command.output.open(besides: command.input.captures, keeping: command.input.live.savePath)
      return nil
    } catch let failure as Failure {
      return failure
    }
  }

  @Test func eachFileHasItsFormAndStandardOutputTheText() throws {
    let result = try Executable.run(
      "-r", Self.seed, "--vip", "10.1.10.10:80", "-o", "junit=\(folder.path("a.xml"))", "-o",
      "json=\(folder.path("a.json"))")
    #expect(result.status == 0)
    #expect(result.output.hasPrefix("PASS "))
    #expect(try folder.text("a.xml").hasPrefix("<?xml"))
    #expect(try folder.text("a.json").hasPrefix("{"))
    #expect(try folder.names == ["a.json", "a.xml"])
  }

  @Test func theFormOfStandardOutputIsLeftOutWhereAFileTakesIt() throws {
    let result = try Executable.run(
      "-r", Self.seed, "--format", "json", "-o", folder.path("a.json"), "-o", "tap=-")
    #expect(result.output.hasPrefix("TAP version 13"))
    #expect(try folder.text("a.json").hasPrefix("{"))
  }

  @Test func oneThatCannotBeWrittenRefusesAll() throws {
    let failure = try refusal(
      "-r", Self.seed, "-o", "junit=\(folder.path("a.xml"))", "-o", "json=\(folder.path("none/a.json"))")
    #expect(failure?.status == 2)
    #expect(try folder.names == [])
  }

  @Test func oneFileTakesOneReport() throws {
    try FileManager.default.createDirectory(at: folder.url.appending(path: "real"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      at: folder.url.appending(path: "link"), withDestinationURL: folder.url.appending(path: "real"))
    let (real, link) = (folder.path("real/a"), folder.path("link/a"))
    #expect(try refusal("-r", Self.seed, "-o", "text=\(real)", "-o", "json=\(link)")?.status == 64)
    #expect(try refusal("-i", "lo", "-w", real, "-o", "html=\(link)")?.status == 64)
    #expect(try refusal("-r", Self.seed, "-o", "text=\(real)", "-o", "json=\(folder.path("link/b"))") == nil)
  }

  /// A shell has led standard output into it.
  @Test func aFileThatIsStandardOutputTakesNoOther() throws {
    let script = "exec \"$0\" -r \"$1\" -o \"junit=$2\" > \"$2\""
    let result = try CommandLineTool.run(
      "/bin/sh", ["-c", script, Executable.url.path, Self.seed, folder.path("r.txt")])
    #expect(result.status == 64 && result.errors.contains("one file twice"))
  }

  @Test func aKeptCaptureOverwritesNoInput() throws {
    let file = try folder.file("site.yaml", Data("services: [10.1.10.10:80]\n".utf8)).path
    let result = try Executable.run("-i", "lo", "--config", file, "--duration", "100ms", "-w", file)
    #expect(result.status == 64 && result.errors.contains("-w \(file) would overwrite what is read"))
    #expect(try folder.text("site.yaml").hasPrefix("services"))
  }

  @Test(arguments: [
    ["-o", "html5=a"], ["-o", "json="], ["-o", "a", "-o", "b"], ["-o", "json=-", "-o", "tap=-"],
  ])
  func whatMakesNoSenseIsWrongUsage(arguments: [String]) {
    #expect(throws: (any Error).self) { try DSRProof.parseAsRoot(["-r", "a.pcap"] + arguments) }
  }

  /// A folder's name may hold the sign.
  @Test func aSignBehindASlashIsPartOfTheName() throws {
    let target = try ReportOptions.Target(argument: "./a=b")
    #expect(target.format == nil && target.path == "./a=b")
  }
}
