import Evidence
import Wire

/// Frames that speak against a balancer where there is none, or give away its second MAC: who sent them is known here, and
/// whoever reads them can tell.
extension Sightings {
  /// No pass that takes `balancers` for the balancer may stand beside these, where there is none.
  func speakAgainst(_ balancers: Set<MACAddress>) -> Bool {
    if network.scenario.isFabric || isServerTied { return true }
    let routers = Set(
      network.interfaces.filter { interface in
        network.stations[interface.station].role == .router
          && (balancers.isEmpty
            || [interface.mac, interface.virtualMAC].contains { $0.map(balancers.contains) ?? false })
      }.map(\.station))
    if routers.isEmpty { return false }
    // The next hop routes to the VIP: it says so, or asks for it.
    return hasRedirect || askingRoles.contains(.router) && isRouterAsked || isReplyForwarded(by: routers)
  }

  /// Requests were seen to go to a router, which so stands where a balancer would.
  private var isRouterAsked: Bool {
    flows.values.contains { $0.requests.contains { $0.receiverRole == .router } }
  }

  /// A reply was seen to reach a router and to leave it: whoever it goes to is not on the server's network.
  private func isReplyForwarded(by routers: Set<Int>) -> Bool {
    flows.values.contains { seen in
      let entering = Set(seen.replies.filter { $0.receiverRole == .router }.flatMap(\.identifications))
      return seen.replies.contains { routers.contains($0.sender) && !entering.isDisjoint(with: $0.identifications) }
    }
  }

  /// The MAC that replies come from claims the VIP, or is shown to be of the device that does.
  private var isServerTied: Bool {
    let answering = Set(flows.values.flatMap { $0.replies.filter { $0.senderRole == .server }.map(\.source) })
    return isTied(answering, to: Set(claims.map(\.owner)))
  }

  /// The balancer's second MAC shows: a frame bears both, or a request reaches the one and leaves from the other.
  var isBalancerTied: Bool {
    let asked = flows.values.flatMap { $0.requests.filter { $0.receiverRole == .balancer }.map(\.destination) }
    let answering = flows.values.flatMap { $0.replies.filter { $0.senderRole == .balancer }.map(\.source) }
    if !reached(from: Set(asked)).isDisjoint(with: answering) { return true }
    return flows.values.contains { seen in
      let entering = seen.requests.filter { $0.receiverRole == .balancer && $0.datagram.tunnel == nil }
      return seen.requests.contains { leaving in
        leaving.senderRole == .balancer && leaving.datagram.tunnel == nil
          && entering.contains {
            $0.destination != leaving.source && $0.datagram.identification == leaving.datagram.identification
          }
      }
    }
  }

  /// MACs that frames show to be of one device with any of these.
  private func reached(from macs: Set<MACAddress>) -> Set<MACAddress> {
    var reached = macs
    var count = 0
    while count < reached.count {
      count = reached.count
      for pair in tied where !reached.isDisjoint(with: pair) { reached.formUnion(pair) }
    }
    return reached
  }

  /// A backend that was asked directly: the MAC that was asked is shown to be of the device that answers.
  var isAskedBackendTied: Bool {
    let asked = Set(flows.values.flatMap { $0.requests.filter { $0.receiverRole == .backend }.map(\.destination) })
    let answering = Set(flows.values.flatMap { $0.replies.filter { $0.senderRole == .backend }.map(\.source) })
    return tied.contains { pair in !asked.isDisjoint(with: pair) && !answering.isDisjoint(with: pair) }
  }

  private func isTied(_ a: Set<MACAddress>, to b: Set<MACAddress>) -> Bool {
    !a.isDisjoint(with: b) || tied.contains { !a.isDisjoint(with: $0) && !b.isDisjoint(with: $0) }
  }
}
