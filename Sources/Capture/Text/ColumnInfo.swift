import Wire

/// What tshark's line says of a packet, behind its columns.
extension TextScanner {
  /// `[TCP Retransmission] 37664 → 80 [SYN, ACK]`.
  mutating func segmentStart() -> (
    ports: (source: UInt16, destination: UInt16), flags: TCPHeader.Flags, isReused: Bool
  )? {
    var isReused = false
    for _ in 0..<6 {
      guard begins(with: "[TCP ") else { break }
      isReused = isReused || begins(with: "[TCP Port numbers reused]")
      guard skip(behind: "]", within: 80) else { return nil }
    }
    guard let ports = ports(), take("["), let flags = flags() else { return nil }
    return (ports, flags, isReused)
  }

  /// `37664 → 80 `, `37664 → http(80) `, and `37664→80 ` of old versions.
  mutating func ports() -> (source: UInt16, destination: UInt16)? {
    guard let source = port() else { return nil }
    skipBlanks()
    guard ColumnLine.Cells.takeArrow(&self) || take("> "), let destination = port() else { return nil }
    skipBlanks()
    return (source, destination)
  }

  private mutating func port() -> UInt16? {
    var look = self
    if let number = look.number() {
      self = look
      return UInt16(exactly: number)
    }
    // A name has blanks around it, or its number in brackets.
    let name = look.word(before: "(")
    guard name.count < 32, look.take("(") else {
      guard !name.contains(where: { $0 >= 0x80 }) else { return nil }
      self = look
      return ServiceName.port(name)
    }
    guard let number = look.number(), look.take(")") else { return nil }
    self = look
    return UInt16(exactly: number)
  }

  private mutating func flags() -> TCPHeader.Flags? {
    var flags = TCPHeader.Flags(rawValue: 0)
    guard let words = take(until: "]"), words.count < 64 else { return nil }
    for word in String(decoding: words, as: UTF8.self).split(separator: ", ") {
      switch word {
      case "FIN": flags.insert(.fin)
      case "SYN": flags.insert(.syn)
      case "RST": flags.insert(.rst)
      case "PSH": flags.insert(.psh)
      case "ACK": flags.insert(.ack)
      case "URG", "ECE", "ECN", "CWR", "NS", "AE", "Reserved", "<None>": break
      default: return nil
      }
    }
    return flags
  }

  /// `Who has 10.1.10.10? Tell 10.1.10.100`, `10.1.10.10 is at 06:…`, `Gratuitous ARP for 10.1.10.10 (Request)`, `ARP
  /// Announcement for 10.1.10.10`, `Who has 10.1.10.10? (ARP Probe)`.
  mutating func addressResolution() -> (
    operation: UInt16, mac: MACAddress?, sender: IPAddress, target: IPAddress
  )? {
    var (operation, mac): (UInt16, MACAddress?) = (1, nil)
    let (sender, target): (IPAddress?, IPAddress?)
    if take("Who has ") {
      target = addressOfARP(before: "?")
      guard take("?") else { return nil }
      if take("Tell ") {
        sender = addressOfARP(before: " ")
      } else {
        guard begins(with: "(ARP Probe)") else { return nil }
        sender = IPAddress(unspecified: .v4)
      }
    } else if take("Gratuitous ARP for ") {
      sender = addressOfARP(before: " ")
      target = sender
      if begins(with: "(Reply)") { operation = 2 } else if !begins(with: "(Request)") { return nil }
    } else if take("ARP Announcement for ") {
      sender = addressOfARP(before: " ")
      target = sender
    } else {
      sender = addressOfARP(before: " ")
      guard take("is at "), let told = self.mac() else { return nil }
      // To whom is not told, but that it is not about itself.
      (operation, mac, target) = (2, told, IPAddress(unspecified: .v4))
    }
    guard let sender, let target else { return nil }
    return (operation, mac, sender, target)
  }

  private mutating func addressOfARP(before end: StaticString) -> IPAddress? {
    let address = IPAddress(String(decoding: word(before: end), as: UTF8.self))
    skipBlanks()
    return address?.version == .v4 ? address : nil
  }
}
