import Foundation
import TestSupport
import Testing

/// `watch` on captures: as they are written, and of a ring of files.
@Suite struct WatchCommandTests {
  private let vip = ["--vip", "10.1.10.10:80", "--window", "6s"]

  private struct Change: Decodable {
    struct Check: Decodable {
      struct Shown: Decodable {
        var capture: String
        var frame: Int
      }
      var slug: String
      var evidence: [Shown]
    }
    var service: String
    var from: String
    var to: String
    var proof: String?
    var checks: [Check]
  }

  private func changes(in log: String) throws -> [Change] {
    try log.split(separator: "\n").map { try JSONDecoder().decode(Change.self, from: Data($0.utf8)) }
  }

  @Test func `A change is told once, in the log too, with the frames that show it in a file`() throws {
    let folder = try TemporaryFolder()
    let keep = folder.url.appending(path: "keep")
    try FileManager.default.createDirectory(at: keep, withIntermediateDirectories: false)
    let log = folder.url.appending(path: "log")
    let result = try Executable.run(
      ["watch", "-r", Repository.fixture("lab/masq/client.pcap"), "--log", log.path, "--keep", keep.path] + vip)
    #expect(result.status == 1, "\(result.errors)")
    let lines = try String(contentsOf: log, encoding: .utf8)
    #expect(try Schema.change.faults(in: lines.split(separator: "\n").map(String.init)) == "")
    let told = try changes(in: lines)
    #expect(told.map(\.to) == ["fail"] && told.map(\.from) == ["open"])
    let change = try #require(told.first)
    #expect(result.errors.components(separatedBy: "tcp://10.1.10.10:80 fail").count == 2)
    let proof = try #require(change.proof)
    let shown = try #require(change.checks.first { $0.slug == "reply-via-balancer" }?.evidence.first)
    #expect(shown.capture == proof)
    let frames = try CommandLineTool.run(
      "/usr/bin/tshark", ["-r", proof, "-T", "fields", "-e", "frame.number", "-e", "frame.comment"])
    let line = try #require(frames.output.split(separator: "\n").first { $0.hasPrefix("\(shown.frame)\t") })
    #expect(line.contains("DSR001 reply-via-balancer"))
  }

  @Test func `Files beyond the limit go, the oldest first, and no others`() throws {
    let folder = try TemporaryFolder()
    let names = ["20200101T000000Z-a-fail-dsrproof.pcapng", "20200102T000000Z-a-fail-dsrproof.pcapng", "other.pcapng"]
    for name in names { _ = try folder.file(name, Data()) }
    _ = try Executable.run(
      ["watch", "-r", Repository.fixture("lab/masq/client.pcap"), "--keep", folder.url.path, "--keep-files", "2"] + vip)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    #expect(left.count == 3 && left.contains("other.pcapng") && left.contains(names[1]) && !left.contains(names[0]))
  }

  /// The same capture three times: two of them in hours that follow each other, one two hours later.
  private func day(in folder: TemporaryFolder) throws -> String {
    let capture = Repository.fixture("lab/masq/client.pcap")
    var all = [capture]
    for seconds in [3600, 9000] {
      let later = folder.url.appending(path: "\(seconds).pcap").path
      try #require(try CommandLineTool.run("/usr/bin/editcap", ["-t", "\(seconds)", capture, later]).status == 0)
      all.append(later)
    }
    let day = folder.url.appending(path: "day.pcap").path
    try #require(try CommandLineTool.run("/usr/bin/mergecap", ["-F", "pcap", "-w", day] + all).status == 0)
    return day
  }

