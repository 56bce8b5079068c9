import Wire

extension PacketText {
  /// Behind `ICMP `. An error without -v names the VIP and, of an unreachable port, that: it goes to who sent what it is about
  /// (RFC 792), whose port is not told. Of what is in transit not even the address is told.
  mutating func controlMessage(_ ends: PrintedEnds) -> BuiltLayer {
    mark.remove([.numbers, .acknowledgment, .relative])
    let unknown = BuiltLayer([255, 0, 0, 0, 0, 0, 0, 0])
    if scanner.take("echo request") { return BuiltLayer([8, 0, 0, 0, 0, 0, 0, 0]) }
    if scanner.take("echo reply") { return BuiltLayer([0, 0, 0, 0, 0, 0, 0, 0]) }
    var header: [UInt8]
    var about = IPAddress(unspecified: .v4)
    if scanner.take("redirect ") {
      guard let from = PrintedAddress(scanner.word()) else { return unknown }
      scanner.skipBlanks()
      guard scanner.take("to host ") || scanner.take("to net "),
        let gateway = PrintedAddress(scanner.word(before: ",")), gateway.address.version == .v4
      else { return unknown }
      about = from.address
      header = [5, 1, 0, 0]
      header.add(gateway.address)
    } else if scanner.take("time exceeded ") {
      // What it is about is printed with -v alone.
      header = [11, 0, 0, 0, 0, 0, 0, 0]
    } else if scanner.take("parameter problem") {
      header = [12, 0, 0, 0, 0, 0, 0, 0]
    } else {
      guard let destination = PrintedAddress(scanner.word()) else { return unknown }
      about = destination.address
      scanner.skipBlanks()
      header = [3, 1, 0, 0, 0, 0, 0, 0]
      if scanner.take("unreachable - need to frag (mtu ") {
        header[1] = 4
        let mtu = UInt16(clamping: scanner.number() ?? 0)
        (header[6], header[7]) = (UInt8(mtu >> 8), UInt8(truncatingIfNeeded: mtu))
      } else if scanner.take("unreachable - ") {
        header[1] = scanner.take("admin prohibited") ? 13 : 1
      } else if scanner.take("unreachable") {
        header[1] = 1
      } else if scanner.take("tcp port ") || scanner.take("udp port ") || scanner.take("protocol ") {
        return unreachablePort(destination, ends) ?? unknown
      } else if scanner.begins(with: "host ") || scanner.begins(with: "net ") {
        header[1] = 1
      } else {
        return unknown
      }
    }
    // With -v the packet is quoted on the next lines, which are this one's.
    if scanner.skip(behind: "\n", within: 200), let quoted = quotation() { return BuiltLayer(header + quoted.bytes) }
    guard about.version == .v4, ends.destination.address.version == .v4 else { return unknown }
    return BuiltLayer(header + quote(QuotedPacket.untoldProtocol, from: ends.destination.address, to: about, port: 0))
  }

  private mutating func unreachablePort(_ destination: PrintedAddress, _ ends: PrintedEnds) -> BuiltLayer? {
    // Which of the two it was has been read; a protocol's number stands before its port.
    let start = scanner.position
    let word = scanner.word()
    var number: UInt8
    var port = ServiceName.port(word)
    scanner.skipBlanks()
    let header: [UInt8] = [3, 3, 0, 0, 0, 0, 0, 0]
    if scanner.take("port ") {
      number = UInt8(clamping: port ?? 255)
      port = ServiceName.port(scanner.word())
    } else {
      number = isBehind("udp port ", start) ? 17 : 6
      if scanner.begins(with: "unreachable") == false { return nil }
    }
    if scanner.skip(behind: "\n", within: 200), let quoted = quotation() { return BuiltLayer(header + quoted.bytes) }
    guard let port, destination.address.version == .v4, ends.destination.address.version == .v4 else { return nil }
    return BuiltLayer(header + quote(number, from: ends.destination.address, to: destination.address, port: port))
  }

  private func isBehind(_ literal: StaticString, _ position: Int) -> Bool {
    scanner.stands(literal, before: position)
  }

  /// The packet that an error quotes, of which the numbers are not used.
  private mutating func quotation() -> BuiltLayer? {
    scanner.skipBlanks()
    guard scanner.begins(with: "(") else { return nil }
    let kept = mark
    let quoted = deeper { $0.internet(room: nil) }
    mark = kept
    return quoted?.layer
  }

