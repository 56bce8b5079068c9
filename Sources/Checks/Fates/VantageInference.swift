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
    return votes.compactMapValues { vote in
      Vantage.allCases.max { vote[$0, default: 0] < vote[$1, default: 0] }
    }
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
