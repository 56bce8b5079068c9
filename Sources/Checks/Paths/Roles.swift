import Evidence
import Wire

/// Who is who among the MACs of one service.
struct Roles: Sendable {
  /// How a balancer is known, best first.
  enum Known: Int, Comparable, Sendable {
    case named
    case ownTables
    case forwards
    case announcesByVRRP
    case onlyClaimant
    case claimedInTurn

    static func < (a: Known, b: Known) -> Bool { a.rawValue < b.rawValue }

    var description: String {
      switch self {
      case .named: "named by the user"
      case .ownTables: "has this MAC by the tables of its host"
      case .forwards: "was seen to pass requests on"
      case .announcesByVRRP: "announces the VIP by VRRP"
      case .onlyClaimant: "is the only owner of the VIP that was seen"
      case .claimedInTurn: "claims the VIP and hands requests on"
      }
    }
  }

  private(set) var balancers: [MACAddress: Known] = [:]
  /// The balancer owns a virtual MAC, and the one that it sends from itself is not known.
  private(set) var mayHaveAnotherMAC = false
  /// MACs that are known to be backends, and how.
  private(set) var backends: [MACAddress: String] = [:]
  /// MACs that claim the VIP as their own, by answer, announcement or VRRP.
  private(set) var claimants: Set<MACAddress> = []
  /// These, and MACs that only name the VIP as their own when they ask for something else.
  private(set) var anyClaimants: Set<MACAddress> = []
  /// MACs that asked for the VIP: routers and clients, never the balancer.
  private(set) var askers: Set<MACAddress> = []
  /// Who hands requests to the balancer, by capture point, and with which hop limits.
  private var upstream: [Int: [Upstream: Set<UInt8>]] = [:]
  /// Capture points at which requests of one flow went from one MAC to a balancer and, at the same time and with the same
  /// hop limit, to another: a balancer that keeps the sender's MAC shows so.
  private var pointsWithKeptSenders: Set<Int> = []

  /// A MAC, or any of many clients' stations.
  private struct Upstream: Hashable {
    var mac: MACAddress?
  }

  /// The user said who the balancer is.
  var isNamed: Bool { balancers.values.contains(.named) }

  /// A balancer that is known claims the VIP, or is named: so another that claims it is not the balancer's other MAC.
  var isOwnerKnown: Bool { isNamed || balancers.keys.contains { anyClaimants.contains($0) } }

  /// All that speaks for the balancers is that they own the VIP.
  var areOwnersOnly: Bool { balancers.values.allSatisfy { $0 == .onlyClaimant } }

  func isBalancer(_ mac: MACAddress?) -> Bool {
    guard let mac else { return false }
    return balancers[mac] != nil
  }

  /// A balancer that was seen to hand requests on, to a backend or past itself.
  func passesRequestsOn(_ mac: MACAddress) -> Bool {
    balancers[mac] == .forwards || balancers[mac] == .claimedInTurn
  }

  /// Whether `mac`, or any client's station for `nil`, sends packets of this hop limit to the balancer as well: then a
  /// balancer that keeps the sender's MAC is not what is seen, for it lowers the hop limit.
  func handsToBalancer(_ mac: MACAddress?, at point: Int, hopLimit: UInt8) -> Bool {
    upstream[point]?[Upstream(mac: mac)]?.contains(hopLimit) ?? false
  }

  /// A balancer here may keep the sender's MAC and hop limit: then what the sender itself sends to a backend looks the
  /// same.
  func keepsSenders(at point: Int) -> Bool { pointsWithKeptSenders.contains(point) }

