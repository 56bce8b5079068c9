import ArgumentParser
import Checks
import Evidence
import Foundation
import Report
import Tables
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
    "traps/requests-missed.pcap", "traps/backend-asks-too-v4-good.pcap", "traps/backend-asks-too-v6-good.pcap",
    "traps/pauses-after-one-byte-v4-good.pcap",
    "traps/pauses-after-one-byte-v6-good.pcap",
    // The balancer's health checks tell why a backend asks for it; the filter keeps pings alone.
    "traps/backend-answers-health-check.pcap",
    // The filter cannot know the address that answers in the VIP's place.
    "traps/reset-from-backend-v4-bad.pcap", "traps/reset-from-backend-v6-bad.pcap",
    // Nor a backend's own address, to which a balancer translates.
    "traps/l3dsr-v4-backend-good.pcap", "traps/l3dsr-v6-backend-good.pcap",
    "traps/l3dsr-v4-balancer-good.pcap", "traps/l3dsr-v6-balancer-good.pcap",
  ]

  /// What shows no answer of the VIP any more stays open, and never passes.
  @Test(arguments: ["traps/answer-moves-v4-bad.pcap", "traps/answer-moves-v6-bad.pcap"])
  func anAnswerThatMovedDoesNotPassBehindTheFilter(path: String) throws {
    let line = try #require(FixtureLine.all.first { $0.path == path })
    var command = try line.command
    let filter = try #require(KernelFilter.expression(for: command.input.vip, beside: Tables(), on: .ethernet))
    command.input.expression = [filter]
    let verdict = judge(try gather(command.input), under: command.known.policy(for: command.input.vip))
    #expect(verdict.outcome == .inconclusive)
  }

  /// Captures of Ethernet, which alone has VLAN tags, judged without tables: each once.
  private static let lines: [FixtureLine] = {
    var seen: Set<String> = []
    return FixtureLine.all.filter { isPlain($0) && seen.insert($0.path).inserted }
  }()

  private static func isPlain(_ line: FixtureLine) -> Bool {
    let header =
      (try? FileHandle(forReadingFrom: URL(filePath: Repository.fixture(line.path))).read(upToCount: 24)) ?? nil
    return header?.dropFirst(20).elementsEqual([1, 0, 0, 0]) ?? false && line.arguments.contains("--vip")
      && !otherFlowsTell.contains(line.path) && !line.path.contains("answer-moves")
      && !line.arguments.contains { $0.contains("/") && !$0.contains("://") }
  }

  @Test func thereAreLines() { #expect(Self.lines.count > 200) }

  @Test(arguments: lines)
  func theVerdictIsTheSameBehindTheFilter(line: FixtureLine) throws {
    var command = try line.command
    let filter = try #require(
      KernelFilter.expression(
        for: command.input.vip, beside: Tables(), on: .ethernet, tunnelPorts: command.input.tunnelPorts))
    command.input.expression = [filter]
    let verdict = judge(try gather(command.input), under: command.known.policy(for: command.input.vip))
    #expect(verdict.outcome.rawValue == line.verdict, "\(verdict.reason)")
  }

  /// Captures of the lab, whose balancers' tables are there as well.
  private static let linesWithTables = lines.compactMap { line -> (FixtureLine, String)? in
    let table = (line.path as NSString).deletingLastPathComponent + "/lb.proc_ip_vs"
    let hasTable = FileManager.default.fileExists(atPath: Repository.fixture(table))
    return hasTable ? (line, Repository.fixture(table)) : nil
  }

  /// What shows whose a table is passes too: checks find the same of it.
  @Test(arguments: linesWithTables)
  func theTableMeansTheSameBehindTheFilter(line: FixtureLine, table: String) throws {
    let command = try line.command
    var tables = Tables()
    tables.ipvs = try TableOptions.ipvsTables(at: table, host: nil)
    let filter = try #require(
      KernelFilter.expression(
        for: command.input.vip, beside: tables, on: .ethernet, tunnelPorts: command.input.tunnelPorts))
    var filtered = command
    filtered.input.expression = [filter]
    let policy = command.known.policy(for: command.input.vip)
    let whole = judge(try gather(command.input), beside: tables, under: policy)
    let behind = judge(try gather(filtered.input), beside: tables, under: policy)
    #expect(whole.tables.map(\.role) == behind.tables.map(\.role))
    #expect(whole.outcome == behind.outcome)
    let outcomes = { (verdict: Verdict) in verdict.checks.map { "\($0.id) \($0.outcome)" } }
    #expect(outcomes(whole) == outcomes(behind))
  }

  @Test func withoutAServiceEveryFramePasses() throws {
    #expect(try Executable.run("verify", "--print-filter").output == "\n")
  }

  /// What each place needs: no tunnel leads to a client.
  @Test func thePlaceChoosesTheFilter() throws {
    let filter = { (vantage: String) in
      try Executable.run("verify", "--print-filter", "--vantage", vantage, "--vip", "10.1.10.10:80").output
    }
    let (client, backend) = (try filter("client"), try filter("backend"))
    #expect(!client.contains("proto 47") && client.contains("host 10.1.10.10") && client.contains("arp"))
    for term in ["ip proto 47", "udp dst port 4789", "ip6 proto 60"] { #expect(backend.contains(term)) }
  }

  /// Ports of the user's own tunnels pass too.
  @Test func portsOfTunnelsPass() throws {
    let arguments = ["verify", "--print-filter", "--vip", "10.1.10.10:80", "--tunnel"]
    #expect(try Executable.run(arguments + ["fou:5555"]).output.contains("udp dst port 5555"))
    let refused = try Executable.run(arguments + ["erspan:9"])
    #expect(refused.status == 64 && refused.errors.contains("gre, gue, fou, vxlan, vxlan-gpe, geneve, mpls-over-udp"))
  }

  @Test func theUsersExpressionNarrowsIt() throws {
    let own = try Executable.run("verify", "--print-filter", "--vip", "10.1.10.10:80").output
    let narrowed = try Executable.run(
      "verify", "--print-filter", "--vip", "10.1.10.10:80", "host", "10.1.10.100"
    ).output
    #expect(narrowed == "(\(own.dropLast())) and (host 10.1.10.100)\n")
  }
}
