import Foundation
import TestSupport
import Testing

/// The built `dsrproof`, run as users run it.
struct Executable {
  struct Result {
    var status: Int32
    var output: String
    var errors: String
  }

  /// It is built into the folder of the test bundle.
  static let url: URL = {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
    let test = bundle ?? URL(filePath: CommandLine.arguments[0])
    return test.deletingLastPathComponent().appending(path: "dsrproof")
  }()

  static func run(_ arguments: String..., input: Data = Data()) throws -> Result {
    try run(arguments, input: input)
  }

  static func run(
    _ arguments: [String], input: Data = Data(), environment: [String: String] = [:], in directory: URL? = nil
  ) throws -> Result {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = url
    process.arguments = arguments
    if let directory { process.currentDirectoryURL = directory }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = try FileHandle(forReadingFrom: folder.file("input", input))
    let (output, errors) = (folder.url.appending(path: "output"), folder.url.appending(path: "errors"))
    for file in [output, errors] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.runUnblocked()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }
}

/// Captures that are small enough to be written by hand.
enum SampleCapture {
  static let client: [UInt8] = [0x06, 0xba, 0x49, 0x38, 0x53, 0xf0]
  static let balancer: [UInt8] = [0x06, 0x1f, 0x8a, 0x6c, 0x8e, 0xd2]
  static let backend: [UInt8] = [0x06, 0xd2, 0x0a, 0xb1, 0x14, 0x20]

  /// A pcap file without a frame.
  static let empty = Data([
    0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0,
  ])

  /// A handshake of 10.1.10.100 with 10.1.10.10:80 whose reply comes from `replySource`.
  static func handshake(replyFrom replySource: [UInt8]) -> Data {
    let (client, vip): ([UInt8], [UInt8]) = ([10, 1, 10, 100], [10, 1, 10, 10])
    let (clientPort, serverPort): ([UInt8], [UInt8]) = ([0x93, 0x20], [0, 80])
    let frames = [
      Self.balancer + Self.client + packet(client, vip, clientPort + serverPort, sequence: 1, ack: 0, flags: 0x02),
      Self.client + replySource + packet(vip, client, serverPort + clientPort, sequence: 9, ack: 2, flags: 0x12),
      Self.balancer + Self.client + packet(client, vip, clientPort + serverPort, sequence: 2, ack: 10, flags: 0x10),
    ]
    return frames.enumerated().reduce(into: empty) { file, frame in
      let length: [UInt8] = [UInt8(frame.element.count), 0, 0, 0]
      file += [0x1a, 0x4f, 0x95, 0x5d, UInt8(frame.offset), 0, 0, 0] + length + length + frame.element
    }
  }

  /// The same frames at another time, as they stand in a file behind its header.
  static func handshake(replyFrom replySource: [UInt8], at time: Date) -> Data {
    let records = handshake(replyFrom: replySource).dropFirst(empty.count)
    let seconds = Data((0..<4).map { UInt8(truncatingIfNeeded: UInt32(time.timeIntervalSince1970) >> (8 * $0)) })
    // Each is a header of 16 bytes, the first four of which are the time, and a frame of 54.
    return stride(from: records.startIndex, to: records.endIndex, by: 70).reduce(into: Data()) { data, start in
      data += seconds + records[start + 4..<start + 70]
    }
  }

  private static func packet(
    _ source: [UInt8], _ destination: [UInt8], _ ports: [UInt8], sequence: UInt8, ack: UInt8, flags: UInt8
  ) -> [UInt8] {
    [0x08, 0x00, 0x45, 0, 0, 40, 0, 1, 0x40, 0, 64, 6, 0, 0] + source + destination + ports
      + [0, 0, 0, sequence, 0, 0, 0, ack, 0x50, flags, 0x10, 0, 0, 0, 0, 0]
  }
}
