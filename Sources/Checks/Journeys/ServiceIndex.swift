import Evidence
import Wire

/// Finds the service that a flow belongs to, and with it which end is the client.
struct ServiceIndex {
  /// The services, in the order of their addresses.
  let services: [ServicePattern]
  /// Services with a protocol and a port: a scan finds as many at one address as there are ports.
  private let exact: [Server: Int]
  /// Services of every protocol, or of every port, by address.
  private let wide: [IPAddress: [Int]]
  /// The services where there are so few that trying each is faster than looking them up; empty otherwise.
  private let few: [Int]
  private let observed: Set<Server>
  /// The user named the services.
  let isNamed: Bool
  /// How many servers answered nobody, and refused a port scan: they are no services that were found.
  let scannedCount: Int

  private struct Server: Hashable {
    var transport: TransportProtocol
    var endpoint: Endpoint
  }

  /// With `named` services these alone are looked for. Without, they are found in the traffic: a TCP service is what
  /// a SYN was sent to or a SYN-ACK came from, a UDP service is the side that answered.
  init(_ named: [ServicePattern], in evidence: Evidence) { self.init(named, in: evidence, besides: []) }

  /// The same without servers that are found to be none: where balancers translate, the clients ask for another.
  func without(_ servers: Set<Endpoint>, in evidence: Evidence) -> ServiceIndex {
    servers.isEmpty || isNamed ? self : ServiceIndex([], in: evidence, besides: servers)
  }

  private init(_ named: [ServicePattern], in evidence: Evidence, besides others: Set<Endpoint>) {
    var observed: Set<Server> = []
    if named.isEmpty {
      evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
        switch Self.serverIsLower(transport, lower.port, higher.port, fromLower, fromHigher) {
        case true?: observed.insert(Server(transport: transport, endpoint: lower))
        case false?: observed.insert(Server(transport: transport, endpoint: higher))
        case nil: break
        }
      }
    }
    var scannedCount = 0
    if named.isEmpty {
      let scanned = PortScan(evidence).servers
      scannedCount = scanned.count
      for server in scanned { observed.remove(Server(transport: .tcp, endpoint: server)) }
    }
    if !others.isEmpty { observed = observed.filter { $0.transport != .tcp || !others.contains($0.endpoint) } }
    let services =
      named.isEmpty
      ? observed.filter { !$0.endpoint.address.isMulticastOrBroadcast }.map {
        ServicePattern(address: $0.endpoint.address, transport: $0.transport, port: $0.endpoint.port)
      }.sorted()
      : Set(named).sorted()
    self.init(services, observed: observed, isNamed: !named.isEmpty, scannedCount: scannedCount)
  }

  /// `services` in the order of their addresses.
  private init(_ services: [ServicePattern], observed: Set<Server>, isNamed: Bool, scannedCount: Int) {
    (self.services, self.observed, self.isNamed) = (services, observed, isNamed)
    self.scannedCount = scannedCount
    var (exact, wide): ([Server: Int], [IPAddress: [Int]]) = ([:], [:])
    exact.reserveCapacity(services.count)
    for (number, service) in services.enumerated() {
      if let transport = service.transport, let port = service.port {
        exact[Server(transport: transport, endpoint: Endpoint(address: service.address, port: port))] = number
      } else {
        wide[service.address, default: []].append(number)
      }
    }
    (self.exact, self.wide) = (exact, wide)
    few = services.count <= 4 ? Array(services.indices) : []
  }

  /// How many services are judged that nobody named: as many as one address has ports.
  static let mostFound = 1 << 16

  /// The same without those of the found services that have the fewest flows, where there are more than `most`, and how
  /// many these are. What is judged of each takes some kilobytes.
  func busiest(_ most: Int, in evidence: Evidence) -> (index: ServiceIndex, unjudged: Int) {
    guard !isNamed, services.count > most else { return (self, 0) }
    let flows = flowCounts(in: evidence)
    let kept = services.indices.sorted { (flows[$1], $0) < (flows[$0], $1) }.prefix(most).sorted()
    return (
      ServiceIndex(kept.map { services[$0] }, observed: observed, isNamed: false, scannedCount: scannedCount),
      services.count - most
    )
  }

  /// How many flows each service has.
  func flowCounts(in evidence: Evidence) -> [Int] {
    var flows = [Int](repeating: 0, count: services.count)
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      let server = orient(transport, lower, higher, fromLower, fromHigher).serverIsLower ? lower : higher
      let others = Int(clamping: evidence.halfOpenFlows(beside: transport, lower, higher))
      forEachService(transport, server) { flows[$0] += 1 + others }
    }
    return flows
  }

  private static func serverIsLower(
    _ transport: TransportProtocol, _ lowerPort: UInt16, _ higherPort: UInt16, _ fromLower: Span<LinkRecord>,
    _ fromHigher: Span<LinkRecord>
  ) -> Bool? {
    switch transport {
    case .tcp:
      if fromLower.contains(where: { $0.kinds.contains(.syn) }) { return false }
      if fromHigher.contains(where: { $0.kinds.contains(.syn) }) { return true }
      if fromLower.contains(where: { $0.kinds.contains(.synAck) }) { return true }
      if fromHigher.contains(where: { $0.kinds.contains(.synAck) }) { return false }
      return nil
    case .udp:
      guard !fromLower.isEmpty, !fromHigher.isEmpty else { return nil }
      // A capture may begin with an answer: a well-known port on one side alone tells the server all the same.
      if (lowerPort < 1024) != (higherPort < 1024) { return lowerPort < 1024 }
      guard let lower = Array(fromLower).map(\.firstTime).min(), let higher = Array(fromHigher).map(\.firstTime).min(),
        lower != higher
      else { return nil }
      return lower > higher
    }
  }

  /// Whether an end of a flow is a service.
  func isService(_ transport: TransportProtocol, _ endpoint: Endpoint) -> Bool {
    if few.isEmpty, exact[Server(transport: transport, endpoint: endpoint)] != nil { return true }
    if few.isEmpty, wide.isEmpty { return false }
    for number in few.isEmpty ? wide[endpoint.address] ?? [] : few where services[number].matches(transport, endpoint) {
      return true
    }
    return false
  }

  /// Calls `body` with the number of each service that an end of a flow is: more than one where a VIP is named both with and
  /// without its port.
  func forEachService(_ transport: TransportProtocol, _ endpoint: Endpoint, _ body: (Int) -> Void) {
    if few.isEmpty {
      if let number = exact[Server(transport: transport, endpoint: endpoint)] { body(number) }
      if wide.isEmpty { return }
    }
    for number in few.isEmpty ? wide[endpoint.address] ?? [] : few where services[number].matches(transport, endpoint) {
      body(number)
    }
  }

  /// Whether the lower end is the server, and how that is known.
  func orient(
    _ transport: TransportProtocol, _ lower: Endpoint, _ higher: Endpoint, _ fromLower: Span<LinkRecord>,
    _ fromHigher: Span<LinkRecord>
  ) -> (serverIsLower: Bool, direction: FlowTrace.Direction) {
    let observedLower = Self.serverIsLower(transport, lower.port, higher.port, fromLower, fromHigher)
    // A connection that the VIP's own host opens is none to the service.
    if transport == .tcp, let observedLower { return (observedLower, .observed) }
    let lowerNamed = isService(transport, lower)
    let higherNamed = isService(transport, higher)
    if lowerNamed != higherNamed { return (lowerNamed, isNamed ? .named : .observed) }
    if let observedLower { return (observedLower, .observed) }
    let lowerServes = observed.contains(Server(transport: transport, endpoint: lower))
    let higherServes = observed.contains(Server(transport: transport, endpoint: higher))
    if lowerServes != higherServes { return (lowerServes, .observed) }
    return (lower.port < higher.port, .assumed)
  }
}

