import Wire

extension HostTables {
  /// `ip -j route` or, for IPv6, `ip -6 -j route`. Source: iproute2 `ip/iproute.c`, `print_route`.
  mutating func readRoutes(_ text: String, _ path: String, version: IPAddress.Version) throws(TableError) {
    for node in try Self.entries(RouteEncapsulation.marked(in: text), "a list of routes, as ip -j route prints it") {
      guard let destination = node["dst"] else { throw node.fault("a route with its dst") }
      // A route for one type of service alone is not what a packet takes by default.
      if node["tos"] != nil || node["from"] != nil { continue }
      let subnet = try Self.subnet(destination, version)
      var hops: [RouteTable.Hop] = []
      for part in node["nexthops"]?.items ?? [node] {
        if let hop = try Self.hop(part) { hops.append(hop) }
      }
      routes.add(
        RouteTable.Route(
          destination: subnet, type: node["type"]?.text ?? "unicast", table: node["table"]?.text ?? "main",
          metric: node["metric"]?.text.flatMap { UInt32($0) } ?? 0, hops: hops,
          line: TableLine(path: path, number: node.line)))
    }
  }

  private static func subnet(_ node: DocumentNode, _ version: IPAddress.Version) throws(TableError) -> Subnet {
    let word = node.text ?? ""
    if word == "default" {
      return Subnet(version == .v4 ? IPAddress(v4: 0) : IPAddress(v6High: 0, low: 0), length: 0)
    }
    let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = parts.first.flatMap({ IPAddress(String($0)) }) else {
      throw node.fault("default, an address or a prefix as 10.1.10.0/24")
    }
    guard parts.count == 2 else { return Subnet(address, length: address.bitWidth) }
    guard let length = Int(parts[1]), 0...address.bitWidth ~= length else {
      throw node.fault("a prefix length of 0 to \(address.bitWidth)")
    }
    return Subnet(address, length: length)
  }

  /// `nil` for one that leads nowhere now.
  private static func hop(_ node: DocumentNode) throws(TableError) -> RouteTable.Hop? {
    if node["flags"]?.texts.contains("dead") ?? false { return nil }
    // An IPv4 route by an IPv6 neighbour has `via` in place of `gateway`.
    let gateway = node["gateway"] ?? node["via"]?["host"]
    var address: IPAddress?
    if let gateway {
      address = gateway.text.flatMap { IPAddress($0) }
      if address == nil { throw gateway.fault("an IP address") }
    }
    return RouteTable.Hop(gateway: address, device: node["dev"]?.text)
  }
}
