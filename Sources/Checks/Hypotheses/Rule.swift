import Wire

/// One reason for which a suspect is not the balancer. Rules only remove; none says who the balancer is. `docs/verdict.md`
/// lists them, by their ids.
struct Rule: Sendable {
  let id: ID
  /// One sentence: whom it removes, and when.
  let statement: String
  /// A capture below `fixtures` that is judged otherwise without this rule.
  let fixture: String
  /// What removing the suspect takes for granted; `nil` where the rule does not remove it.
  let removes: @Sendable (Suspect, Scene) -> Set<Assumption>?

  enum ID: String, Sendable, CaseIterable {
    case balancerKnown = "balancer-known"
    case balancerPresumed = "balancer-presumed"
    case knownDifferent = "known-different"
    case namedBackend = "named-backend"
    case oneMAC = "one-mac"
    case seenToLeave = "seen-to-leave"
    case shortWay = "short-way"
    case seenToBalance = "seen-to-balance"
    case answeredByAnother = "answered-by-another"
    case balancerExists = "balancer-exists"
  }
}

extension Rule {
  /// Those that take least for granted come first.
  static let all: [Rule] = [
    balancerKnown, balancerPresumed, knownDifferent, namedBackend, oneMAC, seenToLeave, shortWay, seenToBalance,
    answeredByAnother, balancerExists,
  ]

  // MARK: Devices on the way, and the unseen

  private static let balancerKnown = Rule(
    id: .balancerKnown,
    statement: "Where a device is known as the balancer, nobody else on the journey is it, and nobody unseen.",
    fixture: "traps/client-tcp-v4-bad.pcap"
  ) { suspect, scene in
    guard !scene.cast.balancers.isEmpty else { return nil }
    return scene.withoutRival(suspect)
  }

  private static let balancerPresumed = Rule(
    id: .balancerPresumed,
    statement: "Where none is known, and the journey itself points to a device as the balancer, nobody else is it.",
    fixture: "seed.pcap"
  ) { suspect, scene in
    guard case .devices = scene.presumed else { return nil }
    return scene.withoutRival(suspect)
  }

  // MARK: The balancer under another MAC

  private static let knownDifferent = Rule(
    id: .knownDifferent,
    statement:
      "Two devices that send frames to each other, through routers too, ask for each other's addresses or have different tables are not one.",
    fixture: "lab/bond-balancer-alb/client.pcap"
  ) { suspect, scene in
    guard case .twin(let device, let other) = suspect else { return nil }
    // Nobody sends a request to himself, not through routers either.
    let asks =
      scene.journey.requests.legs.contains { $0.from == other && $0.to == device }
      || scene.journey.requests.origins == [other] && scene.journey.requests.lead(from: [other], to: [device])
    return asks || scene.site.areKnownDifferent(device, other) ? [] : nil
  }

  private static let namedBackend = Rule(
    id: .namedBackend,
    statement:
      "A device that the user or a table names as a backend is not the balancer under another MAC; nor is anybody where the user named all MACs of the balancer. Frames that join the two outweigh this.",
    fixture: "traps/vip-at-virtual-mac-direct.pcap"
  ) { suspect, scene in
    guard case .twin(let device, let other) = suspect else { return nil }
    if scene.site.seemOneByFrames(device, other) { return nil }
    if scene.cast.backends[other]?.isNamed ?? false { return [] }
    return scene.cast.isNamed && scene.isOwnMACKnown(device) ? [] : nil
  }

  private static let oneMAC = Rule(
    id: .oneMAC,
    statement:
      "Two MACs between which nothing was seen are taken for two devices, if neither is a shared one, only one of them claims the VIP, and nothing that text leaves out, an address of both, or frames that came to one and left the other, might join them.",
    fixture: "seed.pcap"
  ) { suspect, scene in
    guard case .twin(let device, let other) = suspect, scene.isOwnMACKnown(device), !other.isShared,
      !scene.site.holders(of: device.mac).contains(other), !scene.cast.claimants.isSuperset(of: [device, other]),
      // Who answers some flows, or at other ports of the address, may answer these too, from wherever.
      !(scene.cast.replying[scene.journey.point]?.contains(device) ?? false),
      !scene.cast.answeringAsOwners.contains(device),
      !scene.site.answersElsewhere(device, at: scene.service), !scene.site.mayBeOne(device, other),
      !scene.site.seemOne(device, other, besides: scene.vip)
    else { return nil }
    return [.oneMAC]
  }

