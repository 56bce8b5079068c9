import Testing
import Wire

@Suite struct TunnelTests {
  let inner4 = ipv4(6, tcp([1, 2, 3]), source: bytes("0a000001"), destination: bytes("0a010a0a"))
  let inner6 = ipv6(6, tcp([1, 2, 3]), source: client6, destination: bytes("fd00 0000 0000 0000 0000 0000 0000 0010"))

  func expectInner4(
    _ frame: Dissection, through kinds: [Encapsulation.Kind], _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(frame.encapsulation.kinds == kinds, sourceLocation: location)
    #expect(frame.network?.destination == address("10.1.10.10"), sourceLocation: location)
    #expect(frame.tcp?.payloadLength == 3, sourceLocation: location)
    #expect(frame.stop == nil, sourceLocation: location)
  }

  @Test func everyPairOfVersionsIsFollowed() {
    expectInner4(dissect(ethernet(0x0800, ipv4(4, inner4))), through: [.ipip])
    expectInner4(dissect(ethernet(0x86dd, ipv6(4, inner4))), through: [.ipip])
    for frame in [ethernet(0x0800, ipv4(41, inner6)), ethernet(0x86dd, ipv6(41, inner6))] {
      let frame = dissect(frame)
      #expect(frame.network?.destination == address("fd00::10"))
      #expect(frame.tcp?.payloadLength == 3)
      #expect(frame.encapsulation.kinds == [.ipip])
    }
  }

  @Test func endsOfTheInnermostTunnelAreKept() {
    let middle = ipv4(4, inner4, source: bytes("ac100001"), destination: bytes("ac100002"))
    let frame = dissect(ethernet(0x0800, ipv4(47, bytes("0000 0800") + middle)))
    expectInner4(frame, through: [.gre, .ipip])
    #expect(frame.encapsulation.depth == 2)
    #expect(frame.encapsulation.source == address("172.16.0.1"))
    #expect(frame.encapsulation.destination == address("172.16.0.2"))
  }

  @Test(arguments: [
    "0000 0800", "8000 0800 00000000", "2000 0800 00000001", "1000 0800 00000001",
    "b000 0800 00000000 00000001 00000002",
  ])
  func everyOptionalFieldOfGREIsPassedOver(header: String) {
    expectInner4(dissect(ethernet(0x0800, ipv4(47, bytes(header) + inner4))), through: [.gre])
  }

  @Test func bridgedEthernetLeavesTheOuterAddresses() {
    let bridged = bytes("0000 6558") + bytes("0e0000000001 0e0000000002 8100 0007 0800") + inner4
    let frame = dissect(ethernet(0x8100, bytes("0064 0800") + ipv4(47, bridged)))
    expectInner4(frame, through: [.gre])
    #expect(frame.source?.description == "02:00:00:00:00:0a")
    #expect(frame.vlan.depth == 1)
    #expect(frame.vlan.outer == 100)
  }

  /// An ARP packet in a tunnel claims nothing on the network of the capture.
  @Test func bridgedARPIsNoClaim() {
    let bridged = bytes("0000 6558") + bytes("ffffffffffff 0e0000000002 0806 0001 0800 0604 0002")
    let frame = dissect(ethernet(0x0800, ipv4(47, bridged + [UInt8](repeating: 1, count: 20))))
    #expect(frame.other == 47)
    #expect(frame.stop?.reason == .unknownProtocol)
  }

  @Test(arguments: ["4000 0800", "3001 880b", "0000 88be"])
  func otherKindsOfGREAreUnknown(header: String) {
    let frame = dissect(ethernet(0x0800, ipv4(47, bytes(header) + inner4)))
    #expect(frame.other == 47)
    #expect(frame.network?.source == address("192.0.2.1"))
    #expect(frame.encapsulation.isEmpty)
    #expect(frame.stop?.reason == .unknownProtocol)
    #expect(frame.stop?.layer == .gre)
  }

  /// Katran: the packet follows the UDP header at once.
  @Test func variant1OfGUEHasNoHeader() {
    expectInner4(dissect(ethernet(0x0800, ipv4(17, udp(inner4, destination: 6080)))), through: [.gue])
    let frame = dissect(ethernet(0x86dd, ipv6(17, udp(inner6, destination: 6080))))
    #expect(frame.network?.destination == address("fd00::10"))
  }

