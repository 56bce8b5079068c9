import Wire

/// The fields of an IP header that were printed; others are 0.
struct PrintedHeader {
  var version: IPAddress.Version?
  var hopLimit: UInt8 = 0
  var identification: UInt16 = 0
  /// In bytes.
  var fragmentOffset = 0
  var moreFragments = false
  /// Of the packet (IPv4), or of what the header is in front of (IPv6).
  var length: Int?
  var protocolNumber: UInt8?
}

extension PacketText {
  /// `(tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto TCP (6), length 60) 10.1.10.100.4000 > 10.1.10.10.80: …`, without -v
  /// the addresses alone.
  mutating func internet(room: Int?) -> (layer: BuiltLayer, version: IPAddress.Version)? {
    scanner.skipBlanks()
    _ = scanner.take("IP6 ") || scanner.take("IP ")
    var header = PrintedHeader()
    if scanner.begins(with: "("), !readHeader(&header) { return nil }
    scanner.skipBlanks()
    guard let from = scanner.take(until: " > "), let source = PrintedAddress(from) else { return nil }
    // Extension headers stand between an address and its port.
    guard let to = scanner.take(until: ": ") ?? restOfLine(),
      let destination = PrintedAddress(to.last == 0x3a ? to.dropLast() : to),
      destination.address.version == source.address.version
    else { return nil }
    let version = source.address.version
    if let told = header.version, told != version { return nil }
    let ends = PrintedEnds(source: source, destination: destination)
    let space = packetLength(header, version, room).map { $0 - (version == .v4 ? 20 : 40) }
    guard let payload = deeper({ $0.payload(ends, header, space: space) }) else { return nil }
    let number =
      header.protocolNumber.map { version == .v6 && [0, 43, 44, 60].contains($0) ? payload.number : $0 }
      ?? payload.number
    return (ipPacket(header, ends, number, payload.layer, isFragment: payload.isLaterFragment), version)
  }

  private mutating func restOfLine() -> ArraySlice<UInt8>? {
    let word = scanner.word()
    return word.isEmpty ? nil : word
  }

  private func packetLength(_ header: PrintedHeader, _ version: IPAddress.Version, _ room: Int?) -> Int? {
    if let length = header.length, length > 0 { return version == .v4 ? length : length + 40 }
    return room
  }

  private mutating func readHeader(_ header: inout PrintedHeader) -> Bool {
    guard scanner.take("(") else { return false }
    // Names and numbers in any order, up to the bracket that closes them.
    var parts = 0
    while parts < 16 {
      parts += 1
      if scanner.take("ttl ") {
        header.version = .v4
        header.hopLimit = UInt8(clamping: scanner.number() ?? 0)
      } else if scanner.take("hlim ") {
        header.version = .v6
        header.hopLimit = UInt8(clamping: scanner.number() ?? 0)
      } else if scanner.take("id ") {
        header.identification = UInt16(clamping: scanner.number() ?? 0)
      } else if scanner.take("offset ") {
        header.fragmentOffset = Int(clamping: scanner.number() ?? 0)
      } else if scanner.take("flags [") {
        let word = scanner.word(before: "]")
        header.moreFragments = word.first == 0x2b
        guard scanner.skip(behind: "]", within: 8) else { return false }
      } else if scanner.take("proto ") || scanner.take("next-header ")
        || scanner.take("proto: ") || scanner.take("next-header: ")
      {
        guard scanner.skip(behind: "(", within: 40), let number = scanner.number() else { return false }
        header.protocolNumber = UInt8(exactly: number)
        _ = scanner.take(")")
      } else if scanner.take("payload length: ") || scanner.take("length ") || scanner.take("length: ") {
        header.length = scanner.number().map { Int(clamping: min($0, 1 << 24)) }
      } else if scanner.take("options (") {
        guard scanner.skip(behind: ")", within: 400) else { return false }
      } else if scanner.take(")") {
        return true
      } else {
        _ = scanner.word(before: ",)")
      }
      scanner.skipBlanks()
      _ = scanner.take(",")
    }
    return false
  }

  private func ipPacket(
    _ header: PrintedHeader, _ ends: PrintedEnds, _ number: UInt8, _ payload: BuiltLayer, isFragment: Bool
  ) -> BuiltLayer {
    var bytes: [UInt8] = []
    switch ends.source.address.version {
    case .v4:
      // 0 is what the network card fills in.
      let length = 20 + payload.length
      let offset = isFragment ? max(8, header.fragmentOffset) : 0
      bytes += [0x45, 0]
      bytes.add(UInt16(exactly: length) ?? 0)
      bytes.add(header.identification)
      bytes.add(UInt16(truncatingIfNeeded: offset / 8) & 0x1fff | (header.moreFragments ? 0x2000 : 0))
      bytes += [header.hopLimit, number, 0, 0]
    case .v6:
      let extra = isFragment || header.moreFragments ? 8 : 0
      bytes += [0x60, 0, 0, 0]
      bytes.add(UInt16(exactly: payload.length + extra) ?? 0)
      bytes += [extra > 0 ? 44 : number, header.hopLimit]
    }
    bytes.add(ends.source.address)
    bytes.add(ends.destination.address)
    if ends.source.address.version == .v6, isFragment || header.moreFragments {
      bytes += [number, 0]
      bytes.add(UInt16(isFragment ? 8 : 0) | (header.moreFragments ? 1 : 0))
      bytes += [0, 0, 0, 0]
    }
    return payload.behind(bytes)
  }
}

struct PrintedEnds {
  var source: PrintedAddress
  var destination: PrintedAddress
}

/// What an IP header is in front of.
struct PrintedPayload {
  var number: UInt8
  var layer: BuiltLayer
  var isLaterFragment = false

  init(_ number: UInt8, _ layer: BuiltLayer, isLaterFragment: Bool = false) {
    (self.number, self.layer, self.isLaterFragment) = (number, layer, isLaterFragment)
  }
}
