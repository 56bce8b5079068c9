import Evidence
import Wire

/// What became of a flow, as far as one capture point tells.
enum ReturnPath: Sendable {
  /// The replies avoid the balancer.
  case direct(ServiceVerdict.Proof)
  /// A reply frame came from the balancer, or went to it.
  case viaBalancer(Path.Leg)
  /// A request frame went to a backend past the balancer.
  case bypassed(Path.Leg)
  case undecided(Undecided)
}

/// Why the frames of a flow do not tell its return path.
enum Undecided: Hashable, Sendable {
  case noReply
  case noRequest
  /// More hops than a network has.
  case crowded
  case onlyResets
  /// The link layer bears no addresses, or only the sender's.
  case noAddresses
  /// Request and reply bear the same two MACs.
  case sameMACs(MACAddress)
  case gateway(MACAddress, IPAddress)
  case perhapsProxyARP(MACAddress, IPAddress)
  case saidBehindRouter
  case redundancyAddress(MACAddress)
  /// The balancer owns a redundancy address and may answer from a MAC of its own.
  case unknownAnswerer(MACAddress)
  /// Requests go to a backend from who sends them to the balancer, at the same time.
  case keptSender
  /// The reply was seen to go to a MAC that sent no request.
  case unknownReceiver(MACAddress)
  case forwardsBothWays(MACAddress)
  case perhapsRouted
  /// The same MAC is the next hop of some flows and the answerer of others.
  case contradicted(MACAddress)
  case forwarderUnknown(MACAddress)
  case forwarderAsksForVIP(MACAddress)
  case balancerSawOneDirection
  case notAcknowledged
  /// Requests reach the forwarder and leave it in different numbers.
  case framesMissing(MACAddress)
  /// The balancer itself is the client.
  case balancersOwn
  case tunnelledReplies
  /// A backend asked for the balancer's own address, as it does for its gateway's.
  case backendAddressesBalancer(MACAddress)
  /// The balancer is known, and the requests that were seen neither go to it nor come from it.
  case notTheBalancer(MACAddress)
  /// Requests of one flow go to this MAC and to another, and nothing tells which is the balancer's.
  case severalNextHops(MACAddress)

  /// What is missing.
  var why: String {
    switch self {
    case .noReply: "no reply of these flows passed the capture"
    case .noRequest: "no request of these flows passed the capture"
    case .onlyResets: "nothing but resets came from the VIP"
    case .crowded: "a flow passes more pairs of MACs than a network has"
    case .noAddresses: "the frames do not bear the MAC of one receiver"
    case .sameMACs(let mac):
      "request and reply pass the same \(mac): it may be the balancer, a router, or a host that was asked directly"
    case .gateway(let mac, let address): "requests go to \(mac), a gateway that owns \(address) and not the VIP"
    case .perhapsProxyARP(let mac, let address):
      "\(mac) answers for the VIP and for \(address): it may be the balancer, or a router with proxy ARP"
    case .saidBehindRouter: "behind a router both halves bear the router's MAC"
    case .redundancyAddress(let mac): "\(mac) is a virtual MAC: its owner answers from another"
    case .unknownAnswerer(let mac):
      "the balancer owns a virtual MAC and may answer from \(mac) itself"
    case .keptSender:
      "requests reach a backend under the MAC that sends them to the balancer: it keeps that MAC, or they go past it"
    case .unknownReceiver(let mac):
      "replies go to \(mac), which sent no request: it may be a router, or the balancer at another of its MACs"
    case .forwardsBothWays(let mac): "\(mac) passes on both requests and replies: it may be the balancer or a router"
    case .perhapsRouted: "nothing shows that the client is on the VIP's network: there may be a router each way"
    case .contradicted(let mac): "requests go to \(mac) in some flows and replies come from it in others"
    case .forwarderUnknown(let mac):
      "nothing tells whether \(mac), which passes requests on, is the balancer or a router"
    case .forwarderAsksForVIP(let mac): "\(mac) passes requests on but asks for the VIP itself, as routers do"
    case .balancerSawOneDirection:
      "the capture shows nothing that a filter for the clients' direction would have hidden"
    case .balancersOwn: "the balancer itself asks for the service in these flows"
    case .tunnelledReplies: "the replies leave in a tunnel, whose other end this capture does not show"
    case .backendAddressesBalancer(let mac):
      "no reply was captured, but \(mac) asked for the balancer's own address, as hosts do for their gateway's"
    case .notTheBalancer(let mac): "requests pass \(mac), which is not the balancer"
    case .severalNextHops(let mac):
      "requests of one connection go to \(mac) and elsewhere: one of these may be a backend, and not the balancer"
    case .framesMissing(let mac):
      "no reply was captured, but requests reach \(mac) and leave it in different numbers: frames are missing"
    case .notAcknowledged: "no reply passed the capture, and no client acknowledged one"
    }
  }

