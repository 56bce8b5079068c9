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
      guard test.outcome != .pass || test.isVerdict else { continue }
      for line in [test.message] + test.details { text += "# \(line.withoutControls)\n" }
    }
    return text
  }
}

/// A number sign would begin a directive.
private func description(_ text: String) -> String { text.withoutControls.replacing("#", with: "\\#") }
