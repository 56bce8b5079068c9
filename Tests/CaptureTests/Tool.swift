import Foundation

/// A command of the system that the tests compare with, or make files by.
struct Tool {
  let url: URL

  /// Finds it in PATH.
  init?(_ name: String) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let paths = folders.map { "\($0)/\(name)" }
    guard let path = paths.first(where: FileManager.default.isExecutableFile) else { return nil }
    url = URL(filePath: path)
  }

  static func exists(_ name: String) -> Bool { Tool(name) != nil }

  /// Runs it and returns its standard output.
  func run(_ arguments: [String]) throws -> [UInt8] {
    let process = Process()
    let output = Pipe()
    process.executableURL = url
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(tool: url.path, status: process.terminationStatus) }
    return Array(bytes)
  }

  struct Failure: Error {
    var tool: String
    var status: Int32
  }
}

/// `bytes` as a compressor writes them.
func compressed(_ bytes: [UInt8], by name: String, _ options: String...) throws -> [UInt8] {
  guard let tool = Tool(name) else { return [] }
  let file = TemporaryFile(bytes)
  return try tool.run(options + ["-c", file.path])
}
