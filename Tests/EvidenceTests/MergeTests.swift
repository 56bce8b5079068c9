import Evidence
import PacketBuilder
import TestSupport
import Testing
import Wire

/// The evidence of a capture equals the merge of that of its parts, in any order and any grouping.
@Suite struct MergeTests {
  private static let seed = SeededGenerator.seed(for: "MergeTests")

  @Test func thereAreCaptures() {
    #expect(Repository.captures.count { $0.hasPrefix("lab/") } >= 25)
    #expect(Repository.captures.count { $0.hasPrefix("traps/") } > 200)
  }

  @Test(arguments: Repository.captures)
  func theWholeEqualsTheMergeOfItsParts(path: String) throws {
    let capture = try CaptureContents(path: Repository.fixture(path))
    let whole = CanonicalEvidence(capture.evidence)
    try #require(whole.captures[capture.path]?.frames == UInt64(capture.frames.count))
    var random = SeededGenerator(seed: Self.seed)
    for split in Split.allCases {
      let parts = capture.evidence(split, using: &random)
      let difference = CanonicalEvidence(merged(parts, using: &random)).difference(from: whole)
      #expect(difference == nil, "\(split), seed \(Self.seed)")
    }
  }

  /// Captures from several places, each in parts: threads and machines join the same way.
  @Test(arguments: ["route", "node-masq", "masq", "arp-leak-ignore"])
  func severalCapturesEqualTheMergeOfAllTheirParts(topology: String) throws {
    let paths = Repository.captures.filter { $0.hasPrefix("lab/\(topology)/") }
    try #require(paths.count > 4)
    let captures = try paths.map { try CaptureContents(path: Repository.fixture($0)) }
    var whole = Evidence()
    for capture in captures {
      capture.observe(capture.frames, into: &whole)
      capture.end(in: &whole)
    }
    var random = SeededGenerator(seed: Self.seed)
    for _ in 0..<4 {
      let parts = captures.flatMap {
        $0.evidence(Split.allCases.randomElement(using: &random) ?? .half, using: &random)
      }
      let difference = CanonicalEvidence(merged(parts, using: &random)).difference(from: CanonicalEvidence(whole))
      #expect(difference == nil, "seed \(Self.seed)")
    }
  }

  @Test func nothingAddsNothing() throws {
    let capture = try CaptureContents(path: Repository.fixture("lab/route/switch.pcap"))
    let whole = CanonicalEvidence(capture.evidence)
    var left = Evidence()
    left.merge(capture.evidence)
    var right = capture.evidence
    right.merge(Evidence())
    #expect(CanonicalEvidence(left).difference(from: whole) == nil)
    #expect(CanonicalEvidence(right).difference(from: whole) == nil)
    #expect(CanonicalEvidence(Evidence()).difference(from: whole) != nil)
  }

  /// A pcapng file with several interfaces: ethernet types in the order of the file, cooked frames of several interface
  /// indexes, one flow and one claim at all of them.
  @Test func interfacesStayApartInEveryOrder() {
    let capture = Many.interfaces
    let whole = CanonicalEvidence(capture.evidence)
    #expect(Set(whole.flows.values.flatMap { $0.fromLower.union($0.fromHigher) }.map(\.point)).count == 4)
    var random = SeededGenerator(seed: Self.seed)
    for split in Split.allCases {
      let parts = capture.evidence(split, using: &random)
      let difference = CanonicalEvidence(merged(parts, using: &random)).difference(from: whole)
      #expect(difference == nil, "\(split), seed \(Self.seed)")
    }
  }

  /// The order of the points is one, whichever was seen first; what is said of each stays with it.
  @Test func pointsInOrderSayTheSame() {
    let capture = Many.interfaces
    let whole = CanonicalEvidence(capture.evidence)
    var backwards = Evidence()
    capture.observe(capture.frames.reversed(), into: &backwards)
    capture.end(in: &backwards)
    let ordered = backwards.inOrder()
    #expect(backwards.points != ordered.points)
    #expect(ordered.points == capture.evidence.inOrder().points)
    #expect(CanonicalEvidence(ordered).difference(from: whole) == nil)
    #expect(whole.echoes.count == 2 && whole.prefixes.count == 2 && whole.errors.count == 2)
  }

  @Test func whatIsKnownAtTheEndIsKeptWhoeverKnowsIt() {
    var capture = Many.interfaces
    capture.interfaces = ["any", "eth0", "eth1"]
    capture.dropped = 7
    capture.truncatedAt = 1234
    let whole = CanonicalEvidence(capture.evidence)
    var random = SeededGenerator(seed: Self.seed)
    for split in Split.allCases {
      let summary = merged(capture.evidence(split, using: &random), using: &random).captures.first
      #expect(summary?.dropped == 7)
      #expect(summary?.truncatedAt == 1234)
      #expect(summary == whole.captures[capture.path], "\(split), seed \(Self.seed)")
    }
  }

  /// The same frames of the same flow twice are counted twice: merging is no comparison.
  @Test func whatTwoPartsSawAddsUp() {
    var talk = Scene.conversation()
    talk.open()
    let capture = Scene.capture(talk.frames)
    var twice = capture.evidence
    twice.merge(capture.evidence)
    #expect(twice.captures.map(\.frames) == [6])
    #expect(twice.flowCount == 1)
    #expect(Scene.requests(twice).map(\.frames) == [4])
  }
}

enum Many {
  /// SLL2 with two interface indexes, and two Ethernet interfaces.
  static let interfaces: CaptureContents = {
    var frames: [(interface: Int, time: Timestamp, bytes: [UInt8])] = []
    let places: [(Int, Packet)] = [
      (0, .sll2(.fromUs, from: Scene.client, interface: 3)), (0, .sll2(.toUs, from: Scene.client, interface: 9)),
      (1, .ethernet(from: Scene.client, to: Scene.balancer)), (2, .ethernet(from: Scene.client, to: Scene.balancer)),
    ]
    for round in 0..<5 {
      for (index, (interface, ethernet)) in places.enumerated() {
        var talk = Scene.conversation(requests: [Sighting(ethernet)], replies: [Sighting(ethernet)])
        talk.open()
        talk.request("GET /\(round)")
        talk.reply(String(repeating: "x", count: round))
        talk.interject(
          ethernet
            / .arp(
              .reply, sender: Scene.balancer, Scene.vip, target: Scene.client, Scene.clientIP))
        if index > 1 {
          let packet = talk.lastPacket(from: .client)
          talk.interject(ethernet / .ip(from: Scene.clientIP, to: Scene.vip) / .echo())
          talk.interject(
            ethernet / .ip(from: Scene.balancerIP, to: Scene.clientIP) / .icmpTimeExceeded(quoting: packet))
          talk.interject(
            .routerAdvertisement([.init(ip("fd00:10::"))], by: Scene.balancer, ip("fe80::1"), hopLimit: 255))
        }
        for frame in talk.frames {
          frames.append((interface, frame.time + .milliseconds(100 * round + index), frame.bytes))
        }
      }
    }
    return CaptureContents(path: "many.pcapng", frames: frames, linkTypes: [.linuxSLL2, .ethernet, .ethernet])
  }()
}
