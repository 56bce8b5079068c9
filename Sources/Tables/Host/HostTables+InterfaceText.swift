import Wire

extension HostTables {
  /// `ip addr`, `ip link` or `ifconfig`; `false` where the text need not have all addresses.
  mutating func readInterfaceText(_ lines: [TextLine], _ path: String) throws(TableError) -> Bool {
    if lines.contains(where: \.beginsIfconfig) {
      try readIfconfig(lines, path)
      // It leaves out addresses without a label of their own, and interfaces that are down.
      return false
    }
    if let line = lines.first(where: \.isBriefAddress) {
      throw line.fault("what ip addr prints without -o and -br, which leave out the interfaces' flags")
    }
    try readAddressText(lines, path)
    // `ip link` has no addresses, and of `ip addr show dev eth0` nobody knows what else there is.
    let hasAddresses = lines.contains { $0.words[0] == "inet" || $0.words[0] == "inet6" }
    return hasAddresses && interfaces.count > 1 && interfaces.contains(where: \.isLoopback)
  }

  /// Source: net-tools `lib/interface.c`, `ife_print_long`, of 1.60 and 2.10; the same of BSD.
  private mutating func readIfconfig(_ lines: [TextLine], _ path: String) throws(TableError) {
    var open: Int?
    for line in lines {
      let place = TableLine(path: path, number: line.number)
      if line.beginsIfconfig {
        open = index(ofIfconfig: line, place)
        continue
      }
      guard let index = open else { throw line.fault("an interface, as eth0: flags=4163<UP> mtu 1500") }
      switch line.words[0] {
      case "ether":
        interfaces[index].linkType = "ether"
        interfaces[index].mac = line.words.dropFirst().first.flatMap { MACAddress(String($0)) }
      case "loop": interfaces[index].linkType = "loopback"
      case "inet", "inet6":
        if let address = try Self.ifconfigAddress(line, place) { interfaces[index].addresses.append(address) }
      // Of 1.60: `UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1`.
      case _ where line.words.contains { $0.hasPrefix("MTU:") }:
        interfaces[index].flags.formUnion(line.words.prefix { !$0.contains(":") }.map(String.init))
        markCarrier(of: index)
      default: break
      }
    }
  }

  /// An alias, as `lo:0`, is an address of its interface.
  private mutating func index(ofIfconfig line: TextLine, _ place: TableLine) -> Int {
    let first = line.words[0]
    let name = String((first.last == ":" ? first.dropLast() : first).prefix { $0 != ":" })
    var interface = Interface(name: name, mac: nil, linkType: "", flags: [], line: place)
    if let flags = line.words.first(where: { $0.hasPrefix("flags=") }), let open = flags.firstIndex(of: "<") {
      interface.flags = Set(
        flags[flags.index(after: open)...].prefix { $0 != ">" }.split(separator: ",").map(String.init))
    }
    if line.words.contains("encap:Ethernet") { interface.linkType = "ether" }
    if line.words.contains("encap:Local") { interface.linkType = "loopback" }
    interface.mac = line.word(after: "HWaddr").flatMap { MACAddress(String($0)) }
    if let known = interfaces.firstIndex(where: { $0.name == name }) { return known }
    interfaces.append(interface)
    if !interface.flags.isEmpty { markCarrier(of: interfaces.count - 1) }
    return interfaces.count - 1
  }

  /// `RUNNING` is what `LOWER_UP` is to `ip`.
  private mutating func markCarrier(of index: Int) {
    let flags = interfaces[index].flags
    if flags.contains("UP"), !flags.contains("RUNNING") { interfaces[index].flags.insert("NO-CARRIER") }
  }

  /// `inet 10.1.10.21  netmask 255.255.255.0`, `inet addr:10.1.10.21  Mask:255.255.255.0`, `inet6 fe80::1  prefixlen 64`,
  /// `inet6 addr: fe80::1/64 Scope:Link`, `inet 10.1.10.21 netmask 0xffffff00`.
  private static func ifconfigAddress(_ line: TextLine, _ place: TableLine) throws(TableError) -> Address? {
    guard var word = line.words.dropFirst().first else { return nil }
    if word == "addr:" { word = line.words.dropFirst(2).first ?? "" }
    if word.hasPrefix("addr:") { word = word.dropFirst("addr:".count) }
    // BSD puts the interface's name behind a local address.
    if let zone = word.firstIndex(of: "%") { word = word[..<zone] }
    var (address, length) = try prefix(word, in: line)
    if let text = line.word(after: "prefixlen"), let number = Int(text), 0...address.bitWidth ~= number {
      length = number
    }
    let old = line.words.first { $0.hasPrefix("Mask:") }?.dropFirst("Mask:".count)
    if address.version == .v4, let mask = line.word(after: "netmask") ?? old {
      let bits =
        mask.hasPrefix("0x")
        ? UInt32(mask.dropFirst(2), radix: 16) : IPAddress(String(mask)).map { UInt32(truncatingIfNeeded: $0.low) }
      guard let bits, bits.nonzeroBitCount == (~bits).leadingZeroBitCount else {
        throw line.fault("a mask as 255.255.255.0", mask)
      }
      length = bits.nonzeroBitCount
    }
    return Address(address: address, prefixLength: length, scope: "global", hasNoPrefixRoute: false, line: place)
  }
}

extension TextLine {
  /// `eth1: flags=4163<UP,BROADCAST>  mtu 1500`, or `eth1      Link encap:Ethernet  HWaddr 06:…`.
  var beginsIfconfig: Bool {
    guard words.count > 1 else { return false }
    return words[0].last == ":" && words[1].hasPrefix("flags=")
      || words[1] == "Link" && words.count > 2 && words[2].hasPrefix("encap:")
  }

  /// A line of `ip -o addr` or `ip -br addr`.
  var isBriefAddress: Bool {
    guard words.count > 2 else { return false }
    if ["UP", "DOWN", "UNKNOWN"].contains(words[1]) { return true }
    return words[0].last == ":" && UInt32(words[0].dropLast()) != nil && words[2].hasPrefix("inet")
  }
}
