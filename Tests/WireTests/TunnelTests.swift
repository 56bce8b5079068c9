import Testing
import Wire

@Suite struct TunnelTests {
  let inner4 = ipv4(6, tcp([1, 2, 3]), source: bytes("0a000001"), destination: bytes("0a010a0a"))
  let inner6 = ipv6(6, tcp([1, 2, 3]), source: client6, destination: bytes("fd00 0000 0000 0000 0000 0000 0000 0010"))

  func expectInner4(
    _ frame: Dissection, through kinds: [Tunnel], _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(frame.encapsulation.kinds == kinds, sourceLocation: location)
    #expect(frame.network?.destination == address("10.1.10.10"), sourceLocation: location)
    #expect(frame.tcp?.payloadLength == 3, sourceLocation: location)
    #expect(frame.stop == nil, sourceLocation: location)
  }

  /// A tagged frame between hosts that the underlay does not know.
  func innerEthernet(_ packet: [UInt8], type: Int = 0x0800) -> [UInt8] {
    bytes("0e0000000001 0e0000000002 8100 0007") + be16(type) + packet
  }

  func expectOverlay(
    _ frame: Dissection, identifier: UInt32?, _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(frame.source?.description == "0e:00:00:00:00:02", sourceLocation: location)
    #expect(frame.destination?.description == "0e:00:00:00:00:01", sourceLocation: location)
    #expect(frame.vlan.depth == 1, sourceLocation: location)
    #expect(frame.vlan.outer == 7, sourceLocation: location)
    #expect(!frame.encapsulation.wrapsPacket, sourceLocation: location)
    #expect(frame.encapsulation.innermost?.identifier == identifier, sourceLocation: location)
    let outside = frame.encapsulation.outside
    #expect(outside?.addresses.source?.description == "02:00:00:00:00:0a", sourceLocation: location)
    #expect(outside?.encapsulation.wrapsPacket == true, sourceLocation: location)
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

  /// The frame inside has addresses and tags of its own; those around it are kept with the tunnel.
  @Test func bridgedEthernetHasItsOwnAddresses() {
    let bridged = bytes("2000 6558 00000007") + innerEthernet(inner4)
    let frame = dissect(ethernet(0x8100, bytes("0064 0800") + ipv4(47, bridged)))
    expectInner4(frame, through: [.gre])
    expectOverlay(frame, identifier: 7)
    #expect(frame.encapsulation.outside?.addresses.vlan.outer == 100)
  }

  @Test func bridgedARPIsAClaimInsideTheOverlay() {
    let arp = bytes("0001 0800 0604 0002 0e0000000002 0a010a0a 0e0000000003 0a010a64")
    let bridged = bytes("0000 6558 ffffffffffff 0e0000000002 0806") + arp
    let frame = dissect(ethernet(0x0800, ipv4(47, bridged)))
    #expect(frame.arp?.senderIP == address("10.1.10.10"))
    #expect(frame.source?.description == "0e:00:00:00:00:02")
    #expect(frame.network == nil)
    #expect(frame.stop == nil)
  }

  @Test(arguments: ["4000 0800", "3001 880b", "0000 880b"])
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

  @Test(arguments: [4789, 8472])
  func vxlanCarriesFramesOfItsVNI(port: Int) {
    let header = bytes("0800 0000 00006500")
    let frame = dissect(ethernet(0x0800, ipv4(17, udp(header + innerEthernet(inner4), destination: port))))
    expectInner4(frame, through: [.vxlan])
    expectOverlay(frame, identifier: 101)
  }

  /// Calico's: VNI 0xca11c0, and MACs that say nothing (felix/bpf-gpl/nat.h).
  @Test func vxlanWithoutInnerMACsIsATunnelOfPackets() {
    let zeros = [UInt8](repeating: 0, count: 12) + bytes("0800")
    let header = bytes("0800 0000 ca11c000")
    let frame = dissect(ethernet(0x0800, ipv4(17, udp(header + zeros + inner4, destination: 4789))))
    expectInner4(frame, through: [.vxlan])
    #expect(frame.source?.description == "02:00:00:00:00:0a")
    #expect(frame.encapsulation.wrapsPacket)
    #expect(frame.encapsulation.innermost?.identifier == 0xca11c0)
  }

  @Test func vxlanGPENamesWhatFollows() {
    let packet = bytes("0c00 0001 00002a00") + inner4
    expectInner4(dissect(ethernet(0x0800, ipv4(17, udp(packet, destination: 4790)))), through: [.vxlanGPE])
    let framed = dissect(
      ethernet(0x0800, ipv4(17, udp(bytes("0c00 0003 00002a00") + innerEthernet(inner4), destination: 4790))))
    expectInner4(framed, through: [.vxlanGPE])
    expectOverlay(framed, identifier: 42)
    let service = dissect(ethernet(0x0800, ipv4(17, udp(bytes("0c00 0004 00002a00") + inner4, destination: 4790))))
    #expect(service.udp?.destinationPort == 4790)
  }

  /// Two words of options, as Cilium's (class 0x014b, type 0x81).
  @Test func geneveSkipsItsOptions() {
    let options = bytes("014b8102 0a010a0a 00500000")
    for (header, frame) in [
      (bytes("0000 6558 00002a00"), [UInt8]()), (bytes("0300 6558 00002a00"), options),
    ].map({ ($0.0, $0.1 + innerEthernet(inner4)) }) {
      let frame = dissect(ethernet(0x86dd, ipv6(17, udp(header + frame, destination: 6081))))
      expectInner4(frame, through: [.geneve])
      expectOverlay(frame, identifier: 42)
    }
    let packet = dissect(
      ethernet(0x0800, ipv4(17, udp(bytes("0000 86dd 00002a00") + inner6, destination: 6081))))
    #expect(packet.network?.destination == address("fd00::10"))
    #expect(packet.encapsulation.wrapsPacket)
  }

  @Test func whatIsNoVXLANOrGeneveIsPlainUDP() {
    let payloads: [(Int, [UInt8])] = [
      (4789, bytes("0000 0000 00006500") + innerEthernet(inner4)), (4789, bytes("0800 0000 00006501") + inner4),
      (4789, bytes("0800")), (6081, bytes("4000 6558 00002a00") + innerEthernet(inner4)),
      (6081, bytes("0080 6558 00002a00") + innerEthernet(inner4)), (6081, bytes("0000 1234 00002a00") + inner4),
      (6081, bytes("3f00 6558 00002a00")), (6635, bytes("00010100") + bytes("99")), (6635, inner4),
    ]
    for (port, payload) in payloads {
      let frame = dissect(ethernet(0x0800, ipv4(17, udp(payload, destination: port))))
      #expect(frame.udp?.payloadLength == UInt32(payload.count))
      #expect(frame.encapsulation.isEmpty)
      #expect(frame.stop == nil)
    }
  }

  @Test func labelsAreSkippedInUDPAndInGRE() {
    let labels = bytes("00001040 00012140")
    let datagram = dissect(ethernet(0x0800, ipv4(17, udp(labels + inner4, destination: 6635))))
    expectInner4(datagram, through: [.mplsOverUDP])
    #expect(datagram.encapsulation.innermost?.identifier == 18)
    expectInner4(dissect(ethernet(0x0800, ipv4(47, bytes("0000 8847") + labels + inner4))), through: [.gre])
  }

  @Test func greInUDPIsGRE() {
    let frame = dissect(ethernet(0x0800, ipv4(17, udp(bytes("2000 0800 00000009") + inner4, destination: 4754))))
    expectInner4(frame, through: [.gre])
    #expect(frame.encapsulation.innermost?.identifier == 9)
  }

  @Test func etherIPCarriesFrames() {
    let frame = dissect(ethernet(0x0800, ipv4(97, bytes("3000") + innerEthernet(inner4))))
    expectInner4(frame, through: [.etherIP])
    expectOverlay(frame, identifier: nil)
  }

  /// What a mirror wraps counts as captured where the mirror stands: types I, II, III, and III with a subheader.
  @Test(arguments: [
    ("0000 88be", UInt32(0)), ("1000 88be 00000001 1001 0805 00000000", 5),
    ("1000 22eb 00000001 2001 0805 00000000 00000000", 5),
    ("1000 22eb 00000001 2001 0805 00000000 00000001 0000000000000000", 5),
  ])
  func erspanLeavesNothingOfItsOwnWay(header: String, session: UInt32) {
    for carrier in [
      ethernet(0x0800, ipv4(47, bytes(header) + innerEthernet(inner4))),
      ethernet(0x86dd, ipv6(60, bytes("2f00 0401 0401 0100") + bytes(header) + innerEthernet(inner4))),
    ] {
      let frame = dissect(carrier)
      expectInner4(frame, through: [])
      #expect(frame.mirror == session)
      #expect(frame.source?.description == "0e:00:00:00:00:02")
      #expect(frame.vlan.outer == 7)
    }
  }

  @Test func frameThatTheMirrorCutIsNoContradiction() {
    let long = ipv4(
      6, tcp([UInt8](repeating: 1, count: 200)), source: bytes("0a000001"), destination: bytes("0a010a0a"))
    let cut = Array(innerEthernet(long).prefix(18 + 40 + 10))
    for (header, mayBeCut) in [
      ("1000 88be 00000001 1001 0c05 00000000", true), ("1000 88be 00000001 1001 0805 00000000", false),
      ("0000 88be", true),
    ] {
      let frame = dissect(ethernet(0x0800, ipv4(47, bytes(header) + cut)))
      #expect(frame.tcp?.payloadLength == (mayBeCut ? 200 : 200))
      #expect(frame.stop == nil || !mayBeCut)
    }
  }

  /// The user tells a port that is the user's own.
  @Test func portsOfTheUserAreLookedAt() throws {
    var ports = TunnelPorts.standard
    let added = [ports.add(5555, .fou), ports.add(6081, .gue)]
    #expect(added == [true, true])
    let read = { (port: Int, payload: [UInt8]) in
      let frame = ethernet(0x0800, ipv4(17, udp(payload, destination: port)))
      return Dissection(frame.span, linkType: .ethernet, wireLength: frame.count, tunnelPorts: ports)
    }
    expectInner4(read(5555, inner4), through: [.fou])
    expectInner4(read(6081, bytes("0004 0000") + inner4), through: [.gue])
    #expect(read(5556, inner4).encapsulation.isEmpty)
    for port in UInt16(1)...200 { _ = ports.add(port, .fou) }
    #expect(ports.all.count == TunnelPorts.limit)
  }

  /// Every entry says what a reader needs, and no two share a name or a place.
  @Test func theTableIsWhole() {
    let entries = Tunnel.allCases.map(\.entry)
    #expect(Set(entries.map(\.name)).count == entries.count)
    let carriers = entries.flatMap(\.carriers)
    #expect(Set(carriers).count == carriers.count)
    for (tunnel, entry) in zip(Tunnel.allCases, entries) {
      #expect(!entry.source.isEmpty && !entry.title.isEmpty)
      #expect(Tunnel(name: entry.name) == tunnel)
      #expect(entry.isOpened || !entry.carriers.isEmpty)
      #expect(tunnel.isCarriedByUDP || !entry.carriers.isEmpty || tunnel == .erspan)
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
