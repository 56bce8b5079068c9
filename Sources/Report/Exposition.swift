/// Prometheus's text format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format. Without
/// timestamps, which the textfile collector refuses.
struct Exposition {
  private(set) var text = ""

  /// A family of gauges: every number here describes one run as a whole. A family without a sample is left out.
  mutating func gauge(_ name: String, _ help: String, _ samples: [Sample]) {
    guard !samples.isEmpty else { return }
    let name = "dsrproof_\(name)"
    text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
    for sample in samples { text += "\(name)\(sample.labels) \(sample.value)\n" }
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