  /// The one step that would decide it.
  var step: String {
    switch self {
    case .noReply, .notAcknowledged, .framesMissing, .keptSender, .onlyResets, .backendAddressesBalancer, .balancersOwn,
      .tunnelledReplies:
      "capture on the client's own network, or on a mirror of the switch"
    case .crowded: "look who sends these frames: dsrproof flows lists the MACs"
    case .noRequest: "capture both directions: a filter such as 'host VIP'"
    case .balancerSawOneDirection: "capture without a filter, or one that lets health checks or VRRP pass as well"
    case .noAddresses:
      "capture on one Ethernet interface (-i eth1) in place of 'any'; name the balancer: --balancer-mac"
    case .sameMACs(let mac), .contradicted(let mac), .forwardsBothWays(let mac), .forwarderUnknown(let mac),
      .unknownReceiver(let mac), .perhapsProxyARP(let mac, _):
      "say who it is: --balancer-mac \(mac) if it is the balancer; if it is a router, capture on the VIP's network"
    case .gateway, .saidBehindRouter, .perhapsRouted, .forwarderAsksForVIP, .notTheBalancer:
      "capture on the VIP's own network: on a backend, the balancer, or a mirror"
    case .severalNextHops(let mac): "name the balancer: --balancer-mac (is it \(mac)?)"
    case .redundancyAddress: "name the balancer: --balancer-mac, and its backends: --backend ADDRESS=MAC"
    case .unknownAnswerer(let mac): "name the backends: --backend ADDRESS=MAC (is \(mac) one of them?)"
    }
  }
}

extension Path {
  /// Tells the return path from the legs at this point. `docs/verdict.md` states the rules in words.
  func returnPath(_ group: FlowGroup, _ roles: Roles, _ claims: ClaimIndex, _ site: PointFacts, vip: IPAddress)
    -> ReturnPath
  {
    if isBalancersOwn(group, roles, claims) { return .undecided(.balancersOwn) }
    if let leg = replies.legs.first(where: { roles.isBalancer($0.hop.source) || roles.isBalancer($0.hop.destination) })
    {
      if let router = perhapsProxyARP(leg, roles, claims, vip) { return .undecided(router) }
      return .viaBalancer(leg)
    }
    if isCrowded { return .undecided(.crowded) }
    if let leg = bypassLeg(roles) {
      return roles.keepsSenders(at: point) ? .undecided(.keptSender) : .bypassed(leg)
    }
    if site.saidBehindRouter { return .undecided(.saidBehindRouter) }
    if replies.legs.isEmpty {
      if !resets.isEmpty { return .undecided(.onlyResets) }
      return withoutReplies(group, roles, claims, site, vip)
    }
    if replies.legs.contains(where: { !$0.hop.encapsulation.isEmpty }) { return .undecided(.tunnelledReplies) }
    if requests.legs.isEmpty { return withoutRequests(roles, claims, site, vip) }
    if let answerer = requests.targets.intersection(replies.origins).min() {
      return reachingAnswerer(answerer, group, roles, claims, vip)
    }
    return avoidingAnswerer(group, roles, claims, site, vip)
  }

  /// A request straight to a backend. The sender must be seen to hand other requests to the balancer, at this very
  /// point, with the same hop limit: a balancer that keeps the client's MAC (Alteon) looks the same from a backend. Or
  /// the backend claims the VIP, and the client itself, of this network, follows that claim.
  private func bypassLeg(_ roles: Roles) -> Leg? {
    guard !roles.balancers.isEmpty else { return nil }
    return requests.legs.first { leg in
      guard leg.hop.encapsulation.isEmpty, let source = leg.hop.source, let target = leg.hop.destination,
        !roles.isBalancer(source), !roles.isBalancer(target)
      else { return false }
      // Of a claimant that only resets nothing tells whether it is a backend, or a balancer that took the VIP over.
      let answers =
        replies.origins.contains(target)
        || roles.backends[target] != nil && resets.contains { $0.hop.source == target }
      let claims = roles.isOwnerKnown && roles.anyClaimants.contains(target) && answers
      if claims, source == clientMAC, !leg.hasPassedRouter { return true }
      return (claims || roles.backends[target] != nil)
        && roles.handsToBalancer(isClientStation(source) ? nil : source, at: point, hopLimit: leg.record.hopLimit)
    }
  }