  /// GitHub GLB: private data of type 0, next hop 0, hop count 1, one hop.
  @Test func variant0OfGUESkipsItsPrivateData() {
    let header = bytes("02 04 0000 0000 00 01 0a000009")
    expectInner4(dissect(ethernet(0x0800, ipv4(17, udp(header + inner4, destination: 19523)))), through: [.gue])
    let frame = dissect(ethernet(0x0800, ipv4(17, udp(bytes("0029 0000") + inner6, destination: 6080))))
    #expect(frame.network?.destination == address("fd00::10"))
  }

  @Test func otherPortsArePlainUDP() {
    let frame = dissect(ethernet(0x0800, ipv4(17, udp(inner4, destination: 6081))))
    #expect(frame.udp?.destinationPort == 6081)
    #expect(frame.encapsulation.isEmpty)
  }

  @Test func whatIsNoGUEIsPlainUDPAndNoContradiction() {
    let longer = ipv4(6, tcp(), totalLength: 41)
    let payloads: [[UInt8]] = [
      [], [0x45], bytes("2004 0000") + inner4, bytes("0006 0000") + tcp(), bytes("1f04 0000") + inner4,
      bytes("0004 0000") + inner6, bytes("0029 0000") + inner4, longer, ipv4(6, tcp(), totalLength: 0),
      ipv4(6, [], totalLength: 20), bytes("80040000") + inner4, bytes("55") + inner4.dropFirst(),
      Array("GET / HTTP/1.1\r\nHost: example\r\n".utf8),
    ]
    for payload in payloads {
      let frame = dissect(ethernet(0x0800, ipv4(17, udp(payload, destination: 6080))))
      #expect(frame.udp?.payloadLength == UInt32(payload.count))
      #expect(frame.encapsulation.isEmpty)
      #expect(frame.stop == nil)
    }
  }

  @Test func innerPacketThatIsNoneLeavesTheOuter() {
    let frame = dissect(ethernet(0x0800, ipv4(4, inner6)))
    #expect(frame.network?.source == address("192.0.2.1"))
    #expect(frame.other == 4)
    #expect(frame.encapsulation.isEmpty)
    #expect(frame.stop == Dissection.Stop(.malformed, in: .ipv4, at: 34))
  }

  @Test func captureThatEndsInTheInnerHeaderLeavesTheOuter() {
    let frame = dissect(ethernet(0x0800, ipv4(4, inner4)), captured: 50)
    #expect(frame.network?.source == address("192.0.2.1"))
    #expect(frame.other == 4)
    #expect(frame.stop == Dissection.Stop(.captureEnded, in: .ipv4, at: 34))
  }

  @Test func innerPacketLongerThanItsTunnelIsMalformed() {
    let frame = dissect(ethernet(0x0800, ipv4(4, ipv4(6, tcp(), totalLength: 50)) + [UInt8](repeating: 0, count: 20)))
    #expect(frame.tcp != nil)
    #expect(frame.stop == Dissection.Stop(.malformed, in: .ipv4, at: 34))
  }

  @Test func innerPacketOfAFirstFragmentMayBeLonger() {
    let frame = dissect(ethernet(0x0800, ipv4(4, ipv4(6, tcp(), totalLength: 1500), fragment: 0x2000)))
    #expect(frame.tcp?.payloadLength == 1460)
    #expect(frame.stop == nil)
  }

  @Test func laterFragmentOfATunnelIsNotEntered() {
    let frame = dissect(ethernet(0x0800, ipv4(4, inner4, fragment: 0x0010)))
    #expect(frame.laterFragment == 4)
    #expect(frame.encapsulation.isEmpty)
  }

  @Test func depthIsCapped() {
    func nested(_ depth: Int) -> [UInt8] { (0..<depth).reduce(inner4) { packet, _ in ipv4(4, packet) } }
    let limit = Encapsulation.depthLimit
    expectInner4(dissect(ethernet(0x0800, nested(limit))), through: Array(repeating: .ipip, count: limit))
    let deeper = dissect(ethernet(0x0800, nested(limit + 1)))
    #expect(deeper.encapsulation.depth == limit)
    #expect(deeper.other == 4)
    #expect(deeper.stop?.reason == .tooManyTunnels)
  }

  @Test func errorInATunnelIsRead() {
    let error = ipv4(1, bytes("0303 0000 00000000") + ipv4(6, Array(tcp().prefix(8)), totalLength: 1500))
    let frame = dissect(ethernet(0x0800, ipv4(4, error)))
    #expect(frame.icmpError?.quoted.destinationPort == 80)
    #expect(frame.encapsulation.kinds == [.ipip])
  }
}
