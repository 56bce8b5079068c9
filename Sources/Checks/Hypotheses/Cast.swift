import Evidence
import Wire

/// Who is who for one service, while certain devices own the VIP.
struct Cast: Sendable {
  /// Who owns the VIP in this time.
  let owners: Set<Device>
  private(set) var balancers: [Device: Identity] = [:]
  /// Devices that are known to be backends, and how.
  private(set) var backends: [Device: BackendIdentity] = [:]
  /// Devices that claim the VIP as their own at any time, by answer, announcement or VRRP.
  let claimants: Set<Device>
  /// These, and devices that only name the VIP as their own when they ask for something else.
  let anyClaimants: Set<Device>
  /// Devices that asked for the VIP and do not own it: routers and clients, never the balancer.
  let askers: Set<Device>
  /// Devices that said, by a redirect, that they route what is for the VIP.
  let redirectors: Set<Device>
  /// Devices to which a claimant of the VIP hands requests at any time: they may be its peers, which own the VIP at another.
  let served: Set<Device>
  /// Devices that hand requests on at any time.
  let handingOn: Set<Device>
  /// Devices that answer requests themselves, at a time when they own the VIP as far as anything tells.
  let answeringAsOwners: Set<Device>
  /// Devices that answer requests while others own the VIP, and get them from who hands them those that others answer: that
  /// one takes no notice of the owner, so nothing tells a balancer that was relieved from a server with another MAC.
  let answeringUnnoticed: Set<Device>
  /// Devices that claim the VIP at any time, and pass on replies that another sent: no backends.
  let passingReplies: Set<Device>
  /// The only claimant of the VIP, where it serves what another hands it, and hands on nothing itself.
  private let leakers: Set<Device>
  /// Whose requests a device takes and leaves to others to answer, by that device.
  private let upstreams: [Device: Set<Device>]
  /// What devices ask for with the VIP as their own address.
  private let askedAsVIP: [Device: Set<IPAddress>]
  /// Devices that speak VRRP for the VIP, at any time.
  let speakers: Set<Device>
  /// Devices that speak VRRP for addresses which text does not tell: it may be the VIP.
  let speakersForUntold: Set<Device>
  /// Who owned the VIP when.
  let ownership: Ownership
  /// The devices that a reply comes from or goes to, by capture point.
  private(set) var replying: [Int: Set<Device>] = [:]
  /// Points at which requests are seen on links that do not end at a balancer.
  private(set) var pointsWithFurtherLinks: Set<Int> = []
  /// Who hands requests to the balancer, by capture point, and with which hop limits.
  private var upstream: [Int: [Upstream: Set<UInt8>]] = [:]
  /// Points at which requests of one flow went from one MAC to a balancer and, at the same time and with the same hop limit,
  /// to another: a balancer that keeps the sender's MAC shows so.
  private var pointsWithKeptSenders: Set<Int> = []

  /// A device, or any of many clients' stations.
  private struct Upstream: Hashable {
    var device: Device?
  }

  /// A group's journey past one point.
  typealias Entry = (group: FlowGroup, journey: Journey)

  /// The user said who the balancer is.
  var isNamed: Bool { balancers.values.contains { $0.known == .named } }

  /// A balancer that is known claims the VIP, or is named: so another that claims it is not the balancer's other MAC.
  var isOwnerKnown: Bool { isNamed || balancers.keys.contains { anyClaimants.contains($0) } }

  /// The balancer owns a virtual MAC, and the one that it sends from itself is not known.
  var mayHaveAnotherMAC: Bool {
    let own = balancers.filter { !$0.key.isShared }
    return own.count < balancers.count && !own.values.contains { $0.known <= .ownTables }
  }

  func isBalancer(_ device: Device?) -> Bool {
    guard let device else { return false }
    return balancers[device] != nil
  }

