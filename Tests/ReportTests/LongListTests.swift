import Checks
import Evidence
import Report
import Testing
import Wire

/// Reports for people name a few of what may be thousands; JSON has all.
@Suite struct LongListTests {
  private static func verdict(backends: Int, services: Int) throws -> Verdict {
    var verdict = Examples.pass
    var service = try #require(verdict.services.first)
    service.backends = (0..<backends).map {
      ServiceVerdict.Station(
        mac: MACAddress(0x02be_0000_0000 + UInt64($0)), addresses: [], knownBy: "gets requests", flows: 1)
    }
    verdict.services = (0..<services).map { number in
      var other = service
      other.service.port = UInt16(number + 1)
      return other
    }
    verdict.checks = verdict.services.map { service in
      CheckResult(
        id: "DSR001", slug: "reply-via-balancer", outcome: .inconclusive, service: service.service, summary: "open",
        reason: "", remedy: "", evidence: [])
    }
    return verdict
  }

  @Test(arguments: [(5, nil), (6, "and 1 more"), (10_000, "and 9995 more")] as [(Int, String?)])
  func fiveBackendsAreNamed(count: Int, more: String?) throws {
    let text = try Self.verdict(backends: count, services: 1).textReport(color: false)
    #expect(text.matches(of: /gets requests\n/).count == 5)
    #expect(text.contains("more: --format json gives them all") == (more != nil))
    if let more { #expect(text.contains(more)) }
  }

  @Test func aHundredServicesAreShown() throws {
    let text = try Self.verdict(backends: 1, services: 250).textReport(color: false)
    #expect(text.matches(of: #/\n  backend /#).count == 100)
    #expect(text.contains("\nand 150 services more: --format json gives them all\n"))
    #expect(text.matches(of: /UNDECIDED/).count == 100)
    #expect(text.contains("\nand 150 findings of other services: --format json gives them all\n"))
    let page = try Self.verdict(backends: 1, services: 250).markdownReport()
    #expect(page.contains("\nand 150 services more: `--format json` gives them all\n"))
    let json = try Self.verdict(backends: 1, services: 250).jsonReport()
    #expect(json.matches(of: /"id" *: *"DSR001"/).count == 250)
  }
}
