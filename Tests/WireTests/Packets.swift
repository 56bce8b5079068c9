import Wire

// Packets of these tests, put together from bytes so that they owe nothing to the code under test.

func bytes(_ hex: String) -> [UInt8] {
  let digits = hex.filter { !$0.isWhitespace && $0 != ":" }
  precondition(digits.count.isMultiple(of: 2))
  var result: [UInt8] = []
  var index = digits.startIndex
  while index < digits.endIndex {
    let next = digits.index(index, offsetBy: 2)
    guard let byte = UInt8(digits[index..<next], radix: 16) else { preconditionFailure("not hexadecimal: \(hex)") }
    result.append(byte)
    index = next
  }
  return result
}

func be16(_ value: Int) -> [UInt8] {
  [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
}

let senderMAC = bytes("02:00:00:00:00:0a")
let receiverMAC = bytes("02:00:00:00:00:0b")
let client4 = bytes("c0 00 02 01")  // 192.0.2.1
let server4 = bytes("c6 33 64 07")  // 198.51.100.7
let client6 = bytes("2001 0db8 0000 0000 0000 0000 0000 0001")
let server6 = bytes("2001 0db8 0000 0000 0000 0000 0000 0007")

func ethernet(_ type: Int, _ payload: [UInt8]) -> [UInt8] {
  receiverMAC + senderMAC + be16(type) + payload
}

func ipv4(
  _ protocolNumber: UInt8, _ payload: [UInt8], totalLength: Int? = nil, fragment: Int = 0, options: [UInt8] = [],
  source: [UInt8] = client4, destination: [UInt8] = server4
) -> [UInt8] {
  let headerLength = 20 + options.count
  return [0x40 | UInt8(headerLength / 4), 0] + be16(totalLength ?? headerLength + payload.count) + bytes("1234")
    + be16(fragment) + [63, protocolNumber, 0, 0] + source + destination + options + payload
}

func ipv6(
  _ nextHeader: UInt8, _ payload: [UInt8], payloadLength: Int? = nil, source: [UInt8] = client6,
  destination: [UInt8] = server6
) -> [UInt8] {
  bytes("60000000") + be16(payloadLength ?? payload.count) + [nextHeader, 62] + source + destination + payload
}

func tcp(_ payload: [UInt8] = [], options: [UInt8] = [], flags: UInt8 = 0x18) -> [UInt8] {
  be16(49152) + be16(80) + bytes("01020304 05060708") + [UInt8((20 + options.count) / 4) << 4, flags]
    + bytes("0400 0000 0000") + options + payload
}

func udp(_ payload: [UInt8] = [], destination: Int = 53, length: Int? = nil) -> [UInt8] {
  be16(49152) + be16(destination) + be16(length ?? 8 + payload.count) + be16(0) + payload
}

/// `captured` cuts the frame as a snap length does; the wire had all of it, unless `wireLength` says otherwise.
func dissect(
  _ frame: [UInt8], _ linkType: LinkType = .ethernet, captured: Int? = nil, wireLength: Int? = nil
) -> Dissection {
  let kept = Array(frame.prefix(captured ?? frame.count))
  return Dissection(kept.span, linkType: linkType, wireLength: wireLength ?? frame.count)
}

func address(_ text: String) -> IPAddress? { IPAddress(text) }

extension Dissection {
  var tcp: TCPHeader? {
    if case .tcp(let header) = content { header } else { nil }
  }
  var udp: UDPHeader? {
    if case .udp(let header) = content { header } else { nil }
  }
  var echoIsReply: Bool? {
    if case .echo(let isReply) = content { isReply } else { nil }
  }
  var arp: ARPPacket? {
    if case .arp(let packet) = content { packet } else { nil }
  }
  var icmpError: ICMPError? {
    if case .icmpError(let error) = content { error } else { nil }
  }
  var neighbor: NeighborMessage? {
    if case .neighborDiscovery(let message) = content { message } else { nil }
  }
  var routerAdvertisement: RouterAdvertisement? {
    if case .routerAdvertisement(let advertisement) = content { advertisement } else { nil }
  }
  var vrrp: VRRPAdvertisement? {
    if case .vrrp(let advertisement) = content { advertisement } else { nil }
  }
  var other: UInt8? {
    if case .other(let number) = content { number } else { nil }
  }
  var laterFragment: UInt8? {
    if case .laterFragment(let number) = content { number } else { nil }
  }
  var isEmpty: Bool {
    if case .none = content { true } else { false }
  }
}
