import ArgumentParser
import Checks
import Report

/// The forms of a verdict. None decides anything.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, junit, markdown, github, tap

  /// `isStrict`: what is inconclusive counts as failed where a form has no word for it.
  func report(of verdict: Verdict, color: Bool, isStrict: Bool) throws -> String {
    switch self {
    case .text: verdict.textReport(color: color)
    case .json: try verdict.jsonReport()
    case .junit: try verdict.junitReport(isStrict: isStrict)
    case .markdown: verdict.markdownReport()
    case .github: verdict.gitHubAnnotations(isStrict: isStrict)
    case .tap: verdict.tapReport(isStrict: isStrict)
    }
  }
}
