import Wire

extension HostTables {
  /// `ip neigh` without `-j`: `10.1.10.1 dev eth1 lladdr 06:00:00:00:00:01 router REACHABLE`.
  ///
  /// Source: iproute2 `ip/ipneigh.c`, `print_neigh`.
  mutating func readNeighbourText(_ lines: [TextLine], _ path: String) throws(TableError) {
    for line in lines {
      guard let address = IPAddress(String(line.words[0])) else { throw line.fault("an IP address", line.words[0]) }
      let states: Set<Substring> = ["FAILED", "INCOMPLETE", "NOARP", "proxy"]
      guard states.isDisjoint(with: line.words), let word = line.word(after: "lladdr") else { continue }
      // A tunnel's neighbour has an IP address there.
      guard let mac = MACAddress(String(word)), mac.isUnicast else { continue }
      neighbours.append(
        Neighbour(
          address: address, mac: mac, interface: line.word(after: "dev").map(String.init) ?? "",
          line: TableLine(path: path, number: line.number)))
    }
  }

  /// What `arp -an`, `arp -n` and Windows' `arp -a` print.
  ///
  /// Source: net-tools `arp.c`, `arp_disp` and `arp_disp_2`.
  mutating func readARPText(_ lines: [TextLine], _ path: String) throws(TableError) {
    var windowsInterface: String?
    for line in lines {
      let place = TableLine(path: path, number: line.number)
      let first = line.words[0]
      if first == "Address" || first == "Internet" || first == "Entries:" { continue }
      if first == "Interface:", line.words.count > 1 {
        windowsInterface = String(line.words[1])
        continue
      }
      // `? (10.1.10.1) at 06:00:00:00:00:01 [ether] PERM on eth1`
      if let at = line.words.firstIndex(of: "at"), at > 0, at + 1 < line.words.count, line.words[at - 1].first == "(" {
        let word = line.words[at - 1].dropFirst().dropLast()
        guard let address = IPAddress(String(word)) else { throw line.fault("an IP address", word) }
        if line.words.contains("PUB") { continue }
        add(address, line.words[at + 1], line.word(after: "on").map(String.init) ?? "", place)
        continue
      }
      guard let address = IPAddress(String(first)), line.words.count > 1 else {
        throw line.fault("an IP address (arp -n)", first)
      }
      if let windowsInterface {
        // Groups and broadcast stand there as well.
        add(address, Substring(line.words[1].replacing("-", with: ":")), windowsInterface, place)
      } else if line.words[1] == "ether", line.words.count > 4 {
        // `C` is complete, `P` published by this host for another one.
        let flags = line.words[3]
        if flags.contains("C"), !flags.contains("P") {
          add(address, line.words[2], String(line.words[line.words.count - 1]), place)
        }
      }
    }
  }

  private mutating func add(_ address: IPAddress, _ word: Substring, _ interface: String, _ place: TableLine) {
    guard let mac = MACAddress(Self.padded(word)), mac.isUnicast else { return }
    neighbours.append(Neighbour(address: address, mac: mac, interface: interface, line: place))
  }

  /// BSD prints octets without leading zeros: `6:0:0:0:0:1`.
  private static func padded(_ word: Substring) -> String {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 6 else { return String(word) }
    return parts.map { $0.utf8.count == 1 ? "0\($0)" : String($0) }.joined(separator: ":")
  }
}