  /// Whether `device`, or any client's station for `nil`, sends packets of this hop limit to the balancer as well: then a
  /// balancer that keeps the sender's MAC is not what is seen, for it lowers the hop limit. 0, which is not told, may be any.
  func mayHandToBalancer(_ device: Device?, at point: Int, hopLimit: UInt8) -> Bool {
    guard let hopLimits = upstream[point]?[Upstream(device: device)] else { return false }
    return hopLimit == 0 || hopLimits.contains(hopLimit)
  }

  /// Of other senders `device` takes requests that others answer, and of `sender` none.
  func leavesNothing(of sender: Device, by device: Device) -> Bool {
    upstreams[device].map { !$0.contains(sender) } ?? false
  }

  /// Both take requests from the same sender, at one time or another, that others answer: they stand in the same place.
  func sharesSenders(_ one: Device, _ other: Device) -> Bool {
    !(upstreams[one] ?? []).isDisjoint(with: upstreams[other] ?? [])
  }

  /// An address of `other` that `device` asked for as the VIP: it sends packets from the VIP that way.
  func address(of other: Device, askedForAsVIPBy device: Device, _ site: SiteMap) -> IPAddress? {
    askedAsVIP[device].flatMap { $0.intersection(site.addresses(of: other)).min() }
  }

  /// A balancer here may keep the sender's MAC and hop limit: then what the sender itself sends to a backend looks the
  /// same.
  func keepsSenders(at point: Int) -> Bool { pointsWithKeptSenders.contains(point) }

  init(
    _ owners: Ownership.Owners, _ entries: [Entry], _ service: ServicePattern, _ claimed: AddressClaims,
    _ site: SiteMap, _ named: NamedStations, _ policy: Policy, _ hands: HandingOn = HandingOn()
  ) {
    let vip = service.address
    (served, handingOn, speakers) = (hands.served, hands.givers, claimed.speakers)
    askedAsVIP = claimed.askedAsOwn
    (answeringAsOwners, upstreams) = (hands.answeringAsOwners, hands.upstreams)
    leakers = hands.leaking
    (answeringUnnoticed, passingReplies) = (hands.answeringUnnoticed, hands.passingReplies)
    ownership = claimed.ownership
    (claimants, anyClaimants, speakersForUntold) = (claimed.claimants, claimed.anyClaimants, claimed.speakersForUntold)
    let touched = entries.reduce(into: Set<Device>()) { $0.formUnion($1.journey.requesting) }
    switch owners {
    // Of a storm of claims nobody is the owner.
    case .crowd: self.owners = []
    case .known(let owners): self.owners = owners
    }
    askers = self.owners.isDisjoint(with: claimed.askers) ? claimed.askers : claimed.askers.subtracting(self.owners)
    redirectors = claimed.redirectors
    for entry in entries { replying[entry.journey.point, default: []].formUnion(entry.journey.replying) }
    findBalancers(entries, speakers.intersection(self.owners), vip, site, named, policy)
    // Of a virtual MAC that several bore while a flow ran, all that may bear it balance.
    for device in touched where device.isShared && balancers[device] == nil {
      // Of several the one that most is known of, in whatever order a set gives them.
      let holders = site.holders(of: device.mac).sorted().compactMap { balancers[$0] }
      if let holder = holders.min(by: { $0.known < $1.known }) { balancers[device] = holder }
    }
    findBackends(entries, site, named)
    findUpstream(entries)
  }

  /// Who hands requests on, in all flows of a service.
  struct HandingOn: Sendable {
    /// Devices that were seen to do so, or take requests that others answer.
    private(set) var givers: Set<Device> = []
    /// Those to whom one that claims the VIP does.
    private(set) var served: Set<Device> = []
    /// Devices that answer requests at a time when they own the VIP, or when nobody is known to.
    private(set) var answeringAsOwners: Set<Device> = []
    /// Devices that claim the VIP, and pass on replies that another sent.
    private(set) var passingReplies: Set<Device> = []
    /// The only claimant of the VIP, where it serves what another hands it of a client on this very network, and hands on nothing
    /// itself: somebody else forwards, as a balancer does to a backend that leaks.
    private(set) var leaking: Set<Device> = []
    /// By device: from whom it takes requests that others answer.
    private(set) var upstreams: [Device: Set<Device>] = [:]
    /// By device: from whom it takes requests that it answers itself, at a time when others own the VIP.
    private var answeredUpstreams: [Device: Set<Device>] = [:]

