import Testing
import Wire

@Suite struct IPv4Tests {
  @Test func headerIsRead() throws {
    let network = try #require(dissect(ethernet(0x0800, ipv4(6, tcp([1, 2]), fragment: 0x4000))).network)
    #expect(network.source == address("192.0.2.1"))
    #expect(network.destination == address("198.51.100.7"))
    #expect(network.hopLimit == 63)
    #expect(network.protocolNumber == 6)
    #expect(network.identification == 0x1234)
    #expect(!network.moreFragments)
    #expect(network.fragmentOffset == 0)
    #expect(network.payloadOffset == 34)
    #expect(network.payloadLength == 22)
  }

  @Test func optionsArePassedOver() {
    let frame = dissect(ethernet(0x0800, ipv4(6, tcp(), options: bytes("9a08 0050 0a010a0a"))))
    #expect(frame.network?.payloadOffset == 42)
    #expect(frame.tcp?.destinationPort == 80)
  }

  @Test func captureThatEndsInTheOptionsKeepsTheAddresses() {
    let frame = dissect(ethernet(0x0800, ipv4(6, tcp(), options: bytes("94040000"))), captured: 36)
    #expect(frame.network?.source == address("192.0.2.1"))
    #expect(frame.network?.payloadOffset == 36)
    #expect(frame.other == 6)
    #expect(frame.stop == Dissection.Stop(.captureEnded, in: .ipv4, at: 14))
  }

  @Test func paddingIsNoPayload() {
    let frame = dissect(ethernet(0x0800, ipv4(6, tcp()) + [UInt8](repeating: 0, count: 6)))
    #expect(frame.tcp?.payloadLength == 0)
    #expect(frame.stop == nil)
  }

  @Test func laterFragmentCarriesNoPorts() {
    let frame = dissect(ethernet(0x0800, ipv4(17, udp(), fragment: 0x2001)))
    #expect(frame.laterFragment == 17)
    #expect(frame.network?.fragmentOffset == 8)
    #expect(frame.network?.moreFragments == true)
  }

  @Test func highestFragmentOffsetFits() {
    #expect(dissect(ethernet(0x0800, ipv4(17, udp(), fragment: 0x1fff))).network?.fragmentOffset == 65528)
  }

  @Test func firstFragmentIsDissectedOn() {
    let frame = dissect(ethernet(0x0800, ipv4(17, udp([1, 2], length: 3000), fragment: 0x2000)))
    #expect(frame.udp?.payloadLength == 2992)
    #expect(frame.network?.moreFragments == true)
    #expect(frame.stop == nil)
  }

  @Test func lengthLeftToTheNetworkCardFollowsFromTheWire() {
    let data = [UInt8](repeating: 7, count: 100)
    let frame = dissect(ethernet(0x0800, ipv4(6, tcp(data), totalLength: 0)), captured: 60)
    #expect(frame.tcp?.payloadLength == 100)
    #expect(frame.network?.payloadLength == 120)
    #expect(frame.stop == nil)
  }

  @Test func lengthBeyondTheWireIsMalformedButRead() {
    let frame = dissect(ethernet(0x0800, ipv4(6, tcp(), totalLength: 1000)))
    #expect(frame.stop == Dissection.Stop(.malformed, in: .ipv4, at: 14))
    #expect(frame.tcp?.sourcePort == 49152)
    #expect(frame.tcp?.payloadLength == 960)
  }

  @Test func lengthBeyondTheCaptureIsNot() {
    let frame = dissect(ethernet(0x0800, ipv4(6, tcp([UInt8](repeating: 0, count: 960)))), captured: 54)
    #expect(frame.stop == nil)
    #expect(frame.tcp?.payloadLength == 960)
  }

  @Test(arguments: [(0x35, 40), (0x44, 40), (0x45, 19), (0x46, 20)])
  func headerThatContradictsItselfIsNotRead(first: Int, total: Int) {
    var packet = ipv4(6, tcp())
    packet[0] = UInt8(first)
    packet[3] = UInt8(total)
    let frame = dissect(ethernet(0x0800, packet))
    #expect(frame.network == nil)
    #expect(frame.stop == Dissection.Stop(.malformed, in: .ipv4, at: 14))
  }

  @Test func lengthOnTheWireBelowTheCaptureIsNotBelieved() {
    let frame = ethernet(0x0800, ipv4(6, tcp()))
    #expect(dissect(frame, wireLength: 10).stop == nil)
    #expect(dissect(frame, wireLength: .min).tcp != nil)
    #expect(dissect(frame, wireLength: .max).tcp != nil)
  }
}

@Suite struct IPv6Tests {
  @Test func headerIsRead() throws {
    let frame = dissect(ethernet(0x86dd, ipv6(6, tcp([1, 2, 3]))))
    let network = try #require(frame.network)
    #expect(network.source == address("2001:db8::1"))
    #expect(network.destination == address("2001:db8::7"))
    #expect(network.hopLimit == 62)
    #expect(network.payloadOffset == 54)
    #expect(network.payloadLength == 23)
    #expect(frame.tcp?.payloadLength == 3)
  }

