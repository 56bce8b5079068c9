import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Serving

/// The server over real connections of this host, with limits small enough to be met.
@Suite(.serialized) struct PageServerTests {
  /// Counts how often a page is made.
  private final class Made: Sendable {
    let count = Mutex(0)
  }

  private struct Words: Pages {
    var words = "hello"
    let made = Made()

    func page(at path: String, openMetrics: Bool) -> Page? {
      made.count.withLock { $0 += 1 }
      return switch path {
      case "/": Page(contentType: "text/plain", body: openMetrics ? "open \(words)" : words)
      case "/now": .line(words, status: 503)
      default: nil
      }
    }
  }

  private static func serve(
    _ pages: Words = Words(), token: String? = nil, _ change: (inout ServingLimits) -> Void = { _ in }
  ) throws -> (server: PageServer, port: UInt16) {
    var limits = ServingLimits()
    change(&limits)
    let socket = try listeningSocket()
    let gate = Gate(address: "127.0.0.1", isLoopback: true, token: token)
    return (try PageServer(socket: socket.descriptor, gate: gate, pages: pages, limits: limits), socket.port)
  }

  private static let get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
  private static let events = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"

  @Test func aPageIsMadeOnceUntilThereAreOthers() throws {
    let pages = Words()
    let (server, port) = try Self.serve(pages)
    defer { server.stop() }
    let connection = try RawConnection(port: port)
    for _ in 0..<3 {
      connection.send(Self.get)
      let answer = connection.receive(until: "hello").text
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
      for field in [
        "Content-Length: 5", "X-Content-Type-Options: nosniff", "Content-Security-Policy: default-src 'none'",
        "Cache-Control: no-store",
      ] {
        #expect(answer.contains("\r\n\(field)\r\n"))
      }
    }
    #expect(pages.made.count.withLock { $0 } == 1)
    server.publish(Words(words: "other"), [])
    for _ in 0..<100 {
      connection.send(Self.get)
      if connection.receive(until: "hello", for: 0.2).text.contains("other") { return }
    }
    Issue.record("the other page is not served")
  }

