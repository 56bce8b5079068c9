import Checks
import Evidence
import Report
import TestSupport
import Testing
import Wire

/// Frames cannot be shown from an evidence file. Whoever reads a report learns it from that very form.
@Suite struct FramelessReportTests {
  private static func verdict(evidenceFile: String?) -> Verdict {
    var verdict = Examples.fail
    for index in verdict.captures.indices { verdict.captures[index].evidenceFile = evidenceFile }
    return verdict
  }

  private static let forms: [(String, @Sendable (Verdict) throws -> String)] = [
    ("text", { $0.textReport(color: false) }), ("html", { $0.htmlReport() }), ("svg", { $0.svgReport() }),
    ("markdown", { $0.markdownReport() }), ("junit", { $0.junitReport(isStrict: false) }),
    ("tap", { $0.tapReport(isStrict: false) }), ("github", { $0.gitHubAnnotations(isStrict: false) }),
  ]

  @Test func everyFormForPeopleSaysSo() throws {
    for (name, form) in Self.forms {
      let words = try form(Self.verdict(evidenceFile: "all.evidence")).replacing(/\s+/, with: " ")
      #expect(words.contains("is an evidence file") && words.contains("all.evidence"), "\(name)")
      #expect(words.contains("cannot be") && words.contains("frames"), "\(name)")
      #expect(try !form(Self.verdict(evidenceFile: nil)).contains("evidence file"), "\(name)")
    }
  }

  @Test func programsAreToldByAKey() throws {
    let json = Self.verdict(evidenceFile: "all.evidence").jsonReport()
    #expect(json.contains("\"evidenceFile\":\"all.evidence\""))
    #expect(try Schema.report.faults(in: [json]) == "")
    #expect(!Self.verdict(evidenceFile: nil).jsonReport().contains("evidenceFile"))
    let sample = "dsrproof_capture_without_frames{capture="
    #expect(Examples.metrics(Self.verdict(evidenceFile: "all.evidence")).contains(sample))
    #expect(!Examples.metrics(Self.verdict(evidenceFile: nil)).contains(sample))
  }

  @Test func severalCapturesOfOneFileAreToldOnceWithAVerdict() {
    var verdict = Self.verdict(evidenceFile: "all.evidence")
    verdict.captures += verdict.captures
    #expect(verdict.tapReport(isStrict: false).matches(of: /is an evidence file/).count == verdict.services.count)
  }

  @Test func standardInputIsCalledSo() {
    #expect(
      Self.verdict(evidenceFile: "-").textReport(color: false).replacing(/\s+/, with: " ")
        .contains("standard input is an evidence file: its frames cannot be shown"))
  }
}
