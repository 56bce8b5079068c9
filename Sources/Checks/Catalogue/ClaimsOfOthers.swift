import Evidence
import Wire

extension ServiceCase {
  /// Claims on the VIP by another than the balancer, of the kinds that a check judges.
  enum ClaimsOfOthers {
    case none
    case byOthers([ClaimIndex.Seen])
    /// Somebody claims it, and nothing tells whether that is the balancer.
    case unknown([ClaimIndex.Seen])
    /// The only ones are the balancer's.
    case byBalancer
  }

  func claimsOfOthers(_ isJudged: (Claim.Kind) -> Bool) -> ClaimsOfOthers {
    let routers = routersInFront
    let heard = routers.isEmpty ? [] : pointsOfBalancersClaims
    let others = claims.filter { seen in
      isJudged(seen.claim.kind) && !isBalancer(claiming: seen) && !seen.claim.isHeardByNodeAlone
        && !(routers.contains(site.device(claiming: seen)) && !heard.contains(seen.claim.point))
    }
    guard !others.isEmpty else { return claims.contains { isJudged($0.claim.kind) } ? .byBalancer : .none }
    // A balancer that is seen to pass requests on, and not to claim the VIP, may claim it by another of its MACs.
    let peers = roles.isNamed || roles.balancers.isEmpty && ownership.owners.count < 2 ? [] : possiblePeers
    let bringing = roles.isNamed ? devicesBringingReplies : []
    let leaks = others.filter { seen in
      // Which hardware address it names is not known: it may be the balancer's.
      if seen.claim.isPartlyTold { return false }
      let device = site.device(claiming: seen)
      // A service that was found may be at a host's own address, with which it asks.
      if policy.services.isEmpty, seen.claim.kind.isSender, claimed.anyClaimants == [device] { return false }
      if roles.balancers.isEmpty {
        // A plain server asks with its one address, too.
        if seen.claim.kind.isSender { return false }
        return serves(device, after: seen) && !balances(device) && !peers.contains(device)
      }
      if roles.isNamed { return !bringing.contains(device) }
      return !peers.contains(device) && !balances(device) && isAnotherDevice(device)
    }
    return leaks.isEmpty ? .unknown(others) : .byOthers(leaks)
  }

  /// The balancer itself claims it, from whichever of its MACs.
  private func isBalancer(claiming seen: ClaimIndex.Seen) -> Bool {
    roles.isBalancer(site.device(claiming: seen)) || roles.isBalancer(seen.claim.mac)
      || seen.claim.sender.map { roles.isBalancer($0) } ?? false
  }

  /// It serves as a backend, or is known to differ from every balancer: else it may be a balancer's other MAC.
  private func isAnotherDevice(_ device: Device) -> Bool {
    roles.backends[device] != nil
  }

  /// Devices that take requests and hand them to the named balancer, and answer none: routers that answer ARP in its place (proxy
  /// ARP), where it is not heard itself.
  private var routersInFront: Set<Device> {
    guard roles.isNamed else { return [] }
    var (routers, answering): (Set<Device>, Set<Device>) = ([], [])
    for journey in flows.flatMap(\.group.journeys) {
      let taking = Set(journey.requests.legs.compactMap(\.to))
      for leg in journey.requests.legs where roles.isBalancer(leg.to) {
        if let from = leg.from, taking.contains(from) { routers.insert(from) }
      }
      answering.formUnion(journey.replies.legs.filter(\.isFresh).compactMap(\.from))
    }
    return routers.subtracting(answering).filter { !isNamedBackend($0) }
  }

  /// Places where the balancer claims the VIP itself.
  private var pointsOfBalancersClaims: Set<Int> {
    Set(claims.filter { isBalancer(claiming: $0) }.map(\.claim.point))
  }

  /// Devices from which replies come, all of which have passed a hop before: a router may bring them, which answers ARP in another's
  /// place.
  private var devicesBringingReplies: Set<Device> {
    var (bringing, sending): (Set<Device>, Set<Device>) = ([], [])
    for leg in flows.flatMap(\.group.journeys).flatMap(\.replies.legs) {
      guard let from = leg.from else { continue }
      if leg.isFresh { sending.insert(from) } else { bringing.insert(from) }
    }
    return bringing.subtracting(sending).filter { !isNamedBackend($0) }
  }

  private func isNamedBackend(_ device: Device) -> Bool { roles.backends[device]?.isNamed ?? false }

  /// It hands requests on, or takes some that others answer: a balancer's peer does.
  func balances(_ device: Device) -> Bool {
    flows.contains { judged in
      judged.group.journeys.contains { journey in
        journey.requests.forwarders.contains(device)
          || journey.requests.targets.contains(device) && !journey.replies.origins.isEmpty
            && !journey.replies.origins.contains(device)
      }
    }
  }

