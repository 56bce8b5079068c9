import Wire

extension HostTables {
  /// `ip -j addr`. Source: iproute2 `ip/ipaddress.c`, `print_linkinfo` and `print_addrinfo`.
  mutating func readAddresses(_ text: String, _ path: String) throws(TableError) {
    for node in try Self.entries(text, "a list of interfaces, as ip -j addr prints it") {
      guard let name = node["ifname"]?.text else { throw node.fault("an interface with its ifname") }
      var interface = Interface(
        name: name, mac: nil, linkType: node["link_type"]?.text ?? "", flags: Set(node["flags"]?.texts ?? []),
        line: TableLine(path: path, number: node.line))
      interface.parent = node["link"]?.text
      interface.hasXDP = node.has("xdp")
      interface.master = node["master"]?.text
      interface.kind = node["linkinfo"]?["info_kind"]?.text
      // Printed with `-d` alone, of every interface.
      if node.has("promiscuity") || node.has("linkinfo") { hasLinkDetails = true }
      interface.tunnel = TunnelDevice(node)
      if interface.kind == "vrf" { interface.vrfTable = node["linkinfo"]?["info_data"]?["table"]?.text }
      // A tunnel's is an IP address.
      if interface.linkType == "ether", let address = node["address"], let word = address.text {
        guard let mac = MACAddress(word) else { throw address.fault("a MAC address") }
        interface.mac = mac.isUnicast ? mac : nil
      }
      for info in node["addr_info"]?.items ?? [] {
        if let address = try Self.address(info, path) { interface.addresses.append(address) }
      }
      interfaces.append(interface)
    }
  }

  private static func address(_ info: DocumentNode, _ path: String) throws(TableError) -> Address? {
    guard let family = info["family"]?.text, family == "inet" || family == "inet6", let local = info["local"] else {
      return nil
    }
    guard let address = local.text.flatMap({ IPAddress($0) }) else { throw local.fault("an IP address") }
    guard let length = info["prefixlen"]?.int, 0...address.bitWidth ~= length else {
      throw (info["prefixlen"] ?? info).fault("a prefixlen of 0 to \(address.bitWidth)")
    }
    var found = Address(
      address: address, prefixLength: length, scope: info["scope"]?.text ?? "global",
      hasNoPrefixRoute: info["noprefixroute"]?.bool ?? false, line: TableLine(path: path, number: info.line))
    if let peer = info["address"] {
      guard let other = peer.text.flatMap({ IPAddress($0) }), other.version == address.version else {
        throw peer.fault("the peer's IP address")
      }
      found.peer = other
    }
    let isOptimistic = info["optimistic"]?.bool ?? false
    if info["dadfailed"]?.bool ?? false {
      found.duplicateCheck = .failed
    } else if info["tentative"]?.bool ?? false, !isOptimistic {
      found.duplicateCheck = .running
    }
    return found
  }

  /// The entries of a list; iproute2 prints empty ones for what it leaves out, and nothing at all for no list.
  static func entries(_ text: String, _ expected: String) throws(TableError) -> [DocumentNode] {
    var entries: [DocumentNode] = []
    for document in try DocumentNode.all(of: text) {
      guard document.isSequence else { throw document.fault(expected) }
      for node in document.items {
        guard node.isMapping else { throw node.fault(expected) }
        if !node.isEmpty { entries.append(node) }
      }
    }
    return entries
  }
}
