import Checks
import Evidence
import PacketBuilder
import Report
import TestSupport
import Testing
import Wire

/// Services found in the traffic, where the user names none.
@Suite struct ServiceTests {
  private static let start = Timestamp(seconds: 1_709_294_400, nanoseconds: 0)

  private func talk(
    _ client: (String, UInt16) = ("10.1.10.100", 37664), _ server: (String, UInt16) = ("10.1.10.10", 80)
  ) -> Conversation {
    Conversation(
      client: .init(client.0, client.1), server: .init(server.0, server.1), at: Self.start,
      requests: [Sighting(.ethernet(from: Station.client, to: Station.balancer))],
      replies: [Sighting(.ethernet(from: Station.backend1, to: Station.client))])
  }

  private func verdict(_ frames: [TimedFrame], under policy: Policy = Policy()) -> Verdict {
    let capture = CaptureContents(
      path: "test.pcap", frames: frames.map { (interface: 0, time: $0.time, bytes: $0.bytes) }, linkTypes: [.ethernet])
    return judge(capture.evidence, under: policy)
  }

  private func services(_ frames: [TimedFrame]) -> [ServicePattern] { verdict(frames).services.map(\.service) }

  private static let http = ServicePattern(address: ip("10.1.10.10"), transport: .tcp, port: 80)

  @Test func aSYNTellsTheService() {
    var talk = talk()
    talk.send(.syn, from: .client)
    #expect(services(talk.frames) == [Self.http])
  }

  /// The request went another way: the answer alone tells who serves.
  @Test func aSYNACKTellsTheService() {
    var talk = talk()
    talk.requests = []
    talk.open()
    #expect(talk.frames.count == 1)
    #expect(services(talk.frames) == [Self.http])
  }

  /// The server's port may be the higher one.
  @Test func theHandshakeAndNotThePortTellsTheService() {
    var talk = talk(("10.1.10.100", 1024), ("10.1.10.10", 50051))
    talk.open()
    #expect(services(talk.frames).map(\.port) == [50051])
  }

  /// A connection that was open before the capture began, to a service that another handshake tells.
  @Test func flowsWithoutAHandshakeBelongToAServiceThatAnotherTells() throws {
    var (old, new) = (
      talk(("10.1.10.100", 1024), ("10.1.10.10", 50051)), talk(("10.1.10.101", 1025), ("10.1.10.10", 50051))
    )
    old.request("GET / HTTP/1.1\r\n\r\n")
    new.open()
    let verdict = verdict(old.frames + new.frames)
    #expect(verdict.services.map(\.service.port) == [50051])
    #expect(verdict.services.map(\.flows.total) == [2])
  }

  @Test func withoutAHandshakeThereIsNoServiceToJudge() {
    var talk = talk()
    talk.request("GET / HTTP/1.1\r\n\r\n")
    let verdict = verdict(talk.frames)
    #expect(verdict.services.isEmpty)
    #expect(verdict.outcome == .inconclusive)
    #expect(verdict.reason.contains("--vip"))
  }

  @Test func theAnsweredSideOfUDPIsTheService() {
    var talk = talk(("10.1.10.100", 5353), ("10.1.10.10", 40000))
    talk.datagram(from: .client, [1, 2, 3])
    talk.datagram(from: .server, [4, 5, 6])
    #expect(services(talk.frames) == [ServicePattern(address: ip("10.1.10.10"), transport: .udp, port: 40000)])
  }

  @Test func aWellKnownPortTellsTheServiceOfACaptureThatBeginsWithAnAnswer() {
    var talk = talk(("10.1.10.100", 40000), ("10.1.10.10", 53))
    talk.datagram(from: .server, [4, 5, 6])
    talk.datagram(from: .client, [1, 2, 3])
    #expect(services(talk.frames) == [ServicePattern(address: ip("10.1.10.10"), transport: .udp, port: 53)])
  }

  @Test func unansweredUDPIsNoService() {
    var talk = talk(("10.1.10.100", 40000), ("10.1.10.10", 514))
    talk.datagram(from: .client, [1, 2, 3])
    #expect(services(talk.frames).isEmpty)
  }

  @Test func aGroupIsNoService() {
    var mdns = talk(("10.1.10.100", 5353), ("224.0.0.251", 5353))
    mdns.datagram(from: .client, [1, 2, 3])
    mdns.datagram(from: .server, [4, 5, 6])
    #expect(services(mdns.frames).isEmpty)
  }

