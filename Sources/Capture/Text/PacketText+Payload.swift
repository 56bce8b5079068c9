import Wire

extension PacketText {
  /// What follows the addresses. `space` is how much room there is for it, where that is known.
  mutating func payload(_ ends: PrintedEnds, _ header: PrintedHeader, space: Int?) -> PrintedPayload? {
    skipExtensions()
    if header.fragmentOffset > 0 {
      return PrintedPayload(
        header.protocolNumber ?? 17, BuiltLayer([], length: max(0, space ?? 0)), isLaterFragment: true)
    }
    if let source = ends.source.port, let destination = ends.destination.port {
      let ports = (source, destination)
      if scanner.begins(with: "Flags [") {
        return segment((ends.source.address, source), (ends.destination.address, destination), space: space)
          .map { PrintedPayload(6, $0) }
      }
      if header.protocolNumber.map({ $0 == 6 }) ?? true,
        let layer = earlierSegment((ends.source.address, source), (ends.destination.address, destination), space: space)
      {
        return PrintedPayload(6, layer)
      }
      // -q left flags and numbers out: `tcp 77`.
      if isQuickSegment { return nil }
      // No flags were captured.
      if scanner.begins(with: "[|tcp]") || header.protocolNumber == 6 { return PrintedPayload(6, cutSegment(ports)) }
      if let number = header.protocolNumber, number != 17 {
        return number == 44 ? PrintedPayload(17, datagram(ports, space: space)) : nil
      }
      return PrintedPayload(17, datagram(ports, space: space))
    }
    if ends.source.address.version == .v6, let shifted = segmentBehindExtensions(ends, space: space) { return shifted }
    if scanner.take("ICMP6, ") || scanner.take("[icmp6 sum ok] ICMP6, ") {
      return PrintedPayload(58, controlMessage6(ends) ?? BuiltLayer([255, 0, 0, 0, 0, 0, 0, 0]))
    }
    if scanner.take("ICMP ") { return PrintedPayload(1, controlMessage(ends)) }
    if scanner.begins(with: "GREv") { return PrintedPayload(47, generic() ?? BuiltLayer([0, 0, 0, 0])) }
    if scanner.begins(with: "VRRPv") || scanner.begins(with: "vrrp ") { return PrintedPayload(112, redundancy()) }
    if scanner.take("igmp ") { return PrintedPayload(2, BuiltLayer()) }
    if scanner.begins(with: "AH(") { return PrintedPayload(51, BuiltLayer()) }
    if scanner.begins(with: "ESP(") { return PrintedPayload(50, BuiltLayer()) }
    if scanner.begins(with: "[|tcp]") { return PrintedPayload(6, BuiltLayer()) }
    if scanner.take("EtherIP ") { return PrintedPayload(97, etherIP()) }
    if scanner.take("ip-proto-"), let number = scanner.number().flatMap({ UInt8(exactly: $0) }) {
      // Of these only a later fragment has no ports.
      let isFragment = number == 6 || number == 17
      return PrintedPayload(number, BuiltLayer([], length: max(0, space ?? 0)), isLaterFragment: isFragment)
    }
    if scanner.begins(with: "frag ") {
      return PrintedPayload(17, BuiltLayer([], length: max(0, space ?? 0)), isLaterFragment: true)
    }
    var inner = self
    if let packet = inner.deeper({ $0.internet(room: space) }) {
      self = inner
      return PrintedPayload(packet.version == .v4 ? 4 : 41, packet.layer)
    }
    return PrintedPayload(header.protocolNumber ?? 255, BuiltLayer([], length: max(0, space ?? 0)))
  }

  /// `DSTOPT (opt_type 0x04: len=1)(padn) `, `HBH `, `RT6 (…) `.
  private mutating func skipExtensions() {
    for _ in 0..<8 {
      guard scanner.take("DSTOPT ") || scanner.take("HBH ") || scanner.take("RT6 ") || scanner.take("srcrt ") else {
        return
      }
      // tcpdump prints the packet's own header in brackets too.
      while scanner.begins(with: "("), !scanner.begins(with: "(tos"), !scanner.begins(with: "(flowlabel"),
        !scanner.begins(with: "(hlim"), !scanner.begins(with: "(class"), scanner.skip(behind: ")", within: 200)
      {}
    }
  }

  /// Behind IPv6 extension headers ports stand away from the addresses: `4000 > 80: Flags [S], …`.
  private mutating func segmentBehindExtensions(_ ends: PrintedEnds, space: Int?) -> PrintedPayload? {
    var look = self
    guard let source = ServiceName.port(look.scanner.word()), look.takeArrow(),
      let destination = ServiceName.port(look.scanner.word(before: ":")), look.scanner.take(":")
    else { return nil }
    var layer: BuiltLayer?
    var number: UInt8 = 6
    if look.scanner.begins(with: "Flags [") {
      layer = look.segment((ends.source.address, source), (ends.destination.address, destination), space: nil)
    } else {
      number = 17
      layer = look.datagram((source, destination), space: nil)
    }
    guard let layer else { return nil }
    self = look
    return PrintedPayload(number, layer)
  }

  private mutating func takeArrow() -> Bool {
    scanner.skipBlanks()
    return scanner.take("> ")
  }

  private var isQuickSegment: Bool {
    var look = scanner
    guard look.take("tcp "), look.number() != nil else { return false }
    return look.isAtEnd || look.rest.first == 0x20 || look.rest.first == 0x0a
  }

  private func cutSegment(_ ports: (UInt16, UInt16)) -> BuiltLayer {
    var bytes: [UInt8] = []
    bytes.add(ports.0)
    bytes.add(ports.1)
    return BuiltLayer(bytes, length: 20)
  }
}
