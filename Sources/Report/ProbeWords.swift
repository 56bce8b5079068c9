import Checks
import Evidence
import Wire

/// The probes of one service in one line.
struct ProbeSummary {
  var service: ServicePattern
  var words: String

  var text: String { "\(service.url): \(words)" }
}

extension [ProbeResult] {
  /// One for each service that was asked, in their order.
  var summaries: [ProbeSummary] {
    Dictionary(grouping: self, by: \.service).sorted { $0.key < $1.key }.map { service, probes in
      ProbeSummary(service: service, words: probes.words)
    }
  }

  /// `20 probes: 18 connected, 2 failed; 0.3 to 1.2 ms; replies from 06:d2:0a:b1:14:20 (18)`.
  private var words: String {
    var statuses: [String] = []
    var counts: [String: Int] = [:]
    for probe in self {
      let status = probe.status ?? "failed"
      if counts[status] == nil { statuses.append(status) }
      counts[status, default: 0] += 1
    }
    let became =
      statuses.count == 1 && count > 1
      ? "all \(statuses[0])" : statuses.map { "\(counts[$0] ?? 0) \($0)" }.joined(separator: ", ")
    var parts = ["\(counted(count, "probe")): \(became)"]
    let latencies = compactMap(\.latency)
    if let least = latencies.min(), let most = latencies.max() {
      let (least, most) = (milliseconds(least), milliseconds(most))
      parts.append(least == most ? "\(least) ms" : "\(least) to \(most) ms")
    }
    var answers: [MACAddress: Int] = [:]
    for mac in flatMap(\.answeredBy) { answers[mac, default: 0] += 1 }
    if !answers.isEmpty {
      parts.append("replies from " + listed(answers.sorted { $0.key < $1.key }) { "\($0.key) (\($0.value))" })
    }
    return parts.joined(separator: "; ")
  }
}

extension ProbeResult {
  var ends: String { (client.map { "\($0.text) → " } ?? "") + service.url }

  /// What became of it.
  var words: String {
    var words = [status ?? "failed: \(failure ?? "")"]
    if let latency { words.append("\(milliseconds(latency)) ms") }
    if let sight { words.append(sight.words) }
    if !answeredBy.isEmpty {
      words.append("replies from " + answeredBy.map(\.description).joined(separator: ", "))
    }
    return words.joined(separator: ", ")
  }
}

/// To a tenth.
private func milliseconds(_ seconds: Double) -> Double { (seconds * 10_000).rounded() / 10 }

extension TerminalText {
  /// A line for each service, and where that is asked for one for each probe, in columns.
  mutating func add(_ probes: [ProbeResult], listing: Bool) {
    for summary in probes.summaries { entry("Probes", summary.text, indent: 16, style: .bold) }
    guard listing else { return }
    let ends = probes.map { ascii ? $0.ends.replacing("→", with: "->") : $0.ends }
    let width = ends.map(\.count).max() ?? 0
    for (probe, ends) in zip(probes, ends) {
      line("  " + ends + String(repeating: " ", count: width - ends.count) + "  \(probe.words)")
    }
  }
}
