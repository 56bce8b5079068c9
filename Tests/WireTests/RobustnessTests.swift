import TestSupport
import Testing
import Wire

@Suite struct RobustnessTests {
  static let packets4: [[UInt8]] = [
    ipv4(6, tcp([1, 2, 3], options: bytes("020405b4 0402 080a00000001 00000002"))),
    ipv4(17, udp([1, 2, 3]), fragment: 0x2000, options: bytes("94040000")),
    ipv4(17, udp(bytes("0204000000000001 0a000009") + ipv4(6, tcp()), destination: 19523)),
    ipv4(17, udp(ipv6(17, udp()), destination: 6080)),
    ipv4(4, ipv4(47, bytes("b0000800 000000000000000100000002") + ipv4(4, ipv4(41, ipv6(6, tcp()))))),
    ipv4(47, bytes("00006558") + ethernet(0x8100, bytes("00070800") + ipv4(6, tcp()))),
    ipv4(1, bytes("03040000000005dc") + ipv4(4, ipv4(17, udp(ipv4(6, tcp()), destination: 6080)))),
    ipv4(17, udp(bytes("0800000000006500") + ethernet(0x0800, ipv4(6, tcp([1]))), destination: 4789)),
    ipv4(17, udp(bytes("0c00000100006500") + ipv4(6, tcp([1])), destination: 4790)),
    ipv4(17, udp(bytes("0200655800006500 014b8101 0a010a0a") + ethernet(0x0800, ipv4(6, tcp())), destination: 6081)),
    ipv4(17, udp(bytes("0000104000012140") + ipv4(6, tcp()), destination: 6635)),
    ipv4(47, bytes("100088be00000001 1001000500000000") + ethernet(0x0800, ipv4(6, tcp([1])))),
    ipv4(47, bytes("100022eb00000001 2001000500000000 00000000") + ethernet(0x0800, ipv4(6, tcp([1])))),
    ipv4(47, bytes("000088be") + ethernet(0x8100, bytes("00070800") + ipv4(6, tcp([1])))),
    ipv4(97, bytes("3000") + ethernet(0x0800, ipv4(6, tcp([1])))),
    ipv4(1, bytes("0800000000010001 6162")),
    ipv4(1, bytes("050100000a000009") + ipv4(6, tcp())),
    ipv4(112, bytes("2133640200010000 0a0000010a000002 0000000000000000")),
  ]
  static let packets6: [[UInt8]] = [
    ipv6(0, bytes("3c00050200000100 2b00010400000000 2c00000000000000 0600000100000001") + tcp([1])),
    ipv6(51, bytes("0604000000000001 00000001 000000000000000000000000") + tcp([1])),
    ipv6(58, bytes("0200000000000500") + ipv6(41, ipv6(17, udp()))),
    ipv6(58, bytes("88000000a0000000") + server6 + bytes("0e01000000000000 0201") + senderMAC),
    ipv6(
      58,
      bytes("8900000000000000") + server6 + server6 + bytes("0201") + senderMAC + bytes("0409000000000000")
        + ipv6(6, tcp() + bytes("00000000"))),
    ipv6(58, bytes("8100000000010001 6162")),
    ipv6(58, bytes("8900000000000000") + client6 + server6),
    ipv6(58, RouterAdvertisementTests.start + bytes("0101") + senderMAC + RouterAdvertisementTests.onLink),
    ipv6(112, bytes("3101ff0100640000") + server6),
  ]
  /// 44 bytes: attributes of NFLOG end at multiples of four.
  private static let whole4 = ipv4(6, tcp([1, 2, 3, 4]))
  static let frames: [(LinkType, [UInt8])] = {
    let arp = bytes("0001080006040001") + senderMAC + client4 + receiverMAC + server4
    let sll = bytes("000000010006") + senderMAC + bytes("0000")
    let both = packets4.map { (0x0800, $0) } + packets6.map { (0x86dd, $0) }
    var frames: [(LinkType, [UInt8])] = [
      (.ethernet, ethernet(0x0806, arp)), (.linuxSLL, sll + be16(0x0806) + arp),
      (.ethernet, ethernet(8 + packets4[0].count, bytes("aaaa030000000800") + packets4[0])),
      (.ethernet, ethernet(0x8864, bytes("11000007") + be16(2 + packets4[0].count) + bytes("0021") + packets4[0])),
      (.ethernet, ethernet(0x8864, bytes("11000007") + be16(1 + packets4[0].count) + bytes("21") + packets4[0])),
      (.ethernet, ethernet(0x8847, bytes("0001004000020140") + packets6[0])),
      (.ethernet, ethernet(0x8926, bytes("00010002 0800") + packets4[0])),
      (.ethernet, ethernet(0x893f, bytes("000100020003 8100 0007 0800") + packets4[0])),
      (.juniperEthernet, bytes("4d474301") + ethernet(0x0800, packets4[0])),
      (.juniperEthernet, bytes("4d474380 0003 010100") + ethernet(0x0800, packets4[0])),
      (.nflog, bytes("0200 0000 0008 0001 08000100 0030 0009") + whole4),
      (.pktap, pktap(linkType: 1) + ethernet(0x0800, packets4[0])), (.pktap, pktap(linkType: 12) + packets6[0]),
      (.pktap, pktap(linkType: 0) + bytes("02000000") + packets4[0]),
    ]
    for (type, packet) in both {
      frames += [
        (.ethernet, ethernet(type, packet)),
        (.ethernet, ethernet(0x88a8, bytes("0064810000c8") + be16(type) + packet)),
        (.linuxSLL, sll + be16(type) + packet),
        (.linuxSLL2, be16(type) + bytes("00000000000300010006") + senderMAC + bytes("0000") + packet),
        (.null, [type == 0x0800 ? 2 : 30, 0, 0, 0] + packet),
        (.loop, [0, 0, 0, type == 0x0800 ? 2 : 24] + packet),
        (.raw, packet), (type == 0x0800 ? .ipv4 : .ipv6, packet),
      ]
    }
    return frames
  }()

