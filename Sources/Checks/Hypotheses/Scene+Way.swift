import Evidence
import Wire

/// The table that reads a way off a journey, if a certain device is the balancer. `docs/verdict.md` has it in words.
extension Scene {
  func way(of suspect: Suspect) -> Way {
    switch suspect {
    case .device(let device): way(of: device)
    case .twin(let device, let other):
      journey.replies.legs.first { $0.touches(other) }.map(Way.through) ?? .unknown(.perhapsSameDevice(device, other))
    case .crossedBefore(let device): .unknown(.forwardsBothWays(device))
    case .unseen: .unknown(doubtOfUnseen)
    case .nobody:
      .unknown(.perhapsPlain(journey.replies.origins.min() ?? journey.requests.targets.min() ?? unknownDevice))
    }
  }

  private var unknownDevice: Device { Device(mac: MACAddress(0)) }

  func way(of device: Device) -> Way {
    if isOwn(device) { return .own }
    let crossing = journey.replies.legs.filter { $0.touches(device) }
    if !crossing.isEmpty {
      return crossing.first { isBalancing(device, $0) }.map(Way.through) ?? .unknown(.perhapsBackend(device))
    }
    if journey.isCrowded { return .unknown(.crowded) }
    // Another that may own the VIP meanwhile answers what this one was not seen to hand it, or brings what a backend answered.
    let served = Set(journey.requests.legs.filter { $0.from == device }.compactMap(\.to))
    if !isNamed(device),
      let owner = journey.replying.intersection(cast.owners.union(cast.passingReplies)).subtracting(served).min(),
      owner != device
    {
      return .unknown(.perhapsBackend(owner))
    }
    // Another that claims the VIP takes the reply, and did not ask: it may be the balancer's peer.
    let taking = journey.replies.targets.intersection(cast.claimants).subtracting(journey.requests.origins)
    if let taker = taking.min() { return .unknown(.unknownReceiver(taker)) }
    let past = legsPast(device)
    if let leg = past.first(where: { surelyOwned(by: device, $0) }) {
      return cast.keepsSenders(at: journey.point) ? .unknown(.keptSender) : .bypassed(leg)
    }
    if let taker = past.first?.to { return .unknown(.perhapsPast(taker)) }
    if point.saidBehindRouter { return .unknown(.saidBehindRouter) }
    if journey.replies.legs.isEmpty {
      return journey.resets.isEmpty ? wayWithoutReplies(device) : .unknown(.onlyResets)
    }
    if journey.replies.legs.contains(where: { $0.link.isTunnelled }) { return .unknown(.tunnelledReplies) }
    if journey.requests.legs.isEmpty { return wayWithoutRequests(device) }
    if group.facts.contains(.repliesTranslated), let origin = journey.replies.origins.min(), !isNamedBackend(origin) {
      return .unknown(.translatesReplies(origin))
    }
    return journey.answerers.isEmpty ? wayAvoidingAnswerer(device) : wayReachingAnswerer(device)
  }

  /// The device itself asked for the service, as monitors do.
  private func isOwn(_ device: Device) -> Bool {
    (journey.requests.origins.contains(device)
      || journey.requests.legs.isEmpty && journey.replies.targets.contains(device))
      && site.addresses(of: device).contains(group.exemplar.flow.client.address)
  }

  // MARK: Through

  /// Nothing says that the device was a backend when the reply touched it. Who passes replies on is none. Nor is who owned
  /// the VIP alone at that time, unless somebody else hands it the requests that it answers, as a balancer does to a backend:
  /// a router, or the client itself, asks for the VIP, and takes the reply.
  private func isBalancing(_ device: Device, _ leg: Journey.Leg) -> Bool {
    guard cast.isBalancer(device), !journey.replies.forwarders.contains(device) else {
      return !mayBeAnothersTime(device, leg)
    }
    if !isNamed(device) {
      guard !isDoubtful(device, leg), isAskedFirst(device, leg) || isOwned(by: device, meanwhile: leg) else {
        return false
      }
      guard !isAnotherAsked(than: device, before: leg) else { return false }
      // Of other flows the requests were captured: of this one they came in another form, as to a backend.
      if journey.requests.legs.isEmpty, journey.replies.origins.contains(device) {
        guard !point.serviceAsked else { return false }
        // Where others answer too, it may be one of them by now: nothing but VRRP tells that it is not.
        if !point.answerers.subtracting([device]).isEmpty, !cast.speakers.contains(device) { return false }
      }
      // Or it served, until it said that it owns the VIP: no request was captured, or a cooked capture does not tell whom the
      // client asked.
      if journey.requests.legs.allSatisfy({ $0.link.destination == nil }), journey.replies.origins.contains(device),
        cast.owners.contains(device),
        !cast.ownership.isClaimed(at: journey.point, by: leg.record.firstTime)
      {
        return false
      }
    }
    return !journey.requests.legs.contains { request in
      guard request.to == device || request.link.destination == nil, let from = request.from, from != device,
        from != journey.client, !journey.replies.targets.contains(from)
      else { return false }
      if cast.isBalancer(from) { return true }
      if isNamed(device) || cast.askers.contains(from) { return false }
      if request.link.destination == nil { return true }
      if cast.leavesNothing(of: from, by: device) { return true }
      return cast.served.contains(from) || cast.served.contains(device) || cast.claimants.contains(from)
        || !cast.ownership.isClaimed(at: journey.point, by: request.record.firstTime)
        || journey.requests.legs.contains {
          ($0.to == device || $0.to?.isShared ?? false) && $0.from != from
            && $0.record.fingerprint == request.record.fingerprint
        }
    }
  }

