import Testing
import Wire

@Suite struct ARPTests {
  let reply =
    bytes("0001 0800 06 04 0002") + senderMAC + client4 + receiverMAC + server4

  @Test func packetIsRead() throws {
    let packet = try #require(dissect(ethernet(0x0806, reply)).arp)
    #expect(packet.operation == 2)
    #expect(packet.senderMAC.description == "02:00:00:00:00:0a")
    #expect(packet.senderIP == address("192.0.2.1"))
    #expect(packet.targetMAC.description == "02:00:00:00:00:0b")
    #expect(packet.targetIP == address("198.51.100.7"))
  }

  @Test func otherHardwareIsUnknown() {
    for start in ["0020 0800 14 04", "0001 86dd 06 04", "0001 0800 06 06"] {
      let frame = dissect(ethernet(0x0806, bytes(start) + [UInt8](repeating: 0, count: 40)))
      #expect(frame.stop == Dissection.Stop(.unknownProtocol, in: .arp, at: 14))
      #expect(frame.isEmpty)
    }
  }

  @Test func cutPacketIsNoClaim() {
    let frame = dissect(ethernet(0x0806, reply), captured: 41)
    #expect(frame.isEmpty)
    #expect(frame.stop == Dissection.Stop(.captureEnded, in: .arp, at: 14))
  }
}

@Suite struct ICMPTests {
  let quotedTCP = ipv4(6, Array(tcp().prefix(8)), totalLength: 1500)

  @Test func fragmentationNeededTellsTheMTU() throws {
    let error = try #require(dissect(ethernet(0x0800, ipv4(1, bytes("0304 0000 0000 05dc") + quotedTCP))).icmpError)
    #expect(error.kind == .packetTooBig)
    #expect(error.type == 3)
    #expect(error.code == 4)
    #expect(error.mtu == 1500)
    #expect(error.quoted.source == address("192.0.2.1"))
    #expect(error.quoted.destination == address("198.51.100.7"))
    #expect(error.quoted.protocolNumber == 6)
    #expect(error.quoted.sourcePort == 49152)
    #expect(error.quoted.destinationPort == 80)
  }

  @Test(arguments: [
    ("0300", ICMPError.Kind.unreachable), ("0303", .unreachable), ("0501", .redirect), ("0b00", .timeExceeded),
    ("0c00", .parameterProblem),
  ])
  func everyErrorQuotes(start: String, kind: ICMPError.Kind) {
    let frame = dissect(ethernet(0x0800, ipv4(1, bytes("\(start) 0000 0a000001") + quotedTCP)))
    #expect(frame.icmpError?.kind == kind)
    #expect(frame.icmpError?.mtu == 0)
    #expect(frame.icmpError?.gateway == (kind == .redirect ? address("10.0.0.1") : nil))
    #expect(frame.icmpError?.quoted.sourcePort == 49152)
    #expect(frame.stop == nil)
  }

  @Test func echoesAreTold() {
    for (type, isReply) in [("08", false), ("00", true)] {
      let frame = dissect(ethernet(0x0800, ipv4(1, bytes("\(type)00 0000 0001 0001"))))
      #expect(frame.echoIsReply == isReply)
      #expect(frame.stop == nil)
    }
    for (type, isReply) in [("80", false), ("81", true)] {
      let frame = dissect(ethernet(0x86dd, ipv6(58, bytes("\(type)00 0000 0001 0001"))))
      #expect(frame.echoIsReply == isReply)
      #expect(frame.stop == nil)
    }
  }

  @Test func otherMessagesAreNotLookedInto() {
    #expect(dissect(ethernet(0x0800, ipv4(1, bytes("0d00 0000 0001 0001")))).other == 1)
    #expect(dissect(ethernet(0x86dd, ipv6(58, bytes("8500 0000 00000000")))).other == 58)
  }

