import Checks
import Wire

/// What MACs cannot tell: each is stated in `docs/verdict.md` under "Limits".
enum DocumentedLimit: String {
  case balancerWithTwoMACs = "a balancer with two MACs on the client's network"
  /// Named as a VIP, it passes as `mac-pair` on assumptions that the report prints, while no frame speaks against them.
  case plainServer = "a plain server that was named"
  case detour = "a router on the VIP's network that clients ask"
  case routerEachWay = "two routers, one each way"
  case keepsMACAndTTL = "a balancer that keeps the client's MAC and TTL"
  /// Of two masters at once the capture shows one alone to own the VIP: the other looks like a router.
  case unseenMaster = "a second master that is not seen to claim the VIP"
  /// Two interfaces of one host in one network answer ARP for each other, and no frame shows that they are one host's.
  case twoInterfaces = "two interfaces of one host that both own the VIP"

  static func of(
    _ network: Network, _ sightings: Sightings, _ kinds: Set<Comparison.Kind>, _ outcome: Verdict.Outcome?,
    _ proof: ServiceVerdict.Proof?, _ balancers: Set<MACAddress>
  ) -> DocumentedLimit? {
    let scenario = network.scenario
    if kinds == [.bypass], scenario.keepsClientMAC, !scenario.lowersTTL { return .keepsMACAndTTL }
    let mayClaimTwice = scenario.twoInterfaces == .balancer || scenario.twoInterfaces == .server
    if mayClaimTwice, sightings.owningMACs > 1, outcome == .fail { return .twoInterfaces }
    // Whose word it is that the server is a backend.
    if scenario.family == .plain, scenario.namesBackends, kinds == [.bypass] || outcome != .pass { return .plainServer }
    guard kinds == [.directReturn] else { return nil }
    if scenario.family == .plain {
      // That a host is a backend, or who balances, may be the user's own word.
      let isAssumed =
        scenario.named != .nothing && (proof ?? .macPair == .macPair || scenario.namesBackends)
        && !sightings.speakAgainst(balancers)
      return isAssumed ? .plainServer : nil
    }
    if scenario.cluster?.isSplit ?? false, sightings.isOtherMasterUnseen { return .unseenMaster }
    if scenario.answersFromSecondMAC, !scenario.namesBalancer { return .balancerWithTwoMACs }
    if scenario.hasBalancerOfTwoMACs, !scenario.namesBalancer, !sightings.isBalancerTied {
      return .balancerWithTwoMACs
    }
    // It lets clients think that they ask for the VIP, and the balancer answers itself.
    if scenario.detour != nil, proof ?? .macPair == .macPair, !sightings.hasRedirect, sightings.claims.isEmpty,
      !sightings.askingRoles.contains(.router)
    {
      return .detour
    }
    if scenario.hasBackendsOfTwoMACs, proof ?? .macPair == .macPair, sightings.isBackendAsked,
      !sightings.isAskedBackendTied
    {
      return .balancerWithTwoMACs
    }
    // The host that answers, server or balancer, was asked for by one router, while its replies leave through the other.
    if scenario.approach == .routerEachWay, proof ?? .macPair == .macPair { return .routerEachWay }
    return nil
  }
}

extension Sightings {
  /// A backend took requests that had not met the balancer.
  fileprivate var isBackendAsked: Bool { numbers.contains { network.truths[$0].fates.contains(.bypassed) } }

  /// The masters that replies come from or go to are not seen to claim the VIP; or no reply is seen, and one master does not.
  fileprivate var isOtherMasterUnseen: Bool {
    let unseen = Set(network.nodes).subtracting(moments.map(\.station))
    let carrying = flows.values.flatMap(\.replies).flatMap { reply in
      [reply.senderRole == .balancer ? reply.sender : nil, reply.receiverRole == .balancer ? reply.receiver : nil]
    }.compactMap { $0 }
    return !unseen.isEmpty && Set(carrying).isSubset(of: unseen)
  }

  /// How many MACs claim the VIP, or take what clients ask of it.
  fileprivate var owningMACs: Int {
    let asked = flows.values.flatMap(\.requests).filter { $0.receiverRole == .balancer || $0.receiverRole == .server }
    return Set(claims.map(\.owner)).union(asked.map(\.destination)).count
  }
}

extension Scenario {
  /// A bond of which several members send at once, or two interfaces in one network.
  fileprivate var hasBackendsOfTwoMACs: Bool {
    twoInterfaces == .backend || bond.map { $0.holder == .backend && $0.mode != .activeBackup } ?? false
  }

  fileprivate var hasBalancerOfTwoMACs: Bool {
    twoInterfaces == .balancer || bond.map { $0.holder == .balancer && $0.mode != .activeBackup } ?? false
  }
}
