public import Checks
import Evidence
import Wire

/// What is to be said of a verdict by who knows the truth.
public struct Comparison: Sendable {
  /// What is false in it; empty where nothing is.
  public private(set) var wrong: [String] = []
  /// False as `docs/verdict.md` says under "Limits" that it may be: the limit's name.
  public private(set) var limit: String?
  /// The capture holds what decides it.
  public let isDecidable: Bool
  /// The verdict is a pass or a fail.
  public private(set) var isDecided = false
  public private(set) var outcome: Verdict.Outcome?
  public private(set) var reason = ""
  private var proof: ServiceVerdict.Proof?
  /// The MACs that the verdict takes for the balancer's.
  private var balancers: Set<MACAddress> = []
  private var kinds: Set<Kind> = []
  /// How many of the false statements are counts of flows.
  private var counts = 0

  /// What a wrong statement is about.
  enum Kind { case directReturn, bypass, other }

  init(_ verdict: Verdict, _ sightings: Sightings, _ network: Network) {
    let decidable = Decidable(sightings, network)
    let expected = decidable.verdict
    isDecidable = expected != nil
    var failing: Set<String> = []
    for service in verdict.services {
      guard service.service.address == network.vip else {
        // A host's own service has no balancer.
        guard service.outcome == .pass else { continue }
        // A balancer that translates brings requests to a backend's own address, and the answers may well avoid it.
        if network.scenario.family == .undoneByBackend { continue }
        if network.isVIP(service.service.address) { continue }
        note(.directReturn, "pass of \(service.service.address), a host's own service")
        proof = service.proof
        continue
      }
      guard service.service.port == nil || service.service.port == network.port else { continue }
      outcome = service.outcome
      reason = service.cause
      proof = service.proof
      balancers = Set(service.balancers.map(\.mac))
      isDecided = service.outcome != .inconclusive
      let failed = verdict.checks.filter { $0.service == service.service && $0.outcome == .fail }.map(\.slug)
      failing.formUnion(failed)
      compare(service, failed, sightings, decidable, network)
    }
    if let expected, isDecided, wrong.isEmpty, expected != (outcome == .pass) {
      // A fault that is true but of another flow than expected is right all the same.
      if outcome == .pass { note(.directReturn, "pass, although the capture shows a fault") }
    }
    if isDecided, decidable.isContestShown, !failing.contains("vip-owner-contested") {
      note(.other, "two owners at once are in the capture, and vip-owner-contested does not fail")
    }
    if !wrong.isEmpty { limit = DocumentedLimit.of(network, sightings, kinds, outcome, proof, balancers)?.rawValue }
  }

  /// The verdict is right, and so is every check that fails; only flows were counted to the wrong fate. In a pass that
  /// would be a wrong verdict.
  public var isMiscount: Bool { !wrong.isEmpty && counts == wrong.count && outcome != .pass }

  private mutating func noteCount(_ kind: Kind, _ text: String, of scenario: Scenario) {
    // Two captures show the same ports used by several connections, or other datagrams of one flow each: what they saw is
    // counted apart, for nothing says that it is one.
    if !scenario.companions.isEmpty, scenario.reusesPorts || scenario.isUDP { return }
    counts += 1
    note(kind, text)
  }

  private mutating func note(_ kind: Kind, _ text: String) {
    kinds.insert(kind)
    wrong.append(text)
  }

