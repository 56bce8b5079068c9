public import Checks

extension Verdict {
  /// The report in the Test Anything Protocol, version 13 (https://testanything.org/tap-version-13-specification.html).
  /// What is inconclusive was skipped, and with `isStrict` failed; what the policy tolerates was skipped.
  public func tapReport(isStrict: Bool) -> String {
    let tests = Suite.all(of: self).flatMap { suite in suite.cases.map { (suite.name, $0) } }
    var text = "TAP version 13\n1..\(tests.count)\n"
    for (index, (service, test)) in tests.enumerated() {
      let isSkipped = test.outcome.isSkipped(strictly: isStrict)
      text += test.outcome == .pass || isSkipped ? "ok" : "not ok"
      text += " \(index + 1) - \(description("\(test.name), \(service)"))"
      text += isSkipped ? " # SKIP \(description(test.message))\n" : "\n"
      // Right below its test, or no reader takes it for the test's.
      text += diagnostics(test.funnels)
      guard test.outcome != .pass || test.isVerdict else { continue }
      for line in [test.message] + test.details { text += "# \(line.withoutControls)\n" }
    }
    return text
  }
}

/// The YAML block of a test.
private func diagnostics(_ funnels: [Funnel]) -> String {
  guard !funnels.isEmpty else { return "" }
  var lines = ["---", "funnels:"]
  for funnel in funnels {
    lines += ["  - place: \(quoted(funnel.place.place))", "    steps:"]
    lines += funnel.steps.map { "      \($0.step.rawValue): \($0.flows)" }
    guard let loss = funnel.loss else { continue }
    lines += [
      "    loss:", "      step: \(loss.step.rawValue)", "      flows: \(loss.flows)",
      "      frame: \(loss.frame.number)", "      capture: \(quoted(loss.frame.capture))",
    ]
  }
  return (lines + ["..."]).map { "  \($0)\n" }.joined()
}

private func quoted(_ text: String) -> String {
  "\"\(text.withoutControls.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
}

/// A number sign would begin a directive.
private func description(_ text: String) -> String { text.withoutControls.replacing("#", with: "\\#") }
