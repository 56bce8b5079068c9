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
    let leaks = roles.balancers.isEmpty ? others.filter { answerers.contains($0.claim.mac) } : others
    return leaks.isEmpty ? .unknown(others) : .byOthers(leaks)
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
      "\(macs(seen)) claims \(service.address)", because: "nothing tells whether that is the balancer",
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
