public import Checks

extension Verdict {
  /// A line for each verdict and each finding, as GitHub Actions reads them from what a step prints
  /// (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands). A fault is an error; what is
  /// inconclusive is a warning, and with `isStrict` an error; what the policy tolerates is a warning.
  public func gitHubAnnotations(isStrict: Bool) -> String {
    let suites = Suite.all(of: self)
    return suites.flatMap { suite in
      suite.cases.enumerated().compactMap { index, test in
        let command: String
        switch test.outcome {
        case .fail: command = "error"
        case .inconclusive: command = isStrict ? "error" : "warning"
        case .tolerated: command = "warning"
        // The verdict alone, which names what is ignored: a check that passed is no news.
        case .pass, .ignored:
          guard index == 0 else { return nil }
          command = "notice"
        }
        let message = ([test.message] + test.details + test.funnels.filter { $0.loss != nil }.map(\.line)).map(
          \.withoutControls
        ).joined(separator: "\n")
        let title = "\(suite.name) \(test.name)".withoutControls
        return "::\(command) title=\(property(title))::\(data(message))\n"
      }
    }.joined()
  }
}

private func data(_ text: String) -> String {
  text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
}

private func property(_ text: String) -> String {
  data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
}
