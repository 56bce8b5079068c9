import Foundation
import PacketBuilder
import TestSupport
import Testing
import Wire

/// Input that is no capture, or only the beginning of one: one line on standard error, exit status 2 and no report; or
/// a report up to where it broke off.
@Suite struct BadInputTests {
  private func expectRefusal(
    _ arguments: [String], input: Data = Data(), says line: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for command in ["verify", "flows"] {
      let result = try Executable.run([command] + arguments, input: input)
      #expect(result.status == 2, sourceLocation: sourceLocation)
      #expect(result.output == "", sourceLocation: sourceLocation)
      #expect(result.errors == "dsrproof: \(line)\n", sourceLocation: sourceLocation)
    }
  }

  private func expectRefusal(
    of content: Data, says fault: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("capture", content).path
    try expectRefusal(["-r", file], says: "\(file): \(fault)", sourceLocation: sourceLocation)
    try expectRefusal(["-r", "-"], input: content, says: "standard input: \(fault)", sourceLocation: sourceLocation)
  }

  @Test func theNullDeviceIsEmpty() throws {
    try expectRefusal(
      ["-r", "/dev/null"], says: "/dev/null: empty: expected a pcap or pcapng capture, found 0 bytes")
  }

  @Test func anEmptyFileIsEmpty() throws {
    try expectRefusal(of: Data(), says: "empty: expected a pcap or pcapng capture, found 0 bytes")
  }

  @Test func aFolderWithoutCapturesIsToldSo() throws {
    let folder = try TemporaryFolder()
    try expectRefusal(
      ["-r", folder.url.path], says: "\(folder.url.path): no file in this folder is a capture")
  }

  @Test func aTextIsNoCapture() throws {
    try expectRefusal(
      of: Data("hello, world\n".utf8),
      says: "not a capture: expected a pcap or pcapng magic number at offset 0, found 68656c6c (\"hell\")")
  }

  @Test func aMissingFileCannotBeOpened() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("missing.pcap")
    try expectRefusal(["-r", path], says: "\(path): cannot open: No such file or directory")
  }

  #if os(Linux)
    /// Even root cannot read address 0 of a process.
    @Test func aFileThatCannotBeReadSaysWhere() throws {
      try expectRefusal(
        ["-r", "/proc/self/mem"], says: "/proc/self/mem: cannot read at offset 0: Input/output error")
    }
  #endif

  /// 105 is IEEE 802.11.
  @Test func anUnknownLinkTypeIsNamed() throws {
    try expectRefusal(
      of: Data(PcapWriter(linkTypeNumber: 105).bytes),
      says: """
        link type 105 (IEEE802_11) in the file header: expected NULL, EN10MB, RAW, LOOP, LINUX_SLL, JUNIPER_ETHER, \
        IPV4, IPV6, NFLOG, PKTAP, LINUX_SLL2, DSA_TAG_BRCM, DSA_TAG_BRCM_PREPEND, DSA_TAG_DSA, DSA_TAG_EDSA; capture \
        on another interface
        """)
  }

  /// A record that claims 4 GB, in the place of the second one.
  @Test func anImpossibleRecordLengthSaysWhichAndWhere() throws {
    var capture = SampleCapture.handshake(replyFrom: SampleCapture.backend)
    let second = 24 + 16 + 54
    capture.replaceSubrange(second + 8..<second + 12, with: [0xff, 0xff, 0xff, 0xff])
    let result = try Executable.run("-r", "-", input: capture)
    #expect(result.status == 2)
    #expect(result.output == "")
    #expect(result.errors.hasPrefix("dsrproof: standard input: frame 2 at offset \(second): expected at most "))
    #expect(result.errors.hasSuffix(" captured bytes, found 4294967295; the file is damaged here\n"))
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test func oneBadCaptureAmongGoodOnesIsNamed() throws {
    try expectRefusal(
      ["-r", Repository.fixture("seed.pcap"), "-r", "/dev/null"],
      says: "/dev/null: empty: expected a pcap or pcapng capture, found 0 bytes")
  }

  @Test func anInputThatCannotBeReadLeavesNoReportFile() throws {
    let folder = try TemporaryFolder()
    _ = try Executable.run("-r", "/dev/null", "-o", folder.path("report"))
    #expect(try folder.names == [])
  }

  // MARK: A capture that breaks off

  private struct Report: Decodable {
    struct Capture: Decodable {
      var frames: Int
      var truncatedAt: Int?
    }
    var verdict: String
    var captures: [Capture]
  }

  /// The header has 24 bytes, a record 16 and its frame, of 54 bytes here.
  @Test(arguments: [1, 15, 16, 17, 69])
  func aCaptureThatBreaksOffIsJudgedUpToThere(remaining: Int) throws {
    let whole = SampleCapture.handshake(replyFrom: SampleCapture.backend)
    let third = 24 + 2 * (16 + 54)
    let result = try Executable.run(
      "-r", "-", "--vip", "10.1.10.10:80", "--format", "json", input: whole.prefix(third + remaining))
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    #expect(result.status == 0)
    #expect(result.errors == "")
    #expect(report.verdict == "pass", "request and reply came before")
    #expect(report.captures.map(\.frames) == [2])
    #expect(report.captures.map(\.truncatedAt) == [third])
    let text = try Executable.run("-r", "-", "--vip", "10.1.10.10:80", input: whole.prefix(third + remaining))
    #expect(text.output.contains("\(third)"), "the text report says where: \(text.output)")
  }

  @Test(arguments: ["text", "json", "csv"])
  func flowsOfACaptureThatBreaksOffSaySo(format: String) throws {
    let whole = SampleCapture.handshake(replyFrom: SampleCapture.backend)
    let folder = try TemporaryFolder()
    let cut = try folder.file("cut.pcap", Data(whole.prefix(24 + 2 * 70 + 17)))
    let result = try Executable.run("flows", "-r", cut.path, "--format", format)
    #expect(result.status == 0 && result.output.contains("10.1.10.10"))
    #expect(
      result.errors
        == "dsrproof: \(cut.path): the file breaks off in the record at byte 164; the flows are those of all before it\n"
    )
    #expect(try Executable.run("flows", "-r", "-", "--format", format, input: whole).errors == "")
  }

  @Test func aWholeCaptureIsNotTruncated() throws {
    let result = try Executable.run(
      "-r", "-", "--format", "json", input: SampleCapture.handshake(replyFrom: SampleCapture.backend))
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    #expect(report.captures.map(\.frames) == [3])
    #expect(report.captures.map(\.truncatedAt) == [nil])
  }
}

