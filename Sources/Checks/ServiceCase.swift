import Evidence
import Tables
import Wire

/// Everything a check may look at about one service: its flows and what became of them, who is who, and what was
/// claimed.
struct ServiceCase: Sendable {
  let service: ServicePattern
  let policy: Policy
  let tables: Tables
  /// What the IPVS tables hold for the service, by host.
  private(set) var ipvs: [IPVSHost]
  /// Who is who by the user's word and by tables.
  let stations: NamedStations
  let identities: Identities
  /// All clients' addresses, where hosts are given whose routes to them count.
  let clients: Set<IPAddress>
  let captures: [CaptureSummary]
  let points: [CapturePoint]
  private(set) var roles: Roles
  private(set) var flows: [JudgedFlows]
  /// Claims on the VIP, first seen first.
  let claims: [ClaimIndex.Seen]
  let claimIndex: ClaimIndex
  let foreignReplies: [ForeignReply]
  /// ICMP errors about flows of the service, first seen first.
  let errors: [(message: ErrorMessage, tally: Tally)]
  let hops: Evidence.Hops
  /// The pairs of MACs of all frames, by capture point.
  let unicastPairs: [Int: [Set<MACAddress>]]
  /// A MAC that is the next hop of some flows and the answerer of others: these two cannot be told apart.
  private(set) var contradiction: MACAddress?

  init(
    _ traffic: ServiceTraffic, _ evidence: Evidence, _ claimIndex: ClaimIndex, _ errorIndex: ErrorIndex,
    _ foreignReplies: [ForeignReply], unicastPairs: [Int: [Set<MACAddress>]], pointsWithBothDirections: Set<Int>,
    _ tables: Tables, _ ipvsIndex: IPVSIndex, _ identities: Identities,
    clients: Set<IPAddress>, _ policy: Policy
  ) {
    let service = traffic.service
    self.service = service
    self.policy = policy
    self.tables = tables
    self.identities = identities
    self.clients = clients
    self.claimIndex = claimIndex
    captures = evidence.captures
    points = evidence.points
    hops = evidence.hops
    claims = claimIndex.claims(on: service.address)
    self.foreignReplies = foreignReplies.filter { service.matches($0.flow.transport, $0.flow.server) }
    errors = errorIndex.errors(about: service)
    self.unicastPairs = unicastPairs
    ipvs = IPVSHost.all(tables, ipvsIndex, for: service, policy)
    stations = NamedStations(policy, tables, ipvs, identities, vip: service.address)
    var roles = Roles(traffic, claimIndex, stations, policy)
    let sites = Self.sites(traffic, pointsWithBothDirections, policy)
    let acknowledgesElsewhere = traffic.groups.contains { $0.facts.contains(.clientHeardServer) }
    let judgeFlows = { (roles: Roles) in
      let sites = Self.withHops(sites, traffic, roles)
      return traffic.groups.map { group in
        let returnPaths = group.paths.map {
          $0.returnPath(group, roles, claimIndex, sites[$0.point] ?? PointFacts(), vip: service.address)
        }
        let answersElsewhere = group.paths.contains { sites[$0.point]?.wouldShowAnswer(to: $0) ?? false }
        return JudgedFlows(
          group, returnPaths, answersElsewhere: answersElsewhere,
          acknowledgesElsewhere: acknowledgesElsewhere)
      }
    }
    // What answers past a known balancer is a backend, and knowing the backends may decide other flows.
    let known = roles.backends.count
    let first = judgeFlows(roles)
    for judged in first {
      guard case .direct(let proof) = judged.fate, proof > .macPair else { continue }
      for path in judged.group.paths {
        // What has passed a router comes from that.
        if path.replies.origins.count == 1, path.originatesReplies, let mac = path.replies.origins.first {
          roles.addBackend(mac)
        }
      }
    }
    flows = roles.backends.count == known ? first : judgeFlows(roles)
    self.roles = roles
    withdrawContradictedProofs()
    for index in ipvs.indices where ipvs[index].role == nil {
      let host = ipvs[index]
      ipvs[index].findRole(
        counts, translated: translatedDestination(of: host, evidence),
        host: tables.hosts.first { $0.name == host.name }, isBalancer: isBalancer(host.name), vip: service.address,
        deliversToPeers: host.destinations.contains { isPeer($0.destination.endpoint.address, of: host.name) })
    }
  }

  private static func sites(
    _ traffic: ServiceTraffic, _ pointsWithBothDirections: Set<Int>, _ policy: Policy
  ) -> [Int: PointFacts] {
    var sites: [Int: PointFacts] = [:]
    for path in traffic.paths {
      var site = sites[path.point] ?? PointFacts()
      site.saidBehindRouter = policy.vantage == .behindRouter
      if !path.replies.legs.isEmpty { site.serviceReplied = true }
      if !path.requests.legs.isEmpty { site.serviceAsked = true }
      site.answerers.formUnion(path.replies.origins)
      site.carriers.formUnion(path.requests.forwarders)
      site.showsBothDirections = pointsWithBothDirections.contains(path.point)
      sites[path.point] = site
    }
    return sites
  }

