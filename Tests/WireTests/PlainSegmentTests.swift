import TestSupport
import Testing
import Wire

/// `PlainSegment` is a short cut for the walk: it may say nothing of a frame, but never anything else than the walk.
@Suite struct PlainSegmentTests {
  private static let plain = ethernet(0x0800, ipv4(6, tcp([1, 2, 3], options: bytes("020405b404020101"))))

  @Test func plainSegmentIsTaken() {
    #expect(PlainSegment(Self.plain.span, wireLength: Self.plain.count) != nil)
  }

  @Test func anythingBesidePlainIsLeftToTheWalk() {
    let others = [
      ethernet(0x8100, bytes("00070800") + ipv4(6, tcp())), ethernet(0x0800, ipv4(6, tcp(), fragment: 0x2000)),
      ethernet(0x0800, ipv4(6, tcp(), options: bytes("94040000"))), ethernet(0x0800, ipv4(17, udp())),
      ethernet(0x86dd, ipv6(6, tcp())), ethernet(0x0800, ipv4(4, ipv4(6, tcp()))), Array(Self.plain.dropLast(20)),
    ]
    for frame in others {
      #expect(PlainSegment(frame.span, wireLength: frame.count) == nil, "\(frame)")
    }
  }

  @Test func packetsLongerThanEthernetCarriesAreOversized() {
    for (length, isOversized) in [(1500, false), (1501, true), (65535, true)] {
      let frame = ethernet(0x0800, ipv4(6, tcp(), totalLength: length))
      #expect(PlainSegment(frame.span, wireLength: length + 14)?.isOversized == isOversized)
    }
  }

  @Test func plainSegmentSaysWhatTheWalkSays() {
    let seed = SeededGenerator.seed(for: "PlainSegmentTests")
    var generator = SeededGenerator(seed: seed)
    var taken = 0
    for iteration in 0..<200_000 {
      var frame = Self.plain
      for _ in 0..<generator.next() % 3 {
        frame[Int(generator.next() % UInt64(frame.count))] = UInt8(truncatingIfNeeded: generator.next())
      }
      if generator.next() % 4 == 0 { frame.removeLast(Int(generator.next() % 12)) }
      let wireLength = frame.count + [0, 7, 14, 66_000][Int(generator.next() % 4)]
      guard let segment = PlainSegment(frame.span, wireLength: wireLength) else { continue }
      taken += 1
      guard !isSame(segment, Dissection(frame.span, linkType: .ethernet, wireLength: wireLength)) else { continue }
      Issue.record("iteration \(iteration) of seed \(seed): \(wireLength), \(frame)")
      return
    }
    #expect(taken > 50_000)
  }

  private func isSame(_ segment: PlainSegment, _ walked: Dissection) -> Bool {
    guard case .tcp(let tcp) = walked.content, let network = walked.network, walked.stop == nil,
      walked.vlan.depth == 0, walked.encapsulation.isEmpty
    else { return false }
    return walked.source == segment.source && walked.destination == segment.destination
      && network.source == IPAddress(v4: segment.sourceAddress)
      && network.destination == IPAddress(v4: segment.destinationAddress) && network.hopLimit == segment.hopLimit
      && tcp.sourcePort == segment.sourcePort && tcp.destinationPort == segment.destinationPort
      && tcp.sequence == segment.sequence && tcp.acknowledgment == segment.acknowledgment
      && tcp.flags == segment.flags && tcp.payloadLength == segment.payloadLength
      && network.isOversized == segment.isOversized
  }
}