  @Test func headHasNoBody() throws {
    let (server, port) = try Self.serve()
    defer { server.stop() }
    let connection = try RawConnection(port: port)
    connection.send("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    let answer = connection.receive()
    #expect(answer.isClosed && answer.text.contains("Content-Length: 5\r\n") && answer.text.hasSuffix("\r\n\r\n"))
  }

  @Test(arguments: [
    ("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n", "404 Not Found"),
    ("GET /now HTTP/1.1\r\nHost: localhost\r\n\r\n", "503 Service Unavailable"),
    ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request"),
    ("GET / HTTP/1.1\r\nHost: rebound.example\r\n\r\n", "421 Misdirected Request"),
    ("DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n", "405 Method Not Allowed"),
    ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody", "405 Method Not Allowed"),
    ("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody", "413"),
    ("GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", "413"),
    ("nonsense\r\n\r\n", "400 Bad Request"),
  ])
  func whatIsRefused(request: String, status: String) throws {
    let (server, port) = try Self.serve()
    defer { server.stop() }
    let connection = try RawConnection(port: port)
    connection.send(request)
    let answer = connection.receive(until: "\r\n\r\n").text
    #expect(answer.hasPrefix("HTTP/1.1 \(status)"), "\(answer.prefix(200))")
    if status.hasPrefix("405") { #expect(answer.contains("\r\nAllow: GET, HEAD\r\n")) }
  }

  @Test func aRequestIsNoLongerThanItsLimits() throws {
    let (server, port) = try Self.serve()
    defer { server.stop() }
    for fields in [String(repeating: "X: y\r\n", count: 100), "X: \(String(repeating: "y", count: 20_000))\r\n"] {
      let connection = try RawConnection(port: port)
      connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n")
      #expect(connection.receive(until: "\r\n\r\n").text.hasPrefix("HTTP/1.1 400 "))
    }
    let connection = try RawConnection(port: port)
    connection.send("GET /")
    for _ in 0..<100 { connection.send(String(repeating: "y", count: 10_000)) }
    #expect(connection.receive().isClosed)
  }

  @Test func whoHasNoTokenIsAskedForIt() throws {
    let (server, port) = try Self.serve(token: "0123456789abcdef")
    defer { server.stop() }
    let connection = try RawConnection(port: port)
    connection.send(Self.get)
    let answer = connection.receive(until: "needed\n").text
    #expect(
      answer.hasPrefix("HTTP/1.1 401 Unauthorized\r\n") && answer.contains("\r\nWWW-Authenticate: Bearer, Basic "))
    connection.send("GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer 0123456789abcdef\r\n\r\n")
    #expect(connection.receive(until: "hello").text.hasPrefix("HTTP/1.1 200 OK"))
  }

  @Test func thoseWhoFollowAreTold() throws {
    let (server, port) = try Self.serve { $0.heartbeat = 1 }
    defer { server.stop() }
    let follower = try RawConnection(port: port)
    follower.send(Self.events)
    #expect(follower.receive(until: "retry:").text.contains("\r\nContent-Type: text/event-stream\r\n"))
    server.publish(Words(), [Event("judged", data: "{}")])
    #expect(follower.receive(until: "data: {}\n\n").text.contains("event: judged\n"))
    #expect(follower.receive(until: ": still here\n\n").text.contains(": still here"))
    server.stop()
    #expect(follower.receive().isClosed)
    // Once more does nothing.
    server.stop()
  }

  @Test func noMoreThanSoManyFollow() throws {
    let (server, port) = try Self.serve { $0.followers = 1 }
    defer { server.stop() }
    let (first, second) = (try RawConnection(port: port), try RawConnection(port: port))
    first.send(Self.events)
    _ = first.receive(until: "retry:")
    second.send(Self.events)
    #expect(second.receive(until: "already\n").text.hasPrefix("HTTP/1.1 503 "))
    first.close()
    for _ in 0..<100 {
      second.send(Self.events)
      if second.receive(until: "\n\n", for: 0.2).text.contains("retry:") { return }
    }
    Issue.record("no room again for one who follows")
  }

  @Test func noMoreThanSoManyAreConnected() throws {
    let (server, port) = try Self.serve { ($0.connections, $0.reserved) = (2, 0) }
    defer { server.stop() }
    var connections = [try RawConnection(port: port), try RawConnection(port: port)]
    for connection in connections {
      connection.send(Self.get)
      #expect(connection.receive(until: "hello").text.contains("hello"))
    }
    #expect(try RawConnection(port: port).receive().isClosed)
    connections.removeLast()
    // There is room again, once the server has seen it.
    for _ in 0..<100 {
      let connection = try RawConnection(port: port)
      connection.send(Self.get)
      if connection.receive(until: "hello", for: 1).text.contains("hello") { return }
    }
    Issue.record("no room again")
  }

  /// Who may not see anything could else keep the host's own probes out.
  @Test func otherHostsLeaveRoomForThisOne() throws {
    let (server, port) = try Self.serve { ($0.connections, $0.reserved) = (3, 1) }
    defer { server.stop() }
    let foreign = [
      try RawConnection(port: port, fromElsewhere: true), try RawConnection(port: port, fromElsewhere: true),
    ]
    for connection in foreign {
      connection.send(Self.get)
      #expect(connection.receive(until: "hello").text.contains("hello"))
    }
    #expect(try RawConnection(port: port, fromElsewhere: true).receive().isClosed)
    let own = try RawConnection(port: port)
    own.send(Self.get)
    #expect(own.receive(until: "hello").text.contains("hello"))
    withExtendedLifetime(foreign) {}
  }

  @Test func whoSendsTooSlowlyIsLetGo() throws {
    let (server, port) = try Self.serve { $0.patience = 1 }
    defer { server.stop() }
    let connection = try RawConnection(port: port)
    let start = Date.now
    connection.send("GET / HTTP/1.1\r\n")
    // Something comes all the time, and never all of it.
    while Date.now.timeIntervalSince(start) < 60, connection.send("X: y\r\n") {
      if connection.receive(for: 0.2).isClosed { break }
    }
    #expect(Date.now.timeIntervalSince(start) < 50)
  }

  /// A page of 64 MB: more than the system's buffers hold.
  @Test func whoDoesNotTakeAnAnswerIsLetGo() throws {
    let (server, port) = try Self.serve(Words(words: String(repeating: "x", count: 64 << 20))) { $0.patience = 1 }
    defer { server.stop() }
    let connection = try RawConnection(port: port)
    connection.send(Self.get)
    Thread.sleep(forTimeInterval: 3)
    let got = connection.receive(for: 30)
    #expect(got.isClosed && got.text.utf8.count < 64 << 20)
  }

  /// 400 events of 64 KB are more than the system's buffers hold.
  @Test func whoFollowsAndDoesNotReadIsLetGo() throws {
    let (server, port) = try Self.serve()
    defer { server.stop() }
    let (idle, awake) = (try RawConnection(port: port), try RawConnection(port: port))
    for follower in [idle, awake] {
      follower.send(Self.events)
      _ = follower.receive(until: "retry:")
    }
    let long = String(repeating: "x", count: 65_536)
    var told = 0
    for number in 1...400 {
      server.publish(Words(), [Event("judged", data: "\(number) \(long)")])
      if awake.receive(until: "\n\n", for: 10).text.contains("event: judged") { told += 1 }
    }
    // Neither whoever publishes nor the other one waits for the one that does not read.
    #expect(told == 400)
    let got = idle.receive(for: 20)
    #expect(got.isClosed && got.text.utf8.count < 400 << 16)
  }

  @Test func oneThatIsStoppedLeavesItsPort() throws {
    let (server, port) = try Self.serve()
    let connection = try RawConnection(port: port)
    server.stop()
    #expect(connection.receive().isClosed)
    #expect(throws: CommandLineTool.Failure.self) { _ = try RawConnection(port: port) }
  }
}
