import Evidence
import Wire

extension ServiceCase {
  /// Where each capture point that saw the service stood: what most of its flows look like.
  func vantages() -> [Int: Vantage] {
    var votes: [Int: [Vantage: Int]] = [:]
    let bystanders = pointsWithBystanders()
    let farSides = pointsWithFarSide()
    for judged in flows {
      for path in judged.group.paths {
        guard
          let vantage = policy.vantage
            ?? vantage(
              of: path, seesBystanders: bystanders.contains(path.point), seesFarSide: farSides.contains(path.point))
        else { continue }
        votes[path.point, default: [:]][vantage, default: 0] += judged.group.flows
      }
    }
    return votes.compactMapValues { vote in
      Vantage.allCases.max { vote[$0, default: 0] < vote[$1, default: 0] }
    }
  }

  private func vantage(of path: Path, seesBystanders: Bool, seesFarSide: Bool) -> Vantage? {
    let (requests, replies) = (path.requests, path.replies)
    if !requests.forwarders.isEmpty {
      if replies.legs.isEmpty { return .balancer }
      let passing = requests.forwarders
      let allPass = replies.legs.allSatisfy { leg in
        [leg.hop.source, leg.hop.destination].compactMap { $0 }.contains { passing.contains($0) }
      }
      return allPass && !seesBystanders ? .balancer : .mirror
    }
    guard !requests.legs.isEmpty, !replies.legs.isEmpty else { return nil }
    if requests.origins.contains(where: roles.isBalancer) { return .backend }
    if requests.targets.isDisjoint(with: replies.origins) {
      let unknown = requests.targets.isEmpty || replies.targets.isEmpty
      if unknown && requests.targets.isDisjoint(with: roles.balancers.keys) { return nil }
      return isGateway(path) ? .behindRouter : .client
    }
    if requests.targets.contains(where: roles.isBalancer) {
      // A translating balancer's other legs bear the backends' addresses, and no client sees them.
      return !seesFarSide ? .client : seesBystanders ? .mirror : .balancer
    }
    if isGateway(path) { return .behindRouter }
    return requests.origins.isDisjoint(with: replies.targets) ? .backend : nil
  }

  private func isGateway(_ path: Path) -> Bool {
    path.requests.targets.subtracting(roles.claimants).contains { next in
      path.requests.origins.contains {
        claimIndex.address(otherThan: service.address, toldBy: next, to: $0, at: path.point) != nil
      }
    }
  }

  /// Points that see frames between a balancer and a host that is no client of the service.
  private func pointsWithFarSide() -> Set<Int> {
    var clients: [Int: Set<MACAddress>] = [:]
    for path in flows.flatMap(\.group.paths) {
      clients[path.point, default: []].formUnion(path.requests.origins.union(path.replies.targets))
    }
    return Set(
      (0..<hops.count).compactMap { number in
        let hop = hops[UInt32(number)]
        guard let source = hop.source, let destination = hop.destination, destination.isUnicast,
          roles.isBalancer(source) != roles.isBalancer(destination), let near = clients[hop.point]
        else { return nil }
        return near.contains(roles.isBalancer(source) ? destination : source) ? nil : hop.point
      })
  }

  /// Points that see frames between two hosts neither of which is a balancer: more than the balancer itself would.
  private func pointsWithBystanders() -> Set<Int> {
    let balancers = Set(flows.flatMap { $0.group.paths.flatMap(\.requests.forwarders) }).union(roles.balancers.keys)
    return Set(
      (0..<hops.count).compactMap { number in
        let hop = hops[UInt32(number)]
        guard let source = hop.source, let destination = hop.destination, destination.isUnicast,
          !balancers.contains(source), !balancers.contains(destination)
        else { return nil }
        return hop.point
      })
  }
}
