import ArgumentParser
import Checks
import Foundation
import TestSupport
import Testing

@testable import dsrproof

/// What `-r` takes.
@Suite struct CaptureInputTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["a.pcap", "b.pcap", "lb=c.pcap", "note.txt", ".hidden.pcap"] {
      _ = try folder.file(name, name == "note.txt" ? Data("hello".utf8) : SampleCapture.empty)
    }
  }

  private func inputs(_ arguments: [String]) throws -> [CaptureInput] {
    try VerifyCommand.parse(arguments).input.inputs
  }

  @Test func `a name stands before a file that is there`() throws {
    let a = folder.path("a.pcap")
    #expect(try inputs(["-r", "lb=\(a)"]) == [CaptureInput(name: "lb", path: a)])
    #expect(try inputs(["-r", a]) == [CaptureInput(path: a)])
    #expect(try inputs(["-r", "lb=-"]) == [CaptureInput(name: "lb", path: "-")])
    // As it was written, for the message that it cannot be opened.
    #expect(try inputs(["-r", "lb=\(a).not"]) == [CaptureInput(path: "lb=\(a).not")])
  }

  @Test func `a file with an equals sign stays readable`() throws {
    let path = folder.path("lb=c.pcap")
    #expect(try inputs(["-r", path]) == [CaptureInput(path: path)])
    #expect(try inputs(["-r", "be1=\(path)"]) == [CaptureInput(name: "be1", path: path)])
    let result = try Executable.run(["flows", "-r", "./lb=c.pcap"], in: folder.url)
    #expect(result.status == 0, "\(result.errors)")
    #expect(try Executable.run(["flows", "-r", "lb=c.pcap"], in: folder.url).status == 0)
    #expect(try Executable.run(["flows", "-r", "lb=a.pcap"], in: folder.url).status == 0)
  }

  @Test func `a folder stands for the captures in it`() throws {
    let paths = ["a.pcap", "b.pcap", "lb=c.pcap"].map(folder.path)
    #expect(try inputs(["-r", folder.url.path]).map(\.path) == paths)
    #expect(try inputs(["-r", "lb=\(folder.url.path)"]).map(\.name) == ["lb", "lb", "lb"])
    let none = try TemporaryFolder()
    #expect(throws: Failure.cannotRun("\(none.url.path): no file in this folder is a capture")) {
      try inputs(["-r", none.url.path])
    }
  }

  @Test func `what a shell makes of a pattern is read, and a filter behind it kept`() throws {
    let (a, b) = (folder.path("a.pcap"), folder.path("b.pcap"))
    let command = try VerifyCommand.parse(["-r", a, b, "host 10.1.10.10 or arp"])
    #expect(try command.input.inputs.map(\.path) == [a, b])
    #expect(command.input.filter == "host 10.1.10.10 or arp")
    #expect(try VerifyCommand.parse(["-r", a, "tcp", "port", "80"]).input.filter == "tcp port 80")
    // A mistake is told by the name of the file.
    #expect(try inputs(["-r", a, folder.path("note.txt")]).count == 2)
  }

  @Test func `a file is named once`() throws {
    let a = folder.path("a.pcap")
    #expect(throws: Failure.usage("\(a) is named twice with -r: its frames would count twice")) {
      try inputs(["-r", a, "-r", "lb=\(a)"])
    }
  }

  @Test func `a capture with the name of a host stands there`() throws {
    let tables = ["--host", "lb=\(Repository.fixture("lab/route"))", "--vip", "10.1.10.10:80"]
    let capture = Repository.fixture("lab/route/switch.pcap")
    for (argument, place) in [(capture, Vantage.mirror), ("lb=\(capture)", .balancer)] {
      let command = try VerifyCommand.parse(["-r", argument] + tables)
      let policy = command.known.policy(for: command.input.vip)
      let verdict = judge(try gather(command.input), beside: try command.tables.read(), under: policy)
      #expect(verdict.services.first?.vantages.map(\.vantage) == [place])
    }
  }
}