  @Test func cutEchoIsNone() {
    let frame = dissect(ethernet(0x0800, ipv4(1, bytes("0800 0000 0001 0001"))), captured: 41)
    #expect(frame.other == 1)
    #expect(frame.stop == Dissection.Stop(.captureEnded, in: .icmp, at: 34))
  }

  @Test func shortQuotationHasNoPorts() {
    let quoted = ipv4(6, [0xc0, 0, 0], totalLength: 1500)
    let frame = dissect(ethernet(0x0800, ipv4(1, bytes("0301 0000 00000000") + quoted)))
    #expect(frame.icmpError?.quoted.protocolNumber == 6)
    #expect(frame.icmpError?.quoted.sourcePort == 0)
    #expect(frame.icmpError?.quoted.destinationPort == 0)
  }

  /// Ethernet padding behind a quotation is not part of it.
  @Test func paddingIsNoQuotation() {
    let quoted = ipv4(6, [], totalLength: 1500)
    let frame = dissect(ethernet(0x0800, ipv4(1, bytes("0301 0000 00000000") + quoted) + bytes("11223344")))
    #expect(frame.icmpError?.quoted.sourcePort == 0)
  }

  @Test func quotedLaterFragmentHasNoPorts() {
    let quoted = ipv4(17, bytes("11112222 33334444"), fragment: 0x0010)
    let frame = dissect(ethernet(0x0800, ipv4(1, bytes("0b01 0000 00000000") + quoted)))
    #expect(frame.icmpError?.quoted.sourcePort == 0)
  }

  @Test func quotationWithoutReadableHeaderIsNoError() {
    let frame = dissect(ethernet(0x0800, ipv4(1, bytes("0301 0000 00000000 4500"))))
    #expect(frame.other == 1)
    #expect(frame.stop == Dissection.Stop(.malformed, in: .ipv4, at: 42))
  }

  @Test func quotedTunnelIsFollowed() {
    let inner = ipv4(6, Array(tcp().prefix(8)), totalLength: 1480, source: bytes("0a000001"))
    let outers = [
      ipv4(4, inner, totalLength: 1500),
      ipv4(47, bytes("0000 0800") + inner, totalLength: 1504),
      ipv4(17, udp(inner, destination: 6080, length: 1488), totalLength: 1508),
    ]
    for outer in outers {
      let frame = dissect(ethernet(0x0800, ipv4(1, bytes("0304 0000 000005dc") + outer)))
      #expect(frame.icmpError?.quoted.source == address("10.0.0.1"))
      #expect(frame.icmpError?.quoted.sourcePort == 49152)
    }
  }

  @Test func quotedTunnelCutShortIsQuotedItself() {
    let outer = ipv4(4, bytes("45000000 0000"), totalLength: 1500)
    let frame = dissect(ethernet(0x0800, ipv4(1, bytes("0304 0000 000005dc") + outer)))
    #expect(frame.icmpError?.quoted.source == address("192.0.2.1"))
    #expect(frame.icmpError?.quoted.protocolNumber == 4)
  }

  @Test(arguments: [
    ("0100", ICMPError.Kind.unreachable), ("0300", .timeExceeded), ("0401", .parameterProblem),
  ])
  func everyErrorOfVersion6Quotes(start: String, kind: ICMPError.Kind) {
    let quoted = ipv6(44, bytes("1100 0001 00000001") + udp(), payloadLength: 1400)
    let frame = dissect(ethernet(0x86dd, ipv6(58, bytes("\(start) 0000 00000000") + quoted)))
    #expect(frame.icmpError?.kind == kind)
    #expect(frame.icmpError?.quoted.protocolNumber == 17)
    #expect(frame.icmpError?.quoted.destinationPort == 53)
  }

  @Test func packetTooBigTellsTheMTU() {
    let frame = dissect(ethernet(0x86dd, ipv6(58, bytes("0200 0000 00000500") + ipv6(6, tcp(), payloadLength: 1460))))
    #expect(frame.icmpError?.kind == .packetTooBig)
    #expect(frame.icmpError?.mtu == 1280)
    #expect(frame.icmpError?.quoted.destinationPort == 80)
  }
}

