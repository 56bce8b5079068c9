import Checks
import Evidence
import PacketBuilder
import Report
import TestSupport
import Testing
import Wire

/// What became of the connections that the run itself opened, and what their own frames show.
@Suite struct ProbeTests {
  private static let start = Timestamp(seconds: 1_709_294_400, nanoseconds: 0)
  private static let service = ServicePattern(address: ip("10.1.10.10"), transport: .tcp, port: 80)

  private func talk(_ port: UInt16, _ script: (inout Conversation) -> Void) -> [TimedFrame] {
    var talk = Conversation(
      client: .init("10.1.10.100", port), server: .init("10.1.10.10", 80), at: Self.start,
      requests: [Sighting(.ethernet(from: Station.client, to: Station.balancer))],
      replies: [Sighting(.ethernet(from: Station.backend1, to: Station.client))])
    script(&talk)
    return talk.frames
  }

  /// A flow that passes.
  private var direct: [TimedFrame] {
    talk(40000) {
      $0.open()
      $0.request("GET / HTTP/1.1\r\n\r\n")
      $0.reply("HTTP/1.1 204 No Content\r\n\r\n")
      $0.close()
    }
  }

  private func probe(_ port: UInt16?, failed: String? = nil, service: ServicePattern = Self.service) -> ProbeResult {
    var probe = ProbeResult(service: service)
    probe.client = port.map { Endpoint(address: ip("10.1.10.100"), port: $0) }
    probe.failure = failed
    if failed == nil { probe.status = "connected" }
    return probe
  }

  private func verdict(
    _ frames: [TimedFrame], _ probes: [ProbeResult], _ services: [ServicePattern] = [Self.service]
  ) -> Verdict {
    let capture = CaptureContents(
      path: "eth1", frames: frames.map { (interface: 0, time: $0.time, bytes: $0.bytes) }, linkTypes: [.ethernet])
    var policy = Policy()
    policy.services = services
    return judge(capture.evidence, probes: probes, under: policy)
  }

  private func check(_ verdict: Verdict) throws -> CheckResult {
    try #require(verdict.checks.first { $0.id == "PROBE001" })
  }

  @Test func withoutProbesThereIsNothingToJudge() throws {
    let verdict = verdict(direct, [])
    #expect(verdict.outcome == .pass)
    #expect(try check(verdict).outcome == .notApplicable)
  }

  @Test func probesThatWereAnsweredPass() throws {
    let verdict = verdict(direct, [probe(40000)])
    #expect(verdict.outcome == .pass)
    #expect(try check(verdict).outcome == .pass)
    #expect(verdict.probes.map(\.answeredBy) == [[Station.backend1]])
    #expect(verdict.probes.first?.sight == nil)
  }

  /// The other flows return as they should, and one SYN that nobody answers decides nothing by itself.
  @Test func aProbeThatNobodyAnswersFailsTheRun() throws {
    let lost = talk(40001) {
      $0.send(.syn, from: .client)
      $0.resend(from: .client, after: .seconds(1))
    }
    #expect(verdict(direct + lost, []).outcome == .pass)
    let verdict = verdict(direct + lost, [probe(40000), probe(40001, failed: "no answer in 3 s")])
    #expect(verdict.outcome == .fail)
    let check = try check(verdict)
    #expect(check.outcome == .fail)
    #expect(check.summary == "1 of 2 probes failed")
    #expect(check.reason == "1 probe sent 2 times to \(Station.balancer), and nobody answered")
    guard case .frame(let frame)? = check.evidence.first?.source else {
      Issue.record("no frame is cited")
      return
    }
    #expect(frame.flow?.client.port == 40001)
    #expect(frame.number == UInt64(direct.count + 1))
  }

  @Test func aProbeThatIsRefusedNamesWhoDidIt() throws {
    let refused = talk(40001) {
      $0.send(.syn, from: .client)
      $0.refuse()
    }
    let verdict = verdict(direct + refused, [probe(40001, failed: "Connection refused")])
    #expect(try check(verdict).outcome == .fail)
    #expect(verdict.probes.first?.sight == .refused(by: Station.backend1))
  }

