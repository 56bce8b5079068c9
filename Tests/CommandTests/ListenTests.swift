import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import dsrproof

/// What `watch --listen` serves, to a client that is not ours, and whom it refuses.
@Suite struct ListenTests {
  private static let capture = "lab/route-one-backend-of-two/switch.pcap"
  private static let arguments = ["-r", "-", "--vip", "10.1.10.10:80", "--window", "6s"]

  /// A run whose capture stays open once it is read to its end.
  private static func run(
    _ options: [String] = [], listen: String = "127.0.0.1:0", reading capture: String? = capture
  ) throws -> PageRun {
    let run = try PageRun(arguments + options, listen: listen)
    if let capture {
      try run.input.fileHandleForWriting.write(contentsOf: Data(contentsOf: URL(filePath: Repository.fixture(capture))))
    }
    return run
  }

  private static func tokenFile(_ token: String) throws -> (folder: TemporaryFolder, path: String) {
    let folder = try TemporaryFolder()
    return (folder, try folder.file("token", Data(token.utf8)).path)
  }

  @Test(arguments: ["127.0.0.1:9743", "[::1]:0", "0.0.0.0:80", "[fd00::1]:65535"])
  func anAddressIsSaidInFull(text: String) throws {
    let address = try ListenAddress(argument: text)
    #expect("\(address.host):\(address.port)" == text)
  }

  @Test(arguments: [
    "", ":9743", "9743", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:+1", "127.0.0.1:-1", "localhost:9743",
    "::1:9743", "[127.0.0.1]:9743", "[::1]", "[::1]9743", "*:9743", "127.0.0.1:97x", " 127.0.0.1:9743",
  ])
  func nothingElseIsOne(text: String) {
    #expect(throws: ValidationError.self) { try ListenAddress(argument: text) }
  }

  @Test func `What cannot be served is said at once`() throws {
    let (folder, token) = try Self.tokenFile("0123456789abcdef0123456789abcdef\n")
    defer { withExtendedLifetime(folder) {} }
    let taken = try Self.run(reading: nil)
    let port = try #require(URL(string: taken.url)?.port)
    let short = try folder.file("short", Data("secret\n".utf8)).path
    let words = try folder.file("words", Data("0123456789abcdef 0123456789abcdef".utf8)).path
    let cases: [(arguments: [String], status: Int32, words: String)] = [
      (["--listen", "127.0.0.1:\(port)"], 2, "127.0.0.1:\(port): Address already in use"),
      (["--listen", "192.0.2.1:0", "--token-file", token], 2, "192.0.2.1:0: Cannot assign requested address"),
      (["--listen", "0.0.0.0:0"], 64, "needs --token-file"),
      (["--listen", "[::]:0"], 64, "needs --token-file"),
      (["--listen", "9743"], 64, "like 127.0.0.1:9743"),
      (["--token-file", token], 64, "needs --listen"),
      (["--listen", "127.0.0.1:0", "--token-file", folder.path("none")], 2, "No such file or directory"),
      (["--listen", "127.0.0.1:0", "--token-file", short], 2, "16 signs at least"),
      (["--listen", "127.0.0.1:0", "--token-file", words], 2, "expected one word"),
    ]
    for (arguments, status, words) in cases {
      let result = try Executable.run(["watch"] + Self.arguments + arguments)
      #expect(result.status == status, "\(arguments)")
      #expect(result.errors.contains(words), "\(arguments): \(result.errors)")
    }
  }

  @Test func `Before a window is judged nobody says that all is well`() throws {
    let run = try Self.run(reading: nil)
    #expect(try run.get("healthz") == (503, "no window is judged yet\n"))
    #expect(try run.get("report.json").status == 503)
    #expect(try run.get("").text.contains("No window is judged yet."))
    let metrics = try run.get("metrics")
    #expect(metrics.status == 200 && metrics.text.contains("\ndsrproof_watch_judgements_total 0\n"))
    #expect(metrics.text.contains("dsrproof_build_info{version=\"\(DSRProof.version)\"} 1\n"))
    #expect(!metrics.text.contains("dsrproof_verdict"))
  }

  @Test func `What is served is what its readers take`() throws {
    let run = try Self.run()
    let health = try run.get("healthz") { status, _ in status == 200 }
    #expect(health.status == 200 && health.text.hasPrefix("ok: judged "))
    let report = try run.get("report.json")
    #expect(try Schema.report.faults(in: [report.text]) == "")
    #expect(try run.get("report.html").text.contains("<!DOCTYPE html>"))
    let metrics = try run.get("metrics", "--fail").text
    let folder = try TemporaryFolder()
    let file = try folder.file("metrics", Data(metrics.utf8))
    let promtool = try CommandLineTool.run("/bin/sh", ["-c", "promtool check metrics <\"$0\"", file.path])
    #expect(promtool.output + promtool.errors == "" && promtool.status == 0)
    for line in [
      #"dsrproof_capture_frames{capture="-"} 165"#, "dsrproof_watch_frames_total 165", "dsrproof_watch_services 1",
      #"dsrproof_service_flows{service="tcp://10.1.10.10:80",path="via_balancer"} 3"#,
    ] {
      #expect(try run.get("metrics") { _, text in text.contains(line) }.text.contains("\n\(line)\n"), "\(line)")
    }
  }