@Suite struct RedirectTests {
  static let router6 = bytes("fe80 0000 0000 0000 0000 0000 0000 0002")
  let start = bytes("8900 0000 00000000") + Self.router6 + server6
  let link = bytes("0201") + senderMAC

  @Test func redirectNamesTheNextHopAndQuotesThePacket() throws {
    let quoted = ipv6(6, tcp(), payloadLength: 1440) + bytes("00000000")
    let frame = dissect(ethernet(0x86dd, ipv6(58, start + link + bytes("0409 000000000000") + quoted)))
    let error = try #require(frame.icmpError)
    #expect(error.kind == .redirect)
    #expect(error.type == 137)
    #expect(error.gateway == address("fe80::2"))
    #expect(error.quoted.source == address("2001:db8::1"))
    #expect(error.quoted.destination == address("2001:db8::7"))
    #expect(error.quoted.protocolNumber == 6)
    #expect(error.quoted.destinationPort == 80)
    #expect(frame.stop == nil)
  }

  @Test func redirectWithoutAPacketTellsTheDestination() throws {
    for options in [[], link] {
      let frame = dissect(ethernet(0x86dd, ipv6(58, start + options)))
      let quoted = try #require(frame.icmpError?.quoted)
      #expect(frame.icmpError?.gateway == address("fe80::2"))
      #expect(quoted.source.isUnspecified && quoted.source.version == .v6)
      #expect(quoted.destination == address("2001:db8::7"))
      #expect(quoted.protocolNumber == 0 && quoted.sourcePort == 0 && quoted.destinationPort == 0)
      #expect(frame.stop == nil)
    }
  }

  /// The header stands where the packet in it cannot be read.
  @Test func cutQuotationKeepsTheRedirect() {
    let payload = start + bytes("0407 000000000000") + ipv6(6, Array(tcp().prefix(8)), payloadLength: 1440)
    let frame = dissect(ethernet(0x86dd, ipv6(58, payload)), captured: 120)
    #expect(frame.icmpError?.gateway == address("fe80::2"))
    #expect(frame.icmpError?.quoted.protocolNumber == 0)
    #expect(frame.stop == Dissection.Stop(.captureEnded, in: .ipv6, at: 102))
  }

  @Test func optionWithoutLengthKeepsTheRedirect() {
    let frame = dissect(ethernet(0x86dd, ipv6(58, start + bytes("0400 000000000000"))))
    #expect(frame.icmpError?.kind == .redirect)
    #expect(frame.stop == Dissection.Stop(.malformed, in: .icmpv6, at: 94))
  }

  @Test func cutRedirectIsNone() {
    let frame = dissect(ethernet(0x86dd, ipv6(58, start)), captured: 93)
    #expect(frame.other == 58)
    #expect(frame.stop == Dissection.Stop(.captureEnded, in: .icmpv6, at: 54))
  }
}

@Suite struct NeighborDiscoveryTests {
  @Test func solicitationIsRead() throws {
    let frame = dissect(ethernet(0x86dd, ipv6(58, bytes("8700 0000 00000000") + server6 + bytes("0101") + senderMAC)))
    let message = try #require(frame.neighbor)
    #expect(message.kind == .solicitation)
    #expect(message.target == address("2001:db8::7"))
    #expect(message.linkLayerAddress?.description == "02:00:00:00:00:0a")
  }

  @Test func advertisementTellsItsFlags() throws {
    let nonce = bytes("0e01 000000000000")
    let payload = bytes("8800 0000 a0000000") + server6 + nonce + bytes("0201") + senderMAC
    let message = try #require(dissect(ethernet(0x86dd, ipv6(58, payload))).neighbor)
    #expect(message.kind == .advertisement)
    #expect(message.isRouter)
    #expect(!message.isSolicited)
    #expect(message.isOverride)
    #expect(message.linkLayerAddress?.description == "02:00:00:00:00:0a")
  }