    /// Devices that take requests from the same sender for others to answer, and to answer while others own the VIP.
    var answeringUnnoticed: Set<Device> {
      Set(
        answeredUpstreams.lazy.filter { device, senders in !senders.isDisjoint(with: upstreams[device] ?? []) }
          .map(\.key))
    }

    init() {}

    init(_ entries: [Entry], _ claimed: AddressClaims, _ site: SiteMap) {
      let claimants = claimed.claimants
      for (group, journey) in entries {
        givers.formUnion(journey.requests.forwarders)
        passingReplies.formUnion(journey.replies.forwarders.intersection(claimants))
        let (targets, origins) = (journey.requests.targets, journey.replies.origins)
        if !origins.isEmpty, targets.isDisjoint(with: origins) { givers.formUnion(targets) }
        for leg in journey.requests.legs {
          if let from = leg.from, let to = leg.to, claimants.contains(from) { served.insert(to) }
        }
        if case .known(let owners)? = group.owners[journey.point] {
          answeringAsOwners.formUnion(owners.isEmpty ? origins : origins.intersection(owners))
          for leg in journey.requests.legs where !owners.isEmpty {
            guard let from = leg.from, let to = leg.to, origins.contains(to), !owners.contains(to) else { continue }
            answeredUpstreams[to, default: []].insert(from)
          }
        }
        noteUpstreams(group, journey)
      }
      noteLeaking(entries, claimed, site)
    }

    private mutating func noteLeaking(_ entries: [Entry], _ claimed: AddressClaims, _ site: SiteMap) {
      guard claimed.claimants.count == 1, let owner = claimed.claimants.first, !givers.contains(owner),
        !claimed.speakers.contains(owner)
      else { return }
      for (_, journey) in entries where journey.answerers.contains(owner) {
        guard let client = journey.client, client != owner else { continue }
        for leg in journey.requests.legs where leg.to == owner && leg.hasPassedRouter {
          guard let from = leg.from, from != client, !claimed.askers.contains(from),
            site.address(otherThan: claimed.address, toldBy: owner, to: from, at: journey.point) != nil
          else { continue }
          leaking = [owner]
        }
      }
    }

    private mutating func noteUpstreams(_ group: FlowGroup, _ journey: Journey) {
      let origins = journey.replies.origins
      let isAnswered = !origins.isEmpty || group.facts.contains(.clientHeardServer)
      for leg in journey.requests.legs {
        guard let from = leg.from, let to = leg.to, from != to, !origins.contains(to),
          isAnswered || journey.requests.forwarders.contains(to)
        else { continue }
        upstreams[to, default: []].insert(from)
      }
    }
  }

  // MARK: Balancers

