import Wire

extension HostTables {
  private static let routeTypes: Set<Substring> = [
    "unicast", "local", "broadcast", "multicast", "blackhole", "unreachable", "prohibit", "throw", "anycast", "nat",
  ]

  /// `ip route` without `-j`: `10.9.0.0/16 via 10.1.10.2 dev eth1 metric 100`, with the gateways of a shared route below it.
  ///
  /// Source: iproute2 `ip/iproute.c`, `print_route`.
  mutating func readRouteText(_ lines: [TextLine], _ path: String, version: IPAddress.Version) throws(TableError) {
    var pending: RouteTable.Route?
    var columns: [Substring] = []
    for line in lines {
      if line.beginsRouteTable {
        columns = line.words
        continue
      }
      if columns.first == "Destination" {
        if let route = try Self.route(line, columns, path) { routes.add(route) }
        continue
      }
      if line.words[0] == "nexthop" {
        guard pending != nil else { throw line.fault("a route before its nexthop") }
        if let hop = try Self.hop(line) { pending?.hops.append(hop) }
        continue
      }
      if let route = pending { routes.add(route) }
      pending = try Self.route(line, path, version)
    }
    if let route = pending { routes.add(route) }
  }

  /// A row of `route -n` or `netstat -rn`: `10.1.10.0 0.0.0.0 255.255.255.0 U 100 0 0 eth1`. Of the main table.
  ///
  /// Source: net-tools `lib/inet_gr.c`, `rprint_fib`.
  private static func route(
    _ line: TextLine, _ columns: [Substring], _ path: String
  ) throws(TableError) -> RouteTable.Route? {
    guard line.words.count == columns.count, let name = line.words.last else {
      throw line.fault("a route in the columns \(columns.joined(separator: " "))")
    }
    func address(_ word: Substring) throws(TableError) -> IPAddress {
      guard let address = IPAddress(String(word == "default" ? "0.0.0.0" : word)), address.version == .v4 else {
        throw line.fault("an address in numbers (route -n)", word)
      }
      return address
    }
    let mask = UInt32(truncatingIfNeeded: try address(line.words[2]).low)
    guard mask.nonzeroBitCount == (~mask).leadingZeroBitCount else { throw line.fault("a mask as 255.255.255.0") }
    let flags = line.words[3]
    let isRejected = flags.contains("!")
    let gateway = flags.contains("G") ? try address(line.words[1]) : nil
    let metric = columns.firstIndex(of: "Metric").flatMap { UInt32(line.words[$0]) } ?? 0
    return RouteTable.Route(
      destination: Subnet(try address(line.words[0]), length: mask.nonzeroBitCount),
      type: isRejected ? "unreachable" : "unicast", table: "main", metric: metric,
      hops: isRejected ? [] : [RouteTable.Hop(gateway: gateway, device: String(name))],
      line: TableLine(path: path, number: line.number))
  }

  /// `nil` for one that is for one type of service alone.
  private static func route(
    _ line: TextLine, _ path: String, _ version: IPAddress.Version
  ) throws(TableError) -> RouteTable.Route? {
    var words = line.words[...]
    var type = "unicast"
    if let first = words.first, routeTypes.contains(first) {
      type = String(first)
      words = words.dropFirst()
    }
    guard let word = words.first else { throw line.fault("default, an address or a prefix as 10.1.10.0/24") }
    let destination: Subnet
    if word == "default" {
      destination = Subnet(version == .v4 ? IPAddress(v4: 0) : IPAddress(v6High: 0, low: 0), length: 0)
    } else {
      let (address, length) = try prefix(word, in: line)
      destination = Subnet(address, length: length)
    }
    if words.contains("tos") && !words.contains("encap") || words.contains("from") { return nil }
    // The gateways of a shared route stand below it.
    let shares = type == "unicast" && !words.contains("dev") && !words.contains("via")
    return RouteTable.Route(
      destination: destination, type: type, table: line.word(after: "table").map(String.init) ?? "main",
      metric: line.word(after: "metric").flatMap { UInt32($0) } ?? 0,
      hops: shares ? [] : try hop(line).map { [$0] } ?? [], line: TableLine(path: path, number: line.number))
  }

  /// `via 10.1.10.1 dev eth1`, or `via inet6 fe80::1 dev eth1`; `nil` for one that leads nowhere now.
  private static func hop(_ line: TextLine) throws(TableError) -> RouteTable.Hop? {
    if line.words.contains("dead") { return nil }
    var gateway: IPAddress?
    if let index = line.words.firstIndex(of: "via") {
      var rest = line.words[(index + 1)...]
      if rest.first == "inet" || rest.first == "inet6" { rest = rest.dropFirst() }
      guard let word = rest.first, let address = IPAddress(String(word)) else {
        throw line.fault("a gateway's address")
      }
      gateway = address
    }
    return RouteTable.Hop(gateway: gateway, device: line.word(after: "dev").map(String.init))
  }

  /// `ip rule` without `-j`: `32765:	from 10.1.10.0/24 lookup 10`.
  ///
  /// Source: iproute2 `ip/iprule.c`, `print_rule`.
  mutating func readRuleText(_ lines: [TextLine], _ path: String, version: IPAddress.Version) throws(TableError) {
    for line in lines {
      var words = WordReader(line)
      let number = try words.next("a rule with its priority, as 32766:")
      guard number.last == ":", let priority = UInt32(number.dropLast()) else {
        throw line.fault("a rule with its priority, as 32766:", number)
      }
      var rule = RoutingRule(priority: priority, action: .other, line: TableLine(path: path, number: line.number))
      var (table, suppress): (String?, Int?) = (nil, nil)
      while let word = words.next() {
        switch word {
        case "not": rule.isInverted = true
        case "from": rule.source = try Self.selector(&words)
        case "to": rule.destination = try Self.selector(&words)
        case "iif": rule.input = words.next().map(String.init)
        case "lookup", "table": table = words.next().map(String.init)
        case "suppress_prefixlength": suppress = try words.number("the length of a prefix", as: Int.self)
        case "proto": _ = words.next()
        case "blackhole", "unreachable", "prohibit": rule.action = .drop
        // A mark, a port, a user, and whatever is not known here.
        default: rule.hasMore = true
        }
      }
      if table == "[l3mdev-table]" {
        rule.isOfVRFs = true
      } else if let table {
        rule.action = .lookup(table: table, suppress: suppress)
      }
      if version == .v4 { rules.append(rule) } else { rules6.append(rule) }
    }
  }

  private static func selector(_ words: inout WordReader) throws(TableError) -> Subnet? {
    let word = try words.next("all, or an address")
    if word == "all" { return nil }
    let (address, length) = try prefix(word, in: words.line)
    return Subnet(address, length: length)
  }
}

extension TextLine {
  /// The two lines above what `route -n` and `netstat -rn` print.
  var beginsRouteTable: Bool {
    words == ["Kernel", "IP", "routing", "table"] || words.starts(with: ["Destination", "Gateway", "Genmask", "Flags"])
  }
}