  init(_ traffic: ServiceTraffic, _ claims: ClaimIndex, _ named: NamedStations, _ policy: Policy) {
    let vip = traffic.service.address
    let paths = traffic.paths
    askers = claims.askers(for: vip)
    let owned = claims.claims(on: vip).map(\.claim).filter { !$0.kind.isSender }
    claimants = Set(owned.map(\.mac))
    anyClaimants = Set(claims.claims(on: vip).map(\.claim.mac))
    findBalancers(paths, owned, near: traffic, claims, named, policy)
    findBackends(paths, claims, named)
    for path in paths where !path.isCrowded {
      // A balancer may take requests in at a MAC that nothing else tells.
      let entries = Set(path.requests.links.filter { isBalancer($0.exit) }.map(\.entry))
      for leg in path.requests.legs where !isBalancer(leg.hop.source) {
        guard isBalancer(leg.hop.destination) || leg.hop.destination.map({ entries.contains($0) }) ?? false else {
          continue
        }
        guard let source = leg.hop.source else { continue }
        let sender = Upstream(mac: path.isClientStation(source) ? nil : source)
        upstream[path.point, default: [:]][sender, default: []].insert(leg.record.hopLimit)
        let isKept = path.requests.legs.contains {
          $0.hop.source == source && $0.hop.destination != leg.hop.destination && !isBalancer($0.hop.destination)
            && $0.record.hopLimit == leg.record.hopLimit && !$0.record.isApart(from: leg.record)
        }
        if isKept { pointsWithKeptSenders.insert(path.point) }
      }
    }
  }

  private mutating func findBalancers(
    _ paths: [Path], _ owned: [Claim], near traffic: ServiceTraffic, _ claims: ClaimIndex, _ named: NamedStations,
    _ policy: Policy
  ) {
    for mac in named.balancers { balancers[mac] = .named }
    if balancers.isEmpty, let vantage = policy.vantage {
      for mac in Self.balancers(paths, seenFrom: vantage, claims, traffic.service.address) { balancers[mac] = .named }
    }
    if balancers.isEmpty {
      for mac in forwarders(traffic) { balancers[mac] = .forwards }
    }
    let passive = passiveClaimants(paths).subtracting(named.backendsOfHosts)
    if !balancers.isEmpty, !isNamed {
      // A claimant that hands requests on is the same balancer's, or its peer.
      for mac in passive where balancers[mac] == nil { balancers[mac] = .claimedInTurn }
    }
    let speakers = Set(owned.filter { $0.kind == .vrrp }.map(\.mac))
    if !isNamed || speakers.contains(where: isBalancer) {
      for claim in owned where claim.kind == .vrrp {
        for mac in [claim.mac, claim.virtualMAC].compactMap({ $0 }) where balancers[mac] == nil {
          balancers[mac] = .announcesByVRRP
        }
      }
    }
    if balancers.isEmpty {
      // Who gets its requests from another claimant is a backend that leaks.
      let owners = claimants.subtracting(served(paths)).subtracting(answeringForOthers(paths)).subtracting(askers)
        .subtracting(servedByOthers(paths, owned, claims, traffic.service.address))
        .subtracting(servedAmongOthers(paths)).subtracting(named.backendsOfHosts)
      if owners.count == 1, let only = owners.first { balancers[only] = .onlyClaimant }
    }
    if balancers.isEmpty, !passive.isEmpty, passive == claimants {
      for mac in passive { balancers[mac] = .claimedInTurn }
    }
    // What the balancer's own host says comes beside what the frames say, but for who is seen to answer, or to be served.
    if !isNamed, !named.balancersOfHosts.isEmpty {
      let answering = paths.reduce(into: served(paths)) { found, path in
        found.formUnion(path.requests.targets.intersection(path.replies.origins))
        if path.replies.origins.isDisjoint(with: path.requests.targets) { found.formUnion(path.replies.origins) }
      }
      for mac in named.balancersOfHosts.subtracting(answering) where balancers[mac] == nil {
        balancers[mac] = .ownTables
      }
    }
    addAliases(paths, owned)
    let own = balancers.filter { $0.key.redundancyProtocol == nil }
    mayHaveAnotherMAC =
      own.count < balancers.count && !own.values.contains { $0 <= .ownTables }
      && !owned.contains { claim in
        (claim.virtualMAC ?? claim.mac).redundancyProtocol != nil
          && own.keys.contains { $0 == claim.mac || $0 == claim.sender }
      }
  }

  /// Claimants that requests go to, and that were seen to hand them on: past them, or to somebody else who answers.
  /// A balancer does so; a backend that leaks answers itself, or gets its requests from another claimant.
  private func passiveClaimants(_ paths: [Path]) -> Set<MACAddress> {
    var passive: Set<MACAddress> = []
    var answering: Set<MACAddress> = []
    for path in paths {
      answering.formUnion(path.replies.origins)
      answering.formUnion(path.resets.compactMap(\.hop.source))
      passive.formUnion(path.requests.forwarders)
      if !path.replies.origins.isEmpty, path.requests.forwarders.isEmpty { passive.formUnion(path.requests.targets) }
    }
    return claimants.intersection(passive).subtracting(answering).subtracting(served(paths))
  }