  private static func withHops(
    _ sites: [Int: PointFacts], _ traffic: ServiceTraffic, _ roles: Roles
  ) -> [Int: PointFacts] {
    var sites = sites
    for path in traffic.paths {
      let isBeside = path.requests.legs.contains {
        !roles.isBalancer($0.hop.source) && !roles.isBalancer($0.hop.destination) && $0.hop.destination != nil
      }
      if isBeside { sites[path.point]?.spansHops = true }
    }
    return sites
  }

  /// Where only the pair of MACs speaks for direct return, what it takes for the balancer may not send or receive a reply
  /// of any flow there: then it is a router, or the balancer of a service that is direct in part only.
  private mutating func withdrawContradictedProofs() {
    var replying: [Int: Set<MACAddress>] = [:]
    for path in flows.flatMap(\.group.paths) {
      for leg in path.replies.legs {
        replying[path.point, default: []].formUnion([leg.hop.source, leg.hop.destination].compactMap { $0 })
      }
    }
    for index in flows.indices {
      guard case .direct(.macPair) = flows[index].fate else { continue }
      for path in flows[index].group.paths {
        if let mac = path.candidates.intersection(replying[path.point] ?? []).min() {
          contradiction = mac
          flows[index].fate = .undecided(.contradicted(mac))
        }
      }
    }
  }

  /// How many flows met each fate.
  var counts: ServiceVerdict.FlowCounts {
    var counts = ServiceVerdict.FlowCounts()
    for judged in flows {
      let flows = judged.group.flows
      switch judged.fate {
      case .direct: counts.direct += flows
      case .viaBalancer: counts.viaBalancer += flows
      case .bypassed: counts.bypassed += flows
      case .unanswered: counts.unanswered += flows
      case .undecided: counts.undecided += flows
      }
    }
    return counts
  }

  /// Flows that leave the service open whatever the others prove: both halves were seen and decide nothing, or the
  /// requests went to a backend of which no flow was proved direct.
  var openFlows: (reason: Undecided, flows: Int)? {
    let proved = provedBackends
    var open: (reason: Undecided, flows: Int)?
    for judged in flows {
      guard case .undecided(let reason) = judged.fate, reason != .balancersOwn else { continue }
      let isOpen = judged.group.paths.contains { path in
        if !path.requests.legs.isEmpty, !path.replies.legs.isEmpty { return true }
        return !path.requests.forwarders.isEmpty && path.requests.targets.isDisjoint(with: proved)
      }
      if isOpen { open = (open?.reason ?? reason, (open?.flows ?? 0) + judged.group.flows) }
    }
    return open
  }

  /// MACs that answered flows which were proved direct, or got their requests where replies do not pass.
  private var provedBackends: Set<MACAddress> {
    flows.reduce(into: []) { found, judged in
      guard case .direct = judged.fate else { return }
      for path in judged.group.paths {
        found.formUnion(path.replies.legs.isEmpty ? path.requests.targets : path.replies.origins)
      }
    }
  }

  /// The reason that most undecided flows have in common.
  var mainDoubt: (reason: Undecided, flows: Int)? {
    var flowsByReason: [Undecided: Int] = [:]
    var order: [Undecided] = []
    for judged in flows {
      guard case .undecided(let reason) = judged.fate else { continue }
      if flowsByReason[reason] == nil { order.append(reason) }
      flowsByReason[reason, default: 0] += judged.group.flows
    }
    let most = order.max { flowsByReason[$0, default: 0] < flowsByReason[$1, default: 0] }
    return most.map { ($0, flowsByReason[$0, default: 0]) }
  }

  func capture(of point: Int) -> String { captures[points[point].capture].path }

  func exhibit(_ record: HopRecord, of flow: Flow?, expected: String, actual: String) -> Exhibit {
    Exhibit(
      Exhibit.Frame(
        capture: capture(of: hops[record.hop].point), number: UInt64(record.firstFrame), time: record.firstTime,
        flow: flow),
      expected: expected, actual: actual)
  }

  func exhibit(_ seen: ClaimIndex.Seen, expected: String, actual: String) -> Exhibit {
    Exhibit(
      Exhibit.Frame(
        capture: capture(of: seen.claim.point), number: seen.tally.firstFrame, time: seen.tally.firstTime, flow: nil),
      expected: expected, actual: actual)
  }

  /// The balancer in words, for evidence.
  var balancerText: String {
    roles.balancers.isEmpty
      ? "the balancer"
      : "the balancer (" + roles.balancers.keys.sorted().map(\.description).joined(separator: ", ") + ")"
  }
}
