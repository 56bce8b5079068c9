import Checks

/// What MACs cannot tell: each is stated in `docs/verdict.md` under "Limits".
enum DocumentedLimit: String {
  case balancerWithTwoMACs = "a balancer with two MACs on the client's network"
  /// Named as a VIP, it passes as `mac-pair` on assumptions that the report prints, while no frame speaks against them.
  case plainServer = "a plain server that was named"
  case routerEachWay = "two routers, one each way"
  case keepsMACAndTTL = "a balancer that keeps the client's MAC and TTL"
  /// Two interfaces of one host in one network answer ARP for each other, and no frame shows that they are one host's.
  case twoInterfaces = "two interfaces of one host that both claim the VIP"

  static func of(
    _ network: Network, _ sightings: Sightings, _ kinds: Set<Comparison.Kind>, _ outcome: Verdict.Outcome?,
    _ proof: ServiceVerdict.Proof?
  ) -> DocumentedLimit? {
    let scenario = network.scenario
    if kinds == [.bypass], scenario.keepsClientMAC, !scenario.lowersTTL { return .keepsMACAndTTL }
    let mayClaimTwice = scenario.twoInterfaces == .balancer || scenario.twoInterfaces == .server
    if mayClaimTwice, sightings.claimingMACs > 1, outcome == .fail { return .twoInterfaces }
    guard kinds == [.directReturn] else { return nil }
    if scenario.family == .plain {
      // That a host is a backend, or who balances, may be the user's own word.
      let isAssumed =
        scenario.named != .nothing && (proof ?? .macPair == .macPair || scenario.namesBackends)
        && !sightings.speakAgainstBalancer
      return isAssumed ? .plainServer : nil
    }
    if scenario.answersFromSecondMAC, !scenario.namesBalancer { return .balancerWithTwoMACs }
    if scenario.hasBalancerOfTwoMACs, !scenario.namesBalancer, !sightings.isBalancerTied {
      return .balancerWithTwoMACs
    }
    // The host that answers, server or balancer, was asked for by one router, while its replies leave through the other.
    if scenario.approach == .routerEachWay, proof ?? .macPair == .macPair { return .routerEachWay }
    return nil
  }
}

extension Sightings {
  /// How many MACs claim the VIP.
  fileprivate var claimingMACs: Int { Set(claims.map(\.owner)).count }
}

extension Scenario {
  /// A bond of which several members send at once, or two interfaces in one network.
  fileprivate var hasBalancerOfTwoMACs: Bool {
    twoInterfaces == .balancer || bond.map { $0.holder == .balancer && $0.mode != .activeBackup } ?? false
  }
}
