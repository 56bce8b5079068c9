import Evidence
import Wire

/// What can be decided from a capture, by who truly sent what: a statement about the evidence that it holds, from
/// `docs/simulator.md`. No code of the tool has a part in it.
struct Decidable {
  private let sightings: Sightings
  private let scenario: Scenario
  private let network: Network
  /// MACs of the balancer that the capture, or the user, tells.
  private let balancerMACs: Set<MACAddress>
  private let isEthernet: Bool

  init(_ sightings: Sightings, _ network: Network) {
    self.sightings = sightings
    self.network = network
    scenario = network.scenario
    balancerMACs = Self.balancerMACs(sightings, network)
    isEthernet = scenario.damage.link == .ethernet
  }

  private static func balancerMACs(_ sightings: Sightings, _ network: Network) -> Set<MACAddress> {
    guard network.hasBalancer else { return [] }
    if network.scenario.namesBalancer { return Set(network.balancerMACs) }
    let own = sightings.claims.filter(\.isBalancers)
    let speaks = own.filter(\.isVRRP)
    // Where others claim it too, MACs do not tell which of them is the balancer.
    guard !speaks.isEmpty || own.count == sightings.claims.count && Set(own.map(\.owner)).count == 1 else { return [] }
    var known = Set((speaks.isEmpty ? own : speaks).map(\.owner))
    if !speaks.isEmpty { known.formUnion(network.nodes.flatMap(network.virtualMACs)) }
    // Who sends the claim of another MAC bears both.
    for claim in own where known.contains(claim.owner) { known.insert(claim.sender) }
    return known
  }

  /// Nothing but its claims of the VIP tells who the balancer is.
  private var isKnownByClaimsOnly: Bool {
    !scenario.namesBalancer && !sightings.claims.contains { $0.isBalancers && $0.isVRRP }
  }

  /// The verdict that the capture's evidence leads to; `nil` where it leads to none.
  var verdict: Bool? {
    if sightings.flows.isEmpty || !isFound || scenario.answersFromSecondMAC && !scenario.namesBalancer { return nil }
    if isContestShown || isMisclaimShown { return false }
    if sightings.numbers.contains(where: { isFaultShown(flow: $0) }) { return false }
    return isDirectShown ? true : nil
  }

  /// The service is named, or shows what a service is found by: a SYN, a SYN-ACK, or an answered datagram.
  private var isFound: Bool {
    scenario.named != .nothing
      || sightings.flows.values.contains { seen in
        scenario.isUDP
          ? !seen.requests.isEmpty && !seen.replies.isEmpty
          : (seen.requests + seen.replies).contains { $0.datagram.tcp?.flags.contains(.syn) ?? false }
      }
  }

  // MARK: Faults

  /// Two masters at once are in the capture.
  var isContestShown: Bool { isEthernet && sightings.isContestShown }

  /// Frames of a fault are in the capture, whether or not anything tells that they are a fault's: a pass may not come
  /// of it.
  func isFaultCaptured(flow: Int) -> Bool {
    let truth = network.truths[flow]
    return sightings.flows.contains { place, seen in
      guard place.flow == flow else { return false }
      let crosses = seen.replies.contains { sight in
        !sight.isReset && sight.datagram.source.address == network.vip
          && (sight.senderRole == .balancer || sight.receiverRole == .balancer)
      }
      // Nothing but a table tells a flow that the balancer serves itself from one whose replies it brings.
      if truth.fates.contains(.viaBalancer) || truth.fates.contains(.local), crosses { return true }
      let passesBy = seen.requests.contains { sight in
        sight.receiverRole == .backend && sight.senderRole != .balancer && !sight.datagram.hasMetBalancer
          && sight.datagram.tunnel == nil && !sight.isReset
      }
      // A balancer that keeps the sender's MAC makes the two look the same.
      if truth.fates.contains(.bypassed), passesBy, !seen.replies.isEmpty, !scenario.keepsClientMAC { return true }
      return truth.isUnanswered && isSilenceShown(seen)
    }
  }

