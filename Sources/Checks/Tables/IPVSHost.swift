import Evidence
import Tables
import Wire

/// What the IPVS tables of one host hold for one service. `docs/ipvs.md` states the rules.
struct IPVSHost: Sendable {
  /// As the user named it; `nil` for tables without a host, which all belong to one.
  let name: String?
  /// The services that take the VIP's requests. The same one stands in several texts of one table.
  let services: [Listed]
  /// The marks of which nothing tells what they stand for.
  let unknownMarks: [UInt32]
  /// The destinations of all its services.
  let destinations: [Destination]
  /// How destinations get requests, as far as any text says so.
  private let methods: [Key: IPVSTable.Forwarding]
  /// Its connection entries of the VIP.
  let connections: [IPVSTable.Connection]
  /// Whose list it is, where it is no IPVS's.
  let balancer: IPVSTable.Balancer?
  /// One of its texts lists services.
  let listsServices: Bool
  /// One of its texts lists all services that there are.
  let listsAllServices: Bool
  /// One of its texts lists connections.
  let listsConnections: Bool
  /// The files of its texts.
  let files: [String]
  private(set) var role: IPVSRole?
  private(set) var reason: String

  /// A service, and the file that it was read from.
  struct Listed: Sendable {
    let path: String
    let service: IPVSTable.Service

    func line(_ number: Int) -> TableLine { TableLine(path: path, number: number) }
  }

  /// A destination of one of its services.
  struct Destination: Sendable {
    let listed: Listed
    let destination: IPVSTable.Destination
    /// The host itself: a loopback address (keepalived's `sorry_server`), the VIP or an address of the host's own. The
    /// kernel lists these as it lists others, as `Route`.
    let isOwn: Bool

    /// What becomes of requests: those by Route or Tunnel to the host itself stay there.
    var forwarding: IPVSTable.Forwarding? {
      isOwn && destination.forwarding?.isDirect ?? false ? .local : destination.forwarding
    }
  }

  private struct Key: Hashable {
    var name: IPVSTable.Service.Name
    var endpoint: IPVSTable.Endpoint

    init(_ destination: Destination) {
      name = destination.listed.service.name
      endpoint = destination.destination.endpoint
    }
  }

  /// The hosts of the tables, in the order in which they were named.
  static func all(
    _ tables: Tables, _ index: IPVSIndex, for service: ServicePattern, _ policy: Policy
  ) -> [IPVSHost] {
    var order: [String?] = []
    for file in tables.ipvs where !order.contains(file.host) { order.append(file.host) }
    return order.map { name in
      IPVSHost(
        name, tables.ipvs.filter { $0.host == name }, tables.hosts.first { $0.name == name }, index, service, policy)
    }
  }

  private init(
    _ name: String?, _ files: [TableFile<IPVSTable>], _ own: HostTables?, _ index: IPVSIndex,
    _ pattern: ServicePattern, _ policy: Policy
  ) {
    self.name = name
    self.files = files.map(\.path)
    balancer = files.compactMap(\.table.form.balancer).first
    listsServices = files.contains { !$0.table.tellsNoServices }
    listsAllServices = files.contains { !$0.table.tellsNoServices && $0.table.listsAllServices }
    listsConnections = files.contains { $0.table.form.listsConnections || !$0.table.connections.isEmpty }
    var services: [Listed] = []
    var unknownMarks: Set<UInt32> = []
    for file in files {
      let (ofVIP, ofMarks) = index.services(of: file, at: pattern.address)
      let marked = ofMarks.filter { service in
        guard case .firewallMark(let mark, _) = service.name else { return false }
        guard let meant = policy.firewallMarks[mark] else {
          unknownMarks.insert(mark)
          return false
        }
        return meant.contains { $0.overlaps(pattern) }
      }
      let named = ofVIP.filter { service in
        guard case .endpoint(let transport, let endpoint) = service.name, let transport = transport.carried else {
          return false
        }
        let listed = ServicePattern(transport, endpoint)
        // A packet with a mark is looked up by it alone where a service has that mark: linux
        // net/netfilter/ipvs/ip_vs_ctl.c, ip_vs_service_find.
        let isShadowed = marked.contains { service in
          guard case .firewallMark(let mark, _) = service.name else { return false }
          return (policy.firewallMarks[mark] ?? []).contains { $0.covers(listed) }
        }
        return listed.overlaps(pattern) && !isShadowed
      }
      // And one of that very port before one of every port.
      let hasPort = pattern.port != nil && named.contains { $0.port != 0 }
      services += (marked + named.filter { !hasPort || $0.port != 0 }).map { Listed(path: file.path, service: $0) }
    }
    self.services = services
    let destinations = services.flatMap { listed in
      listed.service.destinations.map { destination in
        let address = destination.endpoint.address
        return Destination(
          listed: listed, destination: destination,
          isOwn: address.isLoopback || address == pattern.address || own?.owns(address) ?? false)
      }
    }
    self.destinations = destinations
    methods = Dictionary(
      destinations.compactMap { listed in listed.destination.forwarding.map { (Key(listed), $0) } },
      uniquingKeysWith: { first, _ in first })
    self.unknownMarks = unknownMarks.sorted()
    connections = files.flatMap(\.table.connections).filter { entry in
      guard let transport = entry.transport?.carried, entry.client.port != 0 else { return false }
      return ServicePattern(address: entry.virtual.address, transport: transport, port: entry.virtual.port)
        .overlaps(pattern)
    }
    (role, reason) = (nil, "")
    if let said = policy.ipvsRoles[name] ?? policy.ipvsRoles[nil] {
      (role, reason) = (said, "as the user says")
    } else if let direct = destinations.first(where: { $0.destination.forwarding?.isDirect ?? false }) {
      role = .balancer
      reason =
        "it hands requests on by \(direct.destination.method ?? direct.destination.forwarding?.name ?? "")"
    } else if let balancer, balancer != .cilium {
      // Cilium's nodes deliver to their own pods as well.
      (role, reason) = (.balancer, "it is \(balancer.rawValue)'s")
    }
  }

