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

  init(_ verdict: Verdict, _ sightings: Sightings, _ network: Network) {
    let decidable = Decidable(sightings, network)
    let expected = decidable.verdict
    isDecidable = expected != nil
    for service in verdict.services {
      guard service.service.address == network.vip else {
        // A host's own service has no balancer.
        if service.outcome == .pass { wrong.append("pass of \(service.service.address), a host's own service") }
        continue
      }
      guard service.service.port == nil || service.service.port == network.port else { continue }
      outcome = service.outcome
      reason = service.reason
      isDecided = service.outcome != .inconclusive
      let failed = verdict.checks.filter { $0.service == service.service && $0.outcome == .fail }.map(\.slug)
      compare(service, failed, sightings, decidable, network)
    }
    if let expected, isDecided, wrong.isEmpty, expected != (outcome == .pass) {
      // A fault that is true but of another flow than expected is right all the same.
      if outcome == .pass { wrong.append("pass, although the capture shows a fault") }
    }
    if !wrong.isEmpty { limit = DocumentedLimit.of(network, sightings, outcome)?.rawValue }
  }

  private mutating func compare(
    _ service: ServiceVerdict, _ failed: [String], _ sightings: Sightings, _ decidable: Decidable, _ network: Network
  ) {
    let truths = sightings.numbers.map { network.truths[$0] }
    let count = { (fate: FlowTruth.Fate) in truths.count { $0.fates.contains(fate) } }
    let plain = count(.plain)
    if service.flows.direct > count(.direct) {
      wrong.append("\(service.flows.direct) flows counted as direct, \(count(.direct)) are")
    }
    if service.flows.viaBalancer > count(.viaBalancer) + plain {
      wrong.append("\(service.flows.viaBalancer) flows counted as via the balancer, \(count(.viaBalancer)) are")
    }
    if service.flows.bypassed > count(.bypassed) {
      wrong.append("\(service.flows.bypassed) flows counted as bypassing, \(count(.bypassed)) are")
    }
    if service.flows.unanswered > truths.count(where: \.isUnanswered) {
      wrong.append(
        "\(service.flows.unanswered) flows counted as unanswered, \(truths.count(where: \.isUnanswered)) are")
    }
    switch service.outcome {
    case .pass:
      if count(.direct) == 0 { wrong.append("pass, and no flow is direct") }
      if sightings.numbers.contains(where: { decidable.isFaultShown(flow: $0) }) {
        wrong.append("pass, although the capture shows a fault")
      }
    case .fail:
      let true_ = Self.faults(truths, sightings, network)
      for slug in failed where !true_.contains(slug) { wrong.append("\(slug) fails, and there is no such fault") }
    case .inconclusive: break
    }
  }

  /// The checks that may fail, by what truly happened.
  private static func faults(_ truths: [FlowTruth], _ sightings: Sightings, _ network: Network) -> Set<String> {
    var faults: Set<String> = []
    for truth in truths {
      if truth.fates.contains(.viaBalancer) || truth.fates.contains(.plain) { faults.insert("reply-via-balancer") }
      if truth.fates.contains(.bypassed) { faults.insert("balancer-bypassed") }
      if truth.isUnanswered { faults.formUnion(["request-unanswered", "connection-refused"]) }
      if truth.isAnsweredFromElsewhere { faults.insert("reply-not-from-vip") }
      if truth.changesHost {
        faults.formUnion(["backend-changes-mid-flow", "connection-refused", "request-unanswered"])
      }
    }
    if network.misclaims.contains(.answer) { faults.formUnion(["backend-answers-arp", "vip-owner-contested"]) }
    if network.misclaims.contains(.sender) { faults.insert("vip-as-arp-sender") }
    return faults
  }
}