  @Test func extensionHeadersArePassedOver() {
    let hopByHop = bytes("3c00 0502 0000 0100")
    let destination = bytes("2b02 1b14") + server6 + bytes("0050 0000")
    let routing = bytes("3300 0000 0000 0000")
    let authentication = bytes("0604 0000 00000001 00000001 000000000000000000000000")
    let payload = hopByHop + destination + routing + authentication + tcp([9])
    let frame = dissect(ethernet(0x86dd, ipv6(0, payload)))
    #expect(frame.network?.protocolNumber == 6)
    #expect(frame.network?.payloadOffset == 54 + 8 + 24 + 8 + 24)
    #expect(frame.tcp?.payloadLength == 1)
    #expect(frame.stop == nil)
  }

  @Test func laterFragmentCarriesNoPorts() {
    let frame = dissect(ethernet(0x86dd, ipv6(44, bytes("1100 05a9 0000beef") + udp())))
    #expect(frame.laterFragment == 17)
    #expect(frame.network?.fragmentOffset == 1448)
    #expect(frame.network?.moreFragments == true)
    #expect(frame.network?.identification == 0xbeef)
  }

  @Test func firstAndAtomicFragmentsAreDissectedOn() {
    let first = dissect(ethernet(0x86dd, ipv6(44, bytes("1100 0001 00000001") + udp([1], length: 3000))))
    #expect(first.udp?.payloadLength == 2992)
    #expect(first.stop == nil)
    let atomic = dissect(ethernet(0x86dd, ipv6(44, bytes("0600 0000 00000001") + tcp())))
    #expect(atomic.tcp != nil)
  }

  @Test func jumbogramTakesItsLengthFromTheWire() {
    let data = [UInt8](repeating: 0, count: 70000)
    let payload = bytes("0600 c204 00000000") + tcp(data)
    let frame = dissect(ethernet(0x86dd, ipv6(0, payload, payloadLength: 0)), captured: 100)
    #expect(frame.tcp?.payloadLength == 70000)
  }

  @Test func noNextHeaderHasNoPayloadButPadding() {
    let frame = dissect(ethernet(0x86dd, ipv6(59, [0, 0, 0, 0, 0, 0], payloadLength: 0)))
    #expect(frame.network?.payloadLength == 0)
    #expect(frame.other == 59)
    #expect(frame.stop == nil)
  }

  @Test func extensionBeyondItsPacketKeepsTheAddresses() {
    let frame = dissect(ethernet(0x86dd, ipv6(0, bytes("06ff 0000 00000000"))))
    #expect(frame.network?.source == address("2001:db8::1"))
    #expect(frame.other == 0)
    #expect(frame.stop == Dissection.Stop(.malformed, in: .ipv6, at: 54))
  }

  @Test func extensionBeyondTheCaptureSaysSo() {
    let frame = dissect(ethernet(0x86dd, ipv6(0, bytes("0600 0502 0000 0100") + tcp())), captured: 58)
    #expect(frame.stop == Dissection.Stop(.captureEnded, in: .ipv6, at: 54))
    #expect(frame.network != nil)
  }

  @Test func headersWithoutEndEndWithThePacket() {
    let chain = (0..<4000).flatMap { _ in bytes("3c00 0000 00000000") }
    #expect(dissect(ethernet(0x86dd, ipv6(60, chain))).stop?.reason == .malformed)
  }
}

@Suite struct OversizedTests {
  /// Of the innermost packet: a tunnel makes a longer one of a full segment.
  @Test func packetsLongerThanEthernetCarriesAreTold() {
    for (length, isOversized) in [(1500, false), (1501, true)] {
      let packet4 = ipv4(6, tcp(), totalLength: length)
      let packet6 = ipv6(6, tcp(), payloadLength: length - 40)
      let frames = [
        ethernet(0x0800, packet4), ethernet(0x86dd, packet6), ethernet(0x0800, ipv4(4, packet4, totalLength: 1520)),
        ethernet(0x86dd, ipv6(0, bytes("0600010400000000") + tcp(), payloadLength: length - 40)),
      ]
      for frame in frames {
        let network = dissect(frame, wireLength: 1600).network
        #expect(network?.isOversized == isOversized, "\(length): \(frame)")
        #expect(network?.protocolNumber == 6)
      }
    }
  }

  /// The network card is to cut it up, however long it is.
  @Test func packetsWithoutALengthAreOversized() {
    let frames = [
      ethernet(0x0800, ipv4(6, tcp([1, 2, 3]), totalLength: 0)),
      ethernet(0x86dd, ipv6(6, tcp([1, 2, 3]), payloadLength: 0)),
    ]
    for frame in frames { #expect(dissect(frame).network?.isOversized == true) }
    // RFC 8200 section 4.7: nothing follows, so nothing has no length.
    #expect(dissect(ethernet(0x86dd, ipv6(59, []))).network?.isOversized == false)
  }
}