  @Test func `Metrics come in the form that is asked for`() throws {
    let run = try Self.run(reading: nil)
    let accept = "Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    let open = try run.get("metrics", "-i", "-H", accept).text
    #expect(open.contains("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8"))
    #expect(open.hasSuffix("\n# EOF\n") && open.contains("# TYPE dsrproof_watch_frames counter\n"))
    let plain = try run.get("metrics", "-i").text
    #expect(plain.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8"))
    #expect(!plain.contains("# EOF") && plain.contains("# TYPE dsrproof_watch_frames_total counter\n"))
  }

  @Test func `Nothing is changed, and no other name is this host's`() throws {
    let run = try Self.run(reading: nil)
    for verb in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
      let answer = try run.get("", "-i", "-X", verb)
      #expect(answer.status == 405 && answer.text.contains("Allow: GET, HEAD"), "\(verb)")
    }
    #expect(try run.get("metrics", "-H", "Host: rebound.example").status == 421)
    #expect(try run.get("../../etc/passwd", "--path-as-is").status == 404)
    let page = try run.get("", "-i").text
    #expect(page.contains("Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self';"))
    #expect(!page.contains(" style=") && !page.contains("<style") && !page.contains("<script>"))
  }

  @Test func `Who has no token gets nothing, and a browser may give it as a password`() throws {
    let token = "0123456789abcdef0123456789abcdef"
    let (folder, path) = try Self.tokenFile(token + "\n")
    defer { withExtendedLifetime(folder) {} }
    let run = try Self.run(["--token-file", path], listen: "0.0.0.0:0", reading: nil)
    for path in ["", "metrics", "healthz", "events", "live.js", "none"] {
      let answer = try run.get(path, "-i")
      #expect(answer.status == 401 && answer.text.contains("WWW-Authenticate: Bearer, Basic realm"), "\(path)")
    }
    #expect(try run.get("metrics", "-H", "Authorization: Bearer \(token)").status == 200)
    #expect(try run.get("metrics", "-u", "anyone:\(token)").status == 200)
    #expect(try run.get("metrics", "-u", "anyone:\(token)0").status == 401)
    #expect(!run.said.contains(token))
  }

  @Test func `Those who follow are told of each change`() throws {
    let run = try Self.run(reading: nil)
    let folder = try TemporaryFolder()
    let output = try folder.file("events", Data())
    let curl = Process()
    curl.executableURL = URL(filePath: "/usr/bin/curl")
    curl.arguments = ["-sN", "--max-time", "30", run.url + "events"]
    curl.standardOutput = try FileHandle(forWritingTo: output)
    try curl.runUnblocked()
    defer {
      curl.terminate()
      curl.waitUntilExit()
    }
    func told() throws -> String { try String(contentsOf: output, encoding: .utf8) }
    for _ in 0..<100 where try !told().contains("retry:") { Thread.sleep(forTimeInterval: 0.1) }
    let capture = try Data(contentsOf: URL(filePath: Repository.fixture(Self.capture)))
    try run.input.fileHandleForWriting.write(contentsOf: capture)
    try run.input.fileHandleForWriting.close()
    for _ in 0..<100 where try !told().contains("event: change") { Thread.sleep(forTimeInterval: 0.1) }
    let changes = try told().components(separatedBy: "event: change\ndata: ").dropFirst()
      .map { String($0.prefix { $0 != "\n" }) }
    #expect(changes.count == 1)
    #expect(try Schema.change.faults(in: changes) == "")
    #expect(try told().contains("event: judged\ndata: {\"time\":"))
  }

  @Test func `SIGTERM ends a run that is followed`() throws {
    let folder = try TemporaryFolder()
    let ring = folder.url.appending(path: "ring")
    try FileManager.default.createDirectory(at: ring, withIntermediateDirectories: false)
    let run = try PageRun(["-r", ring.path, "--vip", "10.1.10.10:80"])
    let curl = Process()
    curl.executableURL = URL(filePath: "/usr/bin/curl")
    curl.arguments = ["-sN", "--max-time", "30", run.url + "events"]
    curl.standardOutput = FileHandle.nullDevice
    try curl.runUnblocked()
    Thread.sleep(forTimeInterval: 0.5)
    kill(run.process.processIdentifier, SIGTERM)
    run.process.waitUntilExit()
    #expect(run.process.terminationReason == .exit && run.process.terminationStatus == 3)
    curl.waitUntilExit()
    // Its port is free, and what was followed has ended.
    let port = try #require(URL(string: run.url)?.port)
    _ = try PageRun(["-r", ring.path, "--vip", "10.1.10.10:80"], listen: "127.0.0.1:\(port)")
  }

  @Test func `A run that stands still says so`() throws {
    let folder = try TemporaryFolder()
    let run = try PageRun(["-r", folder.url.path, "--vip", "10.1.10.10:80"])
    #expect(try run.get("healthz").text == "no window is judged yet\n")
    let pulse = Pulse(longestTurn: 0.2)
    pulse.beat()
    #expect(pulse.complaint(isLive: true, step: 1) == "no window is judged yet")
    pulse.judge()
    #expect(pulse.complaint(isLive: true, step: 1) == nil)
    Thread.sleep(forTimeInterval: 0.4)
    #expect(pulse.complaint(isLive: true, step: 1)?.hasPrefix("nothing was done for ") == true)
    // Whoever waits for a pipe may wait.
    pulse.beat(isWaiting: true)
    Thread.sleep(forTimeInterval: 0.4)
    #expect(pulse.complaint(isLive: false, step: 0.01) == nil)
    #expect(pulse.complaint(isLive: true, step: 0.01)?.hasPrefix("no window was judged for ") == true)
  }
}
