import Checks
import Evidence
import Report
import TestSupport
import Testing

/// Twenty probes are one line, and a table for who asks.
@Suite struct ProbeReportTests {
  private static let verdict: Verdict = {
    var verdict = Examples.pass
    verdict.probes = (0..<20).map { number in
      var probe = ProbeResult(service: Examples.service)
      probe.client = Endpoint(address: Examples.flow.client.address, port: 40000 + UInt16(number))
      if number < 18 {
        probe.status = "connected"
        probe.latency = 0.001 + Double(number) / 10_000
        probe.answeredBy = [number % 2 == 0 ? Examples.backend : Examples.otherBackend]
      } else {
        probe.failure = "no answer in 3 s"
        probe.sight = .unanswered(requests: 2, to: Examples.balancer)
      }
      return probe
    }
    return verdict
  }()

  @Test func twentyProbesAreOneLine() {
    let text = Self.verdict.textReport(color: false)
    let own = text.split(separator: "\n").filter { $0.contains("robe") || $0.contains("40018") }
    #expect(own.count == 1)
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(
      words.contains(
        "tcp://10.1.10.10:80: 20 probes: 18 connected, 2 failed; 1.0 to 2.7 ms; replies from "
          + "\(Examples.backend) (9), \(Examples.otherBackend) (9)"))
  }

  @Test func eachIsListedWhereThatIsAskedFor() {
    let text = Self.verdict.textReport(color: false, listsProbes: true)
    let rows = text.split(separator: "\n").filter { $0.contains("→ tcp://10.1.10.10:80  ") }
    #expect(rows.count == 20)
    #expect(
      rows.last
        == "  10.1.10.100:40019 → tcp://10.1.10.10:80  failed: no answer in 3 s, sent 2 times to \(Examples.balancer), and nobody answered"
    )
  }

  @Test func markdownHasTheLineAlone() {
    let page = Self.verdict.markdownReport()
    #expect(page.contains("20 probes: 18 connected, 2 failed"))
    #expect(!page.contains("40019"))
  }

  @Test func jsonSaysWhatTheFramesOfEachShow() throws {
    let report = Self.verdict.jsonReport()
    #expect(report.contains("\"frames\":\"sent 2 times to 06:1f:8a:6c:8e:d2, and nobody answered\""))
    #expect(try Schema.report.faults(in: [report]) == "")
  }

  @Test func aReportWithoutProbesDoesNotNameTheirCheck() {
    var verdict = Examples.pass
    verdict.checks.append(Examples.check("PROBE001", "probe-failed", .notApplicable))
    #expect(!verdict.textReport(color: false).contains("probe-failed"))
    #expect(!verdict.htmlReport().contains("probe-failed"))
  }
}