  @Test func optionOfTheOtherKindIsNoAddress() {
    let payload = bytes("8800 0000 60000000") + server6 + bytes("0101") + senderMAC
    let frame = dissect(ethernet(0x86dd, ipv6(58, payload)))
    #expect(frame.neighbor?.linkLayerAddress == nil)
    #expect(frame.neighbor?.isSolicited == true)
  }

  @Test func optionWithoutLengthEndsTheReading() {
    let frame = dissect(ethernet(0x86dd, ipv6(58, bytes("8800 0000 60000000") + server6 + bytes("0200") + senderMAC)))
    #expect(frame.neighbor != nil)
    #expect(frame.stop == Dissection.Stop(.malformed, in: .icmpv6, at: 78))
  }

  @Test func cutOptionKeepsTheMessage() {
    let payload = bytes("8800 0000 60000000") + server6 + bytes("0201") + senderMAC
    let frame = dissect(ethernet(0x86dd, ipv6(58, payload)), captured: 80)
    #expect(frame.neighbor != nil)
    #expect(frame.neighbor?.linkLayerAddress == nil)
    #expect(frame.stop == Dissection.Stop(.captureEnded, in: .icmpv6, at: 78))
  }
}

@Suite struct RouterAdvertisementTests {
  static let start = bytes("8600 0000 40 00 0708 00000000 00000000")
  /// 2001:db8:0:1::/64 with the flags L and A, and bits behind it that are to be ignored.
  static let onLink = bytes("0304 40c0 00015180 00003840 00000000 20010db8000000010000000000000001")

  private func prefixes(_ options: [UInt8], captured: Int? = nil) -> [String] {
    let bytes = ethernet(0x86dd, ipv6(58, Self.start + options))
    let kept = Array(bytes.prefix(captured ?? bytes.count))
    var found: [String] = []
    dissect(bytes, captured: captured).routerAdvertisement?.forEachPrefixOnLink(kept.span) {
      found.append("\($0.address)/\($0.length)")
    }
    return found
  }

  private func option(_ length: UInt8 = 64, flags: UInt8 = 0xc0, lifetime: String = "00015180") -> [UInt8] {
    [3, 4, length, flags] + bytes(lifetime) + bytes("00000000 00000000") + server6
  }

  @Test func optionsAreBytesOfTheFrame() {
    let frame = dissect(ethernet(0x86dd, ipv6(58, Self.start + bytes("0101") + senderMAC + Self.onLink)))
    #expect(frame.routerAdvertisement?.options == 70..<110)
    #expect(frame.stop == nil)
  }

  @Test func prefixesOnTheLinkAreRead() {
    let address = bytes("0101") + senderMAC
    let mtu = bytes("0501 0000 000005dc")
    #expect(prefixes([]) == [])
    #expect(prefixes(address + Self.onLink + mtu + option(128)) == ["2001:db8:0:1::/64", "2001:db8::7/128"])
    #expect(prefixes(option(0)) == ["::/0"])
    #expect(prefixes(option(29)) == ["2001:db8::/29"])
    #expect(prefixes(option(126)) == ["2001:db8::4/126"])
  }

  /// RFC 4861 sections 4.6.2 and 6.3.4.
  @Test func whatIsNotOnTheLinkIsNotTold() {
    #expect(prefixes(option(flags: 0x40)) == [])
    #expect(prefixes(option(129)) == [])
    #expect(prefixes(option(lifetime: "00000000")) == [])
    let linkLocal = Array(option().prefix(16)) + RedirectTests.router6
    #expect(prefixes(linkLocal + Self.onLink) == ["2001:db8:0:1::/64"])
    #expect(prefixes(bytes("0301 40c0 00015180")) == [], "too short for a prefix")
  }

