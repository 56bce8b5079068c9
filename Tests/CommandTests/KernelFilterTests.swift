import ArgumentParser
import Checks
import Evidence
import Foundation
import TestSupport
import Testing
import Wire

@testable import dsrproof

/// The filter that is made from the services must not take away what their verdict rests on.
@Suite struct KernelFilterTests {
  /// Flows of other services tell that a capture shows both directions. A live run knows that of its own filter; of a file
  /// nothing tells it.
  private static let otherFlowsTell: Set<String> = [
    "traps/balancer-tcp-v4-good.pcap", "traps/balancer-tcp-v6-good.pcap", "traps/routed-client-balancer-good.pcap",
    "traps/requests-missed.pcap",
  ]

  /// Captures of Ethernet, which alone has VLAN tags, judged without tables: each once.
  private static let lines: [FixtureLine] = {
    var seen: Set<String> = []
    return FixtureLine.all.filter { isPlain($0) && seen.insert($0.path).inserted }
  }()

  private static func isPlain(_ line: FixtureLine) -> Bool {
    let header =
      (try? FileHandle(forReadingFrom: URL(filePath: Repository.fixture(line.path))).read(upToCount: 24)) ?? nil
    return header?.dropFirst(20).elementsEqual([1, 0, 0, 0]) ?? false && line.arguments.contains("--vip")
      && !otherFlowsTell.contains(line.path) && !line.arguments.contains { $0.contains("/") && !$0.contains("://") }
  }

  @Test func thereAreLines() { #expect(Self.lines.count > 200) }

  @Test(arguments: lines)
  func theVerdictIsTheSameBehindTheFilter(line: FixtureLine) throws {
    let arguments = ["verify", "-r", Repository.fixture(line.path)] + line.arguments
    let command = try #require(try DSRProof.parseAsRoot(arguments) as? VerifyCommand)
    let filter = try #require(KernelFilter.expression(for: command.input.vip, on: .ethernet))
    let filtered = try #require(try DSRProof.parseAsRoot(arguments + [filter]) as? VerifyCommand)
    let verdict = judge(try gather(filtered.input), under: command.known.policy(for: command.input.vip))
    #expect(verdict.outcome.rawValue == line.verdict, "\(verdict.reason)")
  }

  @Test func withoutAServiceEveryFramePasses() throws {
    #expect(try Executable.run("verify", "--print-filter").output == "\n")
  }

  @Test func theUsersExpressionNarrowsIt() throws {
    let own = try Executable.run("verify", "--print-filter", "--vip", "10.1.10.10:80").output
    let narrowed = try Executable.run(
      "verify", "--print-filter", "--vip", "10.1.10.10:80", "host", "10.1.10.100"
    ).output
    #expect(narrowed == "(\(own.dropLast())) and (host 10.1.10.100)\n")
  }
}