  // MARK: Before the capture shows the reply

  private static let seenToLeave = Rule(
    id: .seenToLeave,
    statement:
      "A reply that has passed one hop at most is seen where its sender, or the node before it, sent it: it crossed nobody before.",
    fixture: "traps/mirror-tcp-v4-good.pcap"
  ) { suspect, scene in
    guard case .crossedBefore = suspect else { return nil }
    return scene.journey.replies.legs.contains { $0.hasPassedOneAtMost } ? [] : nil
  }

  private static let shortWay = Rule(
    id: .shortWay, statement: "A reply that routers carried is taken not to have crossed the balancer before.",
    fixture: "traps/remote-backend-replies.pcap"
  ) { suspect, scene in
    guard case .crossedBefore = suspect else { return nil }
    return [.shortWay]
  }

  // MARK: No balancer at all

  private static let seenToBalance = Rule(
    id: .seenToBalance,
    statement: "Where a device was seen to hand requests on, or its table does, there is a balancer.",
    fixture: "lab/bond-active-backup/lb.pcap"
  ) { suspect, scene in
    guard suspect == .nobody else { return nil }
    let isSeen = scene.balancersHere.contains { device in
      guard let identity = scene.cast.balancers[device] else { return false }
      return identity.isSeenToBalance
        || scene.journey.requests.forwarders.contains(device)
          && scene.journey.requests.carriesSameFrames(through: device)
    }
    return isSeen ? [] : nil
  }

  private static let answeredByAnother = Rule(
    id: .answeredByAnother,
    statement:
      "Where the VIP's owner takes the request, and a device that is known to be another sends the answer itself, there is a balancer.",
    fixture: "lab/bond-active-backup/client.pcap"
  ) { suspect, scene in
    guard suspect == .nobody, !scene.cast.balancers.isEmpty else { return nil }
    let isAnsweredByAnother = scene.balancersHere.allSatisfy { device in
      scene.way(of: device).isDirect && !scene.journey.replies.origins.isEmpty
        && scene.journey.replies.origins.allSatisfy { origin in
          // Who brings what another sent may bring what the owner itself did.
          scene.site.areKnownDifferent(device, origin)
            && scene.journey.replies.legs.contains { $0.from == origin && $0.isFresh }
        }
    }
    return isAnsweredByAnother ? [] : nil
  }

  private static let balancerExists = Rule(
    id: .balancerExists, statement: "A VIP that the user names is taken to have a balancer.",
    fixture: "seed.pcap"
  ) { suspect, scene in
    suspect == .nobody && scene.isServiceNamed ? [.balancerExists] : nil
  }
}

extension Scene {
  /// What it takes to say that a suspect is not the balancer, as another is.
  fileprivate func withoutRival(_ suspect: Suspect) -> Set<Assumption>? {
    switch suspect {
    case .device(let device) where balancersHere.contains(device): return nil
    case .device, .unseen:
      // A router that answers ARP in another's place may pass on what it did not originate.
      if proxyARP != nil, suspect == .unseen { return nil }
      // The balancer that takes least for granted speaks for all.
      return balancersHere.compactMap(assumptions(of:)).min { $0.count < $1.count }
    case .twin, .crossedBefore, .nobody: return nil
    }
  }

  /// The balancer sends from a MAC that is known.
  fileprivate func isOwnMACKnown(_ device: Device) -> Bool {
    !device.isShared || site.areHoldersKnown(of: device.mac)
      || balancers.contains { !$0.isShared && cast.balancers[$0].map { $0.known <= .ownTables } ?? false }
  }
}
