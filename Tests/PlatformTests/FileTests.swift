import Foundation
import Platform
import TestSupport
import Testing

@Suite struct FileTests {
  @Test func aFileIsReadToItsEndAndNoFurtherThanItsLimit() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("a")
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    try OpenFile(creating: path).write(bytes)
    #expect(try OpenFile(reading: path).readAll(limit: bytes.count) == bytes)
    #expect(try OpenFile(reading: path).readAll(limit: 1000).count > 1000)
    let file = try OpenFile(reading: path)
    #expect(try file.read(5) == Array(bytes.prefix(5)))
    #expect(try file.readAll(limit: .max) == Array(bytes.dropFirst(5)))
    #expect(try file.read(5).isEmpty)
    #expect(throws: SystemError(EEXIST)) { try OpenFile(creating: path) }
  }

  @Test func whatTheSystemRefusesIsToldInItsWords() throws {
    let folder = try TemporaryFolder()
    #expect(throws: SystemError(ENOENT)) { try OpenFile(reading: folder.path("none")) }
    #expect(throws: SystemError(EISDIR)) { try OpenFile(reading: folder.url.path).read(1) }
    #expect(throws: SystemError(ENOTDIR)) { try names(inFolder: "/etc/passwd") }
    #expect("\(SystemError(ENOENT))" == "No such file or directory")
  }

  @Test func foldersAreMadeWithThoseThatTheyStandIn() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("a/b/c")
    try makeFolder(at: path)
    try makeFolder(at: path + "/")
    for name in ["b", "a", "ä b", String(repeating: "x", count: 255)] {
      try OpenFile(creating: "\(path)/\(name)").write([])
    }
    #expect(try names(inFolder: path) == ["a", "b", String(repeating: "x", count: 255), "ä b"])
    #expect(throws: SystemError(EEXIST)) { try makeFolder(at: "\(path)/a") }
    #expect(throws: SystemError(ENOTDIR)) { try makeFolder(at: "\(path)/a/b") }
  }

  @Test func linksAreFollowedToTheirEnd() throws {
    let folder = try TemporaryFolder()
    try makeFolder(at: folder.path("real"))
    try OpenFile(creating: folder.path("real/file")).write([])
    _ = unsafe symlink("real", folder.path("link"))
    _ = unsafe symlink("link/file", folder.path("second"))
    #expect(linkTarget(folder.path("link")) == "real" && linkTarget(folder.path("real")) == nil)
    let real = folder.path("real").resolvedPath
    #expect(folder.path("second").resolvedPath == "\(real)/file")
    #expect(folder.path("link/new").resolvedPath == "\(real)/new")
    #expect(folder.path("none/new").resolvedPath == folder.path("none/new"))
  }

  @Test func threadsRun() throws {
    let ended = DispatchSemaphore(value: 0)
    for _ in 0..<20 {
      try Threads.start {
        Threads.sleep(for: .milliseconds(2))
        ended.signal()
      }
    }
    for _ in 0..<20 { #expect(ended.wait(timeout: .now() + 10) == .success) }
  }

  #if os(Linux)
    private func run(_ script: String, within patience: Duration = .seconds(10)) throws -> (ChildProcess.End?, String) {
      let folder = try TemporaryFolder()
      let output = try OpenFile(creating: folder.path("output"))
      let process = try ChildProcess("/bin/sh", ["-c", script], environment: ["A=b"], output: output)
      let end = process.end(within: patience)
      return (end, try folder.text("output"))
    }

    @Test func aProgramHasItsOwnVariablesAndNoFileOfOurs() throws {
      // Not marked to be closed when a program starts.
      let kept = unsafe open("/etc/passwd", O_RDONLY)
      defer { close(kept) }
      let script = "echo $A ${HOME-none}; test -e /proc/$$/fd/\(kept) && echo open; read x || echo end"
      let (end, text) = try run(script)
      #expect(end == .exit(status: 0))
      #expect(text == "b none\nend\n")
    }

    @Test func itsEndIsTold() throws {
      #expect(try run("exit 3").0 == .exit(status: 3))
      #expect(try run("kill -9 $$").0 == .signal(9))
      #expect(try run("exec sleep 60", within: .milliseconds(50)).0 == nil)
      #expect(throws: SystemError(ENOENT)) {
        try ChildProcess("/no/program", [], environment: [], output: .standardError)
      }
    }
  #endif
}
