import Evidence
import Wire

/// Who is who among the MACs of one service.
struct Roles: Sendable {
  /// How a balancer is known, best first.
  enum Known: Int, Comparable, Sendable {
    case named
    case forwards
    case announcesByVRRP
    case onlyClaimant
    case claimedInTurn

    static func < (a: Known, b: Known) -> Bool { a.rawValue < b.rawValue }

    var description: String {
      switch self {
      case .named: "named by the user"
      case .forwards: "was seen to pass requests on"
      case .announcesByVRRP: "announces the VIP by VRRP"
      case .onlyClaimant: "is the only owner of the VIP that was seen"
      case .claimedInTurn: "claims the VIP and hands requests on"
      }
    }
  }

  private(set) var balancers: [MACAddress: Known] = [:]
  /// MACs that are known to be backends, and how.
  private(set) var backends: [MACAddress: String] = [:]
  /// MACs that claim the VIP as their own, by answer, announcement or VRRP.
  private(set) var claimants: Set<MACAddress> = []
  /// MACs that asked for the VIP: routers and clients, never the balancer.
  private(set) var askers: Set<MACAddress> = []
  /// MACs that hand requests to the balancer, by capture point.
  private var upstream: [Int: Set<MACAddress>] = [:]

  /// The user said who the balancer is.
  var isNamed: Bool { balancers.values.contains(.named) }

  func isBalancer(_ mac: MACAddress?) -> Bool {
    guard let mac else { return false }
    return balancers[mac] != nil
  }

  /// A balancer that was seen to hand requests on, to a backend or past itself.
  func passesRequestsOn(_ mac: MACAddress) -> Bool {
    balancers[mac] == .forwards || balancers[mac] == .claimedInTurn
  }

  func handsToBalancer(_ mac: MACAddress, at point: Int) -> Bool { upstream[point]?.contains(mac) ?? false }

  init(_ traffic: ServiceTraffic, _ claims: ClaimIndex, _ policy: Policy) {
    let vip = traffic.service.address
    let paths = traffic.paths
    askers = claims.askers(for: vip)
    let owned = claims.claims(on: vip).map(\.claim).filter { !$0.kind.isSender }
    claimants = Set(owned.map(\.mac))
    findBalancers(paths, owned, near: traffic, claims, policy)
    findBackends(paths, claims, policy)
    for path in paths {
      for leg in path.requests.legs where isBalancer(leg.hop.destination) && !isBalancer(leg.hop.source) {
        if let source = leg.hop.source { upstream[path.point, default: []].insert(source) }
      }
    }
  }

  private mutating func findBalancers(
    _ paths: [Path], _ owned: [Claim], near traffic: ServiceTraffic, _ claims: ClaimIndex, _ policy: Policy
  ) {
    for mac in policy.balancerMACs { balancers[mac] = .named }
    if balancers.isEmpty, let vantage = policy.vantage {
      for mac in Self.balancers(paths, seenFrom: vantage) { balancers[mac] = .named }
    }
    if balancers.isEmpty {
      for mac in forwarders(traffic) { balancers[mac] = .forwards }
    }
    let passive = passiveClaimants(paths)
    if !balancers.isEmpty, !isNamed {
      // A claimant that hands requests on is the same balancer's, or its peer.
      for mac in passive where balancers[mac] == nil { balancers[mac] = .claimedInTurn }
    }
    if !isNamed {
      for claim in owned where claim.kind == .vrrp {
        for mac in [claim.mac, claim.virtualMAC].compactMap({ $0 }) where balancers[mac] == nil {
          balancers[mac] = .announcesByVRRP
        }
      }
    }
    if balancers.isEmpty {
      // Who gets its requests from another claimant is a backend that leaks.
      let owners = claimants.subtracting(served(paths))
      if owners.count == 1, let only = owners.first { balancers[only] = .onlyClaimant }
    }
    if balancers.isEmpty, !passive.isEmpty, passive == claimants {
      for mac in passive { balancers[mac] = .claimedInTurn }
    }
    addAliases(paths, owned)
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

  /// A device may bear several MACs: it claims a virtual MAC from its own, or has an interface on either side.
  private mutating func addAliases(_ paths: [Path], _ owned: [Claim]) {
    for claim in owned {
      guard let known = balancers[claim.mac], let sender = claim.sender, sender.isUnicast else { continue }
      balancers[sender] = min(known, balancers[sender] ?? known)
    }
    for link in Set(paths.flatMap(\.requests.links)) {
      if let known = balancers[link.entry] ?? balancers[link.exit] {
        for mac in [link.entry, link.exit] where balancers[mac] == nil { balancers[mac] = known }
      }
    }
  }

  /// What the user's word on the vantage says about the balancer's MAC.
  private static func balancers(_ paths: [Path], seenFrom vantage: Vantage) -> Set<MACAddress> {
    var found: Set<MACAddress> = []
    for path in paths {
      switch vantage {
      case .client: found.formUnion(path.requests.targets)
      case .balancer:
        found.formUnion(path.requests.forwarders.isEmpty ? path.requests.targets : path.requests.forwarders)
      case .backend:
        for leg in path.requests.legs where leg.hop.encapsulation.isEmpty {
          if let source = leg.hop.source { found.insert(source) }
        }
      case .mirror, .behindRouter: break
      }
    }
    return found
  }

  /// The MACs that were seen to pass requests on to the very host that answers them, while the answers do not come
  /// back that way. A router that only stands on the way is passed by the answers too, or asks for the VIP.
  private func forwarders(_ traffic: ServiceTraffic) -> Set<MACAddress> {
    var found: Set<MACAddress> = []
    for group in traffic.groups {
      for path in group.paths {
        for target in path.requests.targets.intersection(path.replies.origins) {
          let last = path.requests.lastForwarders(to: target)
          for mac in last.subtracting(path.replies.forwarders).subtracting(askers)
          where path.requests.carriesSameFrames(through: mac) {
            found.insert(mac)
          }
          // The client is on this network with a MAC of its own, and its requests come from another: so that one
          // passes them on.
          guard last.isEmpty, let client = path.clientMAC,
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

  private mutating func findBackends(_ paths: [Path], _ claims: ClaimIndex, _ policy: Policy) {
    for backend in policy.backends {
      if let mac = backend.mac {
        backends[mac] = "named by the user"
      } else {
        for seen in claims.claims(on: backend.address) where !isBalancer(seen.claim.mac) {
          backends[seen.claim.mac] = "claims \(backend.address), which the user named"
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
