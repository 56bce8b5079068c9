import ArgumentParser
import Checks
import Report

/// The forms of a verdict. None decides anything.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, html, svg

  func report(of verdict: Verdict, color: Bool, ascii: Bool) throws -> String {
    switch self {
    case .text: verdict.textReport(color: color, ascii: ascii)
    case .json: try verdict.jsonReport()
    case .html: verdict.htmlReport()
    case .svg: verdict.svgReport()
    }
  }
}
