import Evidence
import Wire

/// What truly became of the flows to the VIP: what the packets did, whoever saw it.
struct FlowTruth {
  let flow: Flow
  /// A request reached the host that serves it, past the balancer or through it.
  var requestsThroughBalancer = false
  var requestsPastBalancer = false
  /// A reply came from the balancer or went to it.
  var repliesThroughBalancer = false
  /// A reply reached the client and met no balancer.
  var repliesPastBalancer = false
  /// The client heard more from the VIP than a reset.
  var isAnswered = false
  /// The client asked again, or gave up.
  var isWithoutAnswer = false
  var isRefused = false
  var isAnsweredFromElsewhere = false
  /// Requests of one connection reached two hosts.
  var changesHost = false
  /// An answer of a host that had it in vain, because another had taken the connection.
  var hasBalancer = true

  /// What one flow can be.
  enum Fate: String, Sendable {
    case direct
    case viaBalancer = "via-balancer"
    case bypassed, unanswered, plain, undone
  }

  /// All that it was, for a flow may be several: a connection that uses the ports again may take another way.
  var fates: Set<Fate> {
    var fates: Set<Fate> = []
    guard hasBalancer else {
      if isAnswered || repliesPastBalancer { fates.insert(.plain) }
      if isUnanswered { fates.insert(.unanswered) }
      return fates.isEmpty ? [.undone] : fates
    }
    if repliesThroughBalancer { fates.insert(.viaBalancer) }
    if requestsPastBalancer { fates.insert(.bypassed) }
    if isUnanswered { fates.insert(.unanswered) }
    if repliesPastBalancer, isAnswered, requestsThroughBalancer, !requestsPastBalancer { fates.insert(.direct) }
    // Nothing of it got anywhere.
    return fates.isEmpty ? [.undone] : fates
  }

  var isUnanswered: Bool { isRefused || isAnsweredFromElsewhere || isWithoutAnswer }
  var isHealthy: Bool { fates == [.direct] && !changesHost }
}

extension Network {
  /// A packet is on a link.
  func note(_ datagram: Datagram, from sender: Int, to receiver: Int?) {
    guard datagram.talk < Talk.firstProbe, let balancer, datagram.half == .reply else { return }
    if sender == balancer || receiver == balancer { truths[talks[datagram.talk].flow].repliesThroughBalancer = true }
  }

  /// A packet has reached the host that it is for.
  func arrived(_ datagram: Datagram, at station: Int) {
    guard datagram.talk < Talk.firstProbe else { return }
    let flow = talks[datagram.talk].flow
    let throughBalancer = balancer.map { datagram.visited.contains($0) || station == $0 } ?? false
    switch datagram.half {
    case .request:
      // What the balancer itself ends has not passed it.
      if throughBalancer {
        truths[flow].requestsThroughBalancer = true
      } else {
        truths[flow].requestsPastBalancer = true
      }
    case .reply:
      guard stations[station].role == .client else { return }
      if datagram.source.address != vip {
        truths[flow].isAnsweredFromElsewhere = true
      } else if datagram.tcp.map({ !$0.flags.contains(.rst) }) ?? true {
        truths[flow].isAnswered = true
        if !throughBalancer { truths[flow].repliesPastBalancer = true }
      }
    }
  }
}
