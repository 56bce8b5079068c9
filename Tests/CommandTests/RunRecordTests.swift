import Foundation
import TestSupport
import Testing

/// What a JSON report says of the run that it comes from.
@Suite struct RunRecordTests {
  private struct Report: Decodable {
    struct Run: Decodable {
      var version: String
      var commandLine: [String]
      var host: String?
      var start, end: String
      var options: [String: [String]]
    }
    var run: Run
  }

  private func run(_ arguments: String...) throws -> Report.Run {
    let result = try Executable.run(["verify", "--format", "json"] + arguments, in: Repository.root)
    #expect(try Schema.report.faults(in: [result.output]) == "")
    return try JSONDecoder().decode(Report.self, from: Data(result.output.utf8)).run
  }

  @Test func itNamesProgramHostAndTime() throws {
    let run = try run("-r", "fixtures/seed.pcap", "--vip", "10.1.10.10:80")
    #expect(!run.version.isEmpty && run.host?.isEmpty == false)
    #expect(run.commandLine.dropFirst().first == "verify" && run.commandLine.last == "10.1.10.10:80")
    #expect(run.start <= run.end)
    let day = Date.now.formatted(.iso8601.year())
    #expect(run.start.hasPrefix(day))
    #expect(run.options == ["vip": ["tcp://10.1.10.10:80"]])
  }

  /// Whether they come from the command line or the configuration.
  @Test func itNamesTheOptionsThatTheVerdictMayDependOn() throws {
    let folder = try TemporaryFolder()
    let config = try folder.file(
      "dsrproof.yaml",
      Data(
        """
        policy:
          min-flows: 2
          checks:
            ARP004: warning

        """.utf8))
    let run = try run(
      "-r", "fixtures/seed.pcap", "--vip", "10.1.10.10:80", "--config", config.path, "--proof", "identified",
      "--balancer-mac", "06:1f:8a:6c:8e:d2", "-c", "100", "--max-drops", "3", "host 10.1.10.10")
    #expect(
      run.options == [
        "vip": ["tcp://10.1.10.10:80"], "min-flows": ["2"], "severity": ["ARP004=warning"], "proof": ["identified"],
        "balancer-mac": ["06:1f:8a:6c:8e:d2"], "count": ["100"], "max-drops": ["3.0"],
        "expression": ["host 10.1.10.10"],
      ])
  }
}
