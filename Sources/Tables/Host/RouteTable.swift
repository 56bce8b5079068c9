public import Wire

/// The routes of a host, found by the longest prefix as the kernel finds them.
///
/// Rules (`ip rule`) and the tables that they lead to are not known here.
public struct RouteTable: Sendable {
  /// In the order of the texts.
  public private(set) var routes: [Route] = []
  private var main: [Subnet: [Int]] = [:]
  private var lengths: [IPAddress.Version: Set<Int>] = [:]

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
    guard route.table == "main" else { return }
    main[route.destination, default: []].append(routes.count - 1)
    lengths[route.destination.address.version, default: []].insert(route.destination.length)
  }

  /// The main table's route to `address`.
  public func route(to address: IPAddress) -> Route? {
    for length in (lengths[address.version] ?? []).sorted(by: >) {
      let numbers = main[Subnet(address, length: length)] ?? []
      // Of equals the first one is taken.
      if let best = numbers.map({ routes[$0] }).min(by: { $0.metric < $1.metric }) { return best }
    }
    return nil
  }
}
