import Checks
import Evidence
import Foundation
import Report
import TestSupport
import Testing
import Wire

/// What a run that watches tells of itself: metrics, and the page that follows.
@Suite struct WatchReportTests {
  /// Judges the same again and again, one window every ten seconds.
  private static func report(of verdicts: [Verdict], steps: Int = 3) -> WatchReport {
    var site = WatchedSite(steps: steps)
    var report = WatchReport(version: "1.2.3", source: "eth1", start: Examples.start, window: 30, steps: steps)
    for (step, verdict) in verdicts.enumerated() {
      let time = Timestamp(seconds: Examples.start.seconds + UInt32(10 * (step + 1)), nanoseconds: 0)
      let changes = site.take(verdict, at: time, named: verdict.services.map(\.service))
      report.tally.frames += 100
      report.tally.lastFrame = time
      report.add(verdict, at: time, services: site.services, changes: changes)
    }
    return report
  }

  private static let failing = report(of: [Examples.pass, Examples.pass, Examples.fail, Examples.fail])

  private static func samples(_ report: WatchReport) -> [MetricSample] {
    MetricSample.all(in: report.metrics(.prometheus))
  }

  private static func values(_ name: String, of report: WatchReport) -> [Double] {
    samples(report).filter { $0.name == "dsrproof_\(name)" }.map(\.value)
  }

  @Test func `What verify writes too is named and labelled as there`() {
    let (own, others) = (Self.samples(Self.failing), MetricSample.all(in: Examples.metrics()))
    let labels = Dictionary(grouping: others, by: \.name).mapValues { Set($0.flatMap(\.labels.keys)) }
    let shared = own.filter { labels[$0.name] != nil }
    #expect(Set(shared.map(\.name)).count > 6)
    for sample in shared { #expect(Set(sample.labels.keys) == labels[sample.name], "\(sample.name)") }
  }

  @Test func `A verdict is the state, and what was seen is the last window's`() {
    // One window that fails changes no state.
    let report = Self.report(of: [Examples.pass, Examples.pass, Examples.fail])
    let stands = Self.samples(report).filter { $0.name.hasSuffix("verdict") && $0.value == 1 }
    #expect(stands.map { $0.labels["verdict"] } == ["pass", "pass"])
    #expect(Self.samples(report).contains { $0.name == "dsrproof_check_outcome" && $0.labels["outcome"] == "fail" })
    let fails = Self.samples(Self.failing).filter { $0.name.hasSuffix("verdict") && $0.value == 1 }
    #expect(fails.map { $0.labels["verdict"] } == ["fail", "fail"])
    let open = Self.samples(Self.report(of: [Examples.pass])).filter { $0.name.hasSuffix("verdict") && $0.value == 1 }
    #expect(open.map { $0.labels["verdict"] } == ["inconclusive", "inconclusive"])
  }

  @Test func `Since when, and when last`() {
    let begin = Double(Examples.start.seconds)
    #expect(Self.values("service_since_timestamp_seconds", of: Self.failing) == [begin + 30])
    #expect(Self.values("watch_last_change_timestamp_seconds", of: Self.failing) == [begin + 40])
    #expect(Self.values("watch_last_frame_timestamp_seconds", of: Self.failing) == [begin + 40])
    #expect(Self.values("run_timestamp_seconds", of: Self.failing) == [begin + 40])
    #expect(Self.values("watch_last_change_timestamp_seconds", of: Self.report(of: [])) == [])
  }

  /// Steps have new names for ever; a label that has them would be new series for ever.
  @Test func `A capture is called by where its frames come from`() {
    var verdict = Examples.pass
    verdict.captures = [Examples.capture("eth1#17")]
    let names = Self.samples(Self.report(of: [verdict])).compactMap { $0.labels["capture"] }
    #expect(Set(names) == ["eth1"])
  }

  @Test func `Counters never fall`() {
    var before: [MetricSample: Double] = [:]
    let story = [Examples.pass, Examples.pass, Examples.fail, Examples.fail, Examples.inconclusive, Examples.fail]
    for length in 0...story.count {
      let counters = Self.samples(Self.report(of: Array(story.prefix(length)))).filter { $0.name.hasSuffix("_total") }
      #expect(counters.count >= 6)
      for counter in counters {
        let key = MetricSample(name: counter.name, labels: counter.labels, value: 0)
        #expect(counter.value >= before[key] ?? 0, "\(counter.name)")
        before[key] = counter.value
      }
    }
  }

  @Test func `OpenMetrics has the same samples`() {
    let (plain, open) = (Self.failing.metrics(.prometheus), Self.failing.metrics(.openMetrics))
    #expect(Set(MetricSample.all(in: plain)) == Set(MetricSample.all(in: open)))
    #expect(open.hasSuffix("\n# EOF\n"))
    #expect(
      open.contains("# TYPE dsrproof_watch_changes counter\n") && !open.contains("# TYPE dsrproof_watch_changes_total"))
  }

  @Test func `The page says what fails, since when and why, and draws it`() {
    let page = Self.failing.livePage()
    for words in [
      "FAIL: dsrproof watch", "<svg role=\"img\"", "pass → <b class=\"fail\">fail</b>", "2019-10-03 01:30:32 UTC",
      "✗ FAILED",
    ] {
      #expect(page.contains(words), "\(words)")
    }
    #expect(page.contains(Self.failing.liveContent()))
    let ids = page.matches(of: #/ id="([^"]*)"/#).map { String($0.1) }
    #expect(ids.count == Set(ids).count && ids.count > 5)
  }

  @Test func `Names that would be markup stay names`() {
    var verdict = Examples.fail
    verdict.services[0].name = "<script>alert(1)</script>\"'&"
    verdict.services[0].cause = "<img src=x onerror=alert(1)>"
    var report = Self.report(of: [verdict, verdict])
    report.source = "<b onload=x>\u{1b}[31m"
    for page in [report.livePage(), report.liveContent()] {
      #expect(!page.contains("<script>") && !page.contains("<img") && !page.contains("<b onload"))
      #expect(!page.contains("\u{1b}"))
      #expect(page.contains("&lt;script&gt;"))
    }
    #expect(!report.metrics(.prometheus).contains("\u{1b}"))
  }

  @Test func `A hundred services are drawn, and the last fifty changes told`() {
    var many = Examples.fail
    let service = many.services[0]
    many.checks = []
    many.services = (1...150).map { port in
      var other = service
      other.service.port = UInt16(port)
      return other
    }
    let report = Self.report(of: [many, many])
    let page = report.liveContent()
    #expect(page.matches(of: #/class="service"/#).count == 100 && page.contains("50 more are not shown here"))
    #expect(page.matches(of: #/<li /#).count == 50)
    #expect(Self.values("watch_changes_total", of: report).reduce(0, +) == 150)
  }

  @Test func `What passes is folded beside others`() {
    var several = Examples.pass
    several.services.append(Examples.fail.services[0])
    several.services[1].service.port = 443
    let page = Self.report(of: [several, several]).liveContent()
    #expect(page.contains("<details><summary><h2 class=\"pass\">"))
    // What fails comes first.
    #expect(page.firstRange(of: "h2 class=\"fail\"")!.lowerBound < page.firstRange(of: "h2 class=\"pass\"")!.lowerBound)
    #expect(!Self.report(of: [Examples.pass, Examples.pass]).liveContent().contains("<details>"))
  }
}
