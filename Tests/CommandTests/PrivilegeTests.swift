import Foundation
import TestSupport
import Testing

/// What a live run keeps of root's rights, and what it leaves behind, however it ends.
@Suite(.enabled(if: NetworkNamespaces.isRoot, Comment(rawValue: NetworkNamespaces.needs)))
struct PrivilegeTests {
  /// A run that captures nothing, with a report and a capture in a folder of root's, which nobody else enters.
  private final class Run {
    let process: Process
    let folder: TemporaryFolder
    private let scratch: TemporaryFolder
    private let network: NetworkNamespaces

    init(by launcher: [String] = [], _ arguments: [String] = []) throws {
      (folder, scratch, network) = (try TemporaryFolder(), try TemporaryFolder(), try NetworkNamespaces([]))
      try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.url.path)
      let run =
        launcher + [Executable.url.path, "-i", "br0", "--duration", "60s", "-w", folder.path("c.pcapng")]
        + ["--format", "json", "-o", folder.path("report")] + arguments
      process = try network.start(
        "switch", ["/usr/bin/env", "-u", "SUDO_UID"] + run, output: try scratch.file("output", Data()),
        errors: try scratch.file("errors", Data()))
    }

    deinit {
      guard process.isRunning else { return }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }

    var errors: String { (try? scratch.text("errors")) ?? "" }

    /// What /proc says of it once it captures.
    func status() throws -> String {
      for _ in 0..<1200 where process.isRunning {
        if errors.contains("listening on") { break }
        Thread.sleep(forTimeInterval: 0.05)
      }
      return try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
    }

    func end(by signal: Int32) -> Int32 {
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      return process.terminationStatus
    }

    /// Both were written, whole, and nothing else.
    func expectOutputs() throws {
      let names = try folder.names
      #expect(names == ["c.pcapng", "report"], "\(errors)")
      #expect(try JSONSerialization.jsonObject(with: folder.data("report")) is [String: Any])
      #expect(try folder.data("c.pcapng").count > 28)
    }

    /// Whoever removes files may need a moment more.
    func expectNothing() throws {
      for _ in 0..<100 where try !folder.names.isEmpty { Thread.sleep(forTimeInterval: 0.05) }
      #expect(try folder.names == [])
    }
  }

  private static func expectNoCapabilities(_ status: String) {
    for line in ["CapPrm:\t0000000000000000", "CapEff:\t0000000000000000", "NoNewPrivs:\t1"] {
      #expect(status.contains(line))
    }
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func rootBecomesAnotherUserOnceItsOutputsAreOpen(signal: Int32) throws {
    let run = try Run()
    let status = try run.status()
    Self.expectNoCapabilities(status)
    let account = unsafe (getpwnam("dsrproof") ?? getpwnam("nobody"))
    let user = try #require(unsafe account?.pointee.pw_uid)
    #expect(status.contains("Uid:\t\(user)\t\(user)\t\(user)\t\(user)"))
    #expect(run.end(by: signal) == 3, "\(run.errors)")
    try run.expectOutputs()
    #expect(try FileManager.default.attributesOfItem(atPath: run.folder.path("report"))[.ownerAccountID] as? Int == 0)
  }

  @Test(arguments: [SIGKILL, SIGQUIT]) func aRunThatIsKilledLeavesNoFile(signal: Int32) throws {
    for arguments in [[], ["-Z", "root"]] {
      let run = try Run(arguments)
      _ = try run.status()
      _ = run.end(by: signal)
      #expect(run.process.terminationReason == .uncaughtSignal)
      try run.expectNothing()
    }
  }

  @Test func theOldOutputsStayUntilTheNewAreWhole() throws {
    let run = try Run()
    for name in ["c.pcapng", "report"] { _ = try run.folder.file(name, Data("old".utf8)) }
    _ = try run.status()
    _ = run.end(by: SIGKILL)
    for _ in 0..<100 where try run.folder.names.count > 2 { Thread.sleep(forTimeInterval: 0.05) }
    #expect(try run.folder.names == ["c.pcapng", "report"])
    #expect(try run.folder.text("report") == "old")
  }

  @Test func withoutTheRightToBecomeAnotherItGivesUpWhatItHas() throws {
    let launcher = ["/usr/bin/setpriv", "--bounding-set=-all,+net_raw"]
    let run = try Run(by: launcher)
    let status = try run.status()
    Self.expectNoCapabilities(status)
    #expect(status.contains("Uid:\t0\t"))
    #expect(run.errors.contains(": Operation not permitted; the run goes on without any capability"))
    #expect(run.end(by: SIGINT) == 3, "\(run.errors)")
    try run.expectOutputs()
    // Whoever names a user means it.
    let named = try Run(by: launcher, ["-Z", "nobody"])
    named.process.waitUntilExit()
    #expect(named.process.terminationStatus == 2)
    #expect(named.errors.contains("cannot become nobody: Operation not permitted"))
    try named.expectNothing()
  }

  /// Of the users of a container of somebody who is not root there is often one alone.
  @Test func whereThereIsNoOtherUserItGivesUpWhatItHas() throws {
    let folder = try TemporaryFolder()
    let program = "ip link set lo up; exec \"$@\""
    let result = try CommandLineTool.run(
      "/usr/bin/unshare",
      [
        "--user", "--map-root-user", "--net", "/bin/sh", "-c", program, "sh", Executable.url.path, "-i", "lo",
        "--duration", "100ms", "-o", folder.path("report"),
      ])
    #expect(result.status == 3, "\(result.errors)")
    #expect(result.errors.contains("; the run goes on without any capability"))
    #expect(try folder.names == ["report"])
  }
}
