import Evidence
import Wire

extension ServiceCase {
  /// Where each capture point that saw the service stood: what most of its flows look like.
  func vantages() -> [Int: Vantage] {
    var votes: [Int: [Vantage: Int]] = [:]
    for judged in flows {
      for (journey, cast) in zip(judged.group.journeys, judged.casts) where !run.isJoint(journey.point) {
        guard let vantage = policy.vantage ?? vantage(of: journey, cast) else { continue }
        votes[journey.point, default: [:]][vantage, default: 0] += judged.group.flows
      }
    }
    var found = votes.compactMapValues { vote in
      Vantage.allCases.max { vote[$0, default: 0] < vote[$1, default: 0] }
    }
    for point in points.indices where !run.isJoint(point) {
      if let vantage = policy.vantage ?? vantageOfHost(at: point) { found[point] = vantage }
    }
    return found
  }

  /// A capture with the name of a host whose tables are given stands there: at the balancer or a backend, if the host is one.
  private func vantageOfHost(at point: Int) -> Vantage? {
    guard let name = captures[points[point].capture].name, let macs = identities.macsByHost[name] else { return nil }
    let devices = Set(macs.map { site.devices.device(of: $0) })
    if devices.contains(where: { roles.isBalancer($0) }) { return .balancer }
    return devices.contains { roles.backends[$0] != nil } ? .backend : nil
  }

  private func vantage(of journey: Journey, _ cast: Cast) -> Vantage? {
    let (requests, replies) = (journey.requests, journey.replies)
    // Cooked captures bear no destinations: whose they are does not show.
    if requests.hasUnknownTarget || replies.hasUnknownTarget { return nil }
    if !requests.forwarders.isEmpty {
      if replies.legs.isEmpty { return .balancer }
      return pairs.allTouch(requests.forwarders, at: journey.point) ? .balancer : .mirror
    }
    guard !requests.legs.isEmpty, !replies.legs.isEmpty else { return nil }
    if requests.origins.contains(where: cast.isBalancer) { return .backend }
    if journey.answerers.isEmpty { return isGateway(journey, cast) ? .behindRouter : .client }
    if requests.targets.contains(where: cast.isBalancer) {
      if pairs.allTouch(requests.origins, at: journey.point) { return .client }
      return pairs.allTouch(Set(cast.balancers.keys), at: journey.point) ? .balancer : .mirror
    }
    if !journey.originatesReplies, isGateway(journey, cast) { return .behindRouter }
    return requests.origins.isDisjoint(with: replies.targets) ? .backend : nil
  }

  private func isGateway(_ journey: Journey, _ cast: Cast) -> Bool {
    journey.requests.targets.subtracting(cast.claimants).contains { next in
      journey.requests.origins.contains {
        site.address(otherThan: service.address, toldBy: next, to: $0, at: journey.point) != nil
      }
    }
  }
}
