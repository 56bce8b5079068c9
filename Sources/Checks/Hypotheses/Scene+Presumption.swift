import Evidence
import Wire

/// Whom one journey alone points to as the balancer, where the service as a whole tells of none: the next hop of a client's
/// requests, who delivers them to a backend, or who passes them on.
extension Circumstances {
  func presumption(_ point: PointFacts) -> Scene.Presumption {
    if point.saidBehindRouter { return .nobody(.saidBehindRouter) }
    if journey.isCrowded { return .nobody(.crowded) }
    if journey.replies.legs.contains(where: { $0.link.isTunnelled }) { return .nobody(.tunnelledReplies) }
    if journey.requests.legs.isEmpty { return .nobody(.noRequest) }
    if point.isJoint, journey.replies.legs.isEmpty { return .nobody(.noReply) }
    let presumption =
      replies.legs.isEmpty ? passingOn() : journey.answerers.isEmpty ? nextHop(point) : deliverer()
    guard case .devices(let devices, _) = presumption else { return presumption }
    if let device = devices.intersection(cast.redirectors).min() { return .nobody(.redirects(device)) }
    if let device = devices.intersection(cast.askers).min() { return .nobody(.forwarderAsksForVIP(device)) }
    // Another owns the VIP in this network.
    let owners = cast.owners.isEmpty ? cast.claimants : cast.owners
    if !owners.isEmpty, devices.isDisjoint(with: owners), let device = devices.min() {
      return .nobody(.notTheBalancer(device))
    }
    // Whom this takes for the balancer may not send or receive a reply of any flow here: then it is a router, or the
    // balancer of a service that is direct in part only.
    let replying = (cast.replying[journey.point] ?? []).union(cast.answeringAsOwners).union(cast.answeringUnnoticed)
    if let device = devices.intersection(replying).min() {
      return .nobody(.contradicted(device))
    }
    return presumption
  }
}

/// A journey, with who is who: what is open by these, whoever may be the balancer.
final class Circumstances: Sendable {
  let group: FlowGroup
  let journey: Journey
  let cast: Cast
  let site: SiteMap
  let vip: IPAddress

  init(_ group: FlowGroup, _ journey: Journey, _ cast: Cast, _ site: SiteMap, _ vip: IPAddress) {
    (self.group, self.journey, self.cast, self.site, self.vip) = (group, journey, cast, site, vip)
  }

  private var requests: Journey.Half { journey.requests }
  private var replies: Journey.Half { journey.replies }
  private var client: IPAddress { group.exemplar.flow.client.address }

  /// At the balancer: who passes requests on.
  func passingOn() -> Scene.Presumption {
    guard let forwarder = requests.forwarders.min() else { return .nobody(.noReply) }
    if let asker = requests.forwarders.intersection(cast.askers).min() { return .nobody(.forwarderAsksForVIP(asker)) }
    // Who passes on what a host of this network sends to the VIP is no router of that host's.
    if cast.isClientHere(journey) { return .devices(requests.forwarders, [.resolved]) }
    return isOnVIPsNetwork ? .devices(requests.forwarders, [.sameNetwork]) : .nobody(.forwarderUnknown(forwarder))
  }

  /// At a client: the next hop of its requests, while another device answers.
  func nextHop(_ point: PointFacts) -> Scene.Presumption {
    if let origin = replies.origins.min(), replies.origins.isSubset(of: point.carriers) {
      return .nobody(.forwardsBothWays(origin))
    }
    guard let target = requests.targets.min(), !replies.origins.isEmpty else { return .nobody(.noAddresses) }
    if let gateway = gateway(among: requests.targets) { return .nobody(gateway) }
    if let device = journey.carriesBothWays { return .nobody(.forwardsBothWays(device)) }
    if let device = requests.origins.intersection(replies.origins).min() { return .nobody(.sameMACs(device)) }
    if let device = requests.legs.compactMap(\.to).first(where: \.isShared) ?? replies.origins.filter(\.isShared).min()
    {
      return .nobody(.redundancyAddress(device))
    }
    if requests.hasUnknownTarget { return .nobody(.noAddresses) }
    // Who asks takes the reply, or else the two halves were seen at different ends of the way.
    if let device = replies.targets.subtracting(requests.origins).min() { return .nobody(.unknownReceiver(device)) }
    // One of them may be a backend that leads requests astray.
    if requests.targets.count > 1 { return .nobody(.severalNextHops(target)) }
    if cast.isClientHere(journey) { return .devices([target], [.resolved]) }
    // Two routers, one each way, look the same as a balancer and a backend.
    return isOnVIPsNetwork ? .devices([target], [.sameNetwork]) : .nobody(.perhapsRouted)
  }

