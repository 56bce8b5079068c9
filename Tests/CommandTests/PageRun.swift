import Foundation
import TestSupport

/// `dsrproof watch --listen` that goes on until the test ends.
final class PageRun {
  let process: Process
  private let folder = try? TemporaryFolder()
  private let errors: URL
  /// Of its page, with a slash at its end.
  private(set) var url = ""
  /// Its standard input, where it reads one.
  let input = Pipe()

  /// On a host of a network.
  init(
    on host: String, of network: NetworkNamespaces, _ arguments: [String], listen: String = "127.0.0.1:0"
  ) throws {
    errors = try TemporaryFolder.errors(folder)
    process = try network.start(host, [Executable.url.path, "watch", "--listen", listen] + arguments, errors: errors)
    try findURL()
  }

  /// On this one.
  init(_ arguments: [String], listen: String = "127.0.0.1:0") throws {
    errors = try TemporaryFolder.errors(folder)
    process = Process()
    process.executableURL = Executable.url
    process.arguments = ["watch", "--listen", listen] + arguments
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.runUnblocked()
    try findURL()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  /// What it has said.
  var said: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

  private func findURL() throws {
    for _ in 0..<400 where process.isRunning {
      if let match = said.firstMatch(of: /the page is at (http:\S+)/) {
        url = String(match.1)
        return
      }
      Thread.sleep(forTimeInterval: 0.05)
    }
    throw CommandLineTool.Failure(description: "no page is served: \(said)")
  }

  /// What curl gets at a path; `%{http_code}` stands behind it.
  func get(_ path: String, _ options: String...) throws -> (status: Int, text: String) {
    let result = try CommandLineTool.run(
      "/usr/bin/curl", ["-s", "--max-time", "20", "-w", "\n%{http_code}"] + options + [url + path])
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n"))
  }

  /// The same again and again until it says so; what it said last.
  func get(_ path: String, until isRight: (_ status: Int, _ text: String) -> Bool) throws -> (status: Int, text: String)
  {
    var got = try get(path)
    for _ in 0..<200 where !isRight(got.status, got.text) {
      Thread.sleep(forTimeInterval: 0.1)
      got = try get(path)
    }
    return got
  }
}

extension TemporaryFolder {
  fileprivate static func errors(_ folder: TemporaryFolder?) throws -> URL {
    guard let folder else { throw CommandLineTool.Failure(description: "no folder can be made") }
    return try folder.file("errors", Data())
  }
}