  /// `source` is the client's own station, for which any client's stands. Of several senders one may be a balancer.
  func isClientStation(_ source: MACAddress) -> Bool {
    isOfClientStation && requests.origins == [source]
      && (replies.targets.isEmpty || replies.targets.contains(source))
  }

  /// The balancer's own vantage: requests leave again, no reply passes, yet clients acknowledge replies.
  private func withoutReplies(
    _ group: FlowGroup, _ roles: Roles, _ claims: ClaimIndex, _ site: PointFacts, _ vip: IPAddress
  ) -> ReturnPath {
    guard let mac = requests.forwarders.min() else { return .undecided(.noReply) }
    guard group.facts.contains(.clientAcknowledgedMore) else { return .undecided(.notAcknowledged) }
    guard !site.serviceReplied else { return .undecided(.noReply) }
    guard site.showsBothDirections else { return .undecided(.balancerSawOneDirection) }
    guard isWhole(group) else { return .undecided(.framesMissing(mac)) }
    // A filter may have hidden the replies. Who sends them through the balancer asks for its address first.
    for target in requests.targets.sorted() {
      for mac in requests.forwarders where claims.address(otherThan: vip, toldBy: mac, to: target, at: point) != nil {
        return .undecided(.backendAddressesBalancer(target))
      }
    }
    if !requests.forwarders.isDisjoint(with: roles.balancers.keys) { return .direct(.identified) }
    if !requests.forwarders.isDisjoint(with: roles.askers) { return .undecided(.forwarderAsksForVIP(mac)) }
    // Who passes on what a host of this network sends to the VIP is no router of that host's.
    let isHere = isClientHere(roles) || group.facts.contains(.clientNearVIP)
    return isHere ? .direct(.macPair) : .undecided(.forwarderUnknown(mac))
  }

  /// As many requests leave the forwarders as come to them: of a capture that misses requests, replies may be missing.
  /// One that was too big for the way on is sent again in pieces that are not.
  private func isWhole(_ group: FlowGroup) -> Bool {
    var (arriving, leaving): (UInt64, UInt64) = (0, 0)
    let kept = Set(requests.transparentHops.map(\.exit))
    for leg in requests.legs {
      let frames = group.requestFrames(at: leg.record.hop)
      let (source, target) = (leg.hop.source, leg.hop.destination)
      if let target, requests.forwarders.contains(target) { arriving &+= frames }
      let isPassedOn =
        source.map { requests.forwarders.contains($0) } ?? false || target.map { kept.contains($0) } ?? false
      if isPassedOn { leaving &+= frames }
    }
    if group.facts.contains(.requestTooBig) { return arriving >= leaving }
    return arriving == leaving && !group.hasUnevenRequests
  }

  /// Replies alone decide where the client asked for the VIP on this very network, and the balancer answered it. Where
  /// other requests were captured, or both halves of anything, these would have been too: then frames are missing, and
  /// with them perhaps a claim.
  private func withoutRequests(
    _ roles: Roles, _ claims: ClaimIndex, _ site: PointFacts, _ vip: IPAddress
  ) -> ReturnPath {
    !site.serviceAsked && !site.showsBothDirections && balancerAnswered(replies.targets, roles, claims, vip)
      ? pastBalancer(roles, site) : .undecided(.noRequest)
  }