  /// At a backend: who delivers the requests, while the replies go elsewhere.
  func deliverer() -> Scene.Presumption {
    if let device = journey.carriesBothWays { return .nobody(.forwardsBothWays(device)) }
    if let doubt = doubtOfForwarders { return .nobody(doubt) }
    guard let deliverer = requests.origins.min(), let receiver = replies.targets.min(),
      let answerer = journey.answerers.min()
    else { return .nobody(.noAddresses) }
    if !requests.origins.isDisjoint(with: replies.targets) {
      return .nobody(doubtOfOnePair(answerer, deliverer, gatewaysAmong: journey.answerers))
    }
    let receivers = replies.legs.filter { $0.from == answerer }.compactMap(\.to) + [receiver]
    if let device = receivers.first(where: \.isShared) { return .nobody(.redundancyAddress(device)) }
    if deliverer.isShared { return .nobody(.redundancyAddress(deliverer)) }
    if let asker = requests.origins.intersection(cast.askers).min() { return .nobody(.forwarderAsksForVIP(asker)) }
    // The client itself delivers, and the reply goes elsewhere: no balancer shows.
    if deliverer == journey.client || cast.claimants.contains(answerer) {
      return .nobody(.forwarderUnknown(deliverer))
    }
    guard let basis = reasonToDeliver(answerer, deliverer) else { return .nobody(.perhapsRouted) }
    if requests.legs.allSatisfy({ !$0.hasPassedRouter }) { return .nobody(.forwarderUnknown(deliverer)) }
    return .devices(requests.origins, [basis])
  }

  /// A host that asked for the answerer's own address, and sends it what is for the VIP, forwards by MAC. Or the client is
  /// here, with another MAC, and needs no router.
  private func reasonToDeliver(_ answerer: Device, _ deliverer: Device) -> Assumption? {
    if site.address(otherThan: vip, toldBy: answerer, to: deliverer, at: journey.point) != nil { return .resolved }
    let isOneHopAway =
      requests.legs.allSatisfy { $0.hopsPassed == 1 } && replies.legs.allSatisfy(\.hasPassedOneAtMost)
    guard isOneHopAway else { return nil }
    // Who wraps a packet does not send it under the client's MAC.
    let isWrapped = requests.legs.allSatisfy { $0.link.isTunnelled }
    if group.facts.contains(.clientNearVIP), journey.client != nil || isWrapped { return .sameNetwork }
    if journey.client.map({ cast.askers.contains($0) }) ?? false { return .resolved }
    // The reply came to where another capture stands as its sender sent it: no router brought the request from there.
    let arrives = replies.legs.allSatisfy(\.isFresh)
    return group.facts.contains([.madeWhole, .clientNearVIP]) && arrives ? .sameNetwork : nil
  }

  /// Who passes requests on, and is not seen to pass the replies; then who passes both.
  var doubtOfForwarders: Doubt? {
    if let device = requests.forwarders.subtracting(replies.forwarders).min() {
      return cast.askers.contains(device) ? .forwarderAsksForVIP(device) : .forwarderUnknown(device)
    }
    return requests.forwarders.union(requests.origins.intersection(replies.forwarders)).min().map {
      .forwardsBothWays($0)
    }
  }

  /// Request and reply bear one pair of MACs. Who answers with a hop limit that hosts set is no gateway; who asks with one is
  /// the client itself.
  func doubtOfOnePair(_ answerer: Device, _ deliverer: Device, gatewaysAmong nextHops: Set<Device>) -> Doubt {
    if !journey.originatesReplies, let gateway = gateway(among: nextHops) { return gateway }
    return .sameMACs(requests.legs.allSatisfy { !$0.hasPassedRouter } ? answerer : deliverer)
  }

  /// A next hop that told the client another address, and does not own the VIP.
  func gateway(among nextHops: Set<Device>) -> Doubt? {
    for client in requests.origins.sorted() {
      for next in nextHops.subtracting(cast.claimants).sorted() {
        if let address = site.address(otherThan: vip, toldBy: next, to: client, at: journey.point) {
          return .gateway(next, address)
        }
      }
    }
    return nil
  }

  private var isOnVIPsNetwork: Bool { journey.mayBeOnVIPsNetwork(group, site) && isSentByClient }

  /// No request comes to its first hop from a router, from a host that bears another address, or from another than the one
  /// that bears the client's.
  private var isSentByClient: Bool {
    requests.legs.allSatisfy { leg in
      guard let from = leg.from, requests.origins.contains(from) else { return true }
      if let owner = journey.client, owner != from { return false }
      let addresses = site.addresses(of: from).filter { $0.version == client.version && !$0.isLinkLocal }
      return !leg.hasPassedRouter && (addresses.isEmpty || addresses.contains(client))
    }
  }
}

extension Journey {
  /// Client and VIP are in one /24 or /64, and no frame speaks against their being on one network: no router carries the
  /// replies, and no router or host says that the prefix of the VIP's network leaves the client out.
  func mayBeOnVIPsNetwork(_ group: FlowGroup, _ site: SiteMap) -> Bool {
    let flow = group.exemplar.flow
    return group.facts.contains(.clientNearVIP) && replies.forwarders.isEmpty
      && replies.legs.allSatisfy { $0.hopsPassed.map { $0 <= 1 } ?? true }
      && site.isOnOneNetwork(flow.client.address, flow.server.address) != false
      && !site.hasUntoldPrefixes(flow.server.address.version)
  }
}
