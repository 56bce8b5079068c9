/// Who may be the balancer of a flow. What a journey says depends on who is.
enum Suspect: Hashable, Sendable {
  /// A device that takes part in the flow, or that is known to balance the service.
  case device(Device)
  /// The balancer is the first, and the second, which the replies pass, is the same device under another MAC.
  case twin(Device, Device)
  /// The balancer is this device, and the replies crossed it before the capture shows them.
  case crossedBefore(Device)
  /// Somebody whom the capture does not show.
  case unseen
  /// Nobody: a server answers itself.
  case nobody
}

/// The way that a flow took, if a certain suspect is the balancer.
enum Way: Sendable {
  /// The request crossed the balancer, the reply avoids it.
  case direct
  /// The same, argued from replies that are absent.
  case directByAbsence
  /// The reply crosses it.
  case through(Journey.Leg)
  /// The request reached a backend without it.
  case bypassed(Journey.Leg)
  /// The balancer is the client: a monitor, a login.
  case own
  /// The frames do not tell.
  case unknown(Doubt)

  var isDirect: Bool {
    switch self {
    case .direct, .directByAbsence: true
    case .through, .bypassed, .own, .unknown: false
    }
  }
}

extension ServiceVerdict.Proof {
  /// What a proof of this strength may take for granted.
  var allowed: Set<Assumption> {
    switch self {
    case .endToEnd: [.balancerExists, .ownerBalances]
    case .identified: [.balancerExists, .ownerBalances, .shortWay, .nothingHidden]
    case .macPair: Set(Assumption.allCases)
    }
  }
}
