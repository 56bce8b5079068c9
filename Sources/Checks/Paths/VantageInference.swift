import Evidence
import Wire

extension ServiceCase {
  /// Where each capture point that saw the service stood: what most of its flows look like.
  func vantages() -> [Int: Vantage] {
    var votes: [Int: [Vantage: Int]] = [:]
    for judged in flows {
      for path in judged.group.paths {
        guard let vantage = policy.vantage ?? vantage(of: path, unicastPairs[path.point] ?? []) else { continue }
        votes[path.point, default: [:]][vantage, default: 0] += judged.group.flows
      }
    }
    return votes.compactMapValues { vote in
      Vantage.allCases.max { vote[$0, default: 0] < vote[$1, default: 0] }
    }
  }

  /// `pairs` are the pairs of MACs of all frames at the path's capture point.
  private func vantage(of path: Path, _ pairs: [Set<MACAddress>]) -> Vantage? {
    let (requests, replies) = (path.requests, path.replies)
    // Cooked captures bear no destinations: whose they are does not show.
    if requests.hasUnknownTarget || replies.hasUnknownTarget { return nil }
    if !requests.forwarders.isEmpty {
      if replies.legs.isEmpty { return .balancer }
      return pairs.allSatisfy { !$0.isDisjoint(with: requests.forwarders) } ? .balancer : .mirror
    }
    guard !requests.legs.isEmpty, !replies.legs.isEmpty else { return nil }
    if requests.origins.contains(where: roles.isBalancer) { return .backend }
    if requests.targets.isDisjoint(with: replies.origins) { return isGateway(path) ? .behindRouter : .client }
    if requests.targets.contains(where: roles.isBalancer) {
      if pairs.allSatisfy({ !$0.isDisjoint(with: requests.origins) }) { return .client }
      return pairs.allSatisfy { $0.contains(where: roles.isBalancer) } ? .balancer : .mirror
    }
    if !path.originatesReplies, isGateway(path) { return .behindRouter }
    return requests.origins.isDisjoint(with: replies.targets) ? .backend : nil
  }

  private func isGateway(_ path: Path) -> Bool {
    path.requests.targets.subtracting(roles.claimants).contains { next in
      path.requests.origins.contains {
        claimIndex.address(otherThan: service.address, toldBy: next, to: $0, at: path.point) != nil
      }
    }
  }
}

extension Evidence.Hops {
  /// The pairs of MACs between which frames went, by capture point.
  func unicastPairs() -> [Int: [Set<MACAddress>]] {
    var pairs: [Int: Set<Set<MACAddress>>] = [:]
    for number in 0..<UInt32(count) {
      let hop = self[number]
      guard let source = hop.source, let destination = hop.destination, destination.isUnicast else { continue }
      pairs[hop.point, default: []].insert([source, destination])
    }
    return pairs.mapValues(Array.init)
  }
}
