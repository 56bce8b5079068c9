import Checks
import Foundation
import Report
import TestSupport
import Testing

@testable import dsrproof

/// Pipes from several places are read at the same time.
@Suite(.timeLimit(.minutes(15)), .serialized) struct PipesAtOnceTests {
  private struct Report: Decodable {
    struct Capture: Decodable {
      var name: String?
      var frames: Int
      var truncatedAt: Int?
    }
    var verdict: String
    var captures: [Capture]
  }

  /// Runs a script of bash, as people type it.
  private func run(_ script: String) throws -> (report: Report, errors: String) {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = Repository.fixtures
    process.environment = ["dsrproof": Executable.url.path, "PATH": "/usr/bin:/bin"]
    let (output, errors) = (try folder.file("output", Data()), try folder.file("errors", Data()))
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.runUnblocked()
    process.waitUntilExit()
    let told = try folder.text("errors")
    return (try JSONDecoder().decode(Report.self, from: Data(contentsOf: output)), told)
  }

  private static let rest = "--vip 10.1.10.10:80 --format json"

  @Test func `pipes whose writers wait for each other`() throws {
    // The first pipe ends only when the second was read to its end: one after the other they would stand still.
    let (report, errors) = try run(
      """
      d=$(mktemp -d); mkfifo $d/ready
      "$dsrproof" -r client=<(head -c 300 traps/several-routed-client.pcap; cat $d/ready >/dev/null
          tail -c +301 traps/several-routed-client.pcap) \\
        -r lb=<(cat traps/several-routed-balancer.pcap) \\
        -r be1=<(cat traps/several-routed-backend.pcap; exec >&-; echo > $d/ready) \(Self.rest)
      rm -r $d
      """)
    #expect(errors.isEmpty)
    #expect(report.verdict == "pass")
    #expect(report.captures.map(\.name) == ["client", "lb", "be1"])
  }

  @Test func `a writer that dies is told by name, and the rest is judged`() throws {
    let (report, errors) = try run(
      """
      "$dsrproof" -r lb=<(cat traps/several-routed-balancer.pcap) -r be1=<(true) \\
        -r client=<(head -c 301 traps/several-routed-client.pcap) \(Self.rest)
      """)
    #expect(errors.contains("be1: ") && errors.contains("the rest is judged"), "\(errors)")
    #expect(report.verdict == "inconclusive")
    #expect(report.captures.first { $0.name == "client" }?.truncatedAt != nil)
    #expect(report.captures.first { $0.name == "lb" }?.frames ?? 0 > 10)
  }

  @Test func `a signal ends the reading, and what came is judged`() throws {
    let (report, errors) = try run(
      """
      "$dsrproof" -r lb=<(cat traps/several-routed-balancer.pcap; sleep 20) -r be1=<(sleep 20) \(Self.rest) &
      pid=$!; sleep 5; kill -INT $pid; wait $pid
      """)
    #expect(errors.contains("reading was ended"), "\(errors)")
    #expect(report.captures.map(\.name) == ["lb", "be1"])
    #expect(report.captures.first?.frames ?? 0 > 10)
  }
}