  /// The request was seen to reach the very host that answers: a backend, or a service without a balancer.
  private func reachingAnswerer(
    _ answerer: MACAddress, _ group: FlowGroup, _ roles: Roles, _ claims: ClaimIndex, _ vip: IPAddress
  ) -> ReturnPath {
    let passing = requests.forwarders.subtracting(replies.forwarders)
    let answerers = requests.targets.intersection(replies.origins)
    let passingBalancers = passing.filter { roles.isBalancer($0) }
    if !passingBalancers.isEmpty {
      // On a trunk a router takes the request and brings the reply, and what it sent on may be missing.
      guard requests.lead(from: passingBalancers, to: answerers) else { return .undecided(.forwardsBothWays(answerer)) }
      // Beside the balancer somebody else hands requests to its backend: some may bypass it.
      if let mac = requests.sources(to: answerers).filter({ !requests.lead(from: passingBalancers, to: [$0]) }).min(),
        !requests.sources(to: answerers).isDisjoint(with: passingBalancers)
      {
        return .undecided(.notTheBalancer(mac))
      }
      if roles.mayHaveAnotherMAC,
        let mac = replies.forwarders.union(replies.targets.subtracting(requests.origins)).min()
      {
        return .undecided(.unknownAnswerer(mac))
      }
      // The reply comes back to the MAC that the request left from: every leg was seen.
      return .direct(requests.origins.isDisjoint(with: replies.targets) ? .identified : .endToEnd)
    }
    if let mac = carriesBothWays { return .undecided(.forwardsBothWays(mac)) }
    let deliverers = Set(
      requests.legs.filter { $0.hop.destination.map { answerers.contains($0) } ?? false }.compactMap(\.hop.source))
    if !deliverers.isEmpty, deliverers.allSatisfy({ roles.isBalancer($0) }),
      deliverers.isDisjoint(with: replies.targets),
      !replies.targets.isEmpty, replies.targets.allSatisfy({ $0.redundancyProtocol == nil })
    {
      // One that sends under its virtual MAC may take replies at its own.
      if roles.mayHaveAnotherMAC, deliverers.contains(where: { $0.redundancyProtocol != nil }),
        let mac = replies.targets.subtracting(requests.origins).min()
      {
        return .undecided(.unknownAnswerer(mac))
      }
      // It took the request at another of its MACs where the reply goes back to who sent it.
      return .direct(requests.origins.isDisjoint(with: replies.targets) ? .identified : .endToEnd)
    }
    if let mac = passing.min() {
      return .undecided(roles.askers.contains(mac) ? .forwarderAsksForVIP(mac) : .forwarderUnknown(mac))
    }
    if let mac = requests.forwarders.union(requests.origins.intersection(replies.forwarders)).min() {
      return .undecided(.forwardsBothWays(mac))
    }
    guard let deliverer = requests.origins.min() else { return .undecided(.noAddresses) }
    guard let receiver = replies.targets.min() else { return .undecided(.noAddresses) }
    if !requests.origins.isDisjoint(with: replies.targets) {
      // Who answers with a hop limit that hosts set is no gateway; who asks with one is the client itself.
      if !originatesReplies, let gateway = gateway(among: [answerer], roles, claims, vip) { return .undecided(gateway) }
      let askerIsClient = requests.legs.allSatisfy { !$0.hasPassedRouter }
      return .undecided(.sameMACs(askerIsClient ? answerer : deliverer))
    }
    let receivers = replies.legs.filter { $0.hop.source == answerer }.compactMap(\.hop.destination) + [receiver]
    if let mac = receivers.first(where: { $0.redundancyProtocol != nil }) { return .undecided(.redundancyAddress(mac)) }
    if roles.isNamed { return .undecided(.notTheBalancer(deliverer)) }
    if deliverer.redundancyProtocol != nil { return .undecided(.redundancyAddress(deliverer)) }
    if requests.origins.contains(where: { roles.askers.contains($0) }) {
      return .undecided(.forwarderAsksForVIP(deliverer))
    }
    // The client itself delivers, and the reply goes elsewhere: no balancer shows.
    if deliverer == clientMAC || roles.claimants.contains(answerer) { return .undecided(.forwarderUnknown(deliverer)) }
    // A router would do the same: but it asks for the VIP, or the client is here, with another MAC, and needs none. A
    // host that asked for the answerer's own address, and sends it what is for the VIP, forwards by MAC.
    let delivers = claims.address(otherThan: vip, toldBy: answerer, to: deliverer, at: point) != nil
    // Who wraps a packet does not send it under the client's MAC.
    let isWrapped = requests.legs.allSatisfy { !$0.hop.encapsulation.isEmpty }
    let isNear =
      group.facts.contains(.clientNearVIP) && (clientMAC != nil || isWrapped)
      || clientMAC.map { roles.askers.contains($0) } ?? false
    let isOneHopAway =
      requests.legs.allSatisfy { Self.hopsPassed($0.record.hopLimit) == 1 }
      && replies.legs.allSatisfy { Self.hopsPassed($0.record.hopLimit) <= 1 }
    guard delivers || isNear && isOneHopAway else { return .undecided(.perhapsRouted) }
    if requests.legs.allSatisfy({ !$0.hasPassedRouter }) {
      return .undecided(.forwarderUnknown(deliverer))
    }
    return .direct(.macPair)
  }