  @Test func anICMPErrorCountsThatQuotesTheProbe() throws {
    let quoted = Packet.ip(from: ip("10.1.10.100"), to: ip("10.1.10.10")) / .tcp(from: 40001, to: 80, flags: .syn)
    let frames = talk(40001) {
      $0.send(.syn, from: .client)
      $0.interject(
        .ethernet(from: Station.balancer, to: Station.client) / .ip(from: ip("10.1.10.11"), to: ip("10.1.10.100"))
          / .icmpUnreachable(code: 1, quoting: quoted))
    }
    let verdict = verdict(direct + frames, [probe(40001, failed: "No route to host")])
    #expect(try check(verdict).outcome == .fail)
    #expect(verdict.probes.first?.sight == .unreachable(saidBy: ip("10.1.10.11")))
  }

  @Test func anAnswerFromAnotherAddressIsTold() throws {
    let frames = talk(40001) {
      $0.replies = [
        Sighting(.ethernet(from: Station.backend1, to: Station.client), server: ip("10.1.10.21"))
      ]
      $0.send(.syn, from: .client)
      $0.send([.syn, .ack], from: .server)
    }
    let verdict = verdict(direct + frames, [probe(40001, failed: "no answer in 3 s")])
    #expect(try check(verdict).outcome == .fail)
    #expect(verdict.probes.first?.sight == .answeredElsewhere(from: Endpoint(address: ip("10.1.10.21"), port: 80)))
  }

  @Test func dataThatNobodyAcknowledgesIsAStall() throws {
    let frames = talk(40001) {
      $0.open()
      $0.send([.psh, .ack], from: .client, Array("GET / HTTP/1.1\r\n\r\n".utf8))
      $0.resend(from: .client, after: .milliseconds(200))
      $0.resend(from: .client, after: .milliseconds(400))
    }
    let verdict = verdict(direct + frames, [probe(40001, failed: "Timeout was reached")])
    #expect(try check(verdict).outcome == .fail)
    #expect(verdict.probes.first?.sight == .stalled(by: Station.backend1))
  }

  /// One segment was lost and then acknowledged: a service may take its time.
  @Test func dataThatIsAcknowledgedLateIsNoStall() throws {
    let frames = talk(40001) {
      $0.open()
      $0.send([.psh, .ack], from: .client, Array("GET / HTTP/1.1\r\n\r\n".utf8))
      $0.resend(from: .client, after: .milliseconds(200))
      $0.send(.ack, from: .server)
    }
    let verdict = verdict(direct + frames, [probe(40001, failed: "Timeout was reached")])
    #expect(try check(verdict).outcome == .inconclusive)
    #expect(verdict.probes.first?.sight == .answered(by: Station.backend1))
  }

  /// What was not captured, never sent, or answered all the same proves no fault of the service, and lets nothing pass.
  @Test func aFailureWithoutFramesThatShowItIsOpen() throws {
    let answered = talk(40001) { $0.open() }
    for (frames, probe, sight) in [
      (direct, probe(40001, failed: "no answer in 3 s"), ProbeResult.Sight.unseen),
      (direct, probe(nil, failed: "Network is unreachable"), nil),
      (direct + answered, probe(40001, failed: "no answer in 3 s"), .answered(by: Station.backend1)),
    ] {
      let verdict = verdict(frames, [self.probe(40000), probe])
      #expect(verdict.outcome == .inconclusive)
      #expect(verdict.probes.last?.sight == sight)
      let check = try check(verdict)
      #expect(check.outcome == .inconclusive && !check.reason.isEmpty && !check.remedy.isEmpty)
    }
  }

  /// A service need not answer what means nothing to it.
  @Test func aDatagramWithoutAnAnswerIsOpen() throws {
    let service = ServicePattern(address: ip("10.1.10.10"), transport: .udp, port: 80)
    var talk = Conversation(
      client: .init("10.1.10.100", 40001), server: .init("10.1.10.10", 80), at: Self.start,
      requests: [Sighting(.ethernet(from: Station.client, to: Station.balancer))], replies: [])
    talk.datagram(from: .client, [1, 2, 3])
    let verdict = verdict(
      direct + talk.frames, [probe(40001, failed: "no answer in 3 s", service: service)], [service])
    #expect(try check(verdict).outcome == .inconclusive)
  }

  /// The probes of one service say nothing of another.
  @Test func aProbeCountsForItsOwnService() throws {
    let other = ServicePattern(address: ip("10.1.10.10"), transport: .tcp, port: 81)
    let verdict = verdict(direct, [probe(40001, failed: "no answer in 3 s", service: other)], [Self.service, other])
    #expect(verdict.services.first { $0.service == Self.service }?.outcome == .pass)
    #expect(verdict.services.first { $0.service == other }?.outcome == .inconclusive)
  }
}
