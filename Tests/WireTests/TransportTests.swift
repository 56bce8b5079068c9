import Testing
import Wire

@Suite struct TCPTests {
  @Test func headerIsRead() throws {
    let segment = tcp([1, 2, 3, 4, 5], options: bytes("0101 080a 00000001 00000002"), flags: 0x12)
    let header = try #require(dissect(ethernet(0x0800, ipv4(6, segment))).tcp)
    #expect(header.sourcePort == 49152)
    #expect(header.destinationPort == 80)
    #expect(header.sequence == 0x0102_0304)
    #expect(header.acknowledgment == 0x0506_0708)
    #expect(header.flags == [.syn, .ack])
    #expect(header.window == 0x0400)
    #expect(header.options == 54..<66)
    #expect(header.payloadLength == 5)
  }

  @Test func captureThatEndsInTheOptionsKeepsTheHeader() {
    let frame = dissect(
      ethernet(0x0800, ipv4(6, tcp([1], options: bytes("0101 080a 00000001 00000002")))), captured: 58)
    #expect(frame.tcp?.options == 54..<58)
    #expect(frame.tcp?.payloadLength == 1)
    #expect(frame.stop == Dissection.Stop(.captureEnded, in: .tcp, at: 34))
  }

  /// Fourteen bytes hold the ports, both numbers and the flags: all that tells flows and their way.
  @Test(arguments: [14, 15])
  func captureThatEndsBeforeTheWindowKeepsPortsNumbersAndFlags(length: Int) throws {
    let frame = dissect(ethernet(0x86dd, ipv6(6, tcp([1, 2, 3], flags: 0x12))), captured: 54 + length)
    let header = try #require(frame.tcp)
    #expect(header.sourcePort == 49152)
    #expect(header.destinationPort == 80)
    #expect(header.sequence == 0x0102_0304)
    #expect(header.acknowledgment == 0x0506_0708)
    #expect(header.flags == [.syn, .ack])
    #expect(header.window == nil)
    #expect(header.options.isEmpty)
    #expect(header.payloadLength == 3)
    #expect(frame.stop == Dissection.Stop(.captureEnded, in: .tcp, at: 54))
  }

  @Test(arguments: 16...20)
  func captureThatEndsBehindTheWindowKeepsItToo(length: Int) {
    #expect(dissect(ethernet(0x86dd, ipv6(6, tcp())), captured: 54 + length).tcp?.window == 0x0400)
  }

  /// The wire had no room for more: that is no cut.
  @Test(arguments: 14...19)
  func segmentThatEndsInItsHeaderOnTheWireIsMalformed(length: Int) {
    let frame = dissect(ethernet(0x0800, ipv4(6, Array(tcp().prefix(length)))))
    #expect(frame.tcp == nil)
    #expect(frame.stop == Dissection.Stop(.malformed, in: .tcp, at: 34))
  }

  @Test(arguments: 0...13)
  func captureThatEndsBeforeTheFlagsSaysSo(length: Int) {
    let frame = dissect(ethernet(0x0800, ipv4(6, tcp())), captured: 34 + length)
    #expect(frame.other == 6)
    #expect(frame.network != nil)
    #expect(frame.stop == Dissection.Stop(.captureEnded, in: .tcp, at: 34))
  }

  @Test(arguments: [UInt8(0x40), 0x60, 0xf0])
  func dataOffsetOutsideTheSegmentIsMalformed(offset: UInt8) {
    var segment = tcp()
    segment[12] = offset
    let frame = dissect(ethernet(0x0800, ipv4(6, segment)))
    #expect(frame.other == 6)
    #expect(frame.stop == Dissection.Stop(.malformed, in: .tcp, at: 34))
  }

  @Test func segmentShorterThanItsHeaderIsMalformed() {
    #expect(dissect(ethernet(0x0800, ipv4(6, [0, 80]))).stop == Dissection.Stop(.malformed, in: .tcp, at: 34))
  }

  @Test func optionsAreRead() {
    let options = bytes("020405b4 0402 080a00000001 00000002 01 030307 00 ffff")
    let read = TCPOptions(options.span, in: 0..<options.count)
    #expect(read.mss == 1460)
    #expect(read.windowScale == 7)
    #expect(read.sackPermitted)
    #expect(read.timestamps == TCPOptions.Timestamps(value: 1, echo: 2))
  }

  @Test(arguments: ["02", "0200", "0201", "0204 05", "fe06 0000", "020305"])
  func brokenOptionEndsTheReading(hex: String) {
    let options = bytes(hex)
    let read = TCPOptions(options.span, in: 0..<options.count)
    #expect(read.mss == nil)
    #expect(read.windowScale == nil)
  }

  @Test func optionsOutsideTheBytesAreNone() {
    #expect(TCPOptions(bytes("020405b4").span, in: 100..<140).mss == nil)
    #expect(TCPOptions(bytes("020405b4").span, in: -8..<4).mss == nil)
  }
}

@Suite struct UDPTests {
  @Test func headerIsRead() throws {
    let header = try #require(dissect(ethernet(0x86dd, ipv6(17, udp([1, 2, 3])))).udp)
    #expect(header.sourcePort == 49152)
    #expect(header.destinationPort == 53)
    #expect(header.payloadOffset == 62)
    #expect(header.payloadLength == 3)
  }

  @Test func missingLengthFollowsFromThePacket() {
    #expect(dissect(ethernet(0x0800, ipv4(17, udp([1, 2, 3], length: 0)))).udp?.payloadLength == 3)
  }

  @Test func lengthBelowTheHeaderIsMalformed() {
    let frame = dissect(ethernet(0x0800, ipv4(17, udp(length: 7))))
    #expect(frame.other == 17)
    #expect(frame.stop == Dissection.Stop(.malformed, in: .udp, at: 34))
  }

  @Test func lengthBeyondThePacketIsMalformedButRead() {
    let frame = dissect(ethernet(0x0800, ipv4(17, udp(length: 100))))
    #expect(frame.udp?.payloadLength == 92)
    #expect(frame.stop == Dissection.Stop(.malformed, in: .udp, at: 34))
  }

  /// RFC 9868: what follows the datagram inside its packet is no payload.
  @Test func surplusIsNoPayload() {
    #expect(dissect(ethernet(0x0800, ipv4(17, udp([1, 2, 3], length: 9)))).udp?.payloadLength == 1)
  }
}

@Suite struct OtherProtocolTests {
  @Test(arguments: [UInt8(2), 50, 89, 132, 255])
  func protocolsNotLookedIntoAreNamed(number: UInt8) {
    let frame = dissect(ethernet(0x0800, ipv4(number, [1, 2, 3, 4])))
    #expect(frame.other == number)
    #expect(frame.stop == nil)
  }
}
