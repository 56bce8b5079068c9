import Checks
import Foundation
import TestSupport
import Testing

@testable import Report

/// What a verdict takes for granted, and the frames that prove a pass, in every form.
@Suite struct AssumptionReportTests {
  private static let oneMAC = "one-mac: two MACs between which no frame was seen are two devices"

  @Test func everyFormPrintsThem() throws {
    let verdict = Examples.proved
    #expect(
      verdict.textReport(color: false).contains(
        """
          proof       mac-pair: requests go to one MAC and replies come from another, and nothing
                      contradicts it
          assuming    same-network: client and VIP in one /24, or one /64, are on one network
                      \(Self.oneMAC)

        """))
    let json = try JSONSerialization.jsonObject(with: Data(verdict.jsonReport().utf8)) as? [String: Any]
    let service = (json?["services"] as? [[String: Any]])?.first
    #expect(service?["assumptions"] as? [String] == ["same-network", "one-mac"])
    #expect(verdict.junitReport(isStrict: false).contains("assuming: \(Self.oneMAC)"))
    #expect(verdict.tapReport(isStrict: false).contains("\n# assuming: \(Self.oneMAC)\n"))
    #expect(verdict.gitHubAnnotations(isStrict: false).contains("%0Aassuming: \(Self.oneMAC)"))
    #expect(verdict.markdownReport().contains("| mac-pair | same-network, one-mac | 1 |"))
    #expect(verdict.markdownReport().contains("\nAssuming:\n\n- same-network: client"))
    #expect(verdict.htmlReport().contains("<dt>Assuming</dt>"))
    #expect(verdict.htmlReport().contains("<dd>\(Self.oneMAC)</dd>"))
    #expect(verdict.svgReport().contains(">assuming same-network, one-mac</text>"))
    let metrics = Examples.metrics(verdict)
    #expect(metrics.contains(#"dsrproof_service_assumption{service="tcp://10.1.10.10:80",assumption="one-mac"} 1"#))
  }

  @Test func aFailHasThemToo() {
    var verdict = Examples.fail
    verdict.services[0].assumptions = [.ownerBalances]
    #expect(
      verdict.textReport(color: false).contains(
        """
          assuming    owner-balances: the only owner of the VIP balances it, and does not merely answer ARP
                      for it
        """))
    #expect(verdict.tapReport(isStrict: false).contains("# assuming: owner-balances"))
  }

  @Test func whereNothingIsTakenForGrantedNothingIsSaid() throws {
    let verdict = Examples.pass
    for report in [
      verdict.textReport(color: false), verdict.tapReport(isStrict: false), verdict.gitHubAnnotations(isStrict: false),
      verdict.htmlReport(), verdict.svgReport(), verdict.junitReport(isStrict: false),
    ] {
      #expect(!report.lowercased().contains("assuming"))
    }
    #expect(!Examples.metrics(verdict).contains("service_assumption"))
    #expect(!verdict.markdownReport().contains("Assuming:"))
  }

  @Test func eachHasWordsAndThePageHasThem() throws {
    let page = try String(contentsOf: Repository.root.appending(path: "docs/reports.md"), encoding: .utf8)
    for assumption in Assumption.allCases {
      #expect(page.contains("| `\(assumption.rawValue)` | \(assumption.words) |"), "\(assumption)")
    }
  }

  @Test func oneMoreIsAChangeForNeither() throws {
    let more = try DiffRuleTests.diff(Examples.pass, Examples.proved).changes.filter { $0.subject == .assumption }
    #expect(more.map(\.after) == ["one-mac", "same-network"])
    #expect(more.allSatisfy { $0.effect == .other && $0.before == nil && !$0.detail.isEmpty })
    let less = try DiffRuleTests.diff(Examples.proved, Examples.pass).changes.filter { $0.subject == .assumption }
    #expect(less.map(\.before) == ["one-mac", "same-network"])
    // Another verdict rests on something else.
    #expect(
      try !DiffRuleTests.diff(Examples.proved, Examples.fail).changes.contains { $0.subject == .assumption })
    let early = Examples.pass.jsonReport().replacing(#""assumptions":[],"#, with: "")
    let read = try SavedReport(json: Data(early.utf8))
    let later = try SavedReport(json: Data(Examples.proved.jsonReport().utf8))
    #expect(!ReportDiff(from: read, to: later).changes.contains { $0.subject == .assumption })
  }

  // MARK: Frames that prove a pass

  @Test func aPassCitesItsFrames() throws {
    let verdict = Examples.proved
    #expect(
      verdict.textReport(color: false).contains(
        """
          shown by    request 06:ba:49:38:53:f0 → 06:1f:8a:6c:8e:d2: frame 1 of client.pcap
                      reply 06:d2:0a:b1:14:20 → 06:ba:49:38:53:f0: frame 2 of client.pcap
                      frames of 1 backends are cited, and 5 more answer so

        """))
    let page = verdict.htmlReport()
    #expect(page.contains("<h3>✓ PASSED DSR001 reply-via-balancer</h3>"))
    #expect(page.contains("<dd>1 of client.pcap, ") && page.contains("<dd>2 of client.pcap, "))
    #expect(page.contains("5 more answer so"))
    let junit = verdict.junitReport(isStrict: false)
    #expect(junit.contains("frame 1 of client.pcap") && junit.contains("frame 2 of client.pcap"))
    #expect(verdict.jsonReport().contains("\"frame\":2}"))
  }

  /// One service that passes its return path and fails in something else is no pass.
  @Test func aFailDoesNot() {
    var verdict = Examples.proved
    verdict.outcome = .fail
    verdict.services[0].outcome = .fail
    #expect(!verdict.textReport(color: false).contains("shown by"))
    #expect(!verdict.htmlReport().contains("✓ PASSED"))
  }
}
