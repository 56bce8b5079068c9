import Checks
import Evidence
import Foundation
import Tables
import Testing
import Wire

@testable import Report

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The page and the drawings, without a browser.
@Suite struct HTMLReportTests {
  private static let hostile = "<script>alert(1)</script>\"&'"

  /// A verdict every text of which a stranger chose.
  private static let hostileVerdict: Verdict = {
    var verdict = Examples.fail
    verdict.cause = hostile
    verdict.captures[0].path = hostile
    verdict.tables = [
      TableSummary(kind: .ipvs, path: hostile, host: hostile, role: .balancer, reason: hostile),
      TableSummary(kind: .host, path: hostile, host: hostile),
    ]
    var probe = ProbeResult(service: Examples.service)
    probe.failure = hostile
    verdict.probes = [probe]
    verdict.services[0].cause = hostile
    verdict.services[0].vantages[0].capture = hostile
    verdict.services[0].vantages[0].interface = hostile
    verdict.services[0].balancers[0].knownBy = hostile
    verdict.services[0].balancers[0].name = hostile
    let frame = Exhibit.Frame(capture: hostile, number: 1, time: Examples.start, flow: Examples.flow)
    let line = TableLine(path: hostile, number: 1)
    verdict.checks[0].summary = hostile
    verdict.checks[0].reason = hostile
    verdict.checks[0].next = .mend(hostile)
    verdict.checks[0].evidence = [
      Exhibit(frame, expected: hostile, actual: hostile), Exhibit(line, expected: hostile, actual: hostile),
    ]
    return verdict
  }()

  @Test func nothingFromOutsideBecomesMarkup() {
    for page in [Self.hostileVerdict.htmlReport(), Self.hostileVerdict.svgReport()] {
      #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;&#39;"))
      #expect(!page.contains("<script"))
      #expect(!page.contains("alert(1)</script>"))
    }
  }

  @Test(arguments: [Examples.pass, Examples.fail, Examples.inconclusive, hostileVerdict])
  func theDrawingIsWellFormedXML(verdict: Verdict) {
    let parser = XMLParser(data: Data(verdict.svgReport().utf8))
    #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
  }

  @Test(arguments: [Examples.pass, Examples.fail, Examples.inconclusive])
  func thePageNeedsNothingElse(verdict: Verdict) {
    let page = verdict.htmlReport()
    #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    #expect(page.contains("default-src 'none'") || page.contains("default-src &#39;none&#39;"))
    for reference in [" src=", "<link", "url(", "@import", "http:", "https:"] { #expect(!page.contains(reference)) }
    #expect(page.matches(of: /href="([^"]*)"/).allSatisfy { $0.1.hasPrefix("#") })
  }

  @Test func theVerdictComesFirstAndInWords() throws {
    let body = try #require(Examples.fail.htmlReport().split(separator: "<body>").last)
    #expect(
      body.hasPrefix(
        "<header class=\"fail\"><h1><span class=\"badge fail\"><span aria-hidden=\"true\">✗</span> FAIL</span></h1>"))
  }

  @Test func aServiceHasTheNameThatPeopleGaveIt() {
    var verdict = Examples.fail
    verdict.services[0].name = "shop"
    let title = "tcp://10.1.10.10:80 (shop)"
    for report in [
      verdict.htmlReport(), verdict.svgReport(), verdict.textReport(color: false), verdict.markdownReport(),
    ] {
      #expect(report.contains(title))
    }
  }

