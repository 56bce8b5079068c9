import Evidence
import Wire

/// What truly became of the flows to the VIP: what the packets did, whoever saw it.
struct FlowTruth {
  let flow: Flow
  /// A request reached the host that serves it, past the balancer or through it.
  var requestsThroughBalancer = false
  var requestsPastBalancer = false
  /// Nothing but a reset of the client went straight to a backend.
  var resetsPastBalancer = false
  /// A reply came from the balancer or went to it.
  var repliesThroughBalancer = false
  /// A reply reached the client and met no balancer.
  var repliesPastBalancer = false
  /// The client heard more from the VIP than a reset.
  var isAnswered = false
  /// The client asked again, or gave up.
  var isWithoutAnswer = false
  /// Its SYN went three times in vain, whatever came of the next: whoever captured where these went sees no more.
  var isAskedInVain = false
  var isRefused = false
  var isAnsweredFromElsewhere = false
  /// Requests of one connection reached two hosts.
  var changesHost = false
  /// A reply came from a balancer that serves the flow itself.
  var isLocal = false
  /// The last request that reached its host had been handed on by a balancer.
  var wasHandedOn = false
  /// One side gave up in the middle, because nothing came back any more.
  var isStalled = false
  var hasBalancer = true

  /// What one flow can be.
  enum Fate: String, Sendable {
    case direct
    case viaBalancer = "via-balancer"
    case bypassed, unanswered, plain, local, undone
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
    if isLocal { fates.insert(.local) }
    if requestsPastBalancer { fates.insert(.bypassed) }
    if isUnanswered { fates.insert(.unanswered) }
    if repliesPastBalancer, isAnswered, requestsThroughBalancer, !requestsPastBalancer { fates.insert(.direct) }
    // Nothing of it got anywhere.
    return fates.isEmpty ? [.undone] : fates
  }

  /// Part of it at least was as it should be: a neighbour that is led astray in mid-flow leaves the rest direct.
  var hasDirectPart: Bool { hasBalancer && repliesPastBalancer && isAnswered && requestsThroughBalancer }

  var isUnanswered: Bool { isRefused || isAnsweredFromElsewhere || isWithoutAnswer }
  var isHealthy: Bool { fates == [.direct] && !changesHost }
}

extension Network {
  /// A packet is on a link, sent to `receiver` whether or not it gets there.
  func note(_ datagram: Datagram, from sender: Int, to receiver: Int?) {
    guard datagram.talk < Talk.firstProbe, hasBalancer, let receiver else { return }
    let flow = talks[datagram.talk].flow
    switch datagram.half {
    case .reply:
      guard stations[sender].role == .balancer || stations[receiver].role == .balancer else { return }
      if servesItself(datagram, at: sender) {
        if !truths[flow].wasHandedOn { truths[flow].isLocal = true }
      } else {
        truths[flow].repliesThroughBalancer = true
      }
    case .request:
      // A reset that goes astray takes nothing with it.
      let isReset = datagram.tcp?.flags.contains(.rst) ?? false
      let isStraight = datagram.destination.address == vip && datagram.tunnel == nil
      guard isStraight, !datagram.hasMetBalancer, stations[receiver].role == .backend else { return }
      if isReset { truths[flow].resetsPastBalancer = true } else { truths[flow].requestsPastBalancer = true }
    }
  }

  /// A node that is master serves a flow that it chose itself for, or served before it was master.
  private func servesItself(_ datagram: Datagram, at station: Int) -> Bool {
    scenario.cluster.map { $0.service != .none } ?? false && scenario.family.isDirect
      && stations[station].role == .balancer && talks[datagram.talk].serverStation == station
  }

  /// Who takes over between a request that was handed to it and its answer answers as the backend that it was.
  func answersAsBackend(_ datagram: Datagram, at station: Int) -> Bool {
    datagram.talk < Talk.firstProbe && datagram.half == .reply && servesItself(datagram, at: station)
      && truths[talks[datagram.talk].flow].wasHandedOn
  }

  /// A packet has reached the host that it is for.
  func arrived(_ datagram: Datagram, at station: Int) {
    guard datagram.talk < Talk.firstProbe else { return }
    let flow = talks[datagram.talk].flow
    let throughBalancer = datagram.hasMetBalancer || stations[station].role == .balancer
    switch datagram.half {
    case .request:
      if throughBalancer { truths[flow].requestsThroughBalancer = true }
      truths[flow].wasHandedOn = datagram.hasMetBalancer
    case .reply:
      guard station == talks[datagram.talk].clientStation else { return }
      if datagram.source.address != vip {
        truths[flow].isAnsweredFromElsewhere = true
      } else if datagram.tcp.map({ !$0.flags.contains(.rst) }) ?? true {
        truths[flow].isAnswered = true
        if !throughBalancer { truths[flow].repliesPastBalancer = true }
      }
    }
  }
}