  /// And something tells it.
  func isFaultShown(flow: Int) -> Bool {
    let truth = network.truths[flow]
    return sightings.flows.contains { place, seen in
      guard place.flow == flow else { return false }
      if truth.fates.contains(.viaBalancer), isViaShown(seen, place.interface) { return true }
      return truth.isUnanswered && isSilenceShown(seen)
    }
  }

  /// Flows that were under way when roles changed, or a bond's member did.
  private var isSpanningAChange: Bool {
    let changes = scenario.changes
    return sightings.flows.values.contains { seen in
      let times = (seen.requests + seen.replies).map(\.time)
      guard let first = times.min(), let last = times.max() else { return false }
      return changes.contains { first < $0 + 5_000_000_000 && last > $0 - 1_000_000_000 }
    }
  }

  /// A reply comes from a MAC that is known to be the balancer's, or goes to one.
  private func isViaShown(_ seen: Sightings.SeenFlow, _ interface: Int) -> Bool {
    // Without a name for the service, the owner of its address may be a plain server.
    if scenario.named == .nothing, !scenario.namesBalancer { return false }
    if isKnownByClaimsOnly, mayBeProxyARP(seen, interface) || mayServeByNow(interface) { return false }
    return seen.replies.contains { sight in
      guard sight.datagram.source.address == network.vip, !sight.isReset, sight.datagram.tunnel == nil else {
        return false
      }
      return balancerMACs.contains(sight.source) || isEthernet && balancerMACs.contains(sight.destination)
    }
  }

  /// Nothing but replies passes, and several hosts send them: the one that claims the VIP may have handed it on in silence,
  /// and serve as the others do.
  private func mayServeByNow(_ interface: Int) -> Bool {
    let here = sightings.flows.filter { $0.key.interface == interface }.values
    return here.allSatisfy(\.requests.isEmpty) && Set(here.flatMap(\.replies).map(\.source)).count > 1
  }

  /// It told who asks another address too, as gateways do, and the replies have passed a hop.
  private func mayBeProxyARP(_ seen: Sightings.SeenFlow, _ interface: Int) -> Bool {
    let askers = Set(seen.requests.map(\.source))
    return sightings.told.contains {
      ($0.interface == interface || !scenario.companions.isEmpty) && balancerMACs.contains($0.owner)
        && askers.contains($0.receiver)
    } && seen.replies.contains { ![64, 128, 255].contains($0.datagram.ttl) }
  }

  /// Three SYNs in vain over a second and more, with nothing else; or a reset in answer to a SYN.
  private func isSilenceShown(_ seen: Sightings.SeenFlow) -> Bool {
    guard let first = seen.requests.first, first.datagram.tcp != nil else { return false }
    let onlySYNs = seen.requests.allSatisfy { $0.datagram.tcp?.flags == .syn }
    guard onlySYNs else { return false }
    if !seen.replies.isEmpty {
      return seen.replies.allSatisfy { $0.datagram.tcp?.flags == [.rst, .ack] && $0.datagram.tcp?.sequence == 0 }
    }
    // At one hop, with one initial sequence number.
    let link = seen.requests.filter { $0.source == first.source && $0.destination == first.destination }
    guard Set(link.map { $0.datagram.tcp?.sequence }).count == 1 else { return false }
    return Set(link.map { $0.time / 100_000_000 }).count >= 3
  }

  /// The user named the balancer, and another claims the VIP.
  private var isMisclaimShown: Bool {
    guard scenario.namesBalancer, network.hasBalancer else { return false }
    return sightings.claims.contains { !$0.isBalancers && !network.nodes.contains($0.station) }
      || sightings.sendersAsVIP.contains { !network.nodes.contains($0) }
  }

  // MARK: Direct return

