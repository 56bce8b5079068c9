import Evidence
import Wire

/// What became of a flow, as far as one capture point tells.
enum ReturnPath: Sendable {
  /// The replies avoid the balancer, whoever may still be it.
  case direct(ServiceVerdict.Proof, Set<Assumption>)
  /// A reply frame came from the balancer, or went to it.
  case viaBalancer(Journey.Leg, Set<Assumption>)
  /// A request frame went to a backend without crossing the balancer.
  case bypassed(Journey.Leg, Set<Assumption>)
  case undecided(Doubt)
}

extension Scene {
  /// Removes suspects by the rules. If all that are left read the same way, that is the flow's way: with the strongest proof
  /// that needs no more than it allows to take for granted.
  func decide(by rules: [Rule]) -> ReturnPath {
    let readings = suspects.map { suspect in
      Reading(suspect: suspect, way: way(of: suspect), removals: rules.compactMap { $0.removes(suspect, self) })
    }
    // Two MACs alone say nothing of a service that nobody named.
    for proof in [ServiceVerdict.Proof.endToEnd, .identified, .macPair] where isServiceNamed || proof > .macPair {
      var left: [(suspect: Suspect, way: Way)] = []
      var granted: [Removal] = []
      for reading in readings {
        if let removal = reading.removal(within: proof.allowed) {
          granted.append(Removal(way: reading.way, assumptions: removal))
        } else {
          left.append((reading.suspect, reading.way))
        }
      }
      if let found = verdict(left, granted, proof) { return found }
    }
    return .undecided(doubt(readings))
  }

  private struct Removal {
    var way: Way
    var assumptions: Set<Assumption>
  }

  /// What a journey says if a suspect is the balancer, and what each rule that removes him takes for granted.
  private struct Reading {
    var suspect: Suspect
    var way: Way
    var removals: [Set<Assumption>]

    func removal(within allowed: Set<Assumption>) -> Set<Assumption>? {
      removals.lazy.filter { $0.isSubset(of: allowed) }.min { $0.count < $1.count }
    }
  }

  private func verdict(
    _ left: [(suspect: Suspect, way: Way)], _ removals: [Removal], _ proof: ServiceVerdict.Proof
  ) -> ReturnPath? {
    guard let first = left.first else { return nil }
    switch first.way {
    case .own: return left.allSatisfy { $0.way.isOwn } ? .undecided(.balancersOwn) : nil
    case .direct, .directByAbsence:
      guard left.allSatisfy(\.way.isDirect) else { return nil }
      var assumptions = removals.reduce(into: Set<Assumption>()) { found, removal in
        if !removal.way.isDirect { found.formUnion(removal.assumptions) }
      }
      if left.contains(where: { $0.way.isByAbsence }) { assumptions.insert(.nothingHidden) }
      // One might speak against it.
      if assumptions.contains(.sameNetwork), journey.lacksHopLimits { assumptions.insert(.untoldTTL) }
      guard assumptions.isSubset(of: proof.allowed), proof < .endToEnd || isWhollySeen(left.map(\.suspect)) else {
        return nil
      }
      return .direct(proof, assumptions)
    case .through, .bypassed:
      // A fault needs more than two MACs that differ.
      guard proof > .macPair,
        let leg = left.compactMap(\.way.leg).min(by: { $0.record.firstFrame < $1.record.firstFrame })
      else { return nil }
      let assumptions = removals.reduce(into: Set<Assumption>()) { $0.formUnion($1.assumptions) }
      if left.allSatisfy(\.way.isThrough) { return .viaBalancer(leg, assumptions) }
      return left.allSatisfy(\.way.isBypassed) ? .bypassed(leg, assumptions) : nil
    case .unknown: return nil
    }
  }

  /// Every leg was seen: from the client to the balancer, on to the host that answers, and back to where the request came
  /// from.
  private func isWhollySeen(_ balancers: [Suspect]) -> Bool {
    (!point.isJoint || journey.replies.isWithoutGap) && !journey.answerers.isEmpty
      && !journey.requests.origins.isDisjoint(with: journey.replies.targets)
      && balancers.allSatisfy { suspect in
        guard case .device(let device) = suspect else { return false }
        return journey.requests.legs.contains { $0.to == device } || journey.requests.forwarders.contains(device)
      }
  }

  // MARK: Why it is open

  /// The first thing that is missing: what the balancer's own way leaves open, else whom nothing removes.
  private func doubt(_ readings: [Reading]) -> Doubt {
    let known = balancersHere.sorted().map { way(of: $0) }
    for way in known {
      if case .unknown(let doubt) = way { return doubt }
      if case .own = way { return .balancersOwn }
    }
    if case .nobody(let doubt) = presumed { return doubt }
    let left = readings.filter { $0.removal(within: Set(Assumption.allCases)) == nil }
      .map(\.suspect).sorted()
    for suspect in left {
      switch suspect {
      case .twin(let device, let other):
        if device.isShared { return .unknownAnswerer(other) }
        return site.mayBeOne(device, other) ? .perhapsJoined(device, other) : .perhapsSameDevice(device, other)
      case .unseen, .nobody, .crossedBefore:
        if case .unknown(let doubt) = way(of: suspect) { return doubt }
      case .device: continue
      }
    }
    return .severalBalancers(balancersHere.min() ?? balancers.min() ?? Device(mac: MACAddress(0)))
  }
}

extension Suspect: Comparable {
  /// In the order in which a report names whom nothing removes.
  static func < (a: Suspect, b: Suspect) -> Bool { a.order < b.order }

  private var order: (Int, Device, Device) {
    let none = Device(mac: MACAddress(0))
    return switch self {
    case .twin(let device, let other): (0, device, other)
    case .unseen: (1, none, none)
    case .crossedBefore(let device): (2, device, none)
    case .nobody: (3, none, none)
    case .device(let device): (4, device, none)
    }
  }
}

extension Way {
  fileprivate var isOwn: Bool { if case .own = self { true } else { false } }
  fileprivate var isThrough: Bool { if case .through = self { true } else { false } }
  fileprivate var isBypassed: Bool { if case .bypassed = self { true } else { false } }
  fileprivate var isByAbsence: Bool { if case .directByAbsence = self { true } else { false } }
  fileprivate var leg: Journey.Leg? {
    switch self {
    case .through(let leg), .bypassed(let leg): leg
    case .direct, .directByAbsence, .own, .unknown: nil
    }
  }
}
