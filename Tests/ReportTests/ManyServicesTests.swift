import Checks
import Evidence
import Report
import Testing
import Wire

/// The text report of more services than anybody reads one by one.
@Suite struct ManyServicesTests {
  private static let summary = "replies cross the balancer"

  /// The first fail, the next are open, the rest pass.
  private static func verdict(
    failed: Int, open: Int, passed: Int, summary: (Int) -> String = { _ in summary }
  ) -> Verdict {
    let example = Examples.pass.services[0]
    var services: [ServiceVerdict] = []
    var checks: [CheckResult] = []
    for number in 0..<(failed + open + passed) {
      var service = example
      service.service.port = UInt16(8000 + number)
      service.outcome = number < failed ? .fail : number < failed + open ? .inconclusive : .pass
      service.proof = service.outcome == .pass ? .identified : nil
      services.append(service)
      if number < failed {
        checks.append(
          CheckResult(
            id: "DSR001", slug: "reply-via-balancer", outcome: .fail, service: service.service,
            summary: summary(number), reason: "the forwarding method is Masq", next: .mend("set it to Route"),
            evidence: Examples.proved.checks[0].evidence))
      } else if number < failed + open {
        checks.append(
          CheckResult(
            id: "DSR001", slug: "reply-via-balancer", outcome: .inconclusive, service: service.service,
            summary: summary(number), reason: number % 2 == 0 ? "no reply was captured" : "no request was captured",
            next: .mend("capture elsewhere"), evidence: []))
      } else {
        checks.append(
          CheckResult(
            id: "DSR001", slug: "reply-via-balancer", outcome: .pass, service: service.service, summary: "",
            reason: "", evidence: []))
      }
    }
    return Verdict(
      outcome: .fail, cause: "\(failed) of \(services.count) services (tcp://10.1.10.10:8000): \(Self.summary)",
      services: services.reversed(), checks: checks, captures: [])
  }