  /// Devices that claim the VIP undisturbed, before the balancer does or after: it may be handed on between them. A tenure
  /// is disturbed where another has the VIP again after it without having announced that, and had it all the time: it
  /// answers within a second, or balances meanwhile. Where the balancer is known, a backend that leaks disturbs nobody.
  private var possiblePeers: Set<Device> {
    var disturbed: Set<Device> = []
    var owners: Set<Device> = []
    let pointsAnsweredTwice = Set(claimed.networks.filter { !$0.isEachAnsweredOnce }.map(\.point))
    // Clocks are not told so well that turns of two captures could be.
    for (point, tenures) in ownership.tenuresByPoint where !run.isJoint(point) {
      // Text without times does not tell who spoke in between.
      if run.untimedPoints.contains(point) {
        owners.formUnion(tenures.map(\.owner))
        continue
      }
      // In a storm to look at the flows for each takes too long.
      let isStorm = tenures.count > Self.mostTenures
      for (index, tenure) in tenures.enumerated() {
        owners.insert(tenure.owner)
        if index > 0, tenures[index - 1].surelyMeets(tenure) {
          let before = tenures[index - 1].owner
          if isStorm || mayDisturb(before) { disturbed.insert(tenure.owner) }
          if isStorm || mayDisturb(tenure.owner) { disturbed.insert(before) }
        }
      }
      let gaps = tenures.gaps(at: point, isEachAnsweredOnce: !pointsAnsweredTwice.contains(point))
      for gap in gaps where !gap.isAnnounced && (isStorm || hadAllTheTime(gap)) {
        if isStorm || mayDisturb(gap.owner) { disturbed.insert(gap.other) }
      }
    }
    return owners.subtracting(disturbed)
  }

  private static let mostTenures = 256

  private func mayDisturb(_ owner: Device) -> Bool {
    roles.balancers.isEmpty || roles.isBalancer(owner) || balances(owner)
  }

  /// Whether who owned the VIP before a gap and after it did so in between: it says so within a second of the other, or
  /// takes requests meanwhile that others answer.
  func hadAllTheTime(_ gap: ClaimedNetwork.Gap) -> Bool {
    gap.isShort
      || flows.contains { judged in
        judged.group.journeys.contains { journey in
          let takes =
            journey.requests.forwarders.contains(gap.owner)
            || journey.requests.targets.contains(gap.owner) && !journey.replies.origins.isEmpty
              && !journey.replies.origins.contains(gap.owner)
          return takes && journey.point == gap.point
            && journey.requests.legs.contains {
              $0.to == gap.owner && $0.record.firstTime >= gap.first && $0.record.lastTime <= gap.last
            }
        }
      }
  }

  /// It answers flows whose requests go to another, although it has claimed the VIP: a backend, even where the balancer is
  /// not known. Who answers before it claims the VIP may have taken it over.
  private func serves(_ device: Device, after seen: ClaimIndex.Seen) -> Bool {
    flows.contains { judged in
      judged.fate.isDirect
        && judged.group.journeys.contains { journey in
          journey.point == seen.claim.point && journey.replies.origins.contains(device)
            && journey.replies.legs.contains { $0.record.lastTime > seen.tally.firstTime }
        }
    }
  }

  func exhibits(_ seen: [ClaimIndex.Seen]) -> [Exhibit] {
    let expected = "\(service.address) claimed by \(balancerText) alone"
    return seen.prefix(Finding.exhibitLimit).map { seen in
      exhibit(
        seen, expected: expected,
        actual: "\(seen.claim.text), \(counted(Int(clamping: seen.tally.frames), "time"))")
    }
  }

  func macs(_ seen: [ClaimIndex.Seen]) -> String {
    listed(Set(seen.map(\.claim.mac)).sorted()) { $0.description }
  }

  /// What all checks of claims say where the balancer is not known.
  func unknownOwner(_ seen: [ClaimIndex.Seen]) -> Finding {
    if seen.contains(where: \.claim.isPartlyTold) {
      return .inconclusive(
        "\(macs(seen)): claims of \(service.address)",
        because: "the text does not tell the hardware address inside, which may be the balancer's", next: .printBytes,
        exhibits(seen))
    }
    return .inconclusive(
      "\(macs(seen)): claims of \(service.address)", because: "nothing tells whether that is the balancer",
      next: namingBalancer(), exhibits(seen))
  }
}

extension Claim {
  /// A pod asks for its gateway, which has a link-local address on the node's end of the pod's own link (Calico).
  fileprivate var isHeardByNodeAlone: Bool { kind.isSender && address.version == .v4 && askedFor?.isLinkLocal ?? false }

  /// `ARP reply: 10.1.10.10 is at 06:…`, for evidence.
  var text: String {
    let form =
      switch kind {
      case .arpReply: "ARP reply"
      case .gratuitousRequest: "gratuitous ARP request"
      case .gratuitousReply: "gratuitous ARP reply"
      case .arpSender: "ARP request with it as sender"
      case .advertisement: "neighbour advertisement"
      case .unsolicitedAdvertisement: "unsolicited neighbour advertisement"
      case .solicitationSender: "neighbour solicitation with it as source"
      case .vrrp: "VRRP advertisement"
      }
    return "\(form): \(address) is at \(mac)"
  }
}
