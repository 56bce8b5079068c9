import Checks
import Foundation
import TestSupport
import Testing

@testable import Report

/// Reports that were written to a file and are read again.
@Suite struct SavedReportTests {
  /// `fixtures/reports` has what earlier builds wrote: NAME-SCHEMAVERSION.json, made with what the name says.
  static func kept(_ name: String) throws -> SavedReport {
    try SavedReport(json: try Data(contentsOf: URL(filePath: Repository.fixture("reports/\(name).json"))))
  }

  static func fault(_ json: String) -> String? {
    do throws(SavedReport.Fault) {
      _ = try SavedReport(json: Data(json.utf8))
      return nil
    } catch {
      return error.description
    }
  }

  static let least = #"{"schemaVersion": 1, "verdict": "pass", "services": [], "checks": []}"#

  @Test func everyOldReportStaysReadable() throws {
    let folder = Repository.fixture("reports")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
    #expect(names.count >= 4)
    for name in names {
      let stem = String(name.dropLast(".json".count))
      let report = try Self.kept(stem)
      #expect(!report.services.isEmpty && !report.checks.isEmpty, "\(name)")
      #expect(ReportDiff(from: report, to: report).changes.isEmpty, "\(name)")
    }
  }

  @Test func anOldReportSaysWhatItSaid() throws {
    #expect(try Self.kept("pass-1").verdict == .pass)
    #expect(try Self.kept("inconclusive-1").verdict == .inconclusive)
    let fail = try Self.kept("fail-1")
    #expect(fail.verdict == .fail)
    let service = try #require(fail.services.first)
    #expect(service.service == "tcp://10.1.10.10:80")
    #expect(service.flows?.viaBalancer == 3)
    #expect(service.backends?.map(\.mac) == ["06:d2:0a:b1:14:20", "06:d2:0a:b1:14:21"])
    #expect(service.claims == nil)
    #expect(fail.checks.filter { $0.outcome == .fail }.map(\.id) == ["DSR001"])
  }

  @Test func aReportOfThisBuildIsRead() throws {
    let report = try SavedReport(json: Data(Examples.fail.jsonReport().utf8))
    #expect(report.verdict == .fail)
    #expect(report.services[0].claims?.isEmpty == true)
    #expect(report.checks.map(\.id).sorted() == ["ARP001", "ARP004", "DSR001"])
  }

  @Test func keysOfALaterBuildArePassedOver() throws {
    #expect(Self.fault(Self.least.replacing("\"verdict\"", with: "\"later\": {\"x\": [1]}, \"verdict\"")) == nil)
  }

  @Test func aNewerVersionIsNamedBesideTheKnownOne() {
    let fault = Self.fault(Self.least.replacing("\"schemaVersion\": 1", with: "\"schemaVersion\": 7"))
    #expect(fault?.contains("schemaVersion 3 or lower, found 7") == true)
  }

  @Test(arguments: [
    ("", "no JSON"), ("[1", "no JSON"), ("PASS", "no JSON"), ("{}", "no \"schemaVersion\" in the document"),
    ("[]", "another kind in the document"), (#"{"schemaVersion": 1}"#, "no \"verdict\" in the document"),
    (least.replacing("\"pass\"", with: "\"perhaps\""), "an unknown word in verdict"),
    (least.replacing("\"services\": []", with: #""services": [{"service": 3}]"#), "services[0].service"),
    (least.replacing("\"services\": []", with: #""services": null"#), "null in services"),
    (
      least.replacing("\"services\"", with: #""captures": [{"firstTime": "today"}], "services""#),
      "an unknown word in captures[0].firstTime"
    ),
    (String(repeating: "[", count: 100_000), "no JSON"),
    (
      least.replacing(
        "\"services\": []",
        with: """
          "services": [{"service": "a", "verdict": "pass", "flows": {"total": -1, "viaBalancer": 0, "bypassed": 0, \
          "unanswered": 0, "undecided": 0}}]
          """), "a number out of range"
    ),
  ])
  func whatIsNoReportIsToldSo(json: String, found: String) {
    let fault = Self.fault(json)
    #expect(fault?.hasPrefix("expected what dsrproof verify --format json writes, found ") == true)
    #expect(fault?.contains(found) == true, "\(fault ?? "read")")
  }
}