  private var isDirectShown: Bool {
    guard isEthernet, sightings.numbers.allSatisfy({ network.truths[$0].isHealthy }) else { return false }
    guard sightings.sendersAsVIP.isEmpty, sightings.claims.allSatisfy(\.isBalancers) else { return false }
    // The parts of one capture are judged as captures of their own, and a router's virtual MAC may be the balancer's.
    guard !isOpenByItsKind, scenario.parts < 2, !isReplyToVirtualMAC else { return false }
    // Each capture by itself.
    return ([scenario.vantage] + scenario.companions.map(\.vantage)).enumerated().allSatisfy { number, vantage in
      isDirectShown(sightings.flows.filter { $0.key.capture == number }, at: vantage)
    }
  }

  private var isReplyToVirtualMAC: Bool {
    sightings.flows.values.contains { seen in
      seen.replies.contains { network.isVirtual($0.destination) || network.isVirtual($0.source) }
    }
  }

  /// What is out of the ordinary here may leave more than one explanation: a pass has to be told by who is named.
  private var isOpenByItsKind: Bool {
    if scenario.isFabric || scenario.detour != nil || scenario.backendsAsk == .vip || scenario.pingsVIP { return true }
    if let cluster = scenario.cluster, cluster.isSplit || cluster.service != .none || cluster.hasVirtualMAC {
      return true
    }
    if isSpanningAChange { return true }
    // Nothing but advertisements, or the user, tells that two owners are one after the other.
    let areOwnersKnown = !isKnownByClaimsOnly && sightings.claims.allSatisfy { balancerMACs.contains($0.owner) }
    if scenario.cluster != nil, !areOwnersKnown { return true }
    let holder = scenario.bond?.holder ?? scenario.twoInterfaces
    switch holder {
    case .balancer?: return !scenario.namesBalancer
    case .backend?: return balancerMACs.isEmpty || scenario.vantage == .backend || !scenario.companions.isEmpty
    case .client?: return balancerMACs.isEmpty
    case .server?, nil: return false
    }
  }

  private func isDirectShown(_ flows: [Sightings.Place: Sightings.SeenFlow], at vantage: Scenario.Vantage) -> Bool {
    // A service that was found passes where the balancer is known and seen to hand requests on: else it may be a plain server.
    if scenario.named == .nothing, balancerMACs.isEmpty || !isHandingOnShown(flows) { return false }
    // On a trunk routers are seen to hand them on too.
    if scenario.named == .nothing, vantage == .trunk, !scenario.namesBalancer { return false }
    switch vantage {
    case .balancer: return isDirectShownAtBalancer(flows)
    case .behindRouter: return false
    case .client, .backend, .mirror, .trunk:
      let open = flows.filter { !$0.value.requests.isEmpty && !$0.value.replies.isEmpty }
      return !open.isEmpty && open.allSatisfy { isDirect($0.value, $0.key.interface, at: vantage) }
        && flows.allSatisfy { isHarmless($0.value) || isDirect($0.value, $0.key.interface, at: vantage) }
    }
  }

  /// Each flow's requests reach the balancer and leave it.
  private func isHandingOnShown(_ flows: [Sightings.Place: Sightings.SeenFlow]) -> Bool {
    scenario.family != .undoneByBackend
      && flows.values.allSatisfy { seen in
        seen.requests.contains { $0.receiverRole == .balancer } && seen.requests.contains { $0.senderRole == .balancer }
      }
  }

  /// Seen in part, and not passed on to a backend, it leaves nothing open.
  private func isHarmless(_ seen: Sightings.SeenFlow) -> Bool {
    seen.replies.isEmpty && !seen.requests.contains { $0.senderRole == .balancer }
  }

  private func isDirect(_ seen: Sightings.SeenFlow, _ interface: Int, at vantage: Scenario.Vantage) -> Bool {
    guard !seen.requests.isEmpty, !seen.replies.isEmpty, !seen.replies.allSatisfy(\.isReset) else { return false }
    switch vantage {
    case .client: return isDirectShownAtClient(seen)
    case .backend: return isDirectShownAtBackend(seen, interface)
    case .mirror, .trunk: return isDirectShownOnMirror(seen)
    case .balancer, .behindRouter: return false
    }
  }