  @Test func `The evidence of each hour is in a file, and together they say what the capture says`() throws {
    let folder = try TemporaryFolder()
    let hours = folder.url.appending(path: "hours")
    try FileManager.default.createDirectory(at: hours, withIntermediateDirectories: false)
    let day = try day(in: folder)
    let result = try Executable.run(["watch", "-r", "be1=\(day)", "--evidence", hours.path] + vip)
    #expect(result.status == 1, "\(result.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: hours.path).sorted()
    #expect(
      names == ["06", "07", "08"].map { "be1-20261125T\($0)\($0 == "08" ? "41" : "11")09Z-dsrproof.evidence" })
    let verdicts = try ["be1=\(day)", hours.path].map { input in
      let report = try Executable.run(["verify", "-r", input, "--vip", "10.1.10.10:80"]).output
      return report.prefix(while: { $0 != "┐" }).components(separatedBy: "FAILED").first
    }
    #expect(verdicts[0] == verdicts[1] && verdicts[0]?.contains("6 of 6 flows") == true, "\(verdicts)")
  }

  @Test func `Frames that come late at the border of an hour are all kept`() throws {
    struct Report: Decodable {
      struct Capture: Decodable { var frames: Int }
      var captures: [Capture]
    }
    let folder = try TemporaryFolder()
    var capture = try Data(contentsOf: URL(filePath: Repository.fixture("lab/masq/client.pcap")))
    let border: UInt32 = 1_795_593_600
    var (offset, number) = (24, 0)
    while offset + 16 <= capture.count {
      // Of three frames one is of the hour before; so is the first of all.
      let seconds = number % 3 == 0 ? border - 1 : border
      capture.replaceSubrange(offset..<offset + 4, with: (0..<4).map { UInt8(truncatingIfNeeded: seconds >> ($0 * 8)) })
      let length = capture[offset + 8..<offset + 12].reversed().reduce(0) { $0 << 8 | Int($1) }
      (offset, number) = (offset + 16 + length, number + 1)
    }
    let late = try folder.file("late.pcap", capture).path
    let hours = folder.url.appending(path: "hours")
    try FileManager.default.createDirectory(at: hours, withIntermediateDirectories: false)
    _ = try Executable.run(["watch", "-r", "be1=\(late)", "--evidence", hours.path] + vip)
    #expect(try FileManager.default.contentsOfDirectory(atPath: hours.path).count == 2)
    let report = try Executable.run(["verify", "-r", hours.path, "--vip", "10.1.10.10:80", "--format", "json"]).output
    let frames = try JSONDecoder().decode(Report.self, from: Data(report.utf8)).captures.map(\.frames)
    #expect(number > 0 && frames.reduce(0, +) == number)
  }

  @Test func `A week of evidence stays, the oldest goes, and none of another host`() throws {
    let folder = try TemporaryFolder()
    let old = (0..<170).map { String(format: "%04d0101T000000Z-dsrproof.evidence", 1800 + $0) }
    for name in old { _ = try folder.file("be1-\(name)", Data()) }
    let others = ["be1-eth1-\(old[0])", "be2-\(old[0])", "be1-18000101T000000Z-dsrproof.evidence.tmp"]
    for name in others { _ = try folder.file(name, Data()) }
    _ = try Executable.run(
      ["watch", "-r", "be1=" + Repository.fixture("lab/masq/client.pcap"), "--evidence", folder.url.path] + vip)
    let left = Set(try FileManager.default.contentsOfDirectory(atPath: folder.url.path))
    #expect(left.isSuperset(of: others) && left.isSuperset(of: old.suffix(167).map { "be1-\($0)" }))
    #expect(left.count == 168 + others.count && left.contains("be1-20261125T061109Z-dsrproof.evidence"))
  }

  @Test func `A folder for evidence that is not there ends the run`() throws {
    let result = try Executable.run(
      ["watch", "-r", Repository.fixture("lab/masq/client.pcap"), "--evidence", "/nowhere/hours"] + vip)
    #expect(result.status == 2 && result.errors.contains("--evidence /nowhere/hours: is no folder that is there"))
  }

  @Test func `A program is run without a shell, with the change as arguments and on its standard input`() throws {
    let folder = try TemporaryFolder()
    let program = try folder.file(
      "page", Data("#!/bin/sh\n{ printf '%s\\n' \"$1\" \"$2\" \"$3\"; cat; } > \"$0.told\"\n".utf8))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    let result = try Executable.run(
      ["watch", "-r", Repository.fixture("lab/masq/client.pcap"), "--on-change", program.path] + vip)
    #expect(result.status == 1)
    // The run does not wait for the program.
    let path = folder.url.appending(path: "page.told").path
    var text = ""
    for _ in 0..<200 where text.count(where: \.isNewline) < 4 {
      Thread.sleep(forTimeInterval: 0.05)
      text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
    let told = text.split(separator: "\n").map(String.init)
    #expect(told.prefix(3) == ["tcp://10.1.10.10:80", "fail", "open"])
    #expect(try changes(in: told.last ?? "").first?.to == "fail")
  }

  @Test func `A ring of files is read, each once a newer one is there`() throws {
    let folder = try TemporaryFolder()
    let (good, bad) = (
      try Data(contentsOf: URL(filePath: Repository.fixture("lab/route/client.pcap"))),
      try Data(contentsOf: URL(filePath: Repository.fixture("lab/masq/client.pcap")))
    )
    _ = try folder.file("ring_00001", good)
    let process = Process()
    // What begins with a dot is no file of the ring.
    let (log, errors) = (try folder.file(".log", Data()).path, try folder.file(".errors", Data()))
    process.executableURL = Executable.url
    process.arguments = ["watch", "-r", folder.url.path, "--log", log, "--steps", "12"] + vip
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.runUnblocked()
    defer {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    // Nothing is read of a file that may grow.
    Thread.sleep(forTimeInterval: 0.5)
    #expect(try String(contentsOfFile: log, encoding: .utf8).isEmpty)
    _ = try folder.file("ring_00002", Data("no capture".utf8))
    _ = try folder.file("ring_00003", Data())
    for _ in 0..<200 where try String(contentsOfFile: log, encoding: .utf8).isEmpty {
      Thread.sleep(forTimeInterval: 0.05)
    }
    #expect(try changes(in: String(contentsOfFile: log, encoding: .utf8)).first?.to == "pass")
    // A ring writes its names anew. The last step of a file is judged when a later one begins.
    for (name, content) in [("ring_00001", bad), ("ring_00002", good), ("ring_00003", Data())] {
      Thread.sleep(forTimeInterval: 0.05)
      try content.write(to: folder.url.appending(path: name))
    }
    for _ in 0..<100 where try changes(in: String(contentsOfFile: log, encoding: .utf8)).count < 2 {
      Thread.sleep(forTimeInterval: 0.05)
    }
    #expect(try changes(in: String(contentsOfFile: log, encoding: .utf8)).map(\.to).prefix(2) == ["pass", "fail"])
    #expect(try String(contentsOf: errors, encoding: .utf8).contains("ring_00002"))
  }

  @Test(arguments: [["--until-verdict"], ["-w", "x.pcapng"], ["-c", "5"], ["--window", "10ms"]])
  func `What is for one verdict is refused`(options: [String]) throws {
    let result = try Executable.run(["watch", "-i", "lo"] + options)
    #expect(result.status == 64)
  }
}
