import Foundation
import TestSupport
import Testing

/// `watch -i` in a real network, in which Direct Server Return goes wrong, and right again.
@Suite(.enabled(if: NetworkNamespaces.isRoot, Comment(rawValue: NetworkNamespaces.needs)), .serialized)
struct LiveWatchTests {
  private struct Change: Decodable {
    var from: String
    var to: String
  }

  @Test func `Each change is told once, while it goes wrong and right again`() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let folder = try TemporaryFolder()
    let (log, errors) = (try folder.file("log", Data()), try folder.file("errors", Data()))
    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: log.path)
    let watch = try network.start(
      "client",
      [
        Executable.url.path, "watch", "-i", "eth1", "--vip", "10.1.10.10:80", "--window", "3s", "--steps", "3", "--log",
        log.path,
      ], output: nil, errors: errors)
    defer {
      if watch.isRunning { kill(watch.processIdentifier, SIGKILL) }
      watch.waitUntilExit()
    }
    func told() throws -> [Change] {
      try String(contentsOf: log, encoding: .utf8).split(separator: "\n").map {
        try JSONDecoder().decode(Change.self, from: Data($0.utf8))
      }
    }
    /// Asks again and again until so many changes were told.
    func ask(until count: Int) throws {
      for _ in 0..<150 where try told().count < count {
        _ = try network.run("client", "curl", "-s", "-o", "/dev/null", "--max-time", "1", "http://10.1.10.10/")
        Thread.sleep(forTimeInterval: 0.1)
      }
    }
    for _ in 0..<200 where try !String(contentsOf: errors, encoding: .utf8).contains("listening on") {
      Thread.sleep(forTimeInterval: 0.05)
    }
    // The client asks who has the VIP now, and hours later no more: that is remembered.
    try ask(until: 1)
    Thread.sleep(forTimeInterval: 4)
    try LiveNetwork.returnThroughBalancer(network)
    try ask(until: 2)
    try LiveNetwork.returnStraight(network)
    try ask(until: 3)
    kill(watch.processIdentifier, SIGHUP)
    kill(watch.processIdentifier, SIGUSR1)
    Thread.sleep(forTimeInterval: 0.5)
    #expect(watch.isRunning)
    kill(watch.processIdentifier, SIGTERM)
    watch.waitUntilExit()
    let said = try String(contentsOf: errors, encoding: .utf8)
    #expect(try told().map(\.to) == ["pass", "fail", "pass"], "\(said)")
    #expect(try told().map(\.from) == ["open", "pass", "fail"])
    #expect(watch.terminationStatus == 0, "\(said)")
    #expect(said.contains("read the configuration anew") && said.contains("tcp://10.1.10.10:80 pass since "))
  }

  @Test func `A run whose interface goes away says so, whatever the states are`() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let folder = try TemporaryFolder()
    let errors = try folder.file("errors", Data())
    let watch = try network.start(
      "client", [Executable.url.path, "watch", "-i", "eth1", "--vip", "10.1.10.10:80"], output: nil, errors: errors)
    defer {
      if watch.isRunning { kill(watch.processIdentifier, SIGKILL) }
      watch.waitUntilExit()
    }
    for _ in 0..<200 where try !String(contentsOf: errors, encoding: .utf8).contains("listening on") {
      Thread.sleep(forTimeInterval: 0.05)
    }
    try network.run("client", "ip", "link", "delete", "eth1")
    for _ in 0..<200 where watch.isRunning { Thread.sleep(forTimeInterval: 0.05) }
    try #require(!watch.isRunning)
    #expect(watch.terminationStatus == 2)
    #expect(try String(contentsOf: errors, encoding: .utf8).contains("watches no more: "))
  }
}
