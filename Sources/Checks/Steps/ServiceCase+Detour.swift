import Evidence
import Tables
import Wire

/// What keeps replies on the way across the balancer.
extension ServiceCase {
  /// The step that mends it, by what was seen and given. A backend whose reply comes to the balancer from the VIP itself was
  /// not masqueraded: its route leads there.
  func stepOffTheBalancer() -> NextStep {
    let routed = backendsThatReplyToBalancer()
    if let first = routed.first { return .changeGateway(of: first, others: routed.count - 1) }
    if ipvs.contains(where: { $0.role != .node && $0.destinations.contains { $0.forwarding == .masquerade } }) {
      return .changeForwarding
    }
    if bigIPVirtuals().joined().contains(where: { $0.translatesAddresses }) { return .leaveAddressesAlone }
    let telling: [NextStep.Place] = [.balancer, .backend, .mirror]
    return capturedPlaces.isDisjoint(with: telling)
      ? .capture(at: telling, toSee: .replySource) : .checkGatewayAndForwarding
  }

  /// The MACs of backends that send replies from the VIP to the balancer, in no tunnel.
  private func backendsThatReplyToBalancer() -> [MACAddress] {
    var found: Set<MACAddress> = []
    for judged in flows {
      guard case .viaBalancer = judged.fate else { continue }
      for (journey, cast) in zip(judged.group.journeys, judged.casts) {
        for leg in journey.replies.legs where cast.isBalancer(leg.to) && leg.link.encapsulation.depth == 0 {
          if let from = leg.from, roles.backends[from] != nil, !roles.isBalancer(from) {
            found.insert(leg.link.source ?? from.mac)
          }
        }
      }
    }
    return found.sorted()
  }
}

extension BigIPVirtual {
  /// What it translates has to be translated back.
  fileprivate var translatesAddresses: Bool {
    virtual.translatesAddress.value == true || virtual.snat.value.map { $0 != .none } ?? false
  }
}