  /// MACs that a claimant of the VIP was seen to hand requests to.
  private func served(_ paths: [Path]) -> Set<MACAddress> {
    var served: Set<MACAddress> = []
    for path in paths {
      for leg in path.requests.legs {
        guard let source = leg.hop.source, let target = leg.hop.destination, claimants.contains(source),
          path.requests.forwarders.contains(source), path.requests.targets.contains(target)
        else { continue }
        served.insert(target)
      }
    }
    return served
  }

  /// Claimants that are one of several to whom somebody hands the requests which come to it, while others of these claim
  /// nothing: that is the balancer, and the claimant a backend that leaks.
  private func servedAmongOthers(_ paths: [Path]) -> Set<MACAddress> {
    struct Station: Hashable {
      var point: Int
      var mac: MACAddress
    }
    var receivers: Set<Station> = []
    var handsTo: [Station: Set<MACAddress>] = [:]
    for path in paths {
      for leg in path.requests.legs where leg.hop.encapsulation.isEmpty {
        guard let source = leg.hop.source, let target = leg.hop.destination, target.isUnicast else { continue }
        receivers.insert(Station(point: path.point, mac: target))
        handsTo[Station(point: path.point, mac: source), default: []].insert(target)
      }
    }
    return handsTo.reduce(into: []) { served, hands in
      if receivers.contains(hands.key), !hands.value.isSubset(of: claimants) {
        served.formUnion(hands.value.intersection(claimants))
      }
    }
  }

  /// Claimants that answer what others hand them, who asked for their own address and were not told the VIP, or what
  /// comes in a tunnel: somebody else forwards it, as a balancer does to a backend that leaks.
  private func servedByOthers(
    _ paths: [Path], _ owned: [Claim], _ claims: ClaimIndex, _ vip: IPAddress
  ) -> Set<MACAddress> {
    var deliverers: [MACAddress: Set<MACAddress>] = [:]
    var tunnelled: Set<MACAddress> = []
    var untold: Set<MACAddress> = []
    for path in paths {
      for leg in path.requests.legs {
        guard let source = leg.hop.source, let target = leg.hop.destination, claimants.contains(target),
          path.requests.targets.contains(target), path.replies.origins.contains(target)
        else { continue }
        deliverers[target, default: []].insert(source)
        if !leg.hop.encapsulation.isEmpty { tunnelled.insert(target) }
        let isToldItself = claims.address(otherThan: vip, toldBy: target, to: source, at: path.point) != nil
        if !isToldItself { untold.insert(target) }
      }
    }
    return tunnelled.union(
      deliverers.compactMap { mac, deliverers in
        let own = owned.filter { $0.mac == mac }
        return !untold.contains(mac) && own.allSatisfy { $0.kind.isAnswer }
          && deliverers.isDisjoint(with: own.compactMap(\.receiver))
          ? mac : nil
      })
  }

  /// MACs that answer requests which went to another.
  private func answeringForOthers(_ paths: [Path]) -> Set<MACAddress> {
    paths.reduce(into: []) { found, path in
      guard !path.requests.targets.isEmpty, path.replies.origins.isDisjoint(with: path.requests.targets) else { return }
      found.formUnion(path.replies.origins)
    }
  }

  /// A device may bear several MACs: it claims a virtual MAC from its own, or has an interface on either side.
  private mutating func addAliases(_ paths: [Path], _ owned: [Claim]) {
    for claim in owned {
      guard let sender = claim.sender, sender.isUnicast else { continue }
      if let known = balancers[claim.mac] {
        balancers[sender] = min(known, balancers[sender] ?? known)
      } else if let known = balancers[sender] {
        balancers[claim.mac] = known
      }
    }
    for link in Set(paths.flatMap(\.requests.links)) {
      if let known = balancers[link.entry], balancers[link.exit] == nil, !askers.contains(link.exit) {
        balancers[link.exit] = known
      }
    }
  }