  /// Another owned the VIP before, this one does afterwards, and no frame tells who did when it passed the reply on: it may have
  /// been no more than the backends' gateway then.
  private func mayBeAnothersTime(_ device: Device, _ leg: Journey.Leg) -> Bool {
    cast.owners.count > 1 && cast.owners.contains(device) && !isNamed(device)
      && !journey.requests.devices.contains(device) && !isOwned(by: device, meanwhile: leg)
  }

  /// Requests went to another that claims the VIP, or to whomever before this one first did, or to one that does not answer
  /// while this one does unasked: that one may be the balancer, and this one a backend of its. Who speaks VRRP is none.
  private func isAnotherAsked(than device: Device, before leg: Journey.Leg) -> Bool {
    if cast.speakers.contains(device) { return false }
    let others = journey.requests.targets.subtracting([device])
    if !others.isDisjoint(with: cast.claimants) { return true }
    let isAsked = journey.requests.targets.contains(device) || journey.requests.origins.contains(device)
    if !isAsked, !others.isSubset(of: journey.replying) { return true }
    return !others.isEmpty && cast.owners.contains(device)
      && !cast.ownership.isClaimed(at: journey.point, by: leg.record.firstTime)
  }

  /// Nobody else claims the VIP at any time, and requests went to it before the reply: when it first said so does not matter.
  private func isAskedFirst(_ device: Device, _ leg: Journey.Leg) -> Bool {
    cast.claimants == [device]
      && journey.requests.legs.contains { $0.to == device && $0.record.firstTime <= leg.record.firstTime }
  }

  /// It left a question for the VIP open by then, and has not said since that it owns it. Or another speaks VRRP for addresses
  /// that text does not tell: it may own the VIP then.
  private func isDoubtful(_ device: Device, _ leg: Journey.Leg) -> Bool {
    cast.owners.contains(device)
      && (!cast.speakersForUntold.isSubset(of: [device])
        || cast.ownership.isDoubtful(
          device, at: journey.point, by: leg.record.lastTime,
          sendingTo: leg.from == device ? leg.link.destination : nil))
  }

  /// Nobody else owned the VIP while these frames went, nor may have.
  private func isOwned(by device: Device, meanwhile leg: Journey.Leg) -> Bool {
    guard cast.owners.contains(device), !cast.ownership.isConstant else { return true }
    return cast.ownership.isOwned(
      by: device, at: journey.point, from: leg.record.firstTime, to: leg.record.lastTime
    ) { journey.requests.legs.isEmpty || journey.requesting.contains($0) || journey.replying.contains($0) }
  }

  // MARK: Bypassed

