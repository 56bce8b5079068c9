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
    let judged = claims.filter { isJudged($0.claim.kind) }
    guard !judged.isEmpty else { return .none }
    let others = judged.filter { !roles.isBalancer($0.claim.mac) }
    guard !others.isEmpty else { return .byBalancer }
    // A balancer that is seen to pass requests on, and not to claim the VIP, may claim it by another of its MACs.
    let leaks = others.filter { seen in
      if roles.balancers.isEmpty { return answerers.contains(seen.claim.mac) }
      return (roles.isOwnerKnown || roles.backends[seen.claim.mac] != nil) && !isOfThePast(seen)
    }
    return leaks.isEmpty ? .unknown(others) : .byOthers(leaks)
  }

  /// A claim that ended before the balancer's began, by a MAC that took no part in what was captured: the balancer's
  /// peer may have had the VIP before.
  private func isOfThePast(_ seen: ClaimIndex.Seen) -> Bool {
    if roles.isNamed || takingPart.contains(seen.claim.mac) { return false }
    let last = claims.filter { $0.claim.mac == seen.claim.mac }.map(\.tally.lastTime).max() ?? seen.tally.lastTime
    let taken = claims.filter { roles.isBalancer($0.claim.mac) }.map(\.tally.firstTime).min()
    return taken.map { last < $0 } ?? false
  }

  private var takingPart: Set<MACAddress> {
    flows.reduce(into: []) { found, judged in
      for leg in judged.group.paths.flatMap({ $0.requests.legs + $0.replies.legs + $0.resets }) {
        found.formUnion([leg.hop.source, leg.hop.destination].compactMap { $0 })
      }
    }
  }

  /// MACs that answer flows whose requests go to another MAC: backends, even where the balancer is not known.
  private var answerers: Set<MACAddress> {
    var found: Set<MACAddress> = []
    for judged in flows {
      guard case .direct = judged.fate else { continue }
      for path in judged.group.paths { found.formUnion(path.replies.origins) }
    }
    return found
  }

  func exhibits(_ seen: [ClaimIndex.Seen]) -> [Exhibit] {
    seen.map { seen in
      exhibit(
        seen, expected: "\(service.address) claimed by \(balancerText) alone",
        actual: "\(seen.claim.text), \(counted(Int(clamping: seen.tally.frames), "time"))")
    }
  }

  func macs(_ seen: [ClaimIndex.Seen]) -> String {
    Set(seen.map(\.claim.mac)).sorted().map(\.description).joined(separator: ", ")
  }

  /// What all checks of claims say where the balancer is not known.
  func unknownOwner(_ seen: [ClaimIndex.Seen]) -> Finding {
    .inconclusive(
      "\(macs(seen)): claims of \(service.address)", because: "nothing tells whether that is the balancer",
      remedy: "name the balancer: --balancer-mac", exhibits(seen))
  }
}

extension Claim {
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