  /// What the flows of the service, and the host's own tables, tell about a table that masquerades. `translated` is a
  /// destination to which the balancer was seen to send what a client sent to the VIP.
  mutating func findRole(
    _ counts: ServiceVerdict.FlowCounts, translated: IPAddress?, host: HostTables?, isBalancer: Bool?, vip: IPAddress,
    deliversToPeers: Bool
  ) {
    guard role == nil, !services.isEmpty else { return }
    guard destinations.contains(where: { $0.destination.forwarding?.isTranslating ?? false }) else {
      reason = "nothing in it tells whose it is"
      return
    }
    if let interface = host?.interfaces.first(where: { $0.flags.contains("NOARP") && $0.has(vip) }) {
      role = .node
      reason = "the VIP is on \(interface.name), which speaks no ARP, as kube-proxy has it on nodes"
    } else if let isBalancer, let name {
      role = isBalancer ? .balancer : .node
      reason = "\(name)'s MAC is \(isBalancer ? "the balancer's" : "a backend's") in the capture"
    } else if let translated {
      role = .balancer
      reason = "the balancer sends clients' requests to \(translated), as this table masquerades them"
    } else if counts.direct > 0, counts.viaBalancer == 0, unknownMarks.isEmpty, !deliversToPeers {
      role = .node
      reason =
        "it masquerades, and replies of \(counted(counts.direct, "flow")) avoid the balancer, "
        + "which they could not if the balancer masqueraded"
    } else {
      reason = "it masquerades, as kube-proxy does on nodes and a balancer must not"
    }
  }

  /// How a destination is listed, as far as any text of this table says so.
  func listedForwarding(of destination: Destination) -> IPVSTable.Forwarding? {
    destination.destination.forwarding ?? methods[Key(destination)]
  }

  /// How a destination gets requests, as far as any text of this table says so: what is the host itself gets them here.
  func forwarding(of destination: Destination) -> IPVSTable.Forwarding? {
    let listed = listedForwarding(of: destination)
    return destination.isOwn && listed?.isDirect ?? false ? .local : listed
  }

  /// The host in words, for findings.
  var text: String { name.map { "\($0)'s table" } ?? "the table" }
}

extension IPVSTable.Balancer? {
  /// What makes it return directly.
  var remedy: String {
    switch self {
    case nil: "use Route (-g) or Tunnel (-i) for every destination"
    case .loxilb: "make the rule with --mode=dsr, at the port that the backends have"
    case .nftlb: "set the farm's mode to dsr"
    case .cilium: "set loadBalancer.mode to dsr, or service.cilium.io/forwarding-mode: dsr on the Service"
    case .katran: "look up how it was told to translate: Katran itself sends requests in a tunnel"
    }
  }
}

/// The services of all IPVS tables by their address, so that judging many services does not look at all of them each time.
struct IPVSIndex: Sendable {
  private struct Place: Hashable {
    var file: File
    var address: IPAddress
  }

  /// The tables of several hosts may stand in one file, and a configuration beside a table.
  private struct File: Hashable {
    var path: String
    var host: String?
    var form: IPVSTable.Form

    init(_ file: TableFile<IPVSTable>) { (path, host, form) = (file.path, file.host, file.table.form) }
  }

  private var byAddress: [Place: [IPVSTable.Service]] = [:]
  private var byMark: [File: [Marked]] = [:]

  private struct Marked {
    var service: IPVSTable.Service
    /// A mark's IPv4 service and its IPv6 service are two; `nil` where the text does not tell which one it is.
    var version: IPAddress.Version?
  }

  init(_ tables: Tables) {
    for file in tables.ipvs {
      for service in file.table.services {
        switch service.name {
        case .endpoint(_, let endpoint):
          byAddress[Place(file: File(file), address: endpoint.address), default: []].append(service)
        case .firewallMark:
          byMark[File(file), default: []].append(Marked(service: service, version: file.table.version(of: service)))
        }
      }
    }
  }

  /// The services of one file at an address, and those by firewall mark that may be for it.
  func services(
    of file: TableFile<IPVSTable>, at address: IPAddress
  ) -> (ofVIP: [IPVSTable.Service], ofMarks: [IPVSTable.Service]) {
    let marked = (byMark[File(file)] ?? []).filter { $0.version ?? address.version == address.version }
    return (byAddress[Place(file: File(file), address: address)] ?? [], marked.map(\.service))
  }
}

extension IPVSTable.Service {
  /// Of a service by address, 0 for one of every port; `nil` for one by mark.
  var port: UInt16? {
    guard case .endpoint(_, let endpoint) = name else { return nil }
    return endpoint.port
  }
}

extension ServicePattern {
  /// What an IPVS service is for.
  init(_ transport: TransportProtocol, _ endpoint: IPVSTable.Endpoint) {
    self.init(address: endpoint.address, transport: transport, port: endpoint.port == 0 ? nil : endpoint.port)
  }

  /// They have a packet in common.
  func overlaps(_ other: ServicePattern) -> Bool {
    address == other.address && (port == nil || other.port == nil || port == other.port)
      && (transport == nil || other.transport == nil || transport == other.transport)
  }
}

extension IPVSTable.Transport {
  /// The protocols whose flows are judged.
  var carried: TransportProtocol? {
    switch self {
    case .tcp: .tcp
    case .udp: .udp
    case .sctp: nil
    }
  }
}
