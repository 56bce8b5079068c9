import Checks
import Foundation
import TestSupport
import Testing

@testable import Report

/// A diff as people and programs read it.
@Suite struct DiffFormTests {
  private static func kept(_ before: String, _ after: String) throws -> ReportDiff {
    ReportDiff(from: try SavedReportTests.kept(before), to: try SavedReportTests.kept(after))
  }

  @Test func whatIsWorseComesFirst() throws {
    let text = try Self.kept("pass-1", "tables-1").text(color: false)
    #expect(text.hasPrefix("WORSE         pass → fail; "))
    let worse = try #require(text.range(of: "\nFor the worse\n"))
    let neither = try #require(text.range(of: "\nNeither\n"))
    let fault = try #require(text.range(of: "DSR002 balancer-bypassed pass → fail"))
    let backend = try #require(text.range(of: "06:d2:0a:b1:14:21 (10.1.10.22) vanished"))
    #expect(worse.upperBound < fault.lowerBound)
    #expect(fault.upperBound < neither.lowerBound)
    #expect(neither.upperBound < backend.lowerBound)
  }

  @Test func theDocumentsExampleIsWhatIsPrinted() throws {
    let page = try String(contentsOf: Repository.root.appending(path: "docs/diff.md"), encoding: .utf8)
    #expect(page.contains("```\n\(try Self.kept("pass-1", "fail-1").text(color: false))```\n"))
  }

  @Test func whatStayedIsOnlyCounted() throws {
    let text = try Self.kept("pass-1", "pass-1").text(color: false)
    #expect(text == "NO CHANGE     still pass; nothing changed\n\nUnchanged: 1 service, 42 checks.\n")
  }

  @Test func checksThatATableBringsShareARow() throws {
    let rows = try Self.kept("pass-1", "tables-1").rows(.other).filter { $0.subject == .check }
    #expect(rows.count == 1)
    #expect(rows.first?.words.hasPrefix("notApplicable → pass: HOST001 vip-not-on-backend, HOST002 ") == true)
  }

  @Test func colourStandsForTheWorst() throws {
    #expect(try Self.kept("pass-1", "fail-1").text(color: true).hasPrefix("\u{1b}[1;31mWORSE"))
    #expect(try Self.kept("fail-1", "pass-1").text(color: true).hasPrefix("\u{1b}[1;32mBETTER"))
    #expect(try !Self.kept("pass-1", "fail-1").text(color: false).contains("\u{1b}"))
  }

  @Test func everyDocumentIsValid() throws {
    let names = ["pass-1", "fail-1", "tables-1", "inconclusive-1"]
    let documents = try names.flatMap { before in try names.map { try Self.kept(before, $0).json() } }
    #expect(try Schema.diff.faults(in: documents) == "")
  }

  @Test func aDocumentThatLacksAKeyIsAFault() throws {
    let document = try Self.kept("pass-1", "fail-1").json().replacing("\"worse\": ", with: "\"wors\": ")
    let faults = try Schema.diff.faults(in: [document])
    #expect(faults.contains("'worse' is a required property"))
    #expect(faults.contains("'wors' was unexpected"))
  }

  /// What a stranger's report can write into a terminal, a document or a page.
  private static let hostile = "\u{1b}[2J | <img src=x> `x` [a](http://b) @all"

  private static func hostileDiff() throws -> ReportDiff {
    let before = try SavedReportTests.kept("pass-1")
    var after = before
    after.services[0].service = hostile
    after.services[0].reason = hostile
    return ReportDiff(from: before, to: after)
  }

  @Test func textFromStrangersCannotSteerATerminal() throws {
    let diff = try Self.hostileDiff()
    for text in [diff.text(color: false), diff.markdown(), diff.json()] { #expect(!text.contains("\u{1b}")) }
  }

  @Test func textFromStrangersStaysInItsCell() throws {
    let markdown = try Self.hostileDiff().markdown()
    #expect(markdown.contains(#"\| \<img src=x\> \`x\` \[a\](http://b) \@all"#))
    let table = markdown.split(separator: "\n").filter { $0.hasPrefix("|") }
    #expect(table.count == 2 + 2)
    for row in table { #expect(row.replacing("\\|", with: "").count { $0 == "|" } == 5) }
  }
}
