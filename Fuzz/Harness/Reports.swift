import ArgumentParser
import Checks
import Evidence
import Foundation
import Report
import Tables
import TestSupport
import Wire

@testable import dsrproof

/// The first byte of the input chooses what the user says; the rest is a capture. It is judged, cut and judged again, and
/// every report of it written.
func readReports(_ input: ArraySlice<UInt8>) {
  guard let choice = input.first, let contents = contents(of: input.dropFirst()) else { return }
  let evidence = contents.evidence
  let policy = policy(choice, evidence)
  let verdict = judge(evidence, under: policy)
  checkVerdict(verdict, mayPass: true)
  checkFlows(of: evidence)
  checkDraft(of: evidence, policy)
  var random = chance(of: input)
  checkCuts(contents, verdict, policy, &random)
}

/// Without a word of the user in most cases.
private func policy(_ choice: UInt8, _ evidence: Evidence) -> Policy {
  var policy = Policy()
  if choice & 1 != 0, let first = judge(evidence, under: policy).services.first { policy.services = [first.service] }
  if choice & 2 != 0 { policy.vantage = Vantage.allCases[Int(choice >> 2) % Vantage.allCases.count] }
  if choice & 0x20 != 0 { policy.minimumProof = .identified }
  if choice & 0x40 != 0 { policy.maximumBackground = 0.5 }
  return policy
}

/// What a verdict says is sound by itself, and can be written in every form.
func checkVerdict(_ verdict: Verdict, mayPass: Bool) {
  for service in verdict.services where service.outcome == .pass {
    mustHold(mayPass && service.flows.direct > 0 && service.proof != nil, "a pass without a proof")
  }
  if verdict.outcome == .pass { mustHold(verdict.services.allSatisfy { $0.outcome == .pass }) }
  guard let options = try? ReportOptions.parse([]) else { fatalError("no options") }
  for format in ReportFormat.allCases {
    var text = ""
    format.write(verdict, from: nil, to: &text, options: options, isVerbose: true, color: false)
    mustHold(text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" }, "a sign that steers, as \(format)")
    if format == .json { checkComparison(text) }
  }
}

/// A JSON report is one that `diff` reads, and it is no worse than itself.
private func checkComparison(_ json: String) {
  do {
    let report = try SavedReport(json: Data(json.utf8))
    mustHold(!ReportDiff(from: report, to: report).isWorse, "worse than itself")
  } catch {
    fatalError("\(error)")
  }
}

func checkFlows(of evidence: Evidence) {
  let report = FlowReport(evidence.flowTraces(of: []), points: evidence.points, captures: evidence.captureSummaries)
  var (text, table, json) = ("", "", "")
  report.writeText(to: &text)
  report.writeCSV(to: &table)
  report.writeJSON(to: &json)
  mustHold((try? JSONSerialization.jsonObject(with: Data(json.utf8))) != nil, "flows are no JSON")
}

/// What `init` writes is a configuration.
private func checkDraft(of evidence: Evidence, _ policy: Policy) {
  let text = ConfigDraft(policy) { judge(evidence, under: $0) }.text
  do {
    _ = try Config(text: text, folder: "")
  } catch {
    fatalError("\(error) in \(text)")
  }
}
