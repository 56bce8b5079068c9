import ArgumentParser
import TestSupport
import Testing

@testable import dsrproof

/// Every document that the tool writes about the fixtures, held against the published schemas. Within the tests, for
/// starting a program and reading its arguments takes longer than the work.
@Suite struct FixtureReportTests {
  @Test func everyReportIsValid() throws {
    let command = try #require(try DSRProof.parseAsRoot(["verify", "-r", "-", "--format", "json"]) as? VerifyCommand)
    try expectValid(.report) { capture, document in
      var command = command
      command.input.captures = [capture]
      command.output.targets = [try .init(argument: document)]
      try command.run()
    }
  }

  @Test func everyListOfFlowsIsValid() throws {
    let command = try #require(try DSRProof.parseAsRoot(["flows", "-r", "-", "--format", "json"]) as? FlowsCommand)
    try expectValid(.flows) { capture, document in
      var command = command
      command.input.captures = [capture]
      command.output.path = document
      try command.run()
    }
  }

  private func expectValid(_ schema: Schema, _ write: (_ capture: String, _ document: String) throws -> Void) throws {
    let folder = try TemporaryFolder()
    try #require(!Repository.captures.isEmpty)
    var documents: [String] = []
    for (index, capture) in Repository.captures.enumerated() {
      let document = folder.path("\(index).json")
      do {
        try write(Repository.fixture(capture), document)
      } catch is ExitCode {
        // A verdict other than pass.
      } catch let failure as Failure {
        // No capture, or one of a link type that is not known.
        #expect(failure.status == 2, "\(capture): \(failure.message)")
        continue
      }
      documents.append(document)
    }
    try #require(documents.count > Repository.captures.count / 2)
    #expect(try schema.faults(inFiles: documents) == "")
  }
}
