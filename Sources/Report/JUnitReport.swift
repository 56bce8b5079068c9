public import Checks

extension Verdict {
  /// The report as JUnit's XML, which CI servers read: the form that Jenkins' junit-10.xsd fixes
  /// (https://github.com/jenkinsci/xunit-plugin). What is inconclusive was
  /// skipped, and with `isStrict` failed; what the policy tolerates was skipped.
  public func junitReport(isStrict: Bool) -> String {
    let suites = Suite.all(of: self)
    let failures = suites.reduce(0) { $0 + $1.failures(strictly: isStrict) }
    let document = Markup(
      "testsuites",
      [
        "name": "dsrproof", "tests": "\(suites.reduce(0) { $0 + $1.cases.count })", "failures": "\(failures)",
        "errors": "0",
      ]
    ) {
      Markup.lineEnd
      for suite in suites {
        suite.element(isStrict: isStrict)
        Markup.lineEnd
      }
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\(document.source)\n"
  }
}

extension Markup {
  fileprivate static let lineEnd = Markup(asWritten: "\n")
}

extension Suite {
  fileprivate func failures(strictly isStrict: Bool) -> Int {
    cases.count { $0.outcome != .pass && !$0.outcome.isSkipped(strictly: isStrict) }
  }

  fileprivate func element(isStrict: Bool) -> Markup {
    Markup(
      "testsuite",
      [
        "name": name, "tests": "\(cases.count)", "failures": "\(failures(strictly: isStrict))", "errors": "0",
        "skipped": "\(cases.count { $0.outcome.isSkipped(strictly: isStrict) })",
      ]
    ) {
      Markup.lineEnd
      for test in cases {
        Markup("testcase", ["classname": name, "name": test.name]) { test.result(isStrict: isStrict) }
        Markup.lineEnd
      }
    }
  }
}

extension Suite.Case {
  /// That a check passed says all; a verdict says how, and what is cited shows it.
  @MarkupBuilder fileprivate func result(isStrict: Bool) -> Markup {
    if outcome.isSkipped(strictly: isStrict) {
      Markup("skipped", ["message": message, "type": outcome.rawValue]) { text(details) }
    } else if outcome != .pass {
      Markup("failure", ["message": message, "type": outcome.rawValue]) { text(details) }
    }
    let output = (outcome == .pass && (isVerdict || !details.isEmpty) ? [message] + details : []) + funnels.map(\.line)
    if !output.isEmpty { Markup("system-out") { text(output) } }
  }

  private func text(_ lines: [String]) -> Markup {
    Markup {
      for (index, line) in lines.enumerated() {
        if index > 0 { Markup.lineEnd }
        line
      }
    }
  }
}
