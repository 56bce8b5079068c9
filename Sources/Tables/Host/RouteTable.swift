public import Wire

/// The routes of a host, found by the longest prefix as the kernel finds them.
///
/// Which table a packet looks in, rules tell (`RoutingRule`).
public struct RouteTable: Sendable {
  /// In the order of the texts.
  public private(set) var routes: [Route] = []
  /// By table and destination.
  private var numbers: [Place: [Int]] = [:]
  private var lengths: [String: [IPAddress.Version: Set<Int>]] = [:]

  private struct Place: Hashable {
    var table: String
    var destination: Subnet
  }

  public init() {}

  public struct Route: Sendable {
    public var destination: Subnet
    /// `unicast`, `local`, `blackhole`, `unreachable`, `prohibit`, `throw`.
    public var type: String
    /// `main` where the text names none.
    public var table: String
    /// Smaller is better.
    public var metric: UInt32
    public var hops: [Hop]
    public var line: TableLine
  }

  /// Where a route leads; several share the packets.
  public struct Hop: Sendable, Hashable {
    /// `nil` where the destination is on the link.
    public var gateway: IPAddress?
    public var device: String?
  }

  public mutating func add(_ route: Route) {
    routes.append(route)
    numbers[Place(table: route.table, destination: route.destination), default: []].append(routes.count - 1)
    lengths[route.table, default: [:]][route.destination.address.version, default: []].insert(route.destination.length)
  }

  /// The text has routes of this table.
  func has(_ table: String) -> Bool { lengths[table] != nil }

  /// What is printed of all tables has those of the kernel's own (`local`) among them.
  var hasAllTables: Bool { lengths.keys.contains { $0 != "main" } }

  /// A table's route to `address`; the main table's where none is named.
  public func route(to address: IPAddress, in table: String = "main") -> Route? {
    for length in (lengths[table]?[address.version] ?? []).sorted(by: >) {
      if let best = best(Subnet(address, length: length), in: table) { return best }
    }
    return nil
  }

  /// The route to all that no narrower one leads to.
  public func defaultRoute(_ version: IPAddress.Version, in table: String) -> Route? {
    best(Subnet(version == .v4 ? IPAddress(v4: 0) : IPAddress(v6High: 0, low: 0), length: 0), in: table)
  }

  /// Of equals the first one is taken.
  private func best(_ destination: Subnet, in table: String) -> Route? {
    (numbers[Place(table: table, destination: destination)] ?? []).map { routes[$0] }
      .min { $0.metric < $1.metric }
  }
}