  private mutating func findBalancers(
    _ entries: [Entry], _ speakers: Set<Device>, _ vip: IPAddress, _ site: SiteMap, _ named: NamedStations,
    _ policy: Policy
  ) {
    for device in site.balancers(named: named.balancers, claimants) { add(device, .named) }
    if balancers.isEmpty, let vantage = policy.vantage {
      for device in seen(from: vantage, entries, vip, site) { add(device, .named) }
    }
    if balancers.isEmpty { findHandingOn(entries, site) }
    let serving = site.devices(named: named.backendsOfHosts).union(leaking(site, named))
      .union(answeringUnnoticed).union(leakers)
    let passive = passiveOwners(entries).subtracting(serving)
    // An owner that hands requests on is the same balancer's, or its peer.
    if !balancers.isEmpty, !isNamed { for device in passive { add(device, .ownerInTurn, [.ownerBalances]) } }
    if !isNamed || speakers.contains(where: isBalancer) {
      for device in speakers { add(device, .announcesByVRRP, [.ownerBalances]) }
    }
    if balancers.isEmpty {
      // Who gets its requests from another is a backend that leaks.
      let backends = servedByOwners(entries).union(answeringForOthers(entries)).union(servedAmongOthers(entries))
        .union(servedByOthers(entries, vip, site)).union(serving)
      let left = self.owners.subtracting(backends).subtracting(askers).filter { !$0.mac.isFabric }
      // Who answers after another claimed the VIP may be a backend that leaks, as well as the balancer after a failover.
      if left.count == 1, let only = left.first, claimants == [only] || !answers(only, entries) {
        add(only, .onlyOwner, [.ownerBalances])
      }
    }
    if balancers.isEmpty, !passive.isEmpty, passive == self.owners {
      for device in passive { add(device, .ownerInTurn, [.ownerBalances]) }
    }
    // What the balancer's own host says comes beside what the frames say, but for who is seen to answer, or to be served.
    if !isNamed {
      let answering = entries.reduce(into: servedByOwners(entries)) { found, entry in
        let (requests, replies) = (entry.journey.requests, entry.journey.replies)
        found.formUnion(entry.journey.answerers)
        if replies.origins.isDisjoint(with: requests.targets) { found.formUnion(replies.origins) }
      }
      for device in site.devices(named: named.balancersOfHosts).subtracting(answering) { add(device, .ownTables) }
    }
  }

  /// Backends that the user names, where somebody else claims the VIP too.
  private func leaking(_ site: SiteMap, _ named: NamedStations) -> Set<Device> {
    let backends = site.devices(named: Set(named.backends.filter { $0.source == .user }.compactMap(\.mac)))
    return claimants.isSubset(of: backends) ? [] : backends
  }

  private mutating func add(_ device: Device, _ known: Identity.Known, _ assumptions: Set<Assumption> = []) {
    if balancers[device] == nil { balancers[device] = Identity(known: known, assumptions: assumptions) }
  }

  /// What the user's word on the vantage says about the balancer.
  ///
  /// What the frames say comes before it: a next hop that told the client another address is a gateway, and a capture that
  /// shows requests pass on stands elsewhere.
  private func seen(from vantage: Vantage, _ entries: [Entry], _ vip: IPAddress, _ site: SiteMap) -> Set<Device> {
    entries.reduce(into: []) { found, entry in
      let journey = entry.journey
      switch vantage {
      case .client where journey.requests.forwarders.isEmpty:
        found.formUnion(
          journey.requests.targets.filter { next in
            anyClaimants.contains(next)
              || journey.requests.origins.allSatisfy {
                site.address(otherThan: vip, toldBy: next, to: $0, at: journey.point) == nil
              }
          })
      case .balancer:
        found.formUnion(
          journey.requests.forwarders.isEmpty ? journey.requests.targets : journey.requests.forwarders)
      case .backend where !journey.answerers.isEmpty:
        for leg in journey.requests.legs where !leg.link.isTunnelled {
          if let from = leg.from { found.insert(from) }
        }
      case .client, .backend, .mirror, .behindRouter: break
      }
    }
  }

