import Checks
import Evidence
import Foundation
import Report
import Tables
import TestSupport
import Testing
import Wire

/// For every check of the hosts' settings folders in which it fails, and ones in which the same thing is right.
@Suite struct HostExampleTests {
  struct Example: Sendable, CustomStringConvertible {
    var slug: String
    var hosts = ["be1", "lb"]
    var capture: String
    var description: String { slug }

    func path(_ kind: String) -> String { "tables/hosts/\(slug)-\(kind)" }
  }

  static let examples = [
    Example(slug: "vip-not-on-backend", capture: "lab/vip-missing/client.pcap"),
    Example(slug: "vip-mask-too-wide", capture: "lab/route/client.pcap"),
    Example(slug: "arp-ignore-too-low", capture: "lab/arp-leak-ignore/client.pcap"),
    Example(slug: "arp-announce-too-low", capture: "lab/arp-leak-announce/client.pcap"),
    Example(slug: "rp-filter-drops-tunnel", capture: "lab/vip-missing/client.pcap"),
    Example(slug: "default-route-via-balancer", capture: "lab/route-gateway-is-balancer/router-inside.pcap"),
    Example(slug: "tunnel-end-missing", capture: "lab/vip-missing/client.pcap"),
    Example(slug: "conntrack-drops-half-flows", capture: "lab/vip-missing/client.pcap"),
    Example(slug: "rp-filter-drops-replies", hosts: ["w1"], capture: "traps/answer-ends-at-node.pcap"),
    Example(slug: "strong-host-drops-vip", hosts: ["be1"], capture: "lab/vip-missing/client.pcap"),
    Example(slug: "duplicate-mac", hosts: ["be1", "be2"], capture: "lab/route/client.pcap"),
  ]

  private func verdict(_ example: Example, _ kind: String) throws -> Verdict {
    var policy = Policy()
    policy.services = [ServicePattern(address: try #require(IPAddress("10.1.10.10")), transport: .tcp, port: 80)]
    let tables = try HostFolder.tables(example.hosts.map { ($0, example.path(kind)) })
    let evidence = try CaptureContents(path: Repository.fixture(example.capture)).evidence
    return judge(evidence, beside: tables, under: policy)
  }

  @Test(arguments: examples)
  func theBadOneFailsWithItsLine(example: Example) throws {
    let verdict = try verdict(example, "bad")
    #expect(verdict.outcome == .fail)
    let check = try #require(verdict.checks.first { $0.slug == example.slug })
    #expect(check.outcome == .fail)
    #expect(!check.summary.isEmpty && !check.reason.isEmpty && !check.remedy.isEmpty && !check.evidence.isEmpty)
    for exhibit in check.evidence {
      guard case .line(let place) = exhibit.source else {
        Issue.record("no line of a table")
        continue
      }
      #expect(place.path.hasPrefix(example.path("bad")))
      let lines = try String(contentsOfFile: Repository.fixture(place.path), encoding: .utf8).split(separator: "\n")
      #expect(place.number <= lines.count)
    }
    // The other checks of hosts find nothing in it.
    let others = verdict.checks.filter { $0.id.hasPrefix("HOST") && $0.slug != example.slug }
    #expect(others.allSatisfy { $0.outcome == .pass || $0.outcome == .notApplicable })
  }

  @Test(arguments: examples)
  func theGoodOneDoesNot(example: Example) throws {
    for check in try verdict(example, "good").checks where check.id.hasPrefix("HOST") {
      #expect(check.outcome == .pass || check.outcome == .notApplicable, "\(check.id) \(check.summary)")
      if check.slug == example.slug { #expect(check.outcome == .pass) }
    }
  }

  /// One file differs, and in it one stretch of lines.
  @Test(arguments: examples)
  func theBadOneDiffersInTheFaultAlone(example: Example) throws {
    let folders = ["good", "bad"].map { Repository.fixtures.appending(path: example.path($0)) }
    let names = try folders.map { try FileManager.default.contentsOfDirectory(atPath: $0.path).sorted() }
    #expect(names[0] == names[1])
    let changes = try names[0].compactMap { name -> (Int, Int)? in
      let lines = try folders.map {
        try String(contentsOf: $0.appending(path: name), encoding: .utf8).split(separator: "\n")
      }
      if lines[0] == lines[1] { return nil }
      let before = zip(lines[0], lines[1]).prefix { $0 == $1 }.count
      let rests = lines.map { $0.dropFirst(before) }
      let after = zip(rests[0].reversed(), rests[1].reversed()).prefix { $0 == $1 }.count
      return (rests[0].count - after, rests[1].count - after)
    }
    #expect(changes.count == 1)
    let change = try #require(changes.first)
    // A line that is another one, an address that is there or not, or an interface that is up or not.
    #expect(change == (1, 1) || change == (7, 0) || change == (2, 0))
  }

  @Test func withoutHostsNothingIsJudged() throws {
    let evidence = try CaptureContents(path: Repository.fixture("lab/route/client.pcap")).evidence
    let checks = judge(evidence, under: Policy()).checks.filter { $0.id.hasPrefix("HOST") }
    #expect(checks.count == 11)
    #expect(checks.allSatisfy { $0.outcome == .notApplicable })
  }
}
