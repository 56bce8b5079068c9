import ArgumentParser
import Checks
import Platform
import Report
import Wire

/// The forms of a verdict. None decides anything.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, html, svg, junit, markdown, github, tap, prometheus

  static var allValueStrings: [String] { allCases.map { $0.rawValue } }

  /// The form that files of such a name have; `nil` where the name does not tell.
  init?(fileName: String) {
    switch fileName.lowercased().split(separator: ".", omittingEmptySubsequences: false).dropFirst().last {
    case "txt"?: self = .text
    case "json"?: self = .json
    case "html"?, "htm"?: self = .html
    case "svg"?: self = .svg
    case "xml"?: self = .junit
    case "md"?: self = .markdown
    case "tap"?: self = .tap
    case "prom"?: self = .prometheus
    default: return nil
    }
  }

  /// Writes the report in this form.
  func write(
    _ verdict: Verdict, from run: RunRecord?, to output: inout some TextOutputStream, options: ReportOptions,
    isVerbose: Bool, color: Bool
  ) {
    switch self {
    case .json: verdict.writeJSON(to: &output, from: run)
    default:
      output.write(report(of: verdict, from: run, options: options, isVerbose: isVerbose, color: color))
    }
  }

  private func report(
    of verdict: Verdict, from run: RunRecord?, options: ReportOptions, isVerbose: Bool, color: Bool
  ) -> String {
    switch self {
    case .text: verdict.textReport(color: color, ascii: options.ascii, all: options.all, listsProbes: isVerbose)
    case .json: verdict.jsonReport(from: run)
    case .html: verdict.htmlReport()
    case .svg: verdict.svgReport()
    case .junit: verdict.junitReport(isStrict: options.strict)
    case .markdown: verdict.markdownReport()
    case .github: verdict.gitHubAnnotations(isStrict: options.strict)
    case .tap: verdict.tapReport(isStrict: options.strict)
    case .prometheus: verdict.prometheusReport(at: .now, version: DSRProof.version)
    }
  }
}

extension Timestamp {
  /// To the microsecond.
  static var now: Timestamp {
    let (seconds, nanoseconds) = timeOfDay
    return Timestamp(seconds: UInt32(clamping: seconds), nanoseconds: UInt32(nanoseconds / 1000) * 1000)
  }
}