  /// What tshark 4.0 reads as data, or a link type that it refuses.
  static let framesUnknownToTshark: [(LinkType, [UInt8])] = [
    (.ethernet, ethernet(0x8874, bytes("00000001 0800") + packets4[0])),
    (.ethernet, ethernet(0xdada, bytes("0000 20010007 0800") + packets4[0])),
    (.dsaBroadcom, receiverMAC + senderMAC + bytes("00000001 0800") + packets4[0]),
    (.dsaBroadcomPrepended, bytes("00000001") + ethernet(0x0800, packets4[0])),
    (.dsa, receiverMAC + senderMAC + bytes("e0010007 0800") + packets4[0]),
    (.edsa, ethernet(0xdada, bytes("0000 e0010007 0800") + packets4[0])),
    (.juniperEthernet, bytes("4d474302 00000002") + packets4[0]),
    // The whole link header is an attribute, which tshark leaves as one.
    (.nflog, bytes("0200 0000 0012 0010") + ethernet(0x0800, []) + bytes("0000 0030 0009") + whole4),
    // Of a host whose byte order is not that of the file in which tshark reads the others.
    (.nflog, bytes("0200 0000 1200 1000") + ethernet(0x0800, []) + bytes("0000 3000 0900") + whole4),
  ]

  @Test func framesThatTsharkDoesNotKnowAreRead() {
    for (linkType, frame) in Self.framesUnknownToTshark {
      let dissection = dissect(frame, linkType)
      #expect(dissection.stop == nil, "\(linkType)")
      #expect(dissection.tcp?.destinationPort == 80)
      let isTagged = linkType == .dsa || linkType == .edsa || frame[12...13].elementsEqual([0xda, 0xda])
      #expect(dissection.vlan.outer == (isTagged ? 7 : 0))
      guard linkType != .juniperEthernet else { continue }
      #expect(dissection.source?.octets == senderMAC)
      #expect(dissection.destination?.octets == receiverMAC)
    }
  }

