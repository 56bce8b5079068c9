import PacketBuilder
import TestSupport
import Testing
import Wire

@testable import Evidence

@Suite struct LinkRecordTests {
  /// Segments of the client, told by sequence number and length, at one hop.
  private func record(of segments: [(sequence: UInt32, length: Int)]) throws -> LinkRecord {
    let packets = segments.map { segment in
      Scene.toBalancer / .ip(from: Scene.clientIP, to: Scene.vip)
        / .tcp(
          from: 37664, to: 80, seq: segment.sequence, ack: 1, flags: .ack,
          payload: Array(repeating: 0x78, count: segment.length))
    }
    let records = Scene.requests(Scene.evidence(packets))
    try #require(records.count == 1)
    return records[0]
  }

  @Test func bytesSentOnceAreNotResent() throws {
    #expect(try record(of: [(1000, 100), (1100, 50), (1150, 0)]).resentBytes == 0)
  }

  @Test func bytesSentTwiceAreResent() throws {
    #expect(try record(of: [(1000, 100), (1100, 50), (1000, 100)]).resentBytes == 100)
  }

  /// 1000 to 1099 twice, and 1100 to 1199 not captured at all: the gap hides the repetition. Never more than true.
  @Test func bytesThatTheCaptureMissedLowerTheCountAndNeverRaiseIt() throws {
    #expect(try record(of: [(1000, 100), (1200, 10), (1000, 100)]).resentBytes == 0)
    #expect(try record(of: [(1000, 100), (1150, 10), (1000, 100)]).resentBytes == 50)
  }

  @Test func sequenceNumbersThatWrapClaimNoRepetition() throws {
    #expect(try record(of: [(UInt32.max - 49, 100), (50, 100)]).resentBytes == 0)
  }

  @Test func aSYNSentAgainIsOneInitialSequenceNumber() throws {
    var talk = Scene.conversation()
    talk.send(.syn, from: .client)
    talk.resend(from: .client, after: .seconds(1))
    let record = try #require(Scene.requests(Scene.evidence(talk.frames)).first)
    #expect(record.synCount == 2)
    #expect(record.initialSequence == 1000)
    #expect(!record.kinds.contains(.initialSequencesDiffer))
  }

  @Test func portsUsedAgainShowSeveralInitialSequenceNumbers() throws {
    var (first, second) = (Scene.conversation(), Scene.conversation(clientSequence: 900))
    first.send(.syn, from: .client)
    second.send(.syn, from: .client, after: .seconds(60))
    for frames in [first.frames + second.frames, second.frames + first.frames] {
      let record = try #require(Scene.requests(Scene.evidence(frames)).first)
      #expect(record.kinds.contains(.initialSequencesDiffer))
      #expect(record.initialSequence == 900)
      #expect(record.synCount == 2)
    }
  }