  @Test func severalServicesComeInTheOrderOfTheirAddresses() {
    var frames: [TimedFrame] = []
    for (address, port) in [("10.1.10.12", UInt16(80)), ("10.1.10.10", 443), ("10.1.10.10", 80), ("fd00:10::10", 80)] {
      var talk = talk((address.contains(":") ? "fd00:10::100" : "10.1.10.100", 40000 + port), (address, port))
      talk.open()
      frames += talk.frames
    }
    let verdict = verdict(frames)
    #expect(
      verdict.services.map { "\($0.service.address) \($0.service.port ?? 0)" }
        == ["10.1.10.10 80", "10.1.10.10 443", "10.1.10.12 80", "fd00:10::10 80"])
    #expect(verdict.checks.count == 4 * Check.all.count)
  }

  @Test func aNamedServiceIsReportedEvenIfNothingWasSeenOfIt() {
    var policy = Policy()
    policy.services = [ServicePattern(address: ip("192.0.2.1"))]
    var talk = talk()
    talk.open()
    let verdict = verdict(talk.frames, under: policy)
    #expect(verdict.services.map(\.flows.total) == [0])
    #expect(verdict.outcome == .inconclusive)
  }

  /// One service that fails fails the whole; one that is undecided leaves it undecided.
  @Test func theWorstServiceDecides() throws {
    let decided = try CaptureContents(path: Repository.fixture("lab/route/client.pcap")).evidence
    var policy = Policy()
    policy.services = [Self.http]
    #expect(judge(decided, under: policy).outcome == .pass)
    policy.services = [Self.http, ServicePattern(address: ip("192.0.2.1"))]
    #expect(judge(decided, under: policy).outcome == .inconclusive)
    var broken = talk(("10.1.10.100", 40000), ("192.0.2.1", 443))
    broken.send(.syn, from: .client)
    for pause in [1, 2, 4] { broken.resend(from: .client, after: .seconds(pause)) }
    var both = CaptureContents(
      path: "broken.pcap", frames: broken.frames.map { (interface: 0, time: $0.time, bytes: $0.bytes) },
      linkTypes: [.ethernet]
    ).evidence
    both.merge(decided)
    #expect(judge(both, under: policy).outcome == .fail)
  }
}

/// `traces(of:)`: what `flows` prints.
@Suite struct TraceTests {
  private func evidence(_ path: String) throws -> Evidence {
    try CaptureContents(path: Repository.fixture(path)).evidence
  }

  @Test func aNamedServiceGivesItsFlowsAlone() throws {
    let evidence = try evidence("lab/route/client.pcap")
    let traces = evidence.traces(of: [ServicePattern(address: ip("10.1.10.10"), transport: .tcp, port: 80)])
    #expect(traces.count == 6)
    #expect(traces.allSatisfy { $0.flow.server == Endpoint(address: ip("10.1.10.10"), port: 80) })
    #expect(traces.allSatisfy { $0.direction == .named })
    #expect(traces.map(\.flow) == traces.map(\.flow).sorted())
    #expect(evidence.traces(of: [ServicePattern(address: ip("10.1.10.10"), transport: .udp)]).isEmpty)
    #expect(evidence.traces(of: [ServicePattern(address: ip("10.1.10.10"), port: 81)]).isEmpty)
  }

  @Test func withoutANameEveryFlowIsGiven() throws {
    let evidence = try evidence("lab/route/switch.pcap")
    let traces = evidence.traces(of: [])
    #expect(traces.count == evidence.flowCount)
    #expect(traces.count { $0.flow.server == Endpoint(address: ip("10.1.10.10"), port: 80) } == 6)
  }

  /// On the switch a request goes to the balancer and on to a backend, and the reply goes straight to the client.
  @Test func linksComeInTheOrderOfTheFrames() throws {
    let traces = try evidence("traps/mirror-tcp-v4-good.pcap")
      .traces(of: [ServicePattern(address: ip("10.1.10.10"))])
    let first = try #require(traces.first)
    #expect(
      first.links.map { [$0.link.source, $0.link.destination] }
        == [
          [Station.client, Station.balancer], [Station.balancer, Station.backend1], [Station.backend1, Station.client],
        ])
    #expect(first.links.map(\.half) == [.request, .request, .reply])
    let numbers = first.links.prefix(2).map(\.firstFrame)
    #expect(numbers == numbers.sorted())
  }

  @Test func aGuessIsCalledAGuess() {
    var talk = Conversation(
      client: .init("10.1.10.100", 37664), server: .init("10.1.10.10", 80),
      at: Timestamp(seconds: 1_709_294_400, nanoseconds: 0),
      requests: [Sighting(.ethernet(from: Station.client, to: Station.balancer))],
      replies: [Sighting(.ethernet(from: Station.backend1, to: Station.client))])
    talk.request("GET / HTTP/1.1\r\n\r\n")
    let capture = { (frames: [TimedFrame]) in
      CaptureContents(
        path: "test.pcap", frames: frames.map { (interface: 0, time: $0.time, bytes: $0.bytes) }, linkTypes: [.ethernet]
      ).evidence
    }
    let guessed = capture(talk.frames).traces(of: [])
    #expect(guessed.map(\.direction) == [.assumed])
    #expect(guessed.map(\.flow.server.port) == [80], "the lower port is taken for the server's")
    talk.send(.syn, from: .client)
    #expect(capture(talk.frames).traces(of: []).map(\.direction) == [.observed])
  }
}