  /// On the VIP's network, by its address or by its question for the VIP; or the balancer is known.
  private func isDirectShownAtClient(_ seen: Sightings.SeenFlow) -> Bool {
    // The reply goes to who asked.
    let askers = Set(seen.requests.map(\.source))
    guard seen.replies.contains(where: { askers.contains($0.destination) }) else { return false }
    // And each of them was seen to get there, where it was seen on its way.
    let sent = seen.replies.count { $0.senderRole == .backend }
    let received = seen.replies.count { network.isClient($0.destination) }
    guard sent == 0 || sent == received else { return false }
    if !balancerMACs.isEmpty { return isKnownByOwnMAC && targetsKnownBalancer(seen) }
    // A next hop that told another address may be a gateway.
    let targets = Set(seen.requests.map(\.destination))
    guard !sightings.told.contains(where: { targets.contains($0.owner) }) else { return false }
    return isNear(seen) && scenario.balancerRedundancy == .none
  }

  /// A virtual MAC alone does not tell what other MAC its owner sends from.
  private var isKnownByOwnMAC: Bool { balancerMACs.contains { !network.isVirtual($0) } }

  private func targetsKnownBalancer(_ seen: Sightings.SeenFlow) -> Bool {
    seen.requests.contains { balancerMACs.contains($0.destination) }
  }

  private func isNear(_ seen: Sightings.SeenFlow) -> Bool {
    scenario.approach == .near && !scenario.isVIPRouted
      || seen.requests.contains { sight in
        sightings.askers.contains(sight.source) && network.stations[sight.sender].role == .client
      }
  }

  /// The balancer hands requests over, and replies go to somebody else.
  private func isDirectShownAtBackend(_ seen: Sightings.SeenFlow, _ interface: Int) -> Bool {
    guard network.hasBalancer, !scenario.keepsClientMAC else { return false }
    // A router brings what comes in a tunnel from another network, and takes the replies.
    guard seen.requests.allSatisfy({ $0.senderRole == .balancer }) else { return false }
    let sources = Set(seen.requests.map(\.source))
    let targets = Set(seen.replies.map(\.destination))
    guard sources.isDisjoint(with: targets), !targets.contains(where: network.isVirtual) else { return false }
    if !sources.isDisjoint(with: balancerMACs) { return true }
    guard !scenario.namesBalancer else { return false }
    let answerers = Set(seen.replies.map(\.source))
    // The deliverer asked for the backend's own address, as routers of a plain server would not need to twice.
    let asked = sightings.told.contains {
      $0.interface == interface && sources.contains($0.receiver) && answerers.contains($0.owner)
    }
    let client = Set(seen.replies.map(\.destination))
    let isClientKnown =
      scenario.approach == .near
      && sightings.told.contains {
        $0.interface == interface && client.contains($0.owner)
      }
    return scenario.lowersTTL && (asked || isClientKnown && !scenario.hasTwoNetworks)
  }

  /// The request comes and leaves again at the balancer, and the reply does not pass it.
  private func isDirectShownOnMirror(_ seen: Sightings.SeenFlow) -> Bool {
    guard network.hasBalancer else { return false }
    let arriving = seen.requests.filter { $0.receiverRole == .balancer }
    let leaving = seen.requests.filter { $0.senderRole == .balancer }
    if scenario.family == .undoneByBackend { return isDirectShownAtClient(seen) }
    let passed = arriving.contains { one in
      leaving.contains {
        $0.datagram.tcp?.sequence == one.datagram.tcp?.sequence
          && $0.datagram.identification == one.datagram.identification
      }
    }
    guard passed, !scenario.hasTwoNetworks, !scenario.keepsClientMAC, !scenario.answersFromSecondMAC else {
      return false
    }
    if isPassingOnHidden, balancerMACs.isEmpty || seen.replies.contains(where: { network.isVirtual($0.destination) }) {
      return false
    }
    // What tells that it hands requests on is the frame that comes and leaves; the wire may have lost it.
    let own = network.balancerMACs
    let arrived = seen.requests.filter { own.contains($0.destination) }
    if scenario.balancerRedundancy != .none || balancerMACs.isEmpty, !Self.areSameFrames(arrived, leaving) {
      return false
    }
    if !balancerMACs.isEmpty { return !balancerMACs.isDisjoint(with: leaving.map(\.source)) }
    return isNear(seen)
  }

