import Foundation
import Testing

/// Every line of `fixtures/LIST`: the capture, judged under its arguments, must give what the line says.
@Suite struct FixtureVerdictTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "fixtures")

  struct Line: Sendable, CustomTestStringConvertible {
    var path: String
    var arguments: [String]
    var verdict: String
    var failing: Set<String>
    var mayFailMore: Bool
    var flows: String?
    var testDescription: String { ([path] + arguments).joined(separator: " ") }

    init?(_ text: Substring) {
      let columns = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard !text.hasPrefix("#"), columns.count == 6 else { return nil }
      path = columns[0]
      arguments = columns[1] == "-" ? [] : columns[1].split(separator: " ").map(String.init)
      verdict = columns[2]
      failing = Set(columns[3].split(separator: ",").map(String.init)).subtracting(["-", "+"])
      mayFailMore = columns[3].hasSuffix("+")
      flows = columns[4] == "-" ? nil : columns[4]
    }
  }

  static let lines: [Line] = {
    let text = try? String(contentsOf: folder.appending(path: "LIST"), encoding: .utf8)
    return (text ?? "").split(separator: "\n").compactMap(Line.init)
  }()

  struct Report: Decodable {
    struct Service: Decodable { var flows: Flows }
    struct Flows: Decodable { var direct, viaBalancer, bypassed, unanswered, undecided: Int }
    struct Check: Decodable { var slug, outcome: String }
    var verdict, reason: String
    var services: [Service]
    var checks: [Check]
  }

  @Test func theListIsRead() { #expect(Self.lines.count > 250) }

  @Test(arguments: lines)
  func theVerdictIsWhatTheListSays(line: Line) throws {
    let capture = Self.folder.appending(path: line.path).path
    let result = try Executable.run(["verify", "-r", capture, "--format", "json"] + line.arguments)
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))

    #expect(report.verdict == line.verdict, "\(report.reason)")
    #expect(result.status == ["pass": 0, "fail": 1, "inconclusive": 3][line.verdict])

    let failed = Set(report.checks.filter { $0.outcome == "fail" }.map(\.slug))
    #expect(failed.isSuperset(of: line.failing))
    if !line.mayFailMore { #expect(failed.isSubset(of: line.failing)) }

    if let expected = line.flows {
      let counts: [KeyPath<Report.Flows, Int>] = [\.direct, \.viaBalancer, \.bypassed, \.unanswered, \.undecided]
      let sums = counts.map { count in report.services.reduce(0) { $0 + $1.flows[keyPath: count] } }
      #expect(sums.map(String.init).joined(separator: "/") == expected)
    }
  }
}