extension ServiceIndex {
  /// The flow, with its client as told by `orient`, and whether the lower end is the server.
  func flow(
    _ transport: TransportProtocol, _ lower: Endpoint, _ higher: Endpoint, _ fromLower: Span<LinkRecord>,
    _ fromHigher: Span<LinkRecord>
  ) -> (flow: Flow, serverIsLower: Bool) {
    let (serverIsLower, _) = orient(transport, lower, higher, fromLower, fromHigher)
    let (server, client) = serverIsLower ? (lower, higher) : (higher, lower)
    return (Flow(transport: transport, client: client, server: server), serverIsLower)
  }
}

extension ServiceIndex {
  /// The addresses of clients that completed a handshake with any service; empty where there is no SYN without one.
  func workingClients(in evidence: Evidence) -> Set<IPAddress> {
    let isOpen = evidence.containsFlow { transport, _, _, fromLower, fromHigher in
      transport == .tcp && !fromLower.contains { $0.kinds.contains(.established) }
        && !fromHigher.contains { $0.kinds.contains(.established) }
    }
    var found: Set<IPAddress> = []
    guard isOpen else { return found }
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      guard transport == .tcp else { return }
      let (serverIsLower, _) = orient(transport, lower, higher, fromLower, fromHigher)
      guard (serverIsLower ? fromHigher : fromLower).contains(where: { $0.kinds.contains(.established) }),
        isService(transport, serverIsLower ? lower : higher)
      else { return }
      found.insert(serverIsLower ? higher.address : lower.address)
    }
    return found
  }

  /// Addresses that come back to a service in vain, each time with one SYN of another port: no scanner's, and of no flood.
  func clientsInVain(in evidence: Evidence) -> Set<IPAddress> {
    struct Asker: Hashable {
      var client: IPAddress
      var server: Endpoint
    }
    var tries: [Asker: (count: Int, first: Timestamp, last: Timestamp)] = [:]
    // Of a flood nobody counts who comes back.
    let isFlood = evidence.containsFlow { transport, lower, higher, fromLower, fromHigher in
      guard transport == .tcp, fromLower.isEmpty || fromHigher.isEmpty else { return false }
      let (client, server) = fromHigher.isEmpty ? (lower, higher) : (higher, lower)
      let requests = fromHigher.isEmpty ? fromLower : fromHigher
      guard isService(transport, server), let first = requests.first(where: { $0.synCount == 1 }),
        !requests.contains(where: { $0.synCount != 1 || !$0.kinds.isDisjoint(with: [.established, .payload, .fin]) })
      else { return false }
      let asker = Asker(client: client.address, server: server)
      let known = tries[asker] ?? (0, first.firstTime, first.firstTime)
      tries[asker] = (known.count + 1, min(known.first, first.firstTime), max(known.last, first.firstTime))
      return tries.count > Self.mostAskers
    }
    if isFlood { return [] }
    return Set(
      tries.lazy.filter { _, tries in
        let span = tries.last.seconds(since: tries.first)
        return tries.count >= Self.fewestTries && span >= 3 && span >= Double(tries.count) / 2
      }.map(\.key.client))
  }

  private static let mostAskers = 65_536
  private static let fewestTries = 3

  /// The addresses of each service's clients.
  func clients(in evidence: Evidence) -> [ServicePattern: Set<IPAddress>] {
    var clients: [ServicePattern: Set<IPAddress>] = [:]
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      let (serverIsLower, _) = orient(transport, lower, higher, fromLower, fromHigher)
      let (server, client) = serverIsLower ? (lower, higher) : (higher, lower)
      forEachService(transport, server) { clients[services[$0], default: []].insert(client.address) }
    }
    return clients
  }
}
