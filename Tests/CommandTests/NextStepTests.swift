import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import dsrproof

/// A row of the table of `docs/next-steps.md`: why a check failed or is open, the step that a report names, and a command
/// that shows it.
struct NextStepRow: Sendable, CustomStringConvertible {
  var check: String
  var cause: String
  var step: String
  var command: [String]
  var description: String { "\(check): \(cause)" }

  init?(_ line: Substring) {
    let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
      .map { $0.trimmingCharacters(in: .whitespaces) }
    guard cells.count == 4, cells[3].hasPrefix("`"), cells[3].hasSuffix("`") else { return nil }
    (check, cause, step) = (cells[0], cells[1], cells[2])
    command = cells[3].dropFirst().dropLast().split(separator: " ").map(String.init)
  }

  static let lines: [Substring] = {
    let page = try? String(contentsOf: Repository.root.appending(path: "docs/next-steps.md"), encoding: .utf8)
    return (page ?? "").split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| check") }
  }()

  static let all = lines.compactMap(NextStepRow.init)

  func tells(of finding: StepReport.Check) -> Bool {
    check == "\(finding.id) \(finding.slug)" && Self.fits(cause, finding.reason)
      && Self.fits(step, finding.remedy)
  }

  /// Word by word, with the page's placeholders for MACs, addresses, numbers and lists.
  private static func fits(_ pattern: String, _ text: String) -> Bool {
    var expression = NSRegularExpression.escapedPattern(for: pattern)
    let ports = #"(?::\d+)?"#
    for (placeholder, what) in [
      ("MAC", "(?:MAC|(?:[0-9a-f]{2}:){5}[0-9a-f]{2})"),
      ("ADDRESS", #"(?:ADDRESS|\d+\.\d+\.\d+\.\d+|[0-9a-f:]*::[0-9a-f:]*)"# + ports),
      ("NUMBER", #"\d+"#), ("…", ".*"),
    ] {
      expression = expression.replacingOccurrences(
        of: "\\b\(placeholder)\\b|^\(placeholder)|\(placeholder)$",
        with: NSRegularExpression.escapedTemplate(for: what),
        options: .regularExpression)
    }
    return text.range(of: "^\(expression)$", options: .regularExpression) != nil
  }
}

/// What a JSON report says of steps.
struct StepReport: Decodable {
  struct Check: Decodable, CustomStringConvertible {
    var id, slug, outcome, reason, remedy: String
    var description: String { "\(id) \(slug) | \(reason) | \(remedy)" }

    /// Open, or wrong by frames: `docs/next-steps.md` has such.
    var hasRow: Bool {
      outcome == "inconclusive" || outcome == "fail" && (id.hasPrefix("DSR") || id.hasPrefix("ARP"))
    }
  }
  var checks: [Check]
}

/// The table of `docs/next-steps.md` and the reports say the same. That every finding of every fixture has its row,
/// `FixtureVerdictTests` holds.
@Suite struct NextStepTests {
  @Test func everyRowIsRead() {
    #expect(NextStepRow.all.count > 80)
    #expect(NextStepRow.all.count == NextStepRow.lines.count, "a row has no command")
  }

  @Test(arguments: NextStepRow.all)
  func theReportNamesTheStep(row: NextStepRow) throws {
    let folder = try TemporaryFolder()
    let words = row.command.map { word in
      let name = word.split(separator: "=").last.map(String.init) ?? word
      guard FileManager.default.fileExists(atPath: Repository.fixture(name)) else { return word }
      return word.dropLast(name.count) + Repository.fixture(name)
    }
    let path = folder.path("report")
    if words.starts(with: ["verify", "-r"]) {
      var verify = try FixtureLine.command(row.command[2], Array(words.dropFirst(3)))
      (verify.output.chosenFormat, verify.output.targets) = (.json, [try .init(argument: path)])
      #expect(throws: ExitCode.self) { try verify.run() }
    } else {
      var audit = try #require(try DSRProof.parseAsRoot(words) as? AuditCommand)
      (audit.output.chosenFormat, audit.output.targets) = (.json, [try .init(argument: path)])
      #expect(throws: ExitCode.self) { try audit.run() }
    }
    let report = try JSONDecoder().decode(StepReport.self, from: Data(folder.text("report").utf8))
    let open = report.checks.filter(\.hasRow)
    #expect(open.contains(where: row.tells), "the report says \(open.map(\.description).joined(separator: "\n"))")
  }
}