  /// A device that passes requests on, where replies begin or end at it although they are not seen to cross it: frames
  /// are missing, and what is left says nothing.
  private var carriesBothWays: MACAddress? {
    requests.forwarders.intersection(replies.origins.union(replies.targets)).subtracting(requests.origins).min()
  }

  /// The MACs that the proof by a pair of MACs takes for the balancer's.
  var candidates: Set<MACAddress> {
    if replies.legs.isEmpty { return requests.forwarders }
    return requests.targets.isDisjoint(with: replies.origins)
      ? requests.targets.union(requests.forwarders) : requests.origins.union(requests.forwarders)
  }

  /// A MAC that is known by its claim alone, told this client another address as well, and sends on what others
  /// originate, may be a router that answers ARP for the VIP in another's place.
  private func perhapsProxyARP(_ leg: Leg, _ roles: Roles, _ claims: ClaimIndex, _ vip: IPAddress) -> Undecided? {
    guard roles.areOwnersOnly, !originatesReplies else { return nil }
    for client in requests.origins.sorted() {
      for mac in roles.balancers.keys.sorted() where mac == leg.hop.source || mac == leg.hop.destination {
        if let address = claims.address(otherThan: vip, toldBy: mac, to: client, at: point) {
          return .perhapsProxyARP(mac, address)
        }
      }
    }
    return nil
  }

  /// The balancer itself asked for the service, as monitors do.
  private func isBalancersOwn(_ group: FlowGroup, _ roles: Roles, _ claims: ClaimIndex) -> Bool {
    guard !requests.origins.isDisjoint(with: roles.balancers.keys) else { return false }
    let client = group.exemplar.flow.client.address
    return roles.balancers.keys.contains { claims.addresses(of: $0).contains(client) }
  }

  /// The request went to one MAC and the reply came from another: the base rule.
  private func avoidingAnswerer(
    _ group: FlowGroup, _ roles: Roles, _ claims: ClaimIndex, _ site: PointFacts, _ vip: IPAddress
  ) -> ReturnPath {
    // Who hands requests on to others answers none of them: where its replies come from was not captured.
    if let mac = replies.origins.min(), replies.origins.isSubset(of: site.carriers) {
      return .undecided(.forwardsBothWays(mac))
    }
    guard !replies.origins.isEmpty else { return .undecided(.noAddresses) }
    guard let target = requests.targets.min() else {
      // Cooked captures bear no destination; the client's question for the VIP stands in for it.
      return balancerAnswered(requests.origins, roles, claims, vip)
        ? pastBalancer(roles, site) : .undecided(.noAddresses)
    }
    if requests.targets.contains(where: { roles.isBalancer($0) }) {
      // Requests that go elsewhere too may be led astray.
      if let other = requests.targets.subtracting(site.carriers).filter({ !roles.isBalancer($0) }).min() {
        return .undecided(.notTheBalancer(other))
      }
      return pastBalancer(roles, site)
    }
    if let gateway = gateway(among: requests.targets, roles, claims, vip) { return .undecided(gateway) }
    if !roles.balancers.isEmpty { return .undecided(.notTheBalancer(target)) }
    if let mac = carriesBothWays { return .undecided(.forwardsBothWays(mac)) }
    if let mac = requests.origins.intersection(replies.origins).min() { return .undecided(.sameMACs(mac)) }
    let addressed = requests.legs.compactMap(\.hop.destination) + replies.origins
    if let mac = addressed.first(where: { $0.redundancyProtocol != nil }) { return .undecided(.redundancyAddress(mac)) }
    if requests.hasUnknownTarget { return .undecided(.noAddresses) }
    // Who asks takes the reply, or else the two halves were seen at different ends of the way.
    if let mac = replies.targets.subtracting(requests.origins).min() { return .undecided(.unknownReceiver(mac)) }
    // One of them may be a backend that leads requests astray.
    if requests.targets.count > 1 { return .undecided(.severalNextHops(target)) }
    return isPerhapsRouted(group, roles) ? .undecided(.perhapsRouted) : .direct(.macPair)
  }

