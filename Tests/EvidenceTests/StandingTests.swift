import Evidence
import PacketBuilder
import TestSupport
import Testing
import Wire

/// When the highest acknowledgment was first seen.
@Suite struct StandingTests {
  private static let seed = SeededGenerator.seed(for: "StandingTests")

  /// Acknowledgments of the client, by milliseconds.
  private func frames(_ sent: [(time: Int, acknowledgment: UInt32)]) -> [TimedFrame] {
    sent.map { time, acknowledgment in
      TimedFrame(
        Scene.toBalancer / .ip(from: Scene.clientIP, to: Scene.vip)
          / .tcp(from: 37664, to: 80, seq: 1001, ack: acknowledgment, flags: .ack),
        at: Scene.start + .milliseconds(time))
    }
  }

  private func since(_ evidence: Evidence) -> Double? {
    guard let record = Scene.requests(evidence).first else { return nil }
    let since = evidence.acknowledgedSince(
      record, .tcp, from: Endpoint(address: Scene.clientIP, port: 37664), to: Endpoint(address: Scene.vip, port: 80))
    return since.seconds(since: Scene.start)
  }

  @Test func whileItRisesTheLastFrameTells() {
    let evidence = Scene.evidence(frames([(0, 5000), (2000, 6000), (4000, 7000)]))
    #expect(since(evidence) == 4)
    #expect(Scene.requests(evidence).map { $0.kinds.contains(.standing) } == [false])
  }

  /// Half a second late at most.
  @Test func whereItStandsTheTimeIsKept() throws {
    let evidence = Scene.evidence(frames([(0, 5000), (2100, 6000), (4000, 6000), (9000, 6000), (9100, 5000)]))
    let found = try #require(since(evidence))
    #expect(found >= 2.1 && found < 2.65)
    #expect(Scene.requests(evidence).map { $0.kinds.contains(.standing) } == [true])
  }

  @Test func whatRisesAgainIsNotKept() {
    let evidence = Scene.evidence(frames([(0, 5000), (9000, 5000), (9100, 6000)]))
    #expect(since(evidence) == 9.1)
    #expect(Scene.requests(evidence).map { $0.kinds.contains(.standing) } == [false])
  }

  @Test func nothingAcknowledgedIsNothingKept() {
    var talk = Scene.conversation()
    talk.send(.syn, from: .client)
    for seconds in [1, 2, 4] { talk.resend(from: .client, after: .seconds(seconds)) }
    #expect(Scene.requests(Scene.evidence(talk.frames)).map { $0.kinds.contains(.standing) } == [false])
  }

  /// Frames in any order and in any parts: the same.
  @Test func itMerges() {
    var random = SeededGenerator(seed: Self.seed)
    for round in 0..<200 {
      let sent = (0..<Int.random(in: 1...12, using: &random)).map { _ in
        (time: Int.random(in: 0...4000, using: &random), acknowledgment: UInt32.random(in: 1...4, using: &random))
      }
      let all = frames(sent)
      let whole = CanonicalEvidence(Scene.evidence(all))
      #expect(whole.repetitions.isEmpty)
      // First frames are counted from the order of the file.
      let cut = Int.random(in: 0...all.count, using: &random)
      let capture = Scene.capture(all)
      for order in [[0..<cut, cut..<all.count], [cut..<all.count, 0..<cut]] {
        var evidence = Evidence()
        for part in order {
          var own = Evidence()
          capture.observe(Array(capture.frames[part]), into: &own)
          evidence.merge(own)
        }
        capture.end(in: &evidence)
        let difference = CanonicalEvidence(evidence).difference(from: whole)
        #expect(difference == nil, "round \(round), seed \(Self.seed)")
      }
    }
  }
}
