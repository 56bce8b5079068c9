import Checks
import Evidence
import Report
import Tables
import Wire

/// A sample of Prometheus's text format.
struct MetricSample: Hashable {
  var name: String
  var labels: [String: String]
  var value: Double

  /// Those of a page; what is no sample is passed over.
  static func all(in text: String) -> [MetricSample] {
    text.split(separator: "\n").compactMap { line in
      guard let match = line.wholeMatch(of: /([a-z_]+)(?:\{(.*)\})? (\S+)/), let value = Double(match.3) else {
        return nil
      }
      let pairs = (match.2 ?? "").matches(of: /([a-z_]+)="((?:[^"\\]|\\.)*)"/).map { (String($0.1), String($0.2)) }
      return MetricSample(name: String(match.1), labels: Dictionary(pairs) { $1 }, value: value)
    }
  }
}

extension Examples {
  /// Everything that there can be to measure: two services, a live capture and a file that lost frames, probes, owners.
  static let measured: Verdict = {
    var verdict = fail
    verdict.services += inconclusive.services
    verdict.services[0].claimants = [.init(mac: balancer, frames: 12), .init(mac: otherBackend, frames: 3)]
    var live = capture("eth1")
    live.frames = 980
    live.cutFrames = 4
    var counts = CaptureSummary.LiveCounts()
    counts.droppedByKernel = 15
    counts.droppedByInterface = 5
    live.live = counts
    live.dropped = 20
    verdict.captures.append(live)
    verdict.captures.append(capture("client.pcap"))
    var probe = ProbeResult(service: service)
    probe.status = "connected"
    probe.latency = 0.0025
    var slow = probe
    slow.latency = 0.25
    var failed = ProbeResult(service: service)
    failed.failure = "timed out"
    verdict.probes = [probe, slow, failed]
    return verdict
  }()

  /// Ten minutes after the capture.
  static func metrics(_ verdict: Verdict = measured) -> String {
    verdict.prometheusReport(at: Timestamp(seconds: start.seconds + 600, nanoseconds: 0), version: "1.2.3")
  }
}
