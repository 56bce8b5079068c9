import Testing
import Wire

@Suite struct LinkTests {
  @Test func ethernetGivesBothAddresses() {
    let frame = dissect(ethernet(0x0800, ipv4(6, tcp())))
    #expect(frame.destination?.description == "02:00:00:00:00:0b")
    #expect(frame.source?.description == "02:00:00:00:00:0a")
    #expect(frame.tcp != nil)
    #expect(frame.stop == nil)
  }

  @Test(arguments: [0x8100, 0x88a8, 0x9100])
  func everyKindOfTagIsRead(tag: Int) {
    let frame = dissect(ethernet(tag, be16(0xe064) + be16(0x0800) + ipv4(6, tcp())))
    #expect(frame.vlan.depth == 1)
    #expect(frame.vlan.outer == 100)
    #expect(frame.tcp != nil)
  }

  @Test func tagsAreStacked() {
    let tags = bytes("0064 8100 00c8 9100 012c 86dd")
    let frame = dissect(ethernet(0x88a8, tags + ipv6(17, udp())))
    #expect(frame.vlan.depth == 3)
    #expect(frame.vlan.outer == 100)
    #expect(frame.vlan.inner == 200)
    #expect(frame.udp != nil)
  }

  @Test func tagBeyondTheCaptureSaysSo() {
    let frame = dissect(ethernet(0x8100, be16(100) + be16(0x0800) + ipv4(6, tcp())), captured: 16)
    #expect(frame.stop == Dissection.Stop(.captureEnded, in: .vlan, at: 14))
    #expect(frame.source != nil)
    #expect(frame.vlan.depth == 0)
  }

  @Test func lengthFieldLeadsToSNAP() {
    let packet = ipv4(17, udp())
    let padded = bytes("aaaa 0300 0000 0800") + packet + [UInt8](repeating: 0, count: 20)
    let frame = dissect(ethernet(8 + packet.count, padded))
    #expect(frame.udp?.destinationPort == 53)
    #expect(frame.stop == nil)
  }

  @Test func packetLongerThanTheFrameAroundItIsMalformed() {
    let packet = ipv4(17, udp([1, 2]))
    let llc = dissect(ethernet(4 + packet.count, bytes("aaaa 0300 0000 0800") + packet))
    #expect(llc.stop == Dissection.Stop(.malformed, in: .ipv4, at: 22))
    let session = dissect(ethernet(0x8864, bytes("1100 0007") + be16(packet.count) + bytes("0021") + packet))
    #expect(session.stop == Dissection.Stop(.malformed, in: .ipv4, at: 22))
  }

  @Test func spanningTreeIsUnknown() {
    let frame = dissect(ethernet(38, bytes("424203") + [UInt8](repeating: 0, count: 43)))
    #expect(frame.stop == Dissection.Stop(.unknownProtocol, in: .link, at: 14))
    #expect(frame.isEmpty)
  }

  @Test func runtIsMalformedAndCutFrameIsNot() {
    #expect(dissect([1, 2, 3]).stop == Dissection.Stop(.malformed, in: .link, at: 0))
    #expect(dissect([1, 2, 3], wireLength: 60).stop == Dissection.Stop(.captureEnded, in: .link, at: 0))
    #expect(dissect([]).stop == Dissection.Stop(.malformed, in: .link, at: 0))
  }

  @Test func cookedFrameNamesOnlyTheSender() {
    let header = bytes("0000 0001 0006") + senderMAC + bytes("0000 0800")
    let frame = dissect(header + ipv4(6, tcp()), .linuxSLL)
    #expect(frame.source?.description == "02:00:00:00:00:0a")
    #expect(frame.destination == nil)
    #expect(frame.tcp != nil)
  }

  @Test func cookedVersion2NamesTheInterface() {
    let header = bytes("0800 0000 00000003 0001 00 06") + senderMAC + bytes("0000")
    let frame = dissect(header + ipv4(6, tcp()), .linuxSLL2)
    #expect(frame.interfaceIndex == 3)
    #expect(frame.source?.description == "02:00:00:00:00:0a")
    #expect(frame.destination == nil)
    #expect(frame.tcp != nil)
  }

  @Test func cookedFrameMayCarryTags() {
    let header = bytes("0000 0001 0006") + senderMAC + bytes("0000 8100")
    let frame = dissect(header + bytes("0064 0800") + ipv4(6, tcp()), .linuxSLL)
    #expect(frame.vlan.outer == 100)
    #expect(frame.tcp != nil)
  }

  @Test func cookedAddressOfOtherHardwareIsNone() {
    // ARPHRD_TUNNEL, whose "address" is the four octets of an IPv4 address; ARPHRD_NONE without any.
    for type in ["0300 0004", "fffe 0000"] {
      let frame = dissect(bytes("0000 \(type) 0a000001 00000000 0800") + ipv4(6, tcp()), .linuxSLL)
      #expect(frame.source == nil)
      #expect(frame.tcp != nil)
    }
  }

