import Wire

extension PacketText {
  /// `Request who-has 10.1.10.10 tell 10.1.10.100, length 46`, `Reply 10.1.10.10 is-at 06:…, length 46`; with -v behind
  /// `Ethernet (len 6), IPv4 (len 4), `; before tcpdump 4.0 `arp who-has … tell …` and `arp reply … is-at …`. A question names no hardware address of its sender, and an answer not to whom it goes.
  mutating func addressResolution() -> BuiltLayer? {
    if scanner.take("Ethernet (len 6), IPv4 (len 4),") {}
    var bytes: [UInt8] = [0, 1, 8, 0, 6, 4]
    _ = scanner.take("arp ")
    if scanner.take("Request who-has ") || scanner.take("who-has ") {
      guard let target = address(before: ",") else { return nil }
      if scanner.begins(with: "(") { _ = scanner.skip(behind: ")", within: 40) }
      guard scanner.take("tell "), let sender = address(before: ",") else { return nil }
      bytes += [0, 1, 0, 0, 0, 0, 0, 0]
      bytes.add(sender)
      bytes += [0, 0, 0, 0, 0, 0]
      bytes.add(target)
    } else if scanner.take("Reply ") || scanner.take("reply ") {
      guard let sender = address(before: ","), scanner.take("is-at "), let mac = scanner.mac() else { return nil }
      bytes += [0, 2] + mac.octets
      bytes.add(sender)
      // To whom is not told, but that it is not about itself.
      bytes += [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    } else {
      return BuiltLayer([], length: 46)
    }
    return BuiltLayer(bytes)
  }

  private mutating func address(before end: StaticString) -> IPAddress? {
    let address = IPAddress(String(decoding: scanner.word(before: end), as: UTF8.self))
    scanner.skipBlanks()
    return address?.version == .v4 ? address : nil
  }
}
