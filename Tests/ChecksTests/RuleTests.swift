import Evidence
import Foundation
import Report
import Tables
import TestSupport
import Testing
import Wire

@testable import Checks

/// The rules by which suspects are removed: each decides something, and `docs/verdict.md` lists them as they are.
@Suite struct RuleTests {
  /// What a report says of the return path.
  private struct Outcome: Equatable {
    var verdict: Verdict.Outcome
    var proof: ServiceVerdict.Proof?
    var assumptions: [Assumption]
    var flows: ServiceVerdict.FlowCounts
  }

  private func outcomes(_ line: FixtureLine, by rules: [Rule]) throws -> [Outcome]? {
    guard let policy = Policy(simpleArguments: line.arguments) else { return nil }
    let evidence = try CaptureContents(path: Repository.fixture(line.path)).evidence
    return judge(evidence, beside: Tables(), under: policy, by: rules).services.map {
      Outcome(verdict: $0.outcome, proof: $0.proof, assumptions: $0.assumptions, flows: $0.flows)
    }
  }

  @Test(arguments: Rule.ID.allCases)
  func `each rule has a capture that is judged otherwise without it`(_ id: Rule.ID) throws {
    let rule = try #require(Rule.all.first { $0.id == id }, "\(id.rawValue) is in no list of rules")
    let lines = FixtureLine.all.filter { $0.path == rule.fixture }
    #expect(!lines.isEmpty, "fixtures/LIST has no line for \(rule.fixture), the capture of \(id.rawValue)")
    let others = Rule.all.filter { $0.id != id }
    let decides = try lines.contains { line in
      guard let all = try outcomes(line, by: Rule.all), let rest = try outcomes(line, by: others) else { return false }
      return all != rest
    }
    #expect(
      decides, "leaving out \(id.rawValue) changes nothing of \(rule.fixture): find its capture, or drop the rule")
  }

  /// The column of `fixtures/LIST`: without any one of these rules the capture is judged otherwise, and without any other
  /// it is not.
  @Test(arguments: FixtureLine.all.filter { !$0.decidedBy.isEmpty })
  func `the rules that decide are those of the list`(line: FixtureLine) throws {
    let all = try #require(try outcomes(line, by: Rule.all), "\(line) needs more than who is who")
    let deciding = try Rule.all.filter { rule in try outcomes(line, by: Rule.all.filter { $0.id != rule.id }) != all }
    #expect(deciding.map(\.id.rawValue) == line.decidedBy, "state it in Tests/Fixtures/Decisions.swift")
  }

  @Test(arguments: Rule.ID.allCases)
  func `each rule decides a line of the list`(_ id: Rule.ID) {
    #expect(
      FixtureLine.all.contains { $0.decidedBy.contains(id.rawValue) },
      "no line of fixtures/LIST is decided by \(id.rawValue): write its fixture, or drop the rule")
  }

  @Test func `every id has one rule`() {
    #expect(Rule.all.map(\.id.rawValue).sorted() == Rule.ID.allCases.map(\.rawValue).sorted())
  }

  @Test func `the tables of the page are those of the code`() throws {
    let page = try String(contentsOf: Repository.root.appending(path: "docs/verdict.md"), encoding: .utf8)
    let rules =
      ["| rule | removes whom, and when | decides |", "|---|---|---|"]
      + Rule.all.map { "| `\($0.id.rawValue)` | \($0.statement) | `\(Self.cited($0.fixture))` |" }
    #expect(try section("rules", of: page) == rules.joined(separator: "\n"))
    let mark = { (assumption: Assumption, proof: ServiceVerdict.Proof) in
      proof.allowed.contains(assumption) ? "yes" : "no"
    }
    let assumptions =
      ["| assumption | takes for granted | mac-pair | identified | end-to-end |", "|---|---|---|---|---|"]
      + Assumption.allCases.map {
        "| `\($0.rawValue)` | \($0.words) | \(mark($0, .macPair)) | \(mark($0, .identified)) | \(mark($0, .endToEnd)) |"
      }
    #expect(try section("assumptions", of: page) == assumptions.joined(separator: "\n"))
  }

  /// As the page cites captures: without the ending, and without the folder of most.
  private static func cited(_ fixture: String) -> String {
    let name = fixture.replacingOccurrences(of: ".pcap", with: "")
    return name.hasPrefix("traps/") ? String(name.dropFirst("traps/".count)) : name
  }

  private func section(_ name: String, of page: String) throws -> String {
    let begin = try #require(page.range(of: "<!-- \(name): begin -->\n"))
    let end = try #require(page.range(of: "\n<!-- \(name): end -->"))
    return String(page[begin.upperBound..<end.lowerBound])
  }

  @Test func `the page cites captures that are there`() throws {
    let page = try String(contentsOf: Repository.root.appending(path: "docs/verdict.md"), encoding: .utf8)
    let known = Set(FixtureLine.all.map { Self.cited($0.path) })
    let cited = page.matches(of: /`((?:lab\/)?[a-z0-9-]+(?:\/[a-z0-9-]+)?)`/).map { String($0.1) }
      .filter { $0.hasPrefix("lab/") || $0.hasSuffix("-good") || $0.hasSuffix("-bad") }
    #expect(cited.count > 30)
    for name in cited { #expect(known.contains(name), "\(name) is no line of fixtures/LIST") }
  }
}
