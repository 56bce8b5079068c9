import Foundation
import TestSupport
import Testing

/// 0 pass, 1 fail, 2 could not run, 3 inconclusive, 64 usage.
@Suite struct ExitStatusTests {
  private static let vip = "10.1.10.10:80"

  @Test func directReplyPasses() throws {
    let capture = SampleCapture.handshake(replyFrom: SampleCapture.backend)
    let result = try Executable.run("-r", "-", "--vip", Self.vip, input: capture)
    #expect(result.status == 0)
    #expect(result.output.hasPrefix("PASS "))
    #expect(result.errors == "")
  }

  @Test func replyOfTheBalancerFails() throws {
    let capture = SampleCapture.handshake(replyFrom: SampleCapture.balancer)
    let result = try Executable.run(
      "verify", "-r", "-", "--vip", Self.vip, "--balancer-mac", "06:1f:8a:6c:8e:d2", input: capture)
    #expect(result.status == 1)
    #expect(result.output.hasPrefix("FAIL "))
    #expect(result.errors == "")
  }

  @Test func noFrameIsInconclusive() throws {
    let result = try Executable.run("-r", "-", "--vip", Self.vip, input: SampleCapture.empty)
    #expect(result.status == 3)
    #expect(result.output.hasPrefix("INCONCLUSIVE "))
    #expect(result.errors == "")
  }

  @Test(arguments: [["-r", "missing.pcap"], ["-r", "."], ["-r", "-"], ["flows", "-r", "missing.pcap"]])
  func unreadableInputCannotRun(arguments: [String]) throws {
    let result = try Executable.run(arguments)
    #expect(result.status == 2)
    #expect(result.output == "")
    #expect(result.errors.hasPrefix("dsrproof: "))
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test(arguments: [
    ([], "-r FILE"), (["verify"], "-r FILE"), (["flows"], "-r FILE"),
    (["-r", "-", "--vip", "10.1.10"], "10.1.10.10:80"),
    (["-r", "-", "--vip", "http://10.1.10.10"], "udp://10.1.10.10:53"),
    (["-r", "-", "--balancer-mac", "6:1"], "06:1f:8a:6c:8e:d2"),
    (["-r", "-", "--balancer-mac", "ff:ff:ff:ff:ff:ff"], "06:1f:8a:6c:8e:d2"),
    (["-r", "-", "--backend", "10.1.10.20=x"], "06:1f:8a:6c:8e:d2"),
    (["-r", "-", "--backend", "x"], "10.1.10.20"),
    (["-r", "-", "--vantage", "moon"], "behind-router"),
    (["-r", "-", "--min-flows", "0"], "from 1"),
    (["-r", "-", "-c", "x"], "from 1"),
    (["-r", "-", "--format", "xml"], "json"),
    (["-r", "-", "--vipp", "x"], "--vip"),
    (["explain"], "<check>"),
    (["explain", "reply-via-balancr"], "did you mean reply-via-balancer?"),
    (["explain", "dsr01"], "did you mean DSR0"),
    (["explain", "completely else"], "dsrproof checks"),
  ])
  func wrongUsageSaysWhatIsRight(arguments: [String], hint: String) throws {
    let result = try Executable.run(arguments)
    #expect(result.status == 64)
    #expect(result.output == "")
    #expect(result.errors.hasPrefix("dsrproof: ") && result.errors.contains(hint), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test func aFilterThatDoesNotCompileIsWrongUsage() throws {
    let result = try Executable.run("-r", "-", "host", "and", input: SampleCapture.empty)
    #expect(result.status == 64)
    #expect(result.output == "")
    #expect(result.errors.contains("host 10.1.10.10 and tcp port 80"))
  }

  @Test func aFileInTheFiltersPlaceIsRecognized() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("client.pcap", SampleCapture.empty)
    let result = try Executable.run(file.path)
    #expect(result.status == 64)
    #expect(result.errors.contains("Did you mean -r \(file.path)?"))
  }

  @Test(arguments: [
    ["--help"], ["--version"], ["checks"], ["help", "verify"], ["--generate-completion-script", "bash"],
  ])
  func askingIsNoError(arguments: [String]) throws {
    let result = try Executable.run(arguments)
    #expect(result.status == 0)
    #expect(!result.output.isEmpty)
    #expect(result.errors == "")
  }

  @Test func tcpdumpsHabitsWork() throws {
    let capture = SampleCapture.handshake(replyFrom: SampleCapture.backend)
    for arguments in [
      ["-nnr", "-", "tcp port 80"], ["-r-", "-nnn", "-s0", "tcp", "port", "80"], ["-n", "-c3", "-r", "-"],
      ["tcp", "-r", "-"], ["-r", "-", "tcp[13] & 2 != 0 or tcp"],
    ] {
      let result = try Executable.run(["flows"] + arguments + ["--format", "csv"], input: capture)
      #expect(result.status == 0)
      #expect(result.output.split(separator: "\n").count == 3, "\(arguments): \(result.output)\(result.errors)")
    }
  }

  @Test func readingStopsAfterTheCount() throws {
    let capture = SampleCapture.handshake(replyFrom: SampleCapture.backend)
    let result = try Executable.run("flows", "-r", "-", "-c", "1", "--format", "csv", input: capture)
    #expect(result.output.split(separator: "\n").count == 2)
  }

  @Test func aReaderThatGoesAwayIsNoError() throws {
    let process = Process()
    process.executableURL = Executable.url
    process.arguments = ["checks"]
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try output.fileHandleForReading.close()
    try process.runUnblocked()
    try output.fileHandleForWriting.close()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 0)
    #expect(complaint.isEmpty)
  }
}