/// `-r -`: a pipe that is still being written, as `ssh host tcpdump -w -` gives it.
@Suite(.timeLimit(.minutes(15))) struct GrowingPipeTests {
  private struct Running {
    var process = Process()
    var input = Pipe()
    var folder: TemporaryFolder
    var output: URL

    init(_ arguments: String...) throws {
      folder = try TemporaryFolder()
      output = try folder.file("output", Data())
      process.executableURL = Executable.url
      process.arguments = arguments
      process.standardInput = input
      process.standardOutput = try FileHandle(forWritingTo: output)
      try process.runUnblocked()
    }

    func write(_ data: Data) throws { try input.fileHandleForWriting.write(contentsOf: data) }

    func end() throws -> (status: Int32, output: String) {
      process.waitUntilExit()
      return (process.terminationStatus, String(decoding: try Data(contentsOf: output), as: UTF8.self))
    }
  }

  private static let capture = SampleCapture.handshake(replyFrom: SampleCapture.backend)

  @Test func aPipeThatGrowsByteByByteIsReadToItsEnd() throws {
    let running = try Running("-r", "-", "--vip", "10.1.10.10:80")
    for byte in Self.capture { try running.write(Data([byte])) }
    #expect(running.process.isRunning, "the writer has not closed yet")
    try running.input.fileHandleForWriting.close()
    let (status, output) = try running.end()
    #expect(status == 0)
    #expect(output.hasPrefix("PASS "))
  }

  /// The frames that were asked for are there, so nothing is waited for: the pipe stays open.
  @Test func aCountEndsTheReadingOfAnOpenPipe() throws {
    let running = try Running("-r", "-", "-c", "3", "--vip", "10.1.10.10:80")
    try running.write(Self.capture)
    let (status, output) = try running.end()
    #expect(status == 0)
    #expect(output.hasPrefix("PASS "))
  }

  @Test func aWriterThatIsKilledInARecordLeavesAVerdict() throws {
    let running = try Running("-r", "-", "--vip", "10.1.10.10:80", "--format", "json")
    try running.write(Self.capture.dropLast(10))
    try running.input.fileHandleForWriting.close()
    let (status, output) = try running.end()
    #expect(status == 0)
    #expect(output.contains("\"truncatedAt\":\(24 + 2 * 70)"))
  }
}
