import Evidence
import Wire

/// Frames that speak against a balancer where there is none, or give away its second MAC: who sent them is known here, and
/// whoever reads them can tell.
extension Sightings {
  /// No pass over a plain server may stand beside these.
  var speakAgainstBalancer: Bool {
    // The next hop routes to the VIP: it says so, or asks for it.
    if hasRedirect || network.scenario.isFabric || askingRoles.contains(.router) && isRouterAsked { return true }
    return isReplyForwarded || isServerTied
  }

  /// Requests were seen to go to a router, which so stands where a balancer would.
  private var isRouterAsked: Bool {
    flows.values.contains { $0.requests.contains { $0.receiverRole == .router } }
  }

  /// A reply was seen to reach a router and to leave it: whoever it goes to is not on the server's network.
  private var isReplyForwarded: Bool {
    flows.values.contains { seen in
      let entering = Set(seen.replies.filter { $0.receiverRole == .router }.flatMap(\.identifications))
      return seen.replies.contains { $0.senderRole == .router && !entering.isDisjoint(with: $0.identifications) }
    }
  }

  /// The MAC that replies come from claims the VIP, or is shown to be of the device that does.
  private var isServerTied: Bool {
    let answering = Set(flows.values.flatMap { $0.replies.filter { $0.senderRole == .server }.map(\.source) })
    return isTied(answering, to: Set(claims.map(\.owner)))
  }

  /// The balancer's second MAC shows: a frame bears both, or a request reaches the one and leaves from the other.
  var isBalancerTied: Bool {
    let own = Set(network.balancerMACs)
    if tied.contains(where: { own.isSuperset(of: $0) }) { return true }
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

  private func isTied(_ a: Set<MACAddress>, to b: Set<MACAddress>) -> Bool {
    !a.isDisjoint(with: b) || tied.contains { !a.isDisjoint(with: $0) && !b.isDisjoint(with: $0) }
  }
}