  /// Who was seen to pass requests on to the very host that answers them, while the answers do not come back that way. A
  /// router that only stands on the way is passed by the answers too, asks for the VIP, or says so by a redirect.
  private mutating func findHandingOn(_ entries: [Entry], _ site: SiteMap) {
    let routers = askers.union(redirectors)
    for (group, journey) in entries where !journey.isCrowded {
      // Another owns the VIP in this network, or will.
      let owners = self.owners.isEmpty ? claimants : self.owners
      for device in journey.requests.wrappers.subtracting(routers)
      where journey.requests.carriesSameFrames(through: device) {
        add(device, .handsOn, wrapping(group, journey, device))
      }
      for target in journey.answerers.sorted() {
        let last = journey.requests.lastForwarders(to: target)
        for device in last.subtracting(journey.replies.forwarders).subtracting(routers).sorted()
        where journey.requests.carriesSameFrames(through: device) {
          // Elsewhere a router may stand in front of a service that answers by another way, or of one that another owns.
          guard owners.isEmpty || owners.contains(device) else { continue }
          if owners.contains(device) || isClientHere(journey) {
            add(device, .handsOn, [.ownerBalances])
          } else if journey.mayBeOnVIPsNetwork(group, site) {
            add(device, .handsOn, [.sameNetwork])
          }
        }
        guard last.isEmpty else { continue }
        findDeliverer(to: target, group, journey, routers, site)
      }
    }
  }

  /// Who wraps a bare request chose the host that ends the tunnel. That one is a backend, and no router, if it answers.
  private func wrapping(_ group: FlowGroup, _ journey: Journey, _ device: Device) -> Set<Assumption> {
    if !journey.answerers.isEmpty { return [] }
    return owners.contains(device) || isClientHere(journey) ? [.ownerBalances] : [.resolved]
  }

  /// The client is on this network with a MAC of its own, and its requests come from another with a lower hop limit than
  /// hosts set: so that one passes them on. A router may bring a tunnel.
  private mutating func findDeliverer(
    to target: Device, _ group: FlowGroup, _ journey: Journey, _ routers: Set<Device>, _ site: SiteMap
  ) {
    // Who answers, and claims the VIP later, may have owned it already.
    if owners.isEmpty, claimants.contains(target) { return }
    guard let client = journey.client,
      journey.requests.legs.allSatisfy({ $0.hasPassedRouter && !$0.link.isTunnelled })
    else { return }
    let basis: Assumption
    if askers.contains(client) {
      basis = .ownerBalances
    } else if journey.mayBeOnVIPsNetwork(group, site) {
      basis = .sameNetwork
    } else {
      return
    }
    for leg in journey.requests.legs where leg.to == target {
      guard let from = leg.from, from != client, !routers.contains(from), owners.isEmpty || owners.contains(from)
      else { continue }
      // Another handed it on before: this one may be a backend's host, which hands it to a container.
      let wasHandedOn = journey.requests.legs.contains {
        $0.from != from && $0.from != client && $0.record.hopLimit > leg.record.hopLimit
      }
      if !wasHandedOn { add(from, .handsOn, [basis]) }
    }
  }

  /// Owners that requests go to, and that were seen to hand them on, or to somebody else who answers. A balancer
  /// does so; a backend that leaks answers itself, or gets its requests from another owner.
  private func passiveOwners(_ entries: [Entry]) -> Set<Device> {
    var passive: Set<Device> = []
    var answering: Set<Device> = []
    for (_, journey) in entries {
      answering.formUnion(journey.replies.origins)
      answering.formUnion(journey.resets.compactMap(\.from))
      passive.formUnion(journey.requests.forwarders)
      if !journey.replies.origins.isEmpty, journey.requests.forwarders.isEmpty {
        passive.formUnion(journey.requests.targets)
      }
    }
    return owners.intersection(passive).subtracting(answering).subtracting(servedByOwners(entries))
  }

  /// Devices that an owner of the VIP was seen to hand requests to.
  private func servedByOwners(_ entries: [Entry]) -> Set<Device> {
    entries.reduce(into: []) { served, entry in
      let requests = entry.journey.requests
      for leg in requests.legs {
        guard let from = leg.from, let to = leg.to, owners.contains(from), requests.forwarders.contains(from),
          requests.targets.contains(to)
        else { continue }
        served.insert(to)
      }
    }
  }

  /// Replies come from it.
  private func answers(_ device: Device, _ entries: [Entry]) -> Bool {
    entries.contains { $0.journey.replies.origins.contains(device) }
  }