  /// A request straight to a backend, in one of three forms: the balancer and the backend are both known, and it has passed
  /// no hop. Or the sender hands other requests to the balancer, at this very point, with the same hop limit: a balancer
  /// that keeps the client's MAC (Alteon) looks the same from a backend. Or the backend claims the VIP, and the client
  /// itself, of this network, follows that claim.
  private func legsPast(_ device: Device) -> [Journey.Leg] {
    guard cast.isBalancer(device) else { return [] }
    return journey.requests.legs.filter { leg in
      // Before it is known to own the VIP, requests may have gone to who owned it then.
      guard
        isNamed(device) || cast.speakers.contains(device)
          || cast.ownership.isClaimed(at: journey.point, by: leg.record.firstTime)
      else { return false }
      guard !leg.link.isTunnelled, let from = leg.from, let to = leg.to, !cast.isBalancer(from),
        !cast.isBalancer(to), !mayTakeTurns(to, with: device)
      else { return false }
      // Of a claimant that only resets nothing tells whether it is a backend, or a balancer that took the VIP over.
      let answers =
        journey.replies.legs.contains { $0.from == to && $0.isFresh }
        || cast.backends[to] != nil && journey.resets.contains { $0.from == to }
      let isAnother = isNamed(device) || cast.backends[to] != nil || site.areKnownDifferent(device, to)
      let claims = cast.isOwnerKnown && cast.anyClaimants.contains(to) && answers && isAnother
      if claims, from == journey.client, leg.isFresh { return true }
      if isNamed(device), isNamedBackend(to), leg.isFresh { return true }
      return (claims || cast.backends[to] != nil)
        && cast.mayHandToBalancer(
          journey.isClientStation(from) ? nil : from, at: journey.point, hopLimit: leg.record.hopLimit)
    }
  }

  /// The user named it, or it surely owned the VIP when a request went past it, and the sender is not its peer. The hop limit
  /// was told.
  private func surelyOwned(by device: Device, _ leg: Journey.Leg) -> Bool {
    guard leg.record.hopLimit > 0 else { return false }
    if isNamed(device) { return true }
    guard let from = leg.from else { return false }
    return !cast.served.contains(from) && !cast.sharesSenders(from, device) && !isDoubtful(device, leg)
      && isOwned(by: device, meanwhile: leg)
  }

  /// It owns the VIP at some time, or hands requests on, so it may be the balancer's peer: unless the user or a table names
  /// the balancer, or that one speaks VRRP for the VIP and this one never does.
  private func mayTakeTurns(_ other: Device, with device: Device) -> Bool {
    if isNamed(device) { return false }
    if mayBeOwnMAC(other, of: device) { return true }
    if cast.handingOn.contains(other) { return true }
    guard cast.claimants.contains(other) else { return false }
    return cast.speakers.contains(other) || !cast.speakers.contains(device)
  }

  /// The owner answers requests itself, as a plain server does, and the other was seen to do nothing but the same: it may be
  /// the owner's second MAC, as of a bond that changes.
  private func mayBeOwnMAC(_ other: Device, of device: Device) -> Bool {
    cast.backends[other] == .answers && cast.answeringAsOwners.contains(device)
      && !site.areKnownDifferent(other, device) && !site.haveOtherAddresses(other, device, besides: vip)
  }

  private func isNamed(_ device: Device) -> Bool {
    cast.balancers[device].map { $0.known <= .ownTables } ?? false
  }

  private func isNamedBackend(_ device: Device) -> Bool { cast.backends[device]?.isNamed ?? false }

  // MARK: One half alone

  /// The balancer's own vantage: requests leave again, no reply passes, yet clients acknowledge replies.
  private func wayWithoutReplies(_ device: Device) -> Way {
    let requests = journey.requests
    guard !point.isJoint, let forwarder = requests.forwarders.min() else { return .unknown(.noReply) }
    guard group.facts.contains(.clientAcknowledgedMore) else { return .unknown(.notAcknowledged) }
    guard !point.serviceReplied else { return .unknown(.noReply) }
    guard point.showsBothDirections else { return .unknown(.balancerSawOneDirection) }
    guard isWhole, !point.lacksRequests else { return .unknown(.framesMissing(forwarder)) }
    // Of what it says to the backend itself the answers are missing, although it heard them.
    guard !requests.targets.contains(where: { talks.lacksAnswers(of: $0, to: requests.forwarders, at: journey.point) })
    else { return .unknown(.balancerSawOneDirection) }
    guard !point.hasUnreadPackets else { return .unknown(.unreadPackets) }
    // Of two that own the VIP at once the other may bring the replies.
    if !isNamed(device), let other = cast.owners.subtracting(journey.requesting).min() {
      return .unknown(.severalBalancers(other))
    }
    // Who has it for a router may send the replies through it in a way that shows none, as a VPN.
    for target in requests.targets.sorted() {
      for forwarder in requests.forwarders
      where talks.areRouted(from: target, by: forwarder, besides: vip, at: journey.point) {
        return .unknown(.balancerRoutesForBackend(target))
      }
    }
    // A filter may have hidden the replies. Who sends them through the balancer asks for its address first.
    for target in requests.targets.sorted() {
      for forwarder in requests.forwarders where asksWithoutReason(target, for: forwarder) {
        return .unknown(.backendAddressesBalancer(target))
      }
    }
    return requests.forwarders.contains(device) ? .directByAbsence : .unknown(.forwarderUnknown(forwarder))
  }