  private mutating func compare(
    _ service: ServiceVerdict, _ failed: [String], _ sightings: Sightings, _ decidable: Decidable, _ network: Network
  ) {
    let truths = sightings.touched.map { network.truths[$0] }
    let count = { (fate: FlowTruth.Fate) in truths.count { $0.fates.contains(fate) } }
    // A backend that claims the VIP and is asked for it is, as far as MACs tell, the VIP's owner that answers itself.
    let local = count(.local)
    let owned =
      sightings.areOwnersBackends ? truths.count : count(.plain) + (network.misclaims.isEmpty ? 0 : count(.bypassed))
    // Parts are judged each as a capture of its own: what one shows of a fault takes nothing from what another does.
    let isOfParts = network.scenario.parts > 1 && service.outcome != .pass
    let direct = sightings.touched.count {
      network.truths[$0].hasDirectPart && (isOfParts || !decidable.isFaultCaptured(flow: $0))
    }
    if service.flows.direct > direct {
      noteCount(.directReturn, "\(service.flows.direct) flows counted as direct, \(direct) are", of: network.scenario)
    }
    if service.flows.viaBalancer > count(.viaBalancer) + owned + local {
      noteCount(
        .other, "\(service.flows.viaBalancer) flows counted as via the balancer, \(count(.viaBalancer)) are",
        of: network.scenario)
    }
    let strays = sightings.flowsToFormerBackendMACs
    let bypassed = sightings.touched.count {
      let truth = network.truths[$0]
      return truth.fates.contains(.bypassed) || truth.resetsPastBalancer || strays.contains($0)
    }
    if service.flows.bypassed > bypassed {
      noteCount(
        .bypass, "\(service.flows.bypassed) flows counted as bypassing, \(bypassed) are", of: network.scenario)
    }
    // Whoever takes over a connection in the middle resets it, as one that nobody listens for is.
    let unanswered = truths.count { $0.isUnanswered || $0.isAskedInVain || $0.changesHost || $0.isStalled }
    if service.flows.unanswered > unanswered {
      noteCount(
        .other, "\(service.flows.unanswered) flows counted as unanswered, \(unanswered) are", of: network.scenario)
    }
    switch service.outcome {
    case .pass:
      if direct == 0 { note(.directReturn, "pass, and no flow is direct") }
      if sightings.numbers.contains(where: { decidable.isFaultCaptured(flow: $0) }) {
        note(.directReturn, "pass, although the capture shows a fault")
      }
    case .fail:
      let happened = Self.faults(truths, sightings, network)
      for slug in failed where !happened.contains(slug) {
        note(slug == "balancer-bypassed" ? .bypass : .other, "\(slug) fails, and there is no such fault")
      }
    case .inconclusive: break
    }
  }

  /// The checks that may fail, by what truly happened.
  private static func faults(_ truths: [FlowTruth], _ sightings: Sightings, _ network: Network) -> Set<String> {
    var faults: Set<String> = []
    for truth in truths {
      if !truth.fates.isDisjoint(with: [.viaBalancer, .plain, .local]) { faults.insert("reply-via-balancer") }
      if truth.fates.contains(.bypassed) || truth.resetsPastBalancer { faults.insert("balancer-bypassed") }
      if truth.isUnanswered || truth.isAskedInVain || truth.isStalled {
        faults.formUnion(["request-unanswered", "connection-refused"])
        // At a backend nobody can tell a tunnel that is not opened from a host that keeps silent behind it.
        let vantages = [network.scenario.vantage] + network.scenario.companions.map(\.vantage)
        if network.scenario.family.isTunnel, vantages.contains(.backend) { faults.insert("tunnel-not-decapsulated") }
      }
      if truth.isStalled { faults.insert("exchange-stalls") }
      if truth.isAnsweredFromElsewhere { faults.insert("reply-not-from-vip") }
      if truth.changesHost {
        faults.formUnion(["backend-changes-mid-flow", "connection-refused", "request-unanswered"])
      }
    }
    if network.scenario.cluster?.isSplit ?? false { faults.insert("vip-owner-contested") }
    if sightings.areOwnersBackends { faults.insert("reply-via-balancer") }
    if !sightings.flowsToFormerBackendMACs.isEmpty { faults.insert("balancer-bypassed") }
    if !network.misclaims.isEmpty, truths.contains(where: { $0.fates.contains(.bypassed) }) {
      faults.insert("reply-via-balancer")
    }
    if network.misclaims.contains(.answer) { faults.formUnion(["backend-answers-arp", "vip-owner-contested"]) }
    if network.misclaims.contains(.announcement) { faults.formUnion(["backend-announces-vip", "vip-owner-contested"]) }
    if network.misclaims.contains(.sender) { faults.insert("vip-as-arp-sender") }
    return faults
  }
}

extension Sightings {
  /// Flows of which a request went past the balancer to a MAC that a backend's bond had in use before: nobody takes it, and
  /// it is led astray all the same.
  fileprivate var flowsToFormerBackendMACs: Set<Int> {
    let former = Set(
      network.formerMACs.filter { network.stations[network.interfaces[$0.key].station].role == .backend }
        .map(\.value.mac))
    guard !former.isEmpty else { return [] }
    let strays = flows.filter { place, seen in
      seen.requests.contains {
        former.contains($0.destination) && $0.senderRole != .balancer && $0.datagram.tunnel == nil
      }
    }
    return Set(strays.keys.map(\.flow))
  }
}
