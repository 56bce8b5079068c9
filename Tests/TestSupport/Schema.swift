import Foundation

/// Holds documents against the published schemas with a validator that is not ours (`schema/validate.py`).
public enum Schema: String, Sendable {
  case report, flows, diff, history, config, change

  /// What is wrong with the documents; empty where they are valid. A missing validator is a fault like any other.
  public func faults(in documents: [String]) throws -> String {
    let folder = try TemporaryFolder()
    let files = try documents.enumerated().map { try folder.file("\($0).json", Data($1.utf8)) }
    return try faults(inFiles: files.map(\.path))
  }

  public func faults(inFiles files: [String]) throws -> String {
    let result = try CommandLineTool.run(
      try Self.python.get(), ["validate.py", "\(rawValue).schema.json"] + files, in: Repository.schema)
    return result.status == 0 ? "" : "exit \(result.status): \(result.errors)"
  }

  private static let python = Swift.Result { try CommandLineTool.python(having: "jsonschema.Draft202012Validator") }
}