  /// A next hop that told the client another address, and does not own the VIP.
  private func gateway(
    among nextHops: Set<MACAddress>, _ roles: Roles, _ claims: ClaimIndex, _ vip: IPAddress
  ) -> Undecided? {
    for client in requests.origins.sorted() {
      for next in nextHops.subtracting(roles.claimants).sorted() {
        if let address = claims.address(otherThan: vip, toldBy: next, to: client, at: point) {
          return .gateway(next, address)
        }
      }
    }
    return nil
  }

  /// Whether a known balancer answered one of `clients` for the VIP, here, and nobody else claims it, whom the client
  /// might follow instead.
  private func balancerAnswered(
    _ clients: Set<MACAddress>, _ roles: Roles, _ claims: ClaimIndex, _ vip: IPAddress
  ) -> Bool {
    guard roles.anyClaimants.allSatisfy({ roles.isBalancer($0) }) else { return false }
    return clients.contains { client in
      roles.balancers.keys.contains { claims.tells($0, owns: vip, to: client, at: point) }
    }
  }

  /// The reply avoids the balancer that is known. Where it owns a redundancy address and the MAC that it sends from is not
  /// known, it may be who answers, or who passes the reply on.
  private func pastBalancer(_ roles: Roles, _ site: PointFacts) -> ReturnPath {
    if roles.mayHaveAnotherMAC {
      let unknown = replies.origins.filter { roles.backends[$0] == nil }.union(replies.forwarders)
        .union(requests.origins.isEmpty ? [] : replies.targets.subtracting(requests.origins))
      if let mac = unknown.min() { return .undecided(.unknownAnswerer(mac)) }
    }
    // Seen on both sides of a router, the reply has to be seen before it passed one.
    // Who takes the reply has asked, or else it may be the balancer at another of its MACs.
    if !requests.origins.isEmpty, let mac = replies.targets.subtracting(requests.origins).min(),
      requests.targets.contains(where: { roles.isBalancer($0) })
    {
      return .undecided(.unknownReceiver(mac))
    }
    let isSeenToLeave = replies.legs.contains { leg in
      !leg.hasPassedRouter && leg.hop.source.map { replies.origins.contains($0) } ?? false
    }
    if site.spansHops, !isSeenToLeave, let mac = replies.origins.min() { return .undecided(.forwardsBothWays(mac)) }
    return .direct(.identified)
  }

  /// Two routers, one each way, look the same as a balancer and a backend. So the client has to be on the VIP's network:
  /// it asks for the VIP there, or its address is near and the replies passed no more than a node on their way.
  private func isPerhapsRouted(_ group: FlowGroup, _ roles: Roles) -> Bool {
    if isClientHere(roles) { return false }
    return !group.facts.contains(.clientNearVIP) || replies.legs.contains { Self.hopsPassed($0.record.hopLimit) > 1 }
  }

  /// Requests come from a MAC that asked for the VIP on this very network. That a router asked for the client here says
  /// nothing: the client's own network need not be the VIP's. Of several MACs that send and were not seen to receive, one
  /// may be a router of which frames are missing.
  func isClientHere(_ roles: Roles) -> Bool {
    !requests.origins.isEmpty && requests.origins.isSubset(of: roles.askers)
  }

  /// How many routers a packet has passed, from the nearest hop limit that hosts set.
  private static func hopsPassed(_ hopLimit: UInt8) -> UInt8 {
    (Path.Leg.initialHopLimits.filter { $0 >= hopLimit }.min() ?? .max) - hopLimit
  }

  /// The replies have passed no router yet.
  var originatesReplies: Bool { replies.legs.allSatisfy { !$0.hasPassedRouter } }
}

/// What a capture point tells about one service as a whole.
struct PointFacts: Sendable {
  var saidBehindRouter = false
  /// A reply of the service passed here.
  var serviceReplied = false
  /// A request to it passed here.
  var serviceAsked = false
  /// Where its replies came from.
  var answerers: Set<MACAddress> = []
  /// Requests are seen on links that do not end at the balancer.
  var spansHops = false
  /// Who passes its requests on.
  var carriers: Set<MACAddress> = []
  /// It shows packets to everybody, or both halves of some flow: a filter for one direction would have hidden these.
  var showsBothDirections = false

  /// Whether an answer to the requests of `path` would have shown here: others did, and where requests are seen to end
  /// at a backend, that very backend's.
  func wouldShowAnswer(to path: Path) -> Bool {
    path.requests.forwarders.isEmpty ? serviceReplied : !answerers.isDisjoint(with: path.requests.targets)
  }
}
