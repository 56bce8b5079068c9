import Wire

extension FieldRow {
  /// What an IP packet carries.
  struct Payload {
    var number: UInt8
    var layer: BuiltLayer
  }

  mutating func internet4() -> BuiltLayer? {
    guard take("ip"), let source = address(.source4, .v4), let destination = address(.destination4, .v4) else {
      return nil
    }
    let told: UInt8? = number(.protocolNumber)
    let hopLimit: UInt8 = number(.timeToLive) ?? 0
    let identification: UInt16 = number(.identification) ?? 0
    let offset: Int = number(.fragmentOffset) ?? 0
    let isFirst = (number(.moreFragments) as Int?) == 1
    let length: Int? = (number(.packetLength) as Int?).flatMap { 20..<1 << 16 ~= $0 ? $0 - 20 : nil }
    let payload: Payload
    if offset > 0 {
      // What was put together again stands at the last one, which has none of it in itself.
      guard let told else { return nil }
      payload = Payload(number: told, layer: BuiltLayer([], length: length ?? 0))
      place = protocols.count
    } else {
      guard let found = self.payload(told, length: length) else { return nil }
      payload = found
    }
    var bytes: [UInt8] = [0x45, 0]
    bytes.add(UInt16(exactly: 20 + payload.layer.length) ?? 0)
    bytes.add(identification)
    bytes.add(UInt16(truncatingIfNeeded: offset) & 0x1fff | (isFirst ? 0x2000 : 0))
    bytes += [hopLimit, payload.number, 0, 0]
    bytes.add(source)
    bytes.add(destination)
    return payload.layer.behind(bytes)
  }

  mutating func internet6() -> BuiltLayer? {
    guard take("ipv6"), let source = address(.source6, .v6), let destination = address(.destination6, .v6) else {
      return nil
    }
    var hopLimit: UInt8 = number(.hopLimit) ?? 0
    // Of the other extension headers none changes what is judged; which of the fragments it is, is not told.
    while let name = next, name.hasPrefix("ipv6.") {
      if name == "ipv6.fraghdr" { return nil }
      place += 1
    }
    if next == "icmpv6", holds(.messageType6), isRouterAdvertisement { hopLimit = 0 }
    guard let payload = payload(nil, length: nil) else { return nil }
    var bytes: [UInt8] = [0x60, 0, 0, 0]
    bytes.add(UInt16(exactly: payload.layer.length) ?? 0)
    bytes += [payload.number, hopLimit]
    bytes.add(source)
    bytes.add(destination)
    return payload.layer.behind(bytes)
  }

  /// Its prefixes are not asked for, which a hop limit would say there are none of.
  private var isRouterAdvertisement: Bool {
    var look = self
    return look.number(.messageType6) == UInt8(134)
  }

  private mutating func payload(_ told: UInt8?, length: Int?) -> Payload? {
    guard let name = next else {
      return told.map { Payload(number: $0, layer: BuiltLayer([], length: length ?? 0)) }
    }
    let found: Payload?
    switch name {
    case "tcp": found = segment().map { Payload(number: 6, layer: $0) }
    case "udp": found = datagram().map { Payload(number: 17, layer: $0) }
    case "icmp": found = Payload(number: 1, layer: controlMessage())
    case "icmpv6": found = Payload(number: 58, layer: controlMessage6())
    case "vrrp": found = redundancy().map { Payload(number: 112, layer: $0) }
    case "gre": found = generic().map { Payload(number: 47, layer: $0) }
    case "ip": found = deeper { $0.internet4() }.map { Payload(number: 4, layer: $0) }
    case "ipv6": found = deeper { $0.internet6() }.map { Payload(number: 41, layer: $0) }
    case "etherip":
      place += 1
      found = innerFrame().map { Payload(number: 97, layer: $0.behind([0x30, 0])) }
    default:
      guard !holdsMore, let told else { return nil }
      place = protocols.count
      found = Payload(number: told, layer: BuiltLayer([], length: length ?? 0))
    }
    // Both say what is inside, and must say the same.
    guard let found, told == nil || told == found.number else { return nil }
    return found
  }

  /// `gre.proto` and, of one with a key, that. ERSPAN has headers of its own, which are not asked for.
  private mutating func generic() -> BuiltLayer? {
    place += 1
    guard let type: UInt16 = number(.tunnelled) else { return nil }
    let key: UInt32? = number(.key)
    var bytes: [UInt8] = [key == nil ? 0 : 0x20, 0]
    bytes.add(type)
    if let key { bytes.add(key) }
    return tunnelled(type)?.behind(bytes)
  }

  /// What a tunnel carries by its EtherType.
  mutating func tunnelled(_ type: UInt16) -> BuiltLayer? {
    switch (type, next) {
    case (0x6558, "eth"): innerFrame()
    case (0x0800, "ip"): deeper { $0.internet4() }
    case (0x86dd, "ipv6"): deeper { $0.internet6() }
    default: nil
    }
  }
}
