import Wire

extension HostTables {
  /// `ip -j neigh`. Source: iproute2 `ip/ipneigh.c`, `print_neigh`.
  mutating func readNeighbours(_ text: String, _ path: String) throws(TableError) {
    for node in try Self.entries(text, "a list of neighbours, as ip -j neigh prints it") {
      guard let destination = node["dst"] else { throw node.fault("a neighbour with its dst") }
      guard let address = destination.text.flatMap({ IPAddress($0) }) else { throw destination.fault("an IP address") }
      // A tunnel's neighbour has no MAC, nor has one that was looked for in vain.
      let isKnown = Set(node["state"]?.texts ?? []).isDisjoint(with: ["FAILED", "INCOMPLETE", "NOARP"])
      guard isKnown, let mac = node["lladdr"]?.text.flatMap({ MACAddress($0) }), mac.isUnicast else { continue }
      neighbours.append(
        Neighbour(
          address: address, mac: mac, interface: node["dev"]?.text ?? "",
          line: TableLine(path: path, number: node.line)))
    }
  }

  /// `/proc/net/arp`: `10.1.10.11  0x1  0x2  06:1f:8a:6c:8e:d2  *  eth1`.
  ///
  /// Source: linux `net/ipv4/arp.c`, `arp_format_neigh_entry`.
  mutating func readARP(_ text: String, _ path: String) throws(TableError) {
    let lines = TextLine.all(of: text)
    guard let heading = lines.first, heading.text.hasPrefix("IP address") else {
      throw TableError(
        line: lines.first?.number ?? 0, expected: "the heading of /proc/net/arp",
        found: lines.first.map { String($0.text) } ?? "nothing")
    }
    for line in lines.dropFirst() {
      var words = WordReader(line)
      let word = try words.next("an IP address")
      guard let address = IPAddress(String(word)) else { throw line.fault("an IP address", word) }
      let hardware = try Self.hexadecimal(&words, "the type of hardware, as 0x1")
      let flags = try Self.hexadecimal(&words, "flags, as 0x2")
      let station = try words.next("a MAC address")
      _ = try words.next("a mask")
      let device = try words.next("a device")
      // Ethernet's, complete (ATF_COM), and not one that this host answers for (ATF_PUBL).
      guard hardware == 1, flags & 0x2 != 0, flags & 0x8 == 0 else { continue }
      guard let mac = MACAddress(String(station)) else { throw line.fault("a MAC address", station) }
      guard mac.isUnicast else { continue }
      neighbours.append(
        Neighbour(
          address: address, mac: mac, interface: String(device), line: TableLine(path: path, number: line.number)))
    }
  }

  private static func hexadecimal(_ words: inout WordReader, _ expected: String) throws(TableError) -> UInt32 {
    let word = try words.next(expected)
    guard word.hasPrefix("0x"), let number = UInt32(word.dropFirst(2), radix: 16) else {
      throw words.line.fault(expected, word)
    }
    return number
  }
}
