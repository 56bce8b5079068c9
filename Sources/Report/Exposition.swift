/// Prometheus's text format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format. Without
/// timestamps, which the textfile collector refuses. And OpenMetrics, which differs in the name of a counter's family and at the
/// end: https://prometheus.io/docs/specs/om/open_metrics_spec/.
struct Exposition {
  private let form: MetricsForm
  private var families = ""

  init(_ form: MetricsForm = .prometheus) { self.form = form }

  var text: String { form == .openMetrics ? families + "# EOF\n" : families }

  /// A family of gauges. One without a sample is left out.
  mutating func gauge(_ name: String, _ help: String, _ samples: [Sample]) {
    add("dsrproof_\(name)", named: "dsrproof_\(name)", "gauge", help, samples)
  }

  /// A family of counters, which never fall while a run goes on. Its samples end in `_total`.
  mutating func counter(_ name: String, _ help: String, _ samples: [Sample]) {
    let whole = "dsrproof_\(name)_total"
    add(form == .openMetrics ? "dsrproof_\(name)" : whole, named: whole, "counter", help, samples)
  }

  private mutating func add(_ family: String, named name: String, _ type: String, _ help: String, _ samples: [Sample]) {
    guard !samples.isEmpty else { return }
    families += "# HELP \(family) \(help)\n# TYPE \(family) \(type)\n"
    for sample in samples { families += "\(name)\(sample.labels) \(sample.value)\n" }
  }

  struct Sample {
    fileprivate var value: String
    fileprivate var labels: String

    init(_ value: some Numeric, _ labels: KeyValuePairs<String, String> = [:]) {
      self.value = "\(value)"
      let pairs = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
      self.labels = pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
    }

    /// The format escapes the backslash, the quotation mark and the line feed. The last is a control, like others that a
    /// terminal must not see.
    private static func escaped(_ value: String) -> String {
      value.withoutControls.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
  }
}

/// The forms in which Prometheus takes metrics.
public enum MetricsForm: Sendable {
  case prometheus
  case openMetrics
}