  /// 108 bytes, as macOS writes them.
  private static func pktap(linkType: UInt8) -> [UInt8] {
    bytes("6c000000 01000000") + [linkType, 0, 0, 0] + [UInt8](repeating: 0, count: 96)
  }

  @Test func framesOfThisTestAreValid() {
    for (linkType, frame) in Self.frames {
      #expect(dissect(frame, linkType).stop == nil, "\(linkType): \(frame)")
    }
  }

  @Test func noBytesTrapOrGiveARangeOutsideTheFrame() {
    let seed = SeededGenerator.seed(for: "RobustnessTests")
    var generator = SeededGenerator(seed: seed)
    var dissection = Dissection()
    let all = Self.frames + Self.framesUnknownToTshark
    for iteration in 0..<200_000 {
      var (linkType, frame) = all[Int(generator.next() % UInt64(all.count))]
      mutate(&frame, with: &generator)
      if iteration.isMultiple(of: 16) {
        linkType = LinkType.allCases[Int(generator.next() % UInt64(LinkType.allCases.count))]
      }
      let wireLength = wireLength(of: frame, with: &generator)
      dissection.replace(with: frame.span, linkType: linkType, wireLength: wireLength)
      guard let fault = fault(of: dissection, in: frame) else { continue }
      Issue.record("\(fault) in iteration \(iteration) of seed \(seed): \(linkType), \(wireLength), \(frame)")
      return
    }
  }

  private func mutate(_ frame: inout [UInt8], with generator: inout SeededGenerator) {
    func below(_ bound: Int) -> Int { Int(generator.next() % UInt64(max(1, bound))) }
    switch below(8) {
    case 0: frame = (0..<below(120)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    case 1: frame.removeLast(below(frame.count + 1))
    default:
      for _ in 0...below(3) where !frame.isEmpty {
        let values: [UInt8] = [0, 1, 0x45, 0x7f, 0x80, 0xff, UInt8(truncatingIfNeeded: generator.next())]
        frame[below(frame.count)] = values[below(values.count)]
      }
      if below(3) == 0 { frame.removeLast(below(frame.count + 1)) }
      if below(8) == 0 { frame.insert(UInt8(truncatingIfNeeded: generator.next()), at: below(frame.count)) }
    }
  }

  private func wireLength(of frame: [UInt8], with generator: inout SeededGenerator) -> Int {
    switch generator.next() % 8 {
    case 0: Int(truncatingIfNeeded: generator.next())
    case 1: frame.count + Int(generator.next() % 70000)
    default: frame.count
    }
  }

  /// What is wrong with `dissection`, whatever the frame says.
  private func fault(of dissection: Dissection, in frame: [UInt8]) -> String? {
    let inside = 0...frame.count
    func isInside(_ range: Range<Int>) -> Bool {
      inside.contains(range.lowerBound) && inside.contains(range.upperBound)
    }
    if let stop = dissection.stop, !inside.contains(stop.offset) { return "stop outside" }
    if let network = dissection.network {
      if !inside.contains(network.payloadOffset) { return "payload outside" }
      if network.payloadLength < 0 { return "negative length" }
      if dissection.isEmpty { return "header without content" }
    }
    if let header = dissection.tcp, !isInside(header.options) { return "options outside" }
    if let header = dissection.udp, !inside.contains(header.payloadOffset) { return "datagram outside" }
    if let advertisement = dissection.vrrp, !isInside(advertisement.addresses) { return "addresses outside" }
    if let advertisement = dissection.routerAdvertisement {
      if !isInside(advertisement.options) { return "router's options outside" }
      var isSound = true
      advertisement.forEachPrefixOnLink(frame.span) { isSound = isSound && $0.length <= 128 }
      if !isSound { return "prefix too long" }
    }
    let encapsulation = dissection.encapsulation
    if encapsulation.depth > Encapsulation.depthLimit { return "too deep" }
    if encapsulation.depth != encapsulation.kinds.count { return "depth without kinds" }
    if encapsulation.hasTunnels == (encapsulation.source == nil) { return "tunnel without ends" }
    return nil
  }
}