  @Test func whatFailsComesFirstAndPassesAreFolded() throws {
    var verdict = Examples.fail
    var passed = Examples.pass.services[0]
    passed.service.port = 22
    verdict.services.insert(passed, at: 0)
    let page = verdict.htmlReport()
    let index = try #require(page.firstMatch(of: /<nav.*<\/nav>/)?.0)
    #expect(index.contains("</span> FAIL</span> 1 service</summary><ul><li><a href=\"#service-0\">tcp://10.1.10.10:80"))
    #expect(index.contains("<details><summary><span class=\"badge pass\">"))
    #expect(index.contains("<a href=\"#service-1\">tcp://10.1.10.10:22</a><span>1 flow, direct</span>"))
    let sections = page.components(separatedBy: "<section").filter { $0.contains("class=\"service\"") }
    #expect(sections.count == 2)
    #expect(
      sections.first?.hasPrefix(" id=\"service-0\" class=\"service\"><h2 class=\"fail\">tcp://10.1.10.10:80") == true)
    let passedSection = " class=\"service\"><details><summary><h2 class=\"pass\">tcp://10.1.10.10:22"
    #expect(
      sections.last?.hasPrefix(passedSection) == true && sections.last?.contains("<div id=\"service-1\">") == true)
  }

  @Test func theFunnelIsDrawnWithWhatItLoses() {
    var verdict = Examples.fail
    verdict.services[0].funnels = [Examples.funnel]
    let page = verdict.htmlReport()
    #expect(
      page.contains(
        "<tr class=\"lossy\"><th scope=\"row\">shook hands</th><td class=\"number\">3</td><td class=\"bar\">"
          + "<svg aria-hidden=\"true\"><rect class=\"lost\" x=\"0.0%\" width=\"100.0%\" height=\"100%\"></rect>"
          + "<rect class=\"reached\" x=\"37.5%\" width=\"25.0%\" height=\"100%\"></rect></svg></td></tr>"))
    #expect(page.contains("<figcaption>9 end no handshake, first frame 41 of client.pcap</figcaption>"))
    verdict.services[0].funnels[0].steps = [(.request, 0)]
    #expect(!verdict.htmlReport().contains("class=\"bar\""))
  }

  @Test func theFilterIsThereToCopy() {
    #expect(
      Examples.fail.htmlReport().contains(
        "<code>frame.number == 6 || (ip.addr == 10.1.10.100 &amp;&amp; tcp.port == 37664 &amp;&amp; ip.addr == "
          + "10.1.10.10 &amp;&amp; tcp.port == 80)</code>"))
  }

  @Test func cutsAndLossesOfACaptureAreThere() {
    let page = Examples.fail.htmlReport()
    #expect(page.contains("the file breaks off in the record at byte 4096; all before it was judged"))
    #expect(page.contains("1 frame lost before the file was written"))
  }

  @Test func probesAreThere() {
    var verdict = Examples.pass
    var probe = ProbeResult(service: Examples.service)
    probe.client = Examples.flow.client
    probe.status = "connected"
    probe.latency = 0.0021
    probe.answeredBy = [Examples.backend]
    verdict.probes = [probe]
    let page = verdict.htmlReport()
    #expect(
      page.contains(
        "<dt>tcp://10.1.10.10:80</dt><dd>1 probe: 1 connected; 2.1 ms; replies from 06:d2:0a:b1:14:20 (1)</dd>"))
    #expect(
      page.contains(
        "<dt>10.1.10.100:37664 → tcp://10.1.10.10:80</dt><dd>connected, 2.1 ms, replies from 06:d2:0a:b1:14:20</dd>"))
  }

  @Test func theFaultIsToldWithoutColour() {
    var verdict = Examples.fail
    verdict.services[0].legs = [
      Examples.leg(.request, .client, .balancer), Examples.leg(.reply, .balancer, .client, fault: .viaBalancer),
    ]
    for report in [verdict.htmlReport(), verdict.svgReport()] {
      #expect(report.contains("<g class=\"fault\">"))
      #expect(report.contains("class=\"cross\""))
      #expect(report.contains(">reply, 12 flows, via the balancer</text>"))
    }
    #expect(!Examples.pass.svgReport().contains("<g class=\"fault\">"))
  }

  @Test func longNamesAreShortenedAndWholeInTheTitle() {
    let name = "a-backend-with-a-name-that-is-long"
    var verdict = Examples.pass
    verdict.services[0].backends[0].name = name
    let drawing = verdict.svgReport()
    #expect(drawing.contains(">a-backen…-is-long</text>"))
    #expect(drawing.contains("<title>backend; \(name) 06:d2:0a:b1:14:20</title>"))
  }
}
