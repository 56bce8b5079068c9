import ArgumentParser
import Checks
import Foundation
import Report
import Wire

/// The forms of a verdict. None decides anything.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, prometheus

  func report(of verdict: Verdict, color: Bool) throws -> String {
    switch self {
    case .text: verdict.textReport(color: color)
    case .json: try verdict.jsonReport()
    case .prometheus: verdict.prometheusReport(at: .now, version: DSRProof.version)
    }
  }
}

extension Timestamp {
  /// To the second.
  fileprivate static var now: Timestamp {
    Timestamp(seconds: UInt32(clamping: Int(Date.now.timeIntervalSince1970)), nanoseconds: 0)
  }
}