  /// Devices that answer requests which went to another.
  private func answeringForOthers(_ entries: [Entry]) -> Set<Device> {
    entries.reduce(into: []) { found, entry in
      let (requests, replies) = (entry.journey.requests, entry.journey.replies)
      guard !requests.targets.isEmpty, replies.origins.isDisjoint(with: requests.targets) else { return }
      found.formUnion(replies.origins)
    }
  }

  /// Owners that are one of several to whom somebody hands the requests which come to it, while others of these claim
  /// nothing: that is the balancer, and the owner a backend that leaks.
  private func servedAmongOthers(_ entries: [Entry]) -> Set<Device> {
    struct Station: Hashable {
      var point: Int
      var device: Device
    }
    var receivers: Set<Station> = []
    var handsTo: [Station: Set<Device>] = [:]
    for (_, journey) in entries {
      for leg in journey.requests.legs where !leg.link.isTunnelled {
        guard let from = leg.from, let to = leg.to else { continue }
        receivers.insert(Station(point: journey.point, device: to))
        handsTo[Station(point: journey.point, device: from), default: []].insert(to)
      }
    }
    return handsTo.reduce(into: []) { served, hands in
      if receivers.contains(hands.key), !hands.value.isSubset(of: owners) {
        served.formUnion(hands.value.intersection(owners))
      }
    }
  }

  /// Owners that answer what others hand them, who asked for their own address and were not told the VIP, or what comes in
  /// a tunnel: somebody else forwards it, as a balancer does to a backend that leaks.
  private func servedByOthers(_ entries: [Entry], _ vip: IPAddress, _ site: SiteMap) -> Set<Device> {
    var deliverers: [Device: Set<Device>] = [:]
    var tunnelled: Set<Device> = []
    var untold: Set<Device> = []
    /// Owners that another hands requests of a client on this very network, whose own MAC was seen.
    var handedClients: Set<Device> = []
    for (_, journey) in entries {
      for leg in journey.requests.legs {
        guard let from = leg.from, let to = leg.to, owners.contains(to), journey.answerers.contains(to) else {
          continue
        }
        deliverers[to, default: []].insert(from)
        if leg.link.isTunnelled { tunnelled.insert(to) }
        guard site.address(otherThan: vip, toldBy: to, to: from, at: journey.point) != nil else {
          untold.insert(to)
          continue
        }
        if let client = journey.client, client != from, !site.tells(to, owns: vip, to: from, at: journey.point) {
          handedClients.insert(to)
        }
      }
    }
    deliverers = deliverers.filter { !untold.contains($0.key) }
    if deliverers.isEmpty { return tunnelled.union(handedClients) }
    let claims = site.claims.claims(on: vip).filter { !$0.claim.kind.isSender }
    return tunnelled.union(handedClients).union(
      deliverers.compactMap { device, deliverers in
        let own = claims.filter { site.device(claiming: $0) == device }
        let told = Set(own.compactMap(\.claim.receiver).map { site.devices.device(of: $0) })
        return own.allSatisfy { $0.claim.kind.isAnswer } && deliverers.isDisjoint(with: told)
          ? device : nil
      })
  }

  // MARK: Backends

  private mutating func findBackends(_ entries: [Entry], _ site: SiteMap, _ named: NamedStations) {
    for backend in named.backends {
      if let mac = backend.mac {
        let device = site.devices.device(of: mac)
        if !isBalancer(device) || backend.source == .user { backends[device] = .named(backend.source) }
      } else {
        for seen in site.claims.claims(on: backend.address) {
          let device = site.device(claiming: seen)
          if !isBalancer(device) { backends[device] = .claims(backend.address, backend.source) }
        }
      }
    }
    for (_, journey) in entries {
      for leg in journey.requests.legs where isBalancer(leg.from) {
        guard let to = leg.to, !isBalancer(to), journey.requests.targets.contains(to), backends[to] == nil else {
          continue
        }
        backends[to] = .served
      }
    }
    // What answers without crossing a known balancer is a backend too, unless it brings what another sent.
    for (_, journey) in entries where !journey.isCrowded {
      guard journey.requesting.contains(where: isBalancer), !journey.replying.contains(where: isBalancer),
        !mayHaveAnotherMAC, journey.originatesReplies, journey.replies.origins.count == 1,
        let device = journey.replies.origins.first, backends[device] == nil
      else { continue }
      backends[device] = .answers
    }
  }

