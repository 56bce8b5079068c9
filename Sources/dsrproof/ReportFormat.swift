import ArgumentParser
import Checks
import Report

/// The forms of a verdict. None decides anything.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, html, svg, junit, markdown, github, tap

  /// The report in this form.
  func report(of verdict: Verdict, options: ReportOptions, color: Bool) throws -> String {
    switch self {
    case .text: verdict.textReport(color: color, ascii: options.ascii)
    case .json: try verdict.jsonReport()
    case .html: verdict.htmlReport()
    case .svg: verdict.svgReport()
    case .junit: try verdict.junitReport(isStrict: options.strict)
    case .markdown: verdict.markdownReport()
    case .github: verdict.gitHubAnnotations(isStrict: options.strict)
    case .tap: verdict.tapReport(isStrict: options.strict)
    }
  }
}