  private func quote(_ number: UInt8, from source: IPAddress, to destination: IPAddress, port: UInt16) -> [UInt8] {
    var bytes: [UInt8] = [0x45, 0, 0, 28, 0, 0, 0, 0, 0, number, 0, 0]
    bytes.add(source)
    bytes.add(destination)
    bytes += [0, 0]
    bytes.add(port)
    return bytes
  }

  /// Behind `ICMP6, `: neighbour discovery, echoes and errors.
  mutating func controlMessage6(_ ends: PrintedEnds) -> BuiltLayer? {
    mark.remove([.numbers, .acknowledgment, .relative])
    if scanner.take("echo request") { return BuiltLayer([128, 0, 0, 0, 0, 0, 0, 0]) }
    if scanner.take("echo reply") { return BuiltLayer([129, 0, 0, 0, 0, 0, 0, 0]) }
    if scanner.take("router advertisement") { return routerAdvertisement() }
    return error6(ends) ?? neighbour()
  }

  /// Errors quote nothing: what they are about, they name at most by its destination.
  private mutating func error6(_ ends: PrintedEnds) -> BuiltLayer? {
    var header: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
    if scanner.take("packet too big, mtu ") {
      header[0] = 2
      let mtu = UInt16(clamping: scanner.number() ?? 0)
      (header[6], header[7]) = (UInt8(mtu >> 8), UInt8(truncatingIfNeeded: mtu))
    } else if scanner.take("destination unreachable") {
      header[0] = 1
    } else if scanner.take("time exceeded ") {
      header[0] = 3
    } else {
      return nil
    }
    var quoted: [UInt8] = [0x60, 0, 0, 0, 0, 0, QuotedPacket.untoldProtocol, 0]
    guard ends.destination.address.version == .v6 else { return nil }
    quoted.add(ends.destination.address)
    quoted.add(IPAddress(unspecified: .v6))
    return BuiltLayer(header + quoted)
  }

  /// With -v, on lines of their own: `prefix info option (3), length 32 (4): fd00::/64, Flags [onlink, auto], …`.
  private mutating func routerAdvertisement() -> BuiltLayer {
    var bytes: [UInt8] = [134] + [UInt8](repeating: 0, count: 15)
    var found = 0
    while found < 16, scanner.skip(behind: "prefix info option (3), length 32 (4): ", within: 600) {
      found += 1
      guard let prefix = PrintedAddress(scanner.word(before: "/")), prefix.address.version == .v6, scanner.take("/"),
        let length = scanner.number(), length <= 128, scanner.take(", Flags [")
      else { continue }
      let flags = String(decoding: scanner.take(until: "]") ?? [], as: UTF8.self)
      guard scanner.take(", valid time ") else { continue }
      let isForever = scanner.take("infinity")
      let lifetime = isForever ? UInt32.max : UInt32(clamping: scanner.number() ?? 0)
      bytes += [3, 4, UInt8(length), flags.split(separator: ", ").contains("onlink") ? 0x80 : 0]
      bytes.add(lifetime)
      bytes += [0, 0, 0, 0, 0, 0, 0, 0]
      bytes.add(prefix.address)
    }
    return BuiltLayer(bytes)
  }

  private mutating func neighbour() -> BuiltLayer? {
    let isSolicitation: Bool
    if scanner.take("neighbor solicitation,") {
      isSolicitation = true
      guard scanner.skip(behind: "who has ", within: 40) else { return nil }
    } else if scanner.take("neighbor advertisement,") {
      isSolicitation = false
      guard scanner.skip(behind: "tgt is ", within: 40) else { return nil }
    } else {
      return nil
    }
    guard let target = PrintedAddress(scanner.word(before: ",")), target.address.version == .v6, target.port == nil
    else {
      return nil
    }
    var flags: UInt8 = 0
    var line = scanner
    if line.skip(behind: "Flags [", within: 8) {
      for word in String(decoding: line.take(until: "]") ?? [], as: UTF8.self).split(separator: ", ") {
        switch word {
        case "router": flags |= 0x80
        case "solicited": flags |= 0x40
        case "override": flags |= 0x20
        default: break
        }
      }
    }
    var bytes: [UInt8] = [isSolicitation ? 135 : 136, 0, 0, 0, flags, 0, 0, 0]
    bytes.add(target.address)
    // With -v, on a line of its own.
    if scanner.skip(behind: "link-address option (", within: 200), scanner.skip(behind: "): ", within: 40),
      let mac = scanner.mac()
    {
      bytes += [isSolicitation ? 1 : 2, 1] + mac.octets
    }
    return BuiltLayer(bytes)
  }
}