  /// Three parts with one number each: whichever two are merged first, the third differs still.
  @Test func severalInitialSequenceNumbersAreSeenInEveryGrouping() throws {
    let parts = try [700, 800, 700].map { (sequence: UInt32) -> LinkRecord in
      var talk = Scene.conversation(clientSequence: sequence)
      talk.send(.syn, from: .client)
      return try #require(Scene.requests(Scene.evidence(talk.frames)).first)
    }
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
      var left = parts[order[0]]
      left.merge(parts[order[1]])
      left.merge(parts[order[2]])
      var tail = parts[order[1]]
      tail.merge(parts[order[2]])
      var right = parts[order[0]]
      right.merge(tail)
      for record in [left, right] {
        #expect(record.kinds.contains(.initialSequencesDiffer))
        #expect(record.initialSequence == 700)
      }
    }
  }

  @Test func synsAreCountedUpToWhatTheFieldHolds() throws {
    let syn =
      Scene.toBalancer / .ip(from: Scene.clientIP, to: Scene.vip) / .tcp(from: 37664, to: 80, seq: 7, flags: .syn)
    let record = try #require(Scene.requests(Scene.evidence(Array(repeating: syn, count: 300))).first)
    #expect(record.frames == 300)
    #expect(record.synCount == .max)
  }

  @Test func countersSaturate() throws {
    var record = try record(of: [(1000, 100)])
    var many = record
    many.frames = .max - 1
    many.payload = .max - 99
    for _ in 0..<2 {
      many.merge(record)
      #expect(many.frames == .max)
      #expect(many.payload == .max)
      #expect(many.resentBytes == 0, "a count that is full proves nothing")
    }
    record.merge(many)
    #expect(record.frames == .max)
  }

  /// A balancer hands the frame on with its TTL one lower, IPv4's checksum with it: the same frame.
  @Test func theFingerprintIsTheSameBehindARouter() throws {
    var talk = Scene.conversation(requests: [Sighting(Scene.toBalancer, ttl: 64), Sighting(Scene.toBackend, ttl: 63)])
    talk.open()
    talk.request("GET / HTTP/1.1\r\n\r\n")
    let records = Scene.requests(Scene.evidence(talk.frames))
    try #require(records.count == 2)
    #expect(records[0].fingerprint == records[1].fingerprint)
    #expect(records.map(\.hopLimit) == [64, 63])
    #expect(records.map(\.frames) == [3, 3])
  }

  @Test func datagramsHaveFingerprintsToo() throws {
    var talk = Scene.conversation(requests: [Sighting(Scene.toBalancer, ttl: 64), Sighting(Scene.toBackend, ttl: 63)])
    talk.datagram(from: .client, Array("first question".utf8))
    talk.datagram(from: .client, Array("other question".utf8))
    let records = Scene.requests(Scene.evidence(talk.frames))
    try #require(records.count == 2)
    #expect(records[0].fingerprint == records[1].fingerprint)
    #expect(records.map(\.hopLimit) == [64, 63])
  }

  @Test func otherFramesHaveOtherFingerprints() throws {
    let one = try record(of: [(1000, 100)])
    let differing = try [record(of: [(1001, 100)]), record(of: [(1000, 101)])]
    for other in differing { #expect(other.fingerprint != one.fingerprint) }
  }

  /// RFC 9293 section 3.5.2: the answer to a SYN that nobody listens for.
  @Test func aRefusalIsToldFromOtherResets() throws {
    var refused = Scene.conversation()
    refused.send(.syn, from: .client)
    refused.refuse()
    let refusal = try #require(Scene.records(Scene.evidence(refused.frames), from: Scene.vip).first)
    #expect(refusal.isResetOnly)
    #expect(refusal.kinds.contains(.refusal))
    var hungUp = Scene.conversation()
    hungUp.open()
    hungUp.send(.rst, from: .server)
    let reset = try #require(Scene.records(Scene.evidence(hungUp.frames), from: Scene.vip).first)
    #expect(!reset.isResetOnly)
    #expect(reset.kinds.contains(.rst) && !reset.kinds.contains(.refusal))
  }

  /// 160 bytes a flow are two of these and what finds them.
  @Test func aRecordTakesAsLittleMemoryAsItMay() {
    #expect(MemoryLayout<LinkRecord>.size == 56 && MemoryLayout<LinkRecord>.stride == 56)
  }

  private func kinds(_ packets: [Packet]) throws -> LinkRecord.Kinds {
    try #require(Scene.requests(Scene.evidence(packets)).first).kinds
  }

  /// The way of plain segments, and the walk's: with a VLAN tag, by UDP, and where the card fills in the length.
  @Test func joinedSegmentsAreTold() throws {
    let ethernets = [Scene.toBalancer, .ethernet(from: Scene.client, to: Scene.balancer, vlan: 10)]
    let network = Packet.ip(from: Scene.clientIP, to: Scene.vip)
    let full = [UInt8](repeating: 0x78, count: 1460)
    for ethernet in ethernets {
      let segments = [full, full + [0x78]].map { payload in
        ethernet / network / .tcp(from: 37664, to: 80, seq: 1, ack: 1, flags: .ack, payload: payload)
      }
      #expect(try !kinds([segments[0]]).contains(.oversized))
      #expect(try kinds([segments[1]]).contains(.oversized))
      #expect(try kinds(segments).contains(.oversized) && kinds(segments.reversed()).contains(.oversized))
    }
    let datagrams = [1472, 1473].map { count in
      Scene.toBalancer / network / .udp(from: 37664, to: 53, payload: Array(repeating: 0x78, count: count))
    }
    #expect(try kinds([datagrams[0]]) == [.datagram, .notReset, .payload])
    #expect(try kinds([datagrams[1]]) == [.datagram, .notReset, .payload, .oversized])
    let unmeasured =
      Scene.toBalancer / .ipv4(from: Scene.clientIP, to: Scene.vip, totalLength: 0)
      / .tcp(from: 37664, to: 80, seq: 1, ack: 1, flags: .ack, payload: [0x78])
    #expect(try kinds([unmeasured]).contains(.oversized))
  }

  @Test func acknowledgmentsThatAdvanceAreTold() throws {
    var talk = Scene.conversation()
    talk.open()
    let before = try #require(Scene.requests(Scene.evidence(talk.frames)).first)
    #expect(!before.hasAcknowledgedMore, "a SYN acknowledges nothing")
    talk.reply("hello")
    let after = try #require(Scene.requests(Scene.evidence(talk.frames)).first)
    #expect(after.hasAcknowledgedMore)
  }
}
