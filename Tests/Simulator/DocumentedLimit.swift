import Checks

/// What MACs cannot tell: each is stated in `docs/verdict.md` under "Limits".
enum DocumentedLimit: String {
  case balancerWithTwoMACs = "a balancer with two MACs on the client's network"
  case serverWithTwoMACs = "a plain server with two MACs"
  case routerEachWay = "two routers, one each way"

  case keepsMACAndTTL = "a balancer that keeps the client's MAC and TTL"

  static func of(
    _ network: Network, _ kinds: Set<Comparison.Kind>, _ proof: ServiceVerdict.Proof?
  ) -> DocumentedLimit? {
    let scenario = network.scenario
    if kinds == [.bypass], scenario.keepsClientMAC, !scenario.lowersTTL { return .keepsMACAndTTL }
    guard kinds == [.directReturn] else { return nil }
    if scenario.answersFromSecondMAC, !scenario.namesBalancer {
      return scenario.family == .plain ? .serverWithTwoMACs : .balancerWithTwoMACs
    }
    // The host that answers, server or balancer, was asked for by one router, while its replies leave through the other.
    if scenario.approach == .routerEachWay, proof ?? .macPair == .macPair { return .routerEachWay }
    return nil
  }
}
