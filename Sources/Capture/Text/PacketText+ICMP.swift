import Wire

extension PacketText {
  /// Behind `ICMP `. An error without -v names the VIP and, of an unreachable port, that: it goes to who sent what it is about
  /// (RFC 792), whose port is not told.
  mutating func controlMessage(_ ends: PrintedEnds) -> BuiltLayer {
    mark.remove([.numbers, .acknowledgment])
    let unknown = BuiltLayer([255, 0, 0, 0, 0, 0, 0, 0])
    if scanner.take("echo request") { return BuiltLayer([8, 0, 0, 0, 0, 0, 0, 0]) }
    if scanner.take("echo reply") { return BuiltLayer([0, 0, 0, 0, 0, 0, 0, 0]) }
    var header: [UInt8]
    var about: PrintedAddress?
    var number: UInt8 = 0
    if scanner.take("redirect ") {
      guard let from = PrintedAddress(scanner.word()) else { return unknown }
      scanner.skipBlanks()
      guard scanner.take("to host ") || scanner.take("to net "),
        let gateway = PrintedAddress(scanner.word(before: ",")), gateway.address.version == .v4
      else { return unknown }
      about = from
      header = [5, 1, 0, 0]
      header.add(gateway.address)
    } else if scanner.take("time exceeded ") {
      // What it is about is printed with -v alone.
      header = [11, 0, 0, 0, 0, 0, 0, 0]
    } else if scanner.take("parameter problem") {
      header = [12, 0, 0, 0, 0, 0, 0, 0]
    } else {
      guard let destination = PrintedAddress(scanner.word()) else { return unknown }
      about = destination
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
    if scanner.skip(behind: "\n", within: 200), let quoted = quotation() { return quoted.behind(header) }
    guard let about, about.address.version == .v4, ends.destination.address.version == .v4 else { return unknown }
    number = 255
    return BuiltLayer(quote(number, from: ends.destination.address, to: about.address, port: 0)).behind(header)
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
    if scanner.skip(behind: "\n", within: 200), let quoted = quotation() { return quoted.behind(header) }
    guard let port, destination.address.version == .v4, ends.destination.address.version == .v4 else { return nil }
    return BuiltLayer(quote(number, from: ends.destination.address, to: destination.address, port: port)).behind(header)
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

  /// Behind `ICMP6, `: neighbour discovery and echoes. Errors quote nothing.
  mutating func neighbour() -> BuiltLayer? {
    mark.remove([.numbers, .acknowledgment])
    if scanner.take("echo request") { return BuiltLayer([128, 0, 0, 0, 0, 0, 0, 0]) }
    if scanner.take("echo reply") { return BuiltLayer([129, 0, 0, 0, 0, 0, 0, 0]) }
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