  @Test func aTableFirstThenWhatFailedThenWhatIsOpen() {
    let text = Self.verdict(failed: 1, open: 2, passed: 6).textReport(color: false)
    #expect(
      text.hasPrefix(
        """
        FAIL          1 of 9 services (tcp://10.1.10.10:8000): replies cross the balancer
                      9 services: 1 fail, 2 inconclusive, 6 pass.

        service                verdict       proof       flows
        tcp://10.1.10.10:8000  FAIL                      1, direct
        tcp://10.1.10.10:8002  INCONCLUSIVE              1, direct
        tcp://10.1.10.10:8001  INCONCLUSIVE              1, direct
        tcp://10.1.10.10:8008  PASS          identified  1, direct
        tcp://10.1.10.10:8007  PASS          identified  1, direct
        tcp://10.1.10.10:8006  PASS          identified  1, direct
        tcp://10.1.10.10:8005  PASS          identified  1, direct
        tcp://10.1.10.10:8004  PASS          identified  1, direct
        tcp://10.1.10.10:8003  PASS          identified  1, direct

        FAILED  DSR001 reply-via-balancer  tcp://10.1.10.10:8000
          replies cross the balancer
          why         the forwarding method is Masq
          next        set it to Route
          frame       1 of client.pcap,
        """))
    #expect(text.contains("\n\nUNDECIDED  DSR001 reply-via-balancer  tcp://10.1.10.10:8001\n"))
  }

  @Test func eightAreToldInFull() {
    let text = Self.verdict(failed: 1, open: 1, passed: 6).textReport(color: false)
    #expect(!text.contains("\nservice "))
    #expect(text.matches(of: #/\n  backend /#).count == 8)
  }

  @Test func whatFailedForOneReasonIsToldOnce() {
    let text = Self.verdict(failed: 40, open: 60, passed: 100).textReport(color: false)
    #expect(text.contains("\n\nFAILED  DSR001 reply-via-balancer  40 services\n  replies cross the balancer\n"))
    #expect(
      text.contains(
        """

          services    tcp://10.1.10.10:8000, tcp://10.1.10.10:8001, tcp://10.1.10.10:8002,
                      tcp://10.1.10.10:8003, tcp://10.1.10.10:8004 and 35 more
          why         the forwarding method is Masq

        """))
    #expect(text.matches(of: /set it to Route/).count == 1)
    #expect(text.matches(of: /UNDECIDED/).count == 2)
    #expect(text.contains("\n\nUNDECIDED  DSR001 reply-via-balancer  30 services\n"))
    #expect(text.contains("why         no reply was captured\n"))
    #expect(text.contains("why         no request was captured\n"))
    #expect(text.split(separator: "\n").count < 150)
  }

  @Test func whatDiffersIsToldOfFive() {
    let text = Self.verdict(failed: 12, open: 0, passed: 0) { "\($0) flows" }.textReport(color: false)
    #expect(text.contains("\n  tcp://10.1.10.10:8000: 0 flows\n"))
    #expect(text.contains("\n  tcp://10.1.10.10:8004: 4 flows\n  and 7 more: --all lists them\n"))
    #expect(!text.contains(": 5 flows"))
  }

  @Test func markdownTellsOnceWhatFailedForOneReason() {
    let page = Self.verdict(failed: 40, open: 60, passed: 100).markdownReport()
    #expect(
      page.contains("\n### ❌ DSR001 reply-via-balancer: 40 services\n\nreplies cross the balancer\n\n`tcp://10.1"))
    #expect(page.contains("`tcp://10.1.10.10:8004`, and 35 more: `--format json` gives them all\n"))
    #expect(page.matches(of: /set it to Route/).count == 1)
    #expect(page.contains("\n### ❔ DSR001 reply-via-balancer: 30 services\n"))
    #expect(page.matches(of: /### ❔/).count == 2)
    let own = Self.verdict(failed: 12, open: 0, passed: 0) { "\($0) flows" }.markdownReport()
    #expect(own.contains("\n- `tcp://10.1.10.10:8004`: 4 flows\n- and 7 more: `--format json` gives them all\n"))
    // Eight are told one by one.
    let few = Self.verdict(failed: 3, open: 0, passed: 5).markdownReport()
    #expect(few.matches(of: /### ❌ DSR001 reply-via-balancer: `tcp/).count == 3)
  }

  /// A scan finds thousands that look alike.
  @Test func whatServicesShareIsDrawnOnceFromTheHundredthOn() {
    var verdict = Self.verdict(failed: 0, open: 4000, passed: 0)
    for index in verdict.services.indices {
      verdict.services[index].legs = [
        Examples.leg(.request, .client, .unknown), Examples.leg(.reply, .unknown, .client),
      ]
      verdict.services[index].funnels = [Examples.funnel]
      verdict.services[index].funnels[0].loss?.frame.number = UInt64(index + 1)
    }
    let page = verdict.htmlReport()
    #expect(page.utf8.count < 10_000_000)
    #expect(page.matches(of: /<g class="ladder">/).count == 100)
    #expect(page.matches(of: /<table class="funnel">/).count == 100)
    #expect(page.matches(of: /Path: as of <a href="#service-0">/).count == 3900)
    #expect(page.matches(of: /Its bars: as of <a href="#service-0">/).count == 3900)
    // What is a service's own stays.
    #expect(page.matches(of: /<figcaption>/).count == 4000)
    let few = Self.verdict(failed: 0, open: 100, passed: 0).htmlReport()
    #expect(!few.contains(": as of "))
  }

  @Test func allHasTheRest() {
    let text = Self.verdict(failed: 12, open: 0, passed: 138) { "\($0) flows" }.textReport(color: false, all: true)
    #expect(!text.contains("--all"))
    #expect(text.matches(of: #/\ntcp://10\.1\.10\.10:\d+ +PASS +identified/#).count == 138)
    #expect(text.matches(of: #/\n  backend /#).count == 150)
    #expect(text.matches(of: /FAILED/).count == 12)
  }
}
