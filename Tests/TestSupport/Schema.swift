import Foundation

/// Holds documents against the published schemas with a validator that is not ours (`schema/validate.py`).
public enum Schema: String, Sendable {
  case report, flows, config

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

  /// A Python that has the validator. Debian's package is for Debian's Python, and another may come first in PATH.
  private static let python: Swift.Result<String, CommandLineTool.Failure> = {
    let candidates = CommandLineTool.candidates("python3")
    for path in candidates {
      let found = try? CommandLineTool.run(path, ["-c", "from jsonschema import Draft202012Validator"])
      if found?.status == 0 { return .success(path) }
    }
    return .failure(
      CommandLineTool.Failure(
        description: """
          none of \(candidates) has the package jsonschema 4 or later: scripts/install-dependencies test installs it
          """))
  }()
}
