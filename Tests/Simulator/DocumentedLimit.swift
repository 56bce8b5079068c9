import Checks

/// What MACs cannot tell: each is stated in `docs/verdict.md` under "Limits".
enum DocumentedLimit: String {
  case balancerWithTwoMACs = "a balancer with two MACs on the client's network"
  /// Named as a VIP, it passes as `mac-pair` on assumptions that the report prints, while no frame speaks against them.
  case plainServer = "a plain server that was named"
  case routerEachWay = "two routers, one each way"
  case keepsMACAndTTL = "a balancer that keeps the client's MAC and TTL"

  static func of(
    _ network: Network, _ sightings: Sightings, _ kinds: Set<Comparison.Kind>, _ proof: ServiceVerdict.Proof?
  ) -> DocumentedLimit? {
    let scenario = network.scenario
    if kinds == [.bypass], scenario.keepsClientMAC, !scenario.lowersTTL { return .keepsMACAndTTL }
    guard kinds == [.directReturn] else { return nil }
    if scenario.family == .plain {
      let isAssumed = scenario.named != .nothing && proof == .macPair && !sightings.speakAgainstBalancer
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

extension Scenario {
  /// A bond of which several members send at once, or two interfaces in one network.
  fileprivate var hasBalancerOfTwoMACs: Bool {
    twoInterfaces == .balancer || bond.map { $0.holder == .balancer && $0.mode != .activeBackup } ?? false
  }
}