  @Test func whatComesBeforeACutOptionStands() {
    #expect(prefixes(Self.onLink + option(), captured: 133) == ["2001:db8:0:1::/64"])
    #expect(prefixes(Self.onLink + bytes("0300 40c0 00000000") + option()) == ["2001:db8:0:1::/64"])
    let frame = dissect(ethernet(0x86dd, ipv6(58, Self.start + Self.onLink + option())), captured: 133)
    #expect(frame.stop == Dissection.Stop(.captureEnded, in: .icmpv6, at: 102))
    #expect(dissect(ethernet(0x86dd, ipv6(58, Self.start)), captured: 69).other == 58)
  }

  /// Whatever range an advertisement names, and whatever frame it is read from.
  @Test func noRangeTraps() {
    for range in [0..<0, 0..<Int.max, 5..<40, (Int.max - 1)..<Int.max, Int.min..<3] {
      var count = 0
      RouterAdvertisement(options: range).forEachPrefixOnLink(Self.onLink.span) { _ in count += 1 }
      #expect(count == (range.lowerBound == 0 && range.upperBound > 0 ? 1 : 0))
    }
  }
}

@Suite struct VRRPTests {
  @Test func version2IsRead() throws {
    let payload = bytes("21 33 64 02 00 03 0000 0a000001 0a000002 0000000000000000")
    let frame = dissect(ethernet(0x0800, ipv4(112, payload)))
    let advertisement = try #require(frame.vrrp)
    #expect(advertisement.version == 2)
    #expect(advertisement.virtualRouterID == 0x33)
    #expect(advertisement.priority == 100)
    #expect(advertisement.interval == 3000)
    #expect(advertisement.addresses == 42..<50)
    #expect(advertisement.addressVersion == .v4)
  }

  @Test func version3IsReadOverBothVersionsOfIP() {
    let over4 = dissect(ethernet(0x0800, ipv4(112, bytes("31 01 ff 01 0064 0000 0a000001"))))
    #expect(over4.vrrp?.addresses == 42..<46)
    #expect(over4.vrrp?.interval == 1000)
    let over6 = dissect(ethernet(0x86dd, ipv6(112, bytes("31 01 ff 01 0064 0000") + server6)))
    #expect(over6.vrrp?.addresses == 62..<78)
    #expect(over6.vrrp?.addressVersion == .v6)
  }

  /// RFC 9568 section 5.2.6: the four bits above the interval are reserved.
  @Test func intervalOfVersion3IsTwelveBits() {
    let frame = dissect(ethernet(0x0800, ipv4(112, bytes("31 01 ff 01 ffff 0000 0a000001"))))
    #expect(frame.vrrp?.interval == 40950)
  }

  /// carp(4): version and type as VRRP version 2, then VHID, skew, length 7, demotion, base, checksum, counter, HMAC.
  @Test func packetOfCARPIsNoAdvertisement() {
    let payload = bytes("21 01 00 07 00 01 0000") + [UInt8](repeating: 0xab, count: 28)
    let frame = dissect(ethernet(0x0800, ipv4(112, payload)))
    #expect(frame.other == 112)
    #expect(frame.stop == nil)
  }

  @Test(arguments: ["22", "11", "41"])
  func otherVersionsAndTypesAreNotLookedInto(first: String) {
    let frame = dissect(ethernet(0x0800, ipv4(112, bytes("\(first) 01 ff 01 0064 0000 0a000001 0000000000000000"))))
    #expect(frame.other == 112)
  }

  @Test func addressesBeyondTheCaptureAreNotGiven() {
    let frame = dissect(ethernet(0x0800, ipv4(112, bytes("31 01 ff 01 0064 0000 0a000001"))), captured: 44)
    #expect(frame.other == 112)
    #expect(frame.stop == Dissection.Stop(.captureEnded, in: .vrrp, at: 34))
  }
}
