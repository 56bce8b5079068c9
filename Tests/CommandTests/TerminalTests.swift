import Foundation
import TestSupport
import Testing

/// What changes where a person looks at a terminal. Python's `pty` is that terminal.
@Suite struct TerminalTests {
  private static let spawn = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"

  private func output(environment: [String: String]) throws -> String {
    let python = try #require(CommandLineTool.candidates("python3").first)
    let result = try CommandLineTool.run(
      python, ["-c", Self.spawn, Executable.url.path, "explain", "DSR001"],
      environment: ["TERM": "xterm", "NO_COLOR": ""].merging(environment) { $1 })
    #expect(result.status == 0)
    let text = result.output
    #expect(text.contains("DSR001 reply-via-balancer"))
    return text
  }

  @Test func aTerminalHasColor() throws {
    #expect(try output(environment: [:]).contains("\u{1b}[1m"))
  }

  @Test(arguments: [["NO_COLOR": "1"], ["TERM": "dumb"]])
  func whoAsksForNoneGetsNone(environment: [String: String]) throws {
    #expect(try !output(environment: environment).contains("\u{1b}"))
  }

  @Test func aPipeHasNoColor() throws {
    #expect(try !Executable.run("explain", "DSR001").output.contains("\u{1b}"))
  }
}
