public import Foundation

/// A command of the system that tests compare with. Where it is missing the test fails: a comparison that was not made
/// has not passed.
public enum CommandLineTool {
  public struct Failure: Error, CustomStringConvertible {
    public var description: String

    public init(description: String) { self.description = description }
  }

  /// The files of that name in PATH, first found first.
  public static func candidates(_ name: String) -> [String] {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    var seen: Set<String> = []
    return (folders + ["/usr/bin"]).map { "\($0)/\(name)" }
      .filter { FileManager.default.isExecutableFile(atPath: $0) && seen.insert($0).inserted }
  }

  /// Its standard output; throws where it is missing or fails.
  public static func output(_ name: String, _ arguments: [String]) throws -> String {
    String(decoding: try data(name, arguments), as: UTF8.self)
  }

  public static func data(_ name: String, _ arguments: [String]) throws -> Data {
    guard let path = candidates(name).first else {
      throw Failure(description: "\(name) is not in PATH: scripts/install-dependencies test installs it")
    }
    let result = try run(path, arguments)
    guard result.status == 0 else {
      throw Failure(description: "\(name) \(arguments): exit status \(result.status): \(result.errors)")
    }
    return result.data
  }

  /// A Python that has what is named there: Debian's packages are for Debian's Python, and another may come first in PATH.
  public static func python(having name: String) throws -> String {
    let (module, member) = (name.prefix { $0 != "." }, name.drop { $0 != "." }.dropFirst())
    let program = "import \(module)" + (member.isEmpty ? "" : "; \(module).\(member)")
    let found = candidates("python3").first { path in (try? run(path, ["-c", program]).status) == 0 }
    guard let found else {
      throw Failure(description: "no python3 has \(name): scripts/install-dependencies test installs it")
    }
    return found
  }

  public struct Result: Sendable {
    public var status: Int32
    public var data: Data
    public var errors: String
    public var output: String { String(decoding: data, as: UTF8.self) }
  }

  /// Runs the program at `path`. What it prints goes through files: reading a pipe while children end is interrupted,
  /// which Foundation does not take.
  public static func run(
    _ path: String, _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:]
  ) throws -> Result {
    let scratch = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment
      .merging(["TZ": "UTC", "LC_ALL": "C.UTF-8"]) { $1 }.merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = folder }
    let (output, errors) = (try scratch.file("output", Data()), try scratch.file("errors", Data()))
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.runUnblocked()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, data: try Data(contentsOf: output),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }
}

/// A folder of a test's own, gone with it.
public final class TemporaryFolder: Sendable {
  public let url = FileManager.default.temporaryDirectory.appending(path: "dsrproof-\(UUID())")

  public init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: url) }

  public func path(_ name: String) -> String { url.appending(path: name).path }

  public func file(_ name: String, _ content: Data) throws -> URL {
    let file = url.appending(path: name)
    try content.write(to: file)
    return file
  }

  public func data(_ name: String) throws -> Data { try Data(contentsOf: url.appending(path: name)) }

  public func text(_ name: String) throws -> String {
    try String(contentsOf: url.appending(path: name), encoding: .utf8)
  }

  public var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() } }
}
