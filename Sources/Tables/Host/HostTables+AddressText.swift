import Wire

extension HostTables {
  /// `ip addr` and `ip link` without `-j`.
  ///
  /// Source: iproute2 `ip/ipaddress.c`, `print_linkinfo` and `print_addrinfo`.
  mutating func readAddressText(_ lines: [TextLine], _ path: String) throws(TableError) {
    var open: Int?
    var numbers = Dictionary(interfaces.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    for line in lines {
      let place = TableLine(path: path, number: line.number)
      if let interface = try Self.interface(line, place) {
        // `ip link` and `ip addr` beside one another tell of the same interfaces.
        if let known = numbers[interface.name] {
          open = known
        } else {
          interfaces.append(interface)
          numbers[interface.name] = interfaces.count - 1
          open = interfaces.count - 1
        }
        continue
      }
      guard let index = open else { throw line.fault("an interface, as 2: eth0: <UP> mtu 1500") }
      let first = line.words[0]
      if first.hasPrefix("link/") {
        try readLink(line, first.dropFirst("link/".count), of: index)
      } else if first == "inet" || first == "inet6" {
        let address = try Self.address(line, place)
        if !interfaces[index].addresses.contains(where: { $0.address == address.address }) {
          interfaces[index].addresses.append(address)
        }
      } else {
        readKind(line, of: index)
      }
    }
  }

  /// `3: eth1@p0: <BROADCAST,UP,LOWER_UP> mtu 1500 … master br0 state UP`; `nil` for any other line.
  static func interface(_ line: TextLine, _ place: TableLine) throws(TableError) -> Interface? {
    guard line.words.count > 2, line.words[0].last == ":", UInt32(line.words[0].dropLast()) != nil,
      line.words[1].last == ":"
    else { return nil }
    let flags = line.words[2]
    guard flags.first == "<", flags.last == ">" else {
      throw line.fault("the interface's flags, as <UP,LOWER_UP>", flags)
    }
    let names = line.words[1].dropLast().split(separator: "@", maxSplits: 1)
    guard let name = names.first else { throw line.fault("the interface's name", line.words[1]) }
    var interface = Interface(
      name: String(name), mac: nil, linkType: "",
      flags: Set(flags.dropFirst().dropLast().split(separator: ",").map(String.init)),
      line: place)
    if names.count == 2, names[1] != "NONE" { interface.parent = String(names[1]) }
    if let master = line.words.firstIndex(of: "master"), master + 1 < line.words.count {
      interface.master = String(line.words[master + 1])
    }
    interface.hasXDP = line.words.contains { $0.hasPrefix("xdp") || $0.hasPrefix("prog/xdp") }
    return interface
  }

  /// `link/ether 06:d2:0a:b1:14:20 brd ff:ff:ff:ff:ff:ff promiscuity 0`.
  private mutating func readLink(_ line: TextLine, _ type: Substring, of index: Int) throws(TableError) {
    interfaces[index].linkType = String(type)
    if line.words.contains("promiscuity") { hasLinkDetails = true }
    if type == "ether", line.words.count > 1 {
      guard let mac = MACAddress(String(line.words[1])) else { throw line.fault("a MAC address", line.words[1]) }
      interfaces[index].mac = mac.isUnicast ? mac : nil
    }
    if let kind = TunnelDevice.Kind(linkType: interfaces[index].linkType) {
      interfaces[index].tunnel = TunnelDevice(kind)
    }
  }

  private static let kinds: Set<Substring> = [
    "macvlan", "macvtap", "ipvlan", "vlan", "vrf", "dummy", "bridge", "bond", "veth", "tun", "team", "ifb", "xfrm",
  ]

  /// `vxlan id 42 remote 10.1.10.9 …`, as `-d` prints it. Whatever else stands below an interface is none of ours.
  private mutating func readKind(_ line: TextLine, of index: Int) {
    let first = line.words[0]
    if first == "prog/xdp" || first.hasPrefix("prog/xdp") { interfaces[index].hasXDP = true }
    let tunnel = TunnelDevice.Kind(rawValue: String(first))
    guard tunnel != nil || Self.kinds.contains(first) else { return }
    hasLinkDetails = true
    interfaces[index].kind = String(first)
    if first == "vrf" { interfaces[index].vrfTable = line.word(after: "table").map(String.init) }
    if let tunnel { interfaces[index].tunnel = TunnelDevice(tunnel, line) }
  }

  /// `inet 10.1.10.21/24 brd 10.1.10.255 scope global secondary eth1`, `inet 192.0.2.1 peer 198.51.100.7/24 scope global eth1`.
  private static func address(_ line: TextLine, _ place: TableLine) throws(TableError) -> Address {
    guard line.words.count > 1 else { throw line.fault("an address and its length, as 10.1.10.21/24") }
    let own = try prefix(line.words[1], in: line)
    let peer = try line.word(after: "peer").map { (word) throws(TableError) in try prefix(word, in: line) }
    var found = Address(
      address: own.address, prefixLength: peer?.length ?? own.length,
      scope: line.word(after: "scope").map(String.init) ?? "global",
      hasNoPrefixRoute: line.words.contains("noprefixroute"), line: place)
    if let peer {
      guard peer.address.version == own.address.version else { throw line.fault("the peer's IP address") }
      found.peer = peer.address
    }
    if line.words.contains("dadfailed") {
      found.duplicateCheck = .failed
    } else if line.words.contains("tentative"), !line.words.contains("optimistic") {
      found.duplicateCheck = .running
    }
    return found
  }

  /// `10.1.10.21/24`; without a length, the whole address.
  static func prefix(_ word: Substring, in line: TextLine) throws(TableError) -> (address: IPAddress, length: Int) {
    let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = parts.first.flatMap({ IPAddress(String($0)) }) else { throw line.fault("an IP address", word) }
    guard parts.count == 2 else { return (address, address.bitWidth) }
    guard let length = Int(parts[1]), 0...address.bitWidth ~= length else {
      throw line.fault("a prefix length of 0 to \(address.bitWidth)", word)
    }
    return (address, length)
  }
}

extension TunnelDevice {
  /// Of a line of `ip -d addr`: `gre remote 10.1.10.11 local any ttl inherit ikey 0.0.0.7`, `vxlan id 42 remote 10.1.10.9`.
  fileprivate init(_ kind: Kind, _ line: TextLine) {
    self.init(kind)
    hasDetails = true
    let key = (line.word(after: "ikey") ?? line.word(after: "key")).flatMap { word in
      UInt32(word) ?? IPAddress(String(word)).flatMap { $0.version == .v4 ? UInt32(truncatingIfNeeded: $0.low) : nil }
    }
    identifier = line.word(after: "id").flatMap { UInt32($0) } ?? key
    remote = line.word(after: "remote").flatMap { IPAddress(String($0)) }.flatMap { $0.isUnspecified ? nil : $0 }
    isExternal = line.words.contains("external") || line.words.contains("collect_metadata")
  }
}

extension TextLine {
  /// The word behind a keyword.
  func word(after keyword: Substring) -> Substring? {
    guard let index = words.firstIndex(of: keyword), index + 1 < words.count else { return nil }
    return words[index + 1]
  }
}