  /// What the user's word on the vantage says about the balancer's MAC.
  ///
  /// What the frames say comes before it: a next hop that told the client another address is a gateway, and a capture
  /// that shows requests pass on stands elsewhere.
  private static func balancers(
    _ paths: [Path], seenFrom vantage: Vantage, _ claims: ClaimIndex, _ vip: IPAddress
  ) -> Set<MACAddress> {
    let owners = Set(claims.claims(on: vip).map(\.claim.mac))
    var found: Set<MACAddress> = []
    for path in paths {
      switch vantage {
      case .client where path.requests.forwarders.isEmpty:
        found.formUnion(
          path.requests.targets.filter { next in
            owners.contains(next)
              || path.requests.origins.allSatisfy {
                claims.address(otherThan: vip, toldBy: next, to: $0, at: path.point) == nil
              }
          })
      case .balancer:
        found.formUnion(path.requests.forwarders.isEmpty ? path.requests.targets : path.requests.forwarders)
      case .backend where !path.requests.targets.isDisjoint(with: path.replies.origins):
        for leg in path.requests.legs where leg.hop.encapsulation.isEmpty {
          if let source = leg.hop.source { found.insert(source) }
        }
      case .client, .backend, .mirror, .behindRouter: break
      }
    }
    return found
  }

  /// The MACs that were seen to pass requests on to the very host that answers them, while the answers do not come
  /// back that way. A router that only stands on the way is passed by the answers too, or asks for the VIP.
  private func forwarders(_ traffic: ServiceTraffic) -> Set<MACAddress> {
    var found: Set<MACAddress> = []
    for group in traffic.groups {
      for path in group.paths where !path.isCrowded {
        for mac in path.requests.encapsulators.subtracting(askers)
        where path.requests.carriesSameFrames(through: mac) { found.insert(mac) }
        // Elsewhere a router may stand in front of a service that answers by another way.
        let isHere = path.isClientHere(self) || group.facts.contains(.clientNearVIP)
        for target in path.requests.targets.intersection(path.replies.origins) {
          let last = path.requests.lastForwarders(to: target)
          for mac in last.subtracting(path.replies.forwarders).subtracting(askers)
          where (isHere || claimants.contains(mac)) && path.requests.carriesSameFrames(through: mac) {
            found.insert(mac)
          }
          // The client is on this network with a MAC of its own, and its requests come from another with a lower hop
          // limit than hosts set: so that one passes them on. A router may bring a tunnel.
          guard last.isEmpty, let client = path.clientMAC,
            path.requests.legs.allSatisfy({ $0.hasPassedRouter && $0.hop.encapsulation.isEmpty }),
            group.facts.contains(.clientNearVIP) || askers.contains(client)
          else { continue }
          for leg in path.requests.legs where leg.hop.destination == target {
            if let source = leg.hop.source, source != client, source.isUnicast, !askers.contains(source) {
              found.insert(source)
            }
          }
        }
      }
    }
    return found
  }

  private mutating func findBackends(_ paths: [Path], _ claims: ClaimIndex, _ named: NamedStations) {
    for backend in named.backends {
      if let mac = backend.mac {
        if !isBalancer(mac) || backend.namedBy == "the user" { backends[mac] = "named by \(backend.namedBy)" }
      } else {
        for seen in claims.claims(on: backend.address) where !isBalancer(seen.claim.mac) {
          backends[seen.claim.mac] = "claims \(backend.address), named by \(backend.namedBy)"
        }
      }
    }
    for path in paths {
      for leg in path.requests.legs where isBalancer(leg.hop.source) {
        guard let mac = leg.hop.destination, mac.isUnicast, !isBalancer(mac), path.requests.targets.contains(mac),
          backends[mac] == nil
        else { continue }
        backends[mac] = "gets requests from the balancer"
      }
    }
  }

  /// Notes a MAC that answered a flow whose replies are known to avoid the balancer.
  mutating func addBackend(_ mac: MACAddress) {
    if backends[mac] == nil, !isBalancer(mac) { backends[mac] = "answers for the VIP" }
  }
}

extension HopRecord {
  /// Who is led astray sends to the one and then to the other, ever later segments; what is passed on goes to both at
  /// once.
  fileprivate func isApart(from other: HopRecord) -> Bool {
    let (first, second) = firstTime <= other.firstTime ? (self, other) : (other, self)
    guard second.firstTime.seconds(since: first.lastTime) > 0.1 || first.frames > 1 || second.frames > 1 else {
      return false
    }
    if first.lastTime > second.firstTime { return false }
    return sequenceLow == .max || second.sequenceLow >= first.sequenceHigh && second.sequenceLow > first.sequenceLow
  }
}
