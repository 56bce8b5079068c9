import Checks
import Evidence
import Foundation
import Report
import Testing

/// Holds documents against the published schemas with a validator that is not ours (`schema/validate.py`).
enum Schema: String {
  case report, flows

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "schema")

  /// What is wrong with the documents; empty where they are valid. A missing validator is a fault like any other.
  func faults(in documents: String...) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "dsrproof-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = documents.indices.map { folder.appending(path: "\($0).json") }
    for (document, file) in zip(documents, files) { try Data(document.utf8).write(to: file) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "validate.py", "\(rawValue).schema.json"] + files.map(\.path)
    process.currentDirectoryURL = Self.folder
    let faults = Pipe()
    process.standardError = faults
    try process.run()
    let text = String(decoding: faults.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 0 ? "" : "exit \(process.terminationStatus): \(text)"
  }
}

@Suite struct SchemaTests {
  @Test func everyReportIsValid() throws {
    let faults = try Schema.report.faults(
      in: Examples.pass.jsonReport(), Examples.fail.jsonReport(), Examples.inconclusive.jsonReport())
    #expect(faults == "")
  }

  @Test func everyFlowDocumentIsValid() throws {
    var (some, none) = ("", "")
    try Examples.flows.writeJSON(to: &some)
    try Examples.noFlows.writeJSON(to: &none)
    #expect(try Schema.flows.faults(in: some, none) == "")
  }

  @Test func anUnknownKeyIsAFault() throws {
    let report = try Examples.pass.jsonReport().replacing(
      "\"schemaVersion\"", with: "\"another\" : 1, \"schemaVersion\"")
    #expect(try Schema.report.faults(in: report).contains("another"))
  }

  @Test func aMissingKeyIsAFault() throws {
    let report = try Examples.pass.jsonReport().replacing("\"truncatedAt\" : null,", with: "")
    #expect(try Schema.report.faults(in: report).contains("truncatedAt"))
  }
}

@Suite struct JSONReportTests {
  @Test func textFromStrangersCannotSteerATerminal() throws {
    var verdict = Examples.pass
    verdict.captures[0].path = "a\u{1b}[2J\u{9b}31m\u{202e}.pcap"
    let report = try verdict.jsonReport()
    #expect(report.contains(#"a\u001b[2J\u009b31m\u202e.pcap"#))
    let captures =
      try #require(
        try JSONSerialization.jsonObject(with: Data(report.utf8)) as? [String: Any])["captures"] as? [[String: Any]]
    #expect(captures?[0]["path"] as? String == verdict.captures[0].path)
  }

  @Test func theSameVerdictGivesTheSameBytes() throws {
    #expect(try Examples.fail.jsonReport() == Examples.fail.jsonReport())
  }

  @Test func aVantageIsOnlyNamedWhereAllCapturesShareIt() throws {
    #expect(try Examples.pass.jsonReport().contains(#"      "vantage" : "client","#))
    #expect(try Examples.inconclusive.jsonReport().contains(#"      "vantage" : null,"#))
  }
}
