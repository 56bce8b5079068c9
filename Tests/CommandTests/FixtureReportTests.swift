import TestSupport
import Testing

/// Every document that the tool writes about the fixtures, held against the published schemas.
@Suite struct FixtureReportTests {
  @Test(arguments: [("verify", Schema.report), ("flows", Schema.flows)])
  func everyDocumentIsValid(command: String, schema: Schema) throws {
    let folder = try TemporaryFolder()
    try #require(!Repository.captures.isEmpty)
    var documents: [String] = []
    for (index, capture) in Repository.captures.enumerated() {
      let document = folder.path("\(index).json")
      let result = try Executable.run(command, "-r", Repository.fixture(capture), "--format", "json", "-o", document)
      if result.status == 2 { continue }
      #expect([0, 1, 3].contains(result.status), "\(capture): \(result.errors)")
      documents.append(document)
    }
    try #require(!documents.isEmpty)
    #expect(try schema.faults(inFiles: documents) == "")
  }
}
