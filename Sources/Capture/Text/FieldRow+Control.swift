import Wire

extension FieldRow {
  /// All of it is told where all of it was asked for.
  mutating func addressResolution() -> BuiltLayer? {
    place += 1
    guard let operation: UInt16 = number(.operation), let sender = address(.sender, .v4),
      let target = address(.target, .v4)
    else { return nil }
    let (from, to) = (mac(.senderMAC), mac(.targetMAC))
    var bytes: [UInt8] = [0, 1, 8, 0, 6, 4]
    bytes.add(operation)
    bytes += from?.octets ?? [0, 0, 0, 0, 0, 0]
    bytes.add(sender)
    bytes += to?.octets ?? [0, 0, 0, 0, 0, 0]
    bytes.add(target)
    if from != nil, to != nil { mark.insert(.bytes) }
    return BuiltLayer(bytes)
  }

  /// An error quotes the packet that it is about, of which no more counts than its ends.
  mutating func controlMessage() -> BuiltLayer {
    place += 1
    mark.remove([.numbers, .acknowledgment, .relative, .counted])
    let unknown = BuiltLayer([255, 0, 0, 0, 0, 0, 0, 0])
    defer { place = protocols.count }
    guard let type: UInt8 = number(.messageType), let code: UInt8 = number(.messageCode) else { return unknown }
    if type == 0 || type == 8 { return BuiltLayer([type, code, 0, 0, 0, 0, 0, 0]) }
    guard [3, 5, 11, 12].contains(type), take("ip"), let quoted = quoted4() else { return unknown }
    var bytes: [UInt8] = [type, code, 0, 0]
    if type == 5 {
      guard let gateway = address(.gateway, .v4) else { return unknown }
      bytes.add(gateway)
    } else {
      bytes.add(UInt16(0))
      bytes.add((number(.messageMTU) as UInt16?) ?? 0)
    }
    return BuiltLayer(bytes + quoted)
  }

  private mutating func quoted4() -> [UInt8]? {
    guard let source = address(.source4, .v4), let destination = address(.destination4, .v4) else { return nil }
    let number: UInt8 = number(.protocolNumber) ?? QuotedPacket.untoldProtocol
    var bytes: [UInt8] = [0x45, 0, 0, 28, 0, 0, 0, 0, 0, number, 0, 0]
    bytes.add(source)
    bytes.add(destination)
    return quotedPorts(number).map { bytes + $0 }
  }

  /// Of a quoted tunnel, and of other protocols, no ports are told.
  private mutating func quotedPorts(_ number: UInt8) -> [UInt8]? {
    let (source, destination): (UInt16?, UInt16?)
    switch (number, next) {
    case (6, "tcp"): (source, destination) = (self.number(.sourcePort), self.number(.destinationPort))
    case (17, "udp"): (source, destination) = (self.number(.datagramSource), self.number(.datagramDestination))
    default: return nil
    }
    guard let source, let destination else { return nil }
    var bytes: [UInt8] = []
    bytes.add(source)
    bytes.add(destination)
    // Which segment it was; a number that is relative tells nothing.
    if number == 6, let sequence: UInt32 = self.number(.sequence) { bytes.add(sequence) }
    return bytes
  }

  mutating func controlMessage6() -> BuiltLayer {
    place += 1
    mark.remove([.numbers, .acknowledgment, .relative, .counted])
    let unknown = BuiltLayer([255, 0, 0, 0, 0, 0, 0, 0])
    defer { place = protocols.count }
    guard let type: UInt8 = number(.messageType6) else { return unknown }
    let code: UInt8 = number(.messageCode6) ?? 0
    switch type {
    case 1, 2, 3:
      guard take("ipv6"), let quoted = quoted6() else { return unknown }
      var bytes: [UInt8] = [type, code, 0, 0]
      bytes.add(type == 2 ? (number(.messageMTU6) as UInt32?) ?? 0 : 0)
      return BuiltLayer(bytes + quoted)
    case 128, 129: return BuiltLayer([type, code, 0, 0, 0, 0, 0, 0])
    case 134: return BuiltLayer([type] + [UInt8](repeating: 0, count: 15))
    case 135, 136:
      guard let target = address(type == 135 ? .solicited : .advertised, .v6) else { return unknown }
      let overrides = type == 136 && (number(.overrides) as Int?) == 1
      var bytes: [UInt8] = [type, 0, 0, 0, overrides ? 0x20 : 0, 0, 0, 0]
      bytes.add(target)
      if let mac = mac(.linkLayerAddress) { bytes += [type == 135 ? 1 : 2, 1] + mac.octets }
      return BuiltLayer(bytes)
    default: return unknown
    }
  }

  private mutating func quoted6() -> [UInt8]? {
    guard let source = address(.source6, .v6), let destination = address(.destination6, .v6) else { return nil }
    let number: UInt8
    switch next {
    case "tcp": number = 6
    case "udp": number = 17
    default: return nil
    }
    var bytes: [UInt8] = [0x60, 0, 0, 0, 0, 8, number, 0]
    bytes.add(source)
    bytes.add(destination)
    return quotedPorts(number).map { bytes + $0 }
  }

  mutating func redundancy() -> BuiltLayer? {
    place += 1
    guard let version: UInt8 = number(.routerVersion), version == 2 || version == 3,
      let router: UInt8 = number(.router),
      let priority: UInt8 = number(.priority)
    else { return nil }
    var addresses: [IPAddress] = []
    while addresses.count < 255, holds(.virtual4) || holds(.virtual6) {
      let version: IPAddress.Version = holds(.virtual4) ? .v4 : .v6
      guard let address = address(version == .v4 ? .virtual4 : .virtual6, version) else { return nil }
      addresses.append(address)
    }
    let interval: UInt16 = number(version == 2 ? .interval : .shortInterval) ?? 1
    var bytes: [UInt8] = [version << 4 | 1, router, priority, UInt8(addresses.count)]
    bytes.add(version == 2 ? min(interval, 255) : interval & 0xfff)
    bytes += [0, 0]
    for address in addresses { bytes.add(address) }
    return BuiltLayer(version == 2 ? bytes + [0, 0, 0, 0, 0, 0, 0, 0] : bytes)
  }
}
