import Foundation
import Testing

/// Every document that the tool writes about the fixtures, held against the published schemas.
@Suite struct FixtureReportTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static let captures: [String] = {
    let files = FileManager.default.enumerator(at: root.appending(path: "fixtures"), includingPropertiesForKeys: nil)
    return (files?.allObjects as? [URL] ?? []).map(\.path).filter { $0.contains(".pcap") }.sorted()
  }()

  @Test(arguments: [("verify", "report"), ("flows", "flows")])
  func everyDocumentIsValid(command: String, schema: String) throws {
    let folder = try TemporaryFolder()
    try #require(!Self.captures.isEmpty)
    var documents: [String] = []
    for (index, capture) in Self.captures.enumerated() {
      let document = folder.path("\(index).json")
      let result = try Executable.run(command, "-r", capture, "--format", "json", "-o", document)
      if result.status == 2 { continue }
      #expect([0, 1, 3].contains(result.status), "\(capture): \(result.errors)")
      documents.append(document)
    }
    try #require(!documents.isEmpty)
    let errors = folder.url.appending(path: "errors")
    try Data().write(to: errors)
    let validator = Process()
    validator.executableURL = URL(filePath: "/usr/bin/env")
    validator.arguments = ["python3", "validate.py", "\(schema).schema.json"] + documents
    validator.currentDirectoryURL = Self.root.appending(path: "schema")
    validator.standardError = try FileHandle(forWritingTo: errors)
    try validator.run()
    validator.waitUntilExit()
    let faults = try folder.text("errors")
    #expect(validator.terminationStatus == 0, "\(faults)")
  }
}