  /// It asked for an address of the forwarder's, and nothing that it sends there explains why.
  private func asksWithoutReason(_ backend: Device, for forwarder: Device) -> Bool {
    guard let address = site.address(otherThan: vip, toldBy: forwarder, to: backend, at: journey.point) else {
      return false
    }
    return !talks.isExplained(backend, to: address, at: journey.point)
  }

  /// As many requests leave the forwarders as come to them: of a capture that misses requests, replies may be missing.
  /// One that was too big for the way on is sent again in pieces that are not.
  private var isWhole: Bool {
    var (arriving, leaving) = (FlowGroup.Total(), FlowGroup.Total())
    let requests = journey.requests
    let kept = Set(requests.transparentHops.map(\.next))
    for leg in requests.legs {
      let total = group.requests(at: leg.record.link)
      if let to = leg.to, requests.forwarders.contains(to) { arriving.add(total) }
      let isPassedOn =
        leg.from.map { requests.forwarders.contains($0) } ?? false || leg.to.map { kept.contains($0) } ?? false
      if isPassedOn { leaving.add(total) }
    }
    if group.facts.contains(.requestTooBig) { return arriving.frames >= leaving.frames }
    return arriving.isSame(as: leaving) && !group.hasUnevenRequests
  }

  /// Replies alone decide where the client asked for the VIP on this very network, and the balancer answered it. Where
  /// other requests were captured, or both halves of anything, these would have been too: then frames are missing, and
  /// with them perhaps a claim.
  private func wayWithoutRequests(_ device: Device) -> Way {
    guard !point.isJoint, !point.serviceAsked, !point.showsBothDirections, hasAnswered(device, journey.replies.targets)
    else {
      return .unknown(.noRequest)
    }
    return wayPast(device)
  }

  /// It answered one of `clients` for the VIP, here, and nobody else claims it, whom the client might follow instead.
  private func hasAnswered(_ device: Device, _ clients: Set<Device>) -> Bool {
    cast.anyClaimants.allSatisfy { cast.isBalancer($0) } && !clients.isDisjoint(with: asked(device))
  }

  /// Of those that send the flow's frames, or take its replies, who asked for the VIP here and had an answer from `device`.
  private func asked(_ device: Device) -> Set<Device> {
    journey.requests.origins.union(journey.replying).filter {
      site.tells(device, owns: vip, to: $0, at: journey.point)
    }
  }

  // MARK: Both halves

  /// The request was seen to reach the very host that answers.
  private func wayReachingAnswerer(_ device: Device) -> Way {
    let (requests, replies, answerers) = (journey.requests, journey.replies, journey.answerers)
    let answerer = answerers.min() ?? device
    if requests.forwarders.subtracting(replies.forwarders).contains(device) {
      // On a trunk a router takes the request and brings the reply, and what it sent on may be missing.
      guard requests.lead(from: [device], to: answerers) else { return .unknown(.forwardsBothWays(answerer)) }
      // Between the two another hands the request on in the same network, and takes the reply: a second balancer may do so.
      if let other = secondForwarder(behind: device) { return .unknown(.secondBalancer(other)) }
      // Beside the balancer somebody else hands requests to its backend: some may bypass it.
      let sources = requests.sources(to: answerers)
      if let other = sources.filter({ !requests.lead(from: [device], to: [$0]) }).min(),
        sources.contains(device) || requests.wrappers.contains(device)
      {
        return .unknown(.notTheBalancer(other))
      }
      return .direct
    }
    if let other = journey.carriesBothWays { return .unknown(.forwardsBothWays(other)) }
    let deliverers = Set(requests.legs.filter { $0.to.map { answerers.contains($0) } ?? false }.compactMap(\.from))
    if !replies.targets.isEmpty, deliverers == [device] { return .direct }
    if let doubt = circumstances.doubtOfForwarders { return .unknown(doubt) }
    guard let deliverer = requests.origins.min(), !replies.targets.isEmpty else { return .unknown(.noAddresses) }
    if !requests.origins.isDisjoint(with: replies.targets) {
      return .unknown(circumstances.doubtOfOnePair(answerer, deliverer, gatewaysAmong: [answerer]))
    }
    return .unknown(.notTheBalancer(deliverer))
  }

