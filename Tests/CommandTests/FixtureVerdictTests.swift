import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import dsrproof

/// Every line of `fixtures/LIST`: the capture, judged under its arguments, must give what the line says.
@Suite struct FixtureVerdictTests {
  struct Report: Decodable {
    struct Service: Decodable { var flows: Flows }
    struct Flows: Decodable { var direct, viaBalancer, bypassed, unanswered, undecided: Int }
    struct Check: Decodable { var slug, outcome: String }
    var verdict, reason: String
    var services: [Service]
    var checks: [Check]
  }

  @Test func theListIsRead() { #expect(FixtureLine.all.count > 250) }

  @Test(arguments: FixtureLine.all)
  func theVerdictIsWhatTheListSays(line: FixtureLine) throws {
    let folder = try TemporaryFolder()
    var command = try line.command
    command.output.chosenFormat = .json
    command.output.targets = [try .init(argument: folder.path("report"))]
    let status = #expect(throws: ExitCode.self) { try command.run() }
    let report = try JSONDecoder().decode(Report.self, from: Data(folder.text("report").utf8))

    #expect(report.verdict == line.verdict, "\(report.reason)")
    #expect(status?.rawValue == ["pass": 0, "fail": 1, "inconclusive": 3][line.verdict])

    let failed = Set(report.checks.filter { $0.outcome == "fail" }.map(\.slug))
    #expect(failed.isSuperset(of: line.failing))
    if !line.mayFailMore { #expect(failed.isSubset(of: line.failing)) }

    // `docs/next-steps.md` has every step.
    let steps = try JSONDecoder().decode(StepReport.self, from: Data(folder.text("report").utf8))
    for finding in steps.checks where finding.hasRow {
      #expect(NextStepRow.all.contains { $0.tells(of: finding) }, "no row of docs/next-steps.md: \(finding)")
    }

    if let expected = line.flows {
      let counts: [KeyPath<Report.Flows, Int>] = [\.direct, \.viaBalancer, \.bypassed, \.unanswered, \.undecided]
      let sums = counts.map { count in report.services.reduce(0) { $0 + $1.flows[keyPath: count] } }
      #expect(sums.map(String.init).joined(separator: "/") == expected)
    }
  }
}
