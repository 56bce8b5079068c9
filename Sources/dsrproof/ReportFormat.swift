import ArgumentParser
import Checks
import Report

/// The forms of a verdict. None decides anything.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json

  func report(of verdict: Verdict, color: Bool) throws -> String {
    switch self {
    case .text: verdict.textReport(color: color)
    case .json: try verdict.jsonReport()
    }
  }
}