  /// Who takes a bare request, hands it to the host that answers, and is passed by the reply. No router in front of a backend
  /// does so, for it would hand what is for the VIP to the VIP's owner.
  private func secondForwarder(behind device: Device) -> Device? {
    let between = journey.requests.forwarders.intersection(journey.replying)
    return between.sorted().first { other in
      guard other != device, !cast.isBalancer(other), !isNamedBackend(other) else { return false }
      return journey.requests.legs.contains { outgoing in
        outgoing.from == other && !outgoing.link.isTunnelled && outgoing.to.map(journey.answerers.contains) ?? false
          && journey.requests.legs.contains {
            $0.to == other && !$0.link.isTunnelled && $0.link.point == outgoing.link.point
              && $0.link.vlan == outgoing.link.vlan
          }
      }
    }
  }

  /// The request went to one device and the reply came from another.
  private func wayAvoidingAnswerer(_ device: Device) -> Way {
    let (requests, replies) = (journey.requests, journey.replies)
    // Who hands requests on to others answers none of them: where its replies come from was not captured.
    if let origin = replies.origins.min(), replies.origins.isSubset(of: point.carriers) {
      return .unknown(.forwardsBothWays(origin))
    }
    guard !replies.origins.isEmpty else { return .unknown(.noAddresses) }
    guard let target = requests.targets.min() else {
      // Cooked captures bear no destination; the client's question for the VIP stands in for it.
      guard hasAnswered(device, requests.origins) else { return .unknown(.noAddresses) }
      // Who sends requests and replies is the router that asked, or it may be the balancer at another of its MACs.
      if let other = point.cookedSenders.intersection(replies.origins).subtracting(asked(device)).min() {
        return .unknown(.forwardsBothWays(other))
      }
      return wayPast(device)
    }
    if requests.targets.contains(device) {
      // Requests that go elsewhere too may be led astray.
      if let other = requests.targets.subtracting(point.carriers).filter({ $0 != device && !cast.isBalancer($0) }).min()
      {
        return .unknown(.notTheBalancer(other))
      }
      return wayPast(device)
    }
    // It handed the request to a host, and another answers: that host under another MAC, or one behind it.
    if requests.forwarders.contains(device), requests.targets.allSatisfy({ requests.lead(from: [device], to: [$0]) }),
      !requests.origins.isDisjoint(with: replies.targets)
    {
      return .direct
    }
    return .unknown(circumstances.gateway(among: requests.targets) ?? .notTheBalancer(target))
  }

  /// The reply comes from elsewhere than the device that the request went to.
  private func wayPast(_ device: Device) -> Way {
    let (requests, replies) = (journey.requests, journey.replies)
    // Who takes the reply has asked, or else it may be the balancer at another of its MACs.
    if !requests.origins.isEmpty, !requests.targets.isEmpty,
      let other = replies.targets.subtracting(requests.origins).min()
    {
      return .unknown(.unknownReceiver(other))
    }
    guard cast.isBalancer(device) else { return .direct }
    // Replies that a router brings may be the owner's own, if it asks for that router as the VIP.
    if !requests.forwarders.contains(device), let origin = replies.origins.min(),
      replies.legs.allSatisfy({ !$0.isFresh && $0.hasPassedTwoAtMost }),
      let address = cast.address(of: origin, askedForAsVIPBy: device, site)
    {
      return .unknown(.perhapsOwnReplies(device, address))
    }
    // Seen on both sides of a router, the reply has to be seen before it passed one.
    let isSeenToLeave = replies.legs.contains { leg in
      leg.isFresh && leg.from.map { replies.origins.contains($0) } ?? false
    }
    if cast.pointsWithFurtherLinks.contains(journey.point), !isSeenToLeave, let origin = replies.origins.min() {
      return .unknown(.forwardsBothWays(origin))
    }
    return .direct
  }

  // MARK: Doubts

  /// The owner of the VIP, which replies pass, told this client another address as well, and sends on what others
  /// originate: it may be a router that answers ARP in another's place. One balancer may own a VIP of each IP version.
  var proxyARP: Doubt? {
    guard !journey.originatesReplies else { return nil }
    for device in journey.replying.sorted() where cast.balancers[device]?.isOwnerOnly ?? false {
      for client in journey.requests.origins.sorted() {
        if let address = site.address(
          otherThan: vip, of: vip.version, toldBy: device, to: client, at: journey.point)
        {
          return .perhapsProxyARP(device, address)
        }
      }
    }
    return nil
  }

  private var doubtOfUnseen: Doubt {
    if let proxyARP { return proxyARP }
    if case .nobody(let doubt) = presumed, cast.balancers.isEmpty { return doubt }
    return .perhapsRouted
  }
}
