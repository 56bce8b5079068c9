public import Wire

/// An entry of `ip rule`: which packets look for their route in which table.
public struct RoutingRule: Sendable {
  /// Smaller comes first.
  public var priority: UInt32
  /// `nil` for every one.
  public var source: Subnet?
  public var destination: Subnet?
  /// The interface that packets come by; `lo` stands for the host's own.
  public var input: String?
  /// It looks at something that the packet's addresses do not tell: a mark, a user, a type of service, a port.
  public var hasMore = false
  /// It leads packets of each VRF to that VRF's table (`l3mdev`), and leaves all others alone.
  public var isOfVRFs = false
  /// It holds for the packets that do not match (`not`).
  public var isInverted = false
  public var action: Action
  public var line: TableLine

  public enum Action: Sendable, Equatable {
    /// `suppress`: routes of so few leading bits do not count.
    case lookup(table: String, suppress: Int?)
    /// `blackhole`, `unreachable`, `prohibit`.
    case drop
    /// `nop`, `goto` and whatever is not known here.
    case other
  }

  /// Whether a host's own packet from one address to another looks here; `nil` where the addresses do not tell. Without a
  /// destination it is one to all that no narrower route leads to.
  func matches(from source: IPAddress, to destination: IPAddress?, in domain: HostTables.Domain) -> Bool? {
    if let input, input != "lo" { return isInverted }
    if isOfVRFs, domain == .main { return isInverted }
    let addresses =
      (self.source?.contains(source) ?? true)
      && (self.destination.map { subnet in destination.map(subnet.contains) ?? (subnet.length == 0) } ?? true)
    if !addresses { return isInverted }
    return hasMore || isOfVRFs && domain == .unknown ? nil : !isInverted
  }

  /// The table that it leads packets of a domain to, and how many leading bits do not count there.
  func action(in domain: HostTables.Domain) -> Action {
    guard isOfVRFs, case .vrf(let vrf) = domain else { return action }
    return .lookup(table: vrf.table, suppress: nil)
  }
}

extension RouteTable {
  /// Where a packet goes, as far as rules and tables tell.
  public enum Answer: Sendable {
    case route(Route)
    /// No route, or a rule that drops it.
    case nowhere
    /// A rule looks at more than addresses, or leads to a table that the text does not have.
    case unknown
  }

  /// The route of a host's own packet by its rules, in their order. Without a destination: to what no narrower route leads.
  ///
  /// Source: linux `net/core/fib_rules.c`, `fib_rules_lookup`; `net/ipv4/fib_rules.c`, `fib4_rule_match`.
  public func answer(
    from source: IPAddress, to destination: IPAddress?, by rules: [RoutingRule], in domain: HostTables.Domain = .main
  ) -> Answer {
    for rule in rules.sorted(by: { $0.priority < $1.priority }) {
      let matches = rule.matches(from: source, to: destination, in: domain)
      if matches == false { continue }
      switch rule.action(in: domain) {
      // Its own addresses, which nobody else has.
      case .lookup("local", _): continue
      case .lookup(let table, let suppress):
        guard hasTable(table) || table == "default" else { return .unknown }
        guard let found = route(to: destination, version: source.version, in: table),
          found.destination.length > suppress ?? -1, found.type != "throw"
        else { continue }
        guard matches == true else { return .unknown }
        return found.type == "unicast" ? .route(found) : .nowhere
      case .drop: return matches == true ? .nowhere : .unknown
      case .other: return .unknown
      }
    }
    return .nowhere
  }

  /// The text has this table: another than the main one stands in what was printed of all of them.
  private func hasTable(_ table: String) -> Bool { table == "main" || hasAllTables }

  private func route(to destination: IPAddress?, version: IPAddress.Version, in table: String) -> Route? {
    if let destination { return route(to: destination, in: table) }
    return defaultRoute(version, in: table)
  }
}

extension HostTables {
  /// `ip -j rule`. Source: iproute2 `ip/iprule.c`, `print_rule`.
  mutating func readRules(_ text: String, _ path: String, version: IPAddress.Version) throws(TableError) {
    for node in try Self.entries(text, "a list of rules, as ip -j rule prints it") {
      guard let priority = node["priority"]?.text.flatMap({ UInt32($0) }) else {
        throw (node["priority"] ?? node).fault("a rule with its priority")
      }
      var rule = RoutingRule(
        priority: priority, action: .other, line: TableLine(path: path, number: node.line))
      rule.source = try Self.selector(node, "src", version)
      rule.destination = try Self.selector(node, "dst", version)
      rule.input = node["iif"]?.text
      rule.isInverted = node.has("not")
      // A packet that nobody bound to an interface leaves by none that was asked for.
      rule.hasMore = [
        "fwmark", "oif", "tos", "dsfield", "ipproto", "sport", "dport", "sport_start", "dport_start",
        "uid_start", "tun_id",
      ]
      .contains { node.has($0) }
      if let table = node["table"]?.text {
        rule.action = .lookup(table: table, suppress: node["suppress_prefixlen"]?.int)
      } else if let action = node["action"]?.text {
        rule.action = ["blackhole", "unreachable", "prohibit"].contains(action) ? .drop : .other
      }
      rule.isOfVRFs = node.has("l3mdev")
      if version == .v4 { rules.append(rule) } else { rules6.append(rule) }
    }
  }

  private static func selector(
    _ node: DocumentNode, _ key: String, _ version: IPAddress.Version
  ) throws(TableError) -> Subnet? {
    guard let word = node[key], word.text != "all" else { return nil }
    guard let address = word.text.flatMap({ IPAddress($0) }), address.version == version else {
      throw word.fault("all, or an address")
    }
    guard let length = node["\(key)len"] else { return Subnet(address, length: address.bitWidth) }
    guard let bits = length.int, 0...address.bitWidth ~= bits else {
      throw length.fault("a length of 0 to \(address.bitWidth)")
    }
    return Subnet(address, length: bits)
  }

  /// Where the host sends what it answers from one address: by its rules where they are given, else as its main table has
  /// it, or the table of the VRF that the address is in. Without a destination: to what no narrower route leads. `interface`
  /// stands for one whose packets the answer belongs to, where the address is not the host's own.
  public func reply(from source: IPAddress, to destination: IPAddress?, by interface: Interface? = nil) -> Reply {
    let version = source.version
    let domain = interface.map { self.domain(of: $0) } ?? self.domain(of: source)
    let table = if case .vrf(let vrf) = domain { vrf.table } else { "main" }
    if table != "main", !routes.has(table) { return Reply(route: nil, isSure: false, lacksTable: true) }
    let likely = destination.map { routes.route(to: $0, in: table) } ?? routes.defaultRoute(version, in: table)
    guard texts.contains(version == .v4 ? .rules : .rules6) else { return Reply(route: likely, isSure: false) }
    // An address that is in no VRF may be asked through one.
    let isSure = !hasVRF || table != "main"
    // Without their kinds no interface is known to be a VRF.
    let known = domain == .main && !hasLinkDetails && !interfaces.contains { $0.kind != nil } ? .unknown : domain
    switch routes.answer(from: source, to: destination, by: version == .v4 ? rules : rules6, in: known) {
    case .route(let route): return Reply(route: route, isSure: isSure)
    case .nowhere: return Reply(route: nil, isSure: isSure)
    case .unknown: return Reply(route: likely, isSure: false)
    }
  }

  /// A route, and whether the host's rules say that it is the one.
  public struct Reply: Sendable {
    public var route: RouteTable.Route?
    public var isSure: Bool
    /// The text has no route of the VRF's table.
    public var lacksTable = false
  }
}
