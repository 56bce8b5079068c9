import Checks
import Evidence
import Foundation
import Report
import TestSupport
import Testing
import Wire

@Suite struct PrometheusReportTests {
  private static func samples(_ name: String, of verdict: Verdict = Examples.measured) -> [MetricSample] {
    MetricSample.all(in: Examples.metrics(verdict)).filter { $0.name == "dsrproof_\(name)" }
  }

  private static func values(
    _ name: String, by label: String, of verdict: Verdict = Examples.measured
  ) -> [String: Double] {
    Dictionary(samples(name, of: verdict).map { ($0.labels[label] ?? "", $0.value) }) { $1 }
  }

  /// What promtool has to say; empty where nothing is wrong.
  private static func faults(in metrics: String) throws -> String {
    let folder = try TemporaryFolder()
    let file = try folder.file("report.prom", Data(metrics.utf8))
    let result = try CommandLineTool.run("/bin/sh", ["-c", "promtool check metrics <\"$0\"", file.path])
    return result.output + result.errors + (result.status == 0 ? "" : "exit \(result.status)")
  }

  @Test func promtoolHasNothingToSay() throws {
    for verdict in [Examples.measured, Examples.pass, Examples.fail, Examples.inconclusive] {
      #expect(try Self.faults(in: Examples.metrics(verdict)) == "")
    }
  }

  @Test func promtoolSeesWhatIsWrong() throws {
    let metrics = Examples.metrics()
    #expect(try Self.faults(in: metrics.replacing("# HELP dsrproof_verdict ", with: "# ")) != "")
    #expect(try Self.faults(in: metrics + "dsrproof_verdict{verdict=\"pass\"} 0 0 0\n") != "")
  }

  @Test func everyFamilyIsNamedOnceAndNoSampleTwice() {
    let lines = Examples.metrics().split(separator: "\n")
    let types = lines.filter { $0.hasPrefix("# TYPE ") }
    #expect(types.count == Set(types).count)
    #expect(lines.count { $0.hasPrefix("# HELP ") } == types.count)
    let samples = MetricSample.all(in: Examples.metrics())
    #expect(samples.count == lines.count - 2 * types.count)
    #expect(Set(samples.map { [$0.name: $0.labels] }).count == samples.count)
  }

  @Test(arguments: [Verdict.Outcome.pass, .fail, .inconclusive])
  func aVerdictIsOneOfThree(outcome: Verdict.Outcome) {
    var verdict = Examples.pass
    verdict.outcome = outcome
    verdict.services[0].outcome = outcome
    for name in ["verdict", "service_verdict"] {
      var expected = ["pass": 0.0, "fail": 0, "inconclusive": 0]
      expected[outcome.rawValue] = 1
      #expect(Self.values(name, by: "verdict", of: verdict) == expected)
    }
  }

  @Test func everyFlowIsCountedByItsPath() {
    var verdict = Examples.fail
    verdict.services[0].flows = Examples.counts(direct: 1, viaBalancer: 2, bypassed: 3, unanswered: 4, undecided: 5)
    verdict.services[0].flows.background = 6
    #expect(
      Self.values("service_flows", by: "path", of: verdict)
        == ["direct": 1, "via_balancer": 2, "bypassed": 3, "unanswered": 4, "background": 6, "undecided": 5])
  }

  @Test func ownersAreCountedByTheirMAC() {
    #expect(
      Self.values("service_claims", by: "mac") == ["06:1f:8a:6c:8e:d2": 12, "06:d2:0a:b1:14:21": 3])
  }

  @Test func onlyChecksThatDidNotPassHaveASample() {
    #expect(
      Self.values("check_outcome", by: "slug") == ["reply-via-balancer": 1, "vip-owner-contested": 1])
    #expect(Self.samples("check_outcome", of: Examples.pass) == [])
  }

  @Test func aLiveCaptureTellsWhoDroppedAndAFileDoesNot() {
    let drops = Dictionary(grouping: Self.samples("capture_dropped_frames")) { $0.labels["capture"] ?? "" }
    let words = drops.mapValues { samples in samples.map { "\($0.labels["by"] ?? "") \($0.value)" } }
    #expect(words == ["eth1": ["kernel 15.0", "interface 5.0"], "switch.pcap": ["unknown 1.0"]])
    #expect(Self.values("capture_frames", by: "capture") == ["eth1": 980, "switch.pcap": 3, "client.pcap": 3])
    #expect(Self.values("capture_cut_frames", by: "capture") == ["eth1": 4, "switch.pcap": 0, "client.pcap": 0])
  }

  @Test func probesAreCountedAndTheSlowestIsTimed() {
    #expect(Self.values("service_probes", by: "result") == ["answered": 2, "failed": 1])
    #expect(Self.values("service_probe_latency_max_seconds", by: "service") == ["tcp://10.1.10.10:80": 0.25])
  }

  @Test func whatIsNotKnownHasNoSample() {
    for name in ["service_claims", "capture_dropped_frames", "service_probes", "service_probe_latency_max_seconds"] {
      #expect(Self.samples(name, of: Examples.pass) == [], "\(name)")
    }
    var verdict = Examples.measured
    for index in verdict.probes.indices { verdict.probes[index].latency = nil }
    #expect(Self.samples("service_probe_latency_max_seconds", of: verdict) == [])
    #expect(Self.values("service_probes", by: "result", of: verdict) == ["answered": 2, "failed": 1])
  }

  @Test func theRunIsTimedAndItsVersionNamed() {
    #expect(Self.samples("run_timestamp_seconds").map(\.value) == [1_570_066_802])
    #expect(Self.samples("build_info").map(\.labels) == [["version": "1.2.3"]])
  }

  @Test func namesFromStrangersStayInTheirLabel() throws {
    var verdict = Examples.pass
    verdict.captures[0].path = "a\\b\"} 1\nfake{x=\"\u{1b}[2J.pcap"
    let metrics = Examples.metrics(verdict)
    #expect(try Self.faults(in: metrics) == "")
    #expect(metrics.contains(#"{capture="a\\b\"} 1\\u{a}fake{x=\"\\u{1b}[2J.pcap"} 3"#))
  }

  /// The real reader: a node exporter with its textfile collector alone. What it serves is what was written.
  @Test func theTextfileCollectorServesEverySample() throws {
    var verdict = Examples.measured
    verdict.captures[0].path = #"C:\dumps\"one".pcap"#
    let folder = try TemporaryFolder()
    _ = try folder.file("dsrproof.prom", Data(Examples.metrics(verdict).utf8))
    let result = try CommandLineTool.run("/bin/sh", ["-c", Self.exporter], in: folder.url)
    #expect(result.status == 0, "\(result.errors)")
    let served = MetricSample.all(in: result.output)
    #expect(served.first { $0.name == "node_textfile_scrape_error" }?.value == 0)
    #expect(
      Set(served.filter { $0.name.hasPrefix("dsrproof_") }) == Set(MetricSample.all(in: Examples.metrics(verdict))))
  }

  /// Serves the folder on a port that the system chooses, and prints what is served.
  private static let exporter = """
    exporter=$(command -v prometheus-node-exporter || command -v node_exporter) || exit 127
    $exporter --web.listen-address=127.0.0.1:0 --collector.disable-defaults --collector.textfile \
      --collector.textfile.directory=. 2>log &
    trap 'kill $!' EXIT
    for turn in $(seq 100); do
      address=$(sed -n 's/.*"Listening on" address=//p' log)
      if [ -n "$address" ]; then break; fi
      sleep 0.1
    done
    curl --noproxy '*' --silent --show-error --fail "http://$address/metrics"
    """
}