  @Test(arguments: ["0001", "0004", "0003"])
  func linuxOwnProtocolNumbersAreUnknown(number: String) {
    let frame = dissect(bytes("0000 0001 0006") + senderMAC + bytes("0000 \(number)") + ipv4(6, tcp()), .linuxSLL)
    #expect(frame.stop == Dissection.Stop(.unknownProtocol, in: .link, at: 16))
    #expect(frame.network == nil)
    #expect(frame.source != nil)
  }

  @Test func netlinkIsNotReadAsEtherType() {
    let frame = dissect(bytes("0004 0338 0000 0000000000000000 0800") + ipv4(6, tcp()), .linuxSLL)
    #expect(frame.stop?.reason == .unknownProtocol)
    #expect(frame.network == nil)
  }

  @Test(arguments: ["02000000", "00000002"])
  func loopbackFamilyIsReadInEitherByteOrder(family: String) {
    #expect(dissect(bytes(family) + ipv4(6, tcp()), .null).tcp != nil)
  }

  @Test(arguments: [10, 23, 24, 28, 30])
  func everySystemsIPv6FamilyIsKnown(family: UInt8) {
    #expect(dissect([family, 0, 0, 0] + ipv6(6, tcp()), .null).tcp != nil)
    #expect(dissect([0, 0, 0, family] + ipv6(6, tcp()), .loop).tcp != nil)
  }

  @Test func unknownFamilySaysSo() {
    #expect(dissect(bytes("00000007 45"), .loop).stop == Dissection.Stop(.unknownProtocol, in: .link, at: 4))
  }

  @Test func rawPacketsTellTheirVersion() {
    #expect(dissect(ipv4(6, tcp()), .raw).network?.source.version == .v4)
    #expect(dissect(ipv6(6, tcp()), .raw).network?.source.version == .v6)
    #expect(dissect(ipv4(6, tcp()), .ipv4).tcp != nil)
    #expect(dissect(ipv6(6, tcp()), .ipv6).tcp != nil)
    #expect(dissect([0x15], .raw).stop == Dissection.Stop(.unknownProtocol, in: .link, at: 0))
    #expect(dissect(ipv6(6, tcp()), .ipv4).stop == Dissection.Stop(.malformed, in: .ipv4, at: 0))
  }

  @Test func sessionOfPPPoECarriesIP() {
    let packet = ipv4(6, tcp([1, 2, 3]))
    let frame = dissect(ethernet(0x8864, bytes("1100 0007") + be16(packet.count + 2) + bytes("0021") + packet))
    #expect(frame.tcp?.payloadLength == 3)
    #expect(frame.encapsulation.layers == [.init(.pppoe, identifier: 7)])
    #expect(!frame.encapsulation.wrapsPacket && frame.encapsulation.innermost == nil)
    #expect(dissect(ethernet(0x8864, bytes("1100 0007 0012 c021 0101 0010"))).stop?.reason != nil)
  }

  /// The label at the bottom tells; what it belongs to is the link, and no tunnel.
  @Test func labelsOfMPLSAreALayerOfTheLink() {
    let frame = dissect(ethernet(0x8847, bytes("00010040 00020140") + ipv6(6, tcp())))
    #expect(frame.tcp != nil)
    #expect(frame.encapsulation.layers == [.init(.mpls, identifier: 32)])
    #expect(
      !frame.encapsulation.hasTunnels && frame.encapsulation.source == nil && frame.encapsulation.identifier == 32)
    let tunnelled = dissect(ethernet(0x8847, bytes("00012140") + ipv4(4, ipv4(6, tcp()))))
    #expect(tunnelled.encapsulation.kinds == [.mpls, .ipip])
    #expect(tunnelled.encapsulation.wrapsPacket && tunnelled.encapsulation.innermost?.tunnel == .ipip)
    #expect(dissect(ethernet(0x8847, bytes("00010140 00000000"))).stop?.reason == .unknownProtocol)
  }

  @Test func unknownTypeSaysSo() {
    let frame = dissect(ethernet(0x88cc, [UInt8](repeating: 0, count: 46)))
    #expect(frame.stop == Dissection.Stop(.unknownProtocol, in: .link, at: 14))
  }

  @Test func replacingLeavesNothingOfTheLastFrame() {
    let first = ethernet(0x8100, be16(100) + be16(0x0800) + ipv4(4, ipv4(6, tcp(), totalLength: 4000)))
    var frame = dissect(first)
    #expect(!frame.encapsulation.isEmpty)
    frame.replace(with: [0x15].span, linkType: .raw, wireLength: 1)
    #expect(frame.source == nil && frame.destination == nil && frame.network == nil && frame.isEmpty)
    #expect(frame.encapsulation == Encapsulation() && frame.vlan == VLANStack() && frame.interfaceIndex == 0)
    #expect(frame.stop == Dissection.Stop(.unknownProtocol, in: .link, at: 0))
  }
}