  // MARK: Who hands requests to the balancer

  private mutating func findUpstream(_ entries: [Entry]) {
    for (_, journey) in entries {
      for leg in journey.requests.legs {
        let isBeside = !isBalancer(leg.from) && !isBalancer(leg.to) && leg.link.destination != nil
        if isBeside { pointsWithFurtherLinks.insert(journey.point) }
      }
      guard !journey.isCrowded else { continue }
      for leg in journey.requests.legs where !isBalancer(leg.from) && isBalancer(leg.to) {
        guard let from = leg.from else { continue }
        let sender = Upstream(device: journey.isClientStation(from) ? nil : from)
        upstream[journey.point, default: [:]][sender, default: []].insert(leg.record.hopLimit)
        let isKept = journey.requests.legs.contains {
          $0.link.source == leg.link.source && $0.to != leg.to && !isBalancer($0.to)
            && $0.record.hopLimit == leg.record.hopLimit && !$0.record.isApart(from: leg.record)
        }
        if isKept { pointsWithKeptSenders.insert(journey.point) }
      }
    }
  }

  /// Requests come from a device that asked for the VIP on this very network. That a router asked for the client here says
  /// nothing: the client's own network need not be the VIP's. Of several that send and were not seen to receive, one may be
  /// a router of which frames are missing.
  func isClientHere(_ journey: Journey) -> Bool {
    !journey.requests.origins.isEmpty && journey.requests.origins.isSubset(of: askers)
  }
}

extension Journey {
  /// `device` is the client's own station, for which any client's stands. Of several senders one may be a balancer.
  func isClientStation(_ device: Device) -> Bool {
    isOfClientStation && requests.origins == [device]
      && (replies.targets.isEmpty || replies.targets.contains(device))
  }
}

extension SiteMap {
  /// The devices that the balancer's MACs name. A shared one names those of its holders that claim the VIP, if there are such,
  /// or if it is another's on some link.
  fileprivate func balancers(named macs: Set<MACAddress>, _ claimants: Set<Device>) -> Set<Device> {
    macs.reduce(into: devices(named: macs.filter { !$0.isShared })) { found, mac in
      guard mac.isShared else { return }
      let named = devices(named: [mac])
      let claiming = named.intersection(claimants)
      if namedBalancer.isElsewhereAnothers(mac) {
        found.formUnion(claiming.filter { !$0.isShared })
      } else {
        found.formUnion(claiming.isEmpty ? named : claiming)
      }
    }
  }

  /// The devices that MACs name. A shared one names whoever held it.
  func devices(named macs: Set<MACAddress>) -> Set<Device> {
    macs.reduce(into: []) { found, mac in
      found.insert(devices.device(of: mac))
      if mac.isShared { found.formUnion(holders(of: mac)) }
    }
  }
}

extension LinkRecord {
  /// Who is led astray sends to the one and then to the other, ever later segments; what is passed on goes to both at
  /// once.
  fileprivate func isApart(from other: LinkRecord) -> Bool {
    let (first, second) = firstTime <= other.firstTime ? (self, other) : (other, self)
    guard second.firstTime.seconds(since: first.lastTime) > 0.1 || first.frames > 1 || second.frames > 1 else {
      return false
    }
    if first.lastTime > second.firstTime { return false }
    return sequenceLow == .max || second.sequenceLow >= first.sequenceHigh && second.sequenceLow > first.sequenceLow
  }
}
