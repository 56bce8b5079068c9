/// What a verdict takes for granted because no frame shows it. Few and named: a report prints those that its verdict rests
/// on, and `docs/verdict.md` says what each means.
public enum Assumption: String, Sendable, CaseIterable, Comparable {
  /// The VIP that the user named has a balancer.
  case balancerExists = "balancer-exists"
  /// Client and VIP in one /24, or one /64, are on one network.
  case sameNetwork = "same-network"
  /// Two MACs between which nothing was seen are two devices.
  case oneMAC = "one-mac"
  /// The VIP's only owner balances it, and does not merely answer ARP for it.
  case ownerBalances = "owner-balances"
  /// Nobody unseen between the answerer and the capture is the balancer.
  case shortWay = "short-way"
  /// The VIP is reached by ARP or neighbour discovery, not by a route to the answerer's own address.
  case resolved
  /// The capture kept what passed it.
  case nothingHidden = "nothing-hidden"
  /// The TTLs, which text leaves out, would show no more routers than `sameNetwork` allows.
  case untoldTTL = "untold-ttl"

  /// In the order in which reports list them.
  public static func < (a: Assumption, b: Assumption) -> Bool { a.rank < b.rank }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
