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
    guard let balancer = network.balancer else { return [] }
    if network.scenario.namesBalancer { return Set(network.balancerMACs) }
    let own = sightings.claims.filter { $0.station == balancer }
    let speaks = own.contains(where: \.isVRRP)
    // Where others claim it too, MACs do not tell which of them is the balancer.
    guard speaks || own.count == sightings.claims.count else { return [] }
    return Set((speaks ? own.filter(\.isVRRP) : own).flatMap { [$0.owner, $0.sender] })
  }

  /// The verdict that the capture's evidence leads to; `nil` where it leads to none.
  var verdict: Bool? {
    if sightings.flows.isEmpty { return nil }
    if sightings.numbers.contains(where: { isFaultShown(flow: $0) }) || isMisclaimShown { return false }
    return isDirectShown ? true : nil
  }

  // MARK: Faults

  /// A fault of that flow stands in frames of the capture. The MAC of a balancer that nothing names shows nothing.
  func isFaultShown(flow: Int) -> Bool {
    let truth = network.truths[flow]
    return sightings.flows.contains { place, seen in
      guard place.flow == flow else { return false }
      if truth.fates.contains(.viaBalancer), isViaShown(seen, place.interface) { return true }
      return truth.isUnanswered && isSilenceShown(seen)
    }
  }

  private func isViaShown(_ seen: Sightings.SeenFlow, _ interface: Int) -> Bool {
    seen.replies.contains { sight in
      guard sight.datagram.source.address == network.vip, !sight.isReset, sight.datagram.tunnel == nil else {
        return false
      }
      return balancerMACs.contains(sight.source) || isEthernet && balancerMACs.contains(sight.destination)
    }
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
    let hop = seen.requests.filter { $0.source == first.source && $0.destination == first.destination }
    guard Set(hop.map { $0.datagram.tcp?.sequence }).count == 1 else { return false }
    let times = Set(hop.map { $0.time / 100_000_000 }).count
    return times >= 3
  }

  /// The user named the balancer, and another claims the VIP.
  private var isMisclaimShown: Bool {
    guard scenario.namesBalancer, let balancer = network.balancer else { return false }
    return sightings.claims.contains { $0.station != balancer }
      || sightings.sendersAsVIP.contains { $0 != balancer }
  }

  // MARK: Direct return

  private var isDirectShown: Bool {
    guard isEthernet, sightings.numbers.allSatisfy({ network.truths[$0].isHealthy }) else { return false }
    guard sightings.sendersAsVIP.isEmpty, sightings.claims.allSatisfy({ $0.station == network.balancer }) else {
      return false
    }
    let open = sightings.flows.filter { !$0.value.requests.isEmpty && !$0.value.replies.isEmpty }
    switch scenario.vantage {
    case .balancer: return isDirectShownAtBalancer
    case .behindRouter: return false
    case .client, .backend, .mirror, .trunk:
      return !open.isEmpty && open.allSatisfy { isDirect($0.value, $0.key.interface) }
        && sightings.flows.allSatisfy { isHarmless($0.value) || isDirect($0.value, $0.key.interface) }
    }
  }

  /// Seen in part, and not passed on to a backend, it leaves nothing open.
  private func isHarmless(_ seen: Sightings.SeenFlow) -> Bool {
    seen.replies.isEmpty && !seen.requests.contains { $0.sender == network.balancer }
  }

  private func isDirect(_ seen: Sightings.SeenFlow, _ interface: Int) -> Bool {
    guard !seen.requests.isEmpty, !seen.replies.isEmpty, !seen.replies.allSatisfy(\.isReset) else { return false }
    switch scenario.vantage {
    case .client: return isDirectShownAtClient(seen)
    case .backend: return isDirectShownAtBackend(seen, interface)
    case .mirror, .trunk: return isDirectShownOnMirror(seen)
    case .balancer, .behindRouter: return false
    }
  }

  /// On the VIP's network, by its address or by its question for the VIP; or the balancer is known.
  private func isDirectShownAtClient(_ seen: Sightings.SeenFlow) -> Bool {
    if !balancerMACs.isEmpty { return isKnownByOwnMAC && targetsKnownBalancer(seen) }
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
    guard let balancer = network.balancer, !scenario.keepsClientMAC else { return false }
    // A router brings what comes in a tunnel from another network, and takes the replies.
    guard seen.requests.allSatisfy({ $0.sender == balancer }) else { return false }
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
    return asked || scenario.approach == .near && !scenario.hasTwoNetworks && scenario.lowersTTL
  }

  /// The request comes and leaves again at the balancer, and the reply does not pass it.
  private func isDirectShownOnMirror(_ seen: Sightings.SeenFlow) -> Bool {
    guard let balancer = network.balancer else { return false }
    let arriving = seen.requests.filter { $0.receiver == balancer }
    let leaving = seen.requests.filter { $0.sender == balancer }
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
    if !balancerMACs.isEmpty { return !balancerMACs.isDisjoint(with: leaving.map(\.source)) }
    return isNear(seen)
  }

  /// Requests come and leave, no reply passes, and clients acknowledge ever more.
  private var isDirectShownAtBalancer: Bool {
    guard !scenario.isUDP, let balancer = network.balancer, scenario.family != .undoneByBackend,
      !scenario.hasTwoNetworks,
      !scenario.keepsClientMAC, !scenario.answersFromSecondMAC
    else { return false }
    return !sightings.flows.isEmpty
      && sightings.flows.allSatisfy { place, seen in
        guard sightings.twoWay.contains(place.interface), seen.replies.isEmpty else { return false }
        let acknowledged = Set(
          seen.requests.filter { $0.receiver == balancer && !$0.isReset }.compactMap { sight in
            sight.datagram.tcp.flatMap { $0.flags.contains(.ack) ? $0.acknowledgment : nil }
          })
        let opened = seen.requests.contains { $0.receiver == balancer && $0.datagram.tcp?.flags == .syn }
        guard acknowledged.count > 1 || opened && acknowledged.count == 1 else { return false }
        guard seen.requests.contains(where: { $0.sender == balancer }) else { return false }
        let backends = Set(seen.requests.filter { $0.sender == balancer }.map(\.destination))
        let own = Set(network.balancerMACs)
        guard !sightings.told.contains(where: { own.contains($0.owner) && backends.contains($0.receiver) }) else {
          return false
        }
        return !balancerMACs.isDisjoint(with: seen.requests.filter { $0.sender == balancer }.map(\.source))
          || balancerMACs.isEmpty && isNear(seen)
      }
  }
}

extension Sightings.Sight {
  var isReset: Bool { datagram.tcp?.flags.contains(.rst) ?? false }
}

extension Network {
  /// All MACs of the balancer, as the user would name them.
  var balancerMACs: [MACAddress] {
    guard let balancer else { return [] }
    return stations[balancer].interfaces.flatMap { [interfaces[$0].mac, interfaces[$0].virtualMAC].compactMap { $0 } }
  }

  func isVirtual(_ mac: MACAddress) -> Bool { interfaces.contains { $0.virtualMAC == mac } }
}
