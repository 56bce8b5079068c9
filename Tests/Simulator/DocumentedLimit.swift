import Checks

/// What MACs cannot tell: each is stated in `docs/verdict.md` under "Limits".
enum DocumentedLimit: String {
  case balancerWithTwoMACs = "a balancer with two MACs on the client's network"
  case serverWithTwoMACs = "a plain server with two MACs"
  case routerEachWay = "two routers, one each way"

  static func of(_ network: Network, _ sightings: Sightings, _ outcome: Verdict.Outcome?) -> DocumentedLimit? {
    let scenario = network.scenario
    if scenario.answersFromSecondMAC, !scenario.namesBalancer {
      return scenario.family == .plain ? .serverWithTwoMACs : .balancerWithTwoMACs
    }
    // A server whose address one router asked for, while replies leave through the other.
    if scenario.family == .plain, scenario.approach == .routerEachWay, outcome == .pass,
      scenario.vantage != .behindRouter
    {
      return .routerEachWay
    }
    return nil
  }
}