  /// As many frames, and the same ones: where a mirror doubles some, their number alone does not tell. What a card joined
  /// counts as what it was made of.
  private static func areSameFrames(_ a: [Sightings.Sight], _ b: [Sightings.Sight]) -> Bool {
    let (a, b) = (a.flatMap(\.identifications), b.flatMap(\.identifications))
    return a.count == b.count && Set(a) == Set(b)
  }

  /// A frame that comes at a virtual MAC and leaves from another is seen to be the same by its TTL, which a tunnel hides.
  private var isPassingOnHidden: Bool {
    scenario.balancerRedundancy != .none && (scenario.family.isTunnel || !scenario.lowersTTL)
  }

  /// Requests come and leave, no reply passes, and clients acknowledge ever more.
  private func isDirectShownAtBalancer(_ flows: [Sightings.Place: Sightings.SeenFlow]) -> Bool {
    guard !scenario.isUDP, network.hasBalancer, scenario.family != .undoneByBackend,
      !scenario.hasTwoNetworks,
      !scenario.keepsClientMAC, !scenario.answersFromSecondMAC, !isPassingOnHidden
    else { return false }
    return !flows.isEmpty
      && flows.allSatisfy { place, seen in
        guard sightings.twoWay.contains(place.interface), seen.replies.isEmpty else { return false }
        let acknowledged = Set(
          seen.requests.filter { $0.receiverRole == .balancer && !$0.isReset }.compactMap { sight in
            sight.datagram.tcp.flatMap { $0.flags.contains(.ack) ? $0.acknowledgment : nil }
          })
        let opened = seen.requests.contains { $0.receiverRole == .balancer && $0.datagram.tcp?.flags == .syn }
        guard acknowledged.count > 1 || opened && acknowledged.count == 1 else { return false }
        // Where frames are seen to be missing, replies may be too.
        let passedOn = seen.requests.filter { $0.senderRole == .balancer }
        guard !passedOn.isEmpty, Self.areSameFrames(passedOn, seen.requests.filter { $0.receiverRole == .balancer })
        else { return false }
        let backends = Set(passedOn.map(\.destination))
        let own = Set(network.balancerMACs)
        guard !sightings.told.contains(where: { own.contains($0.owner) && backends.contains($0.receiver) }) else {
          return false
        }
        return !balancerMACs.isDisjoint(with: passedOn.map(\.source))
          || balancerMACs.isEmpty && isNear(seen)
      }
  }
}

extension Sightings.Sight {
  var isReset: Bool { datagram.tcp?.flags.contains(.rst) ?? false }
  var identifications: [UInt16] { [datagram.identification] + datagram.absorbed }
}

extension Network {
  /// All MACs of the balancer, and of the other of a pair, as the user would name them.
  var balancerMACs: [MACAddress] {
    nodes.flatMap { stations[$0].interfaces }.flatMap { interface in
      let own = interfaces[interface]
      return [own.mac, own.virtualMAC].compactMap { $0 } + own.members
    }
  }

  func virtualMACs(of station: Int) -> [MACAddress] {
    stations[station].interfaces.compactMap { interfaces[$0].virtualMAC }
  }

  func isClient(_ mac: MACAddress) -> Bool {
    interfaces.contains { ($0.mac == mac || $0.members.contains(mac)) && stations[$0.station].role == .client }
  }

  func isVirtual(_ mac: MACAddress) -> Bool { interfaces.contains { $0.virtualMAC == mac } }
}
