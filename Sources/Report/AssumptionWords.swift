package import Checks

extension Assumption {
  /// What is taken for granted, as a sentence without its full stop.
  package var words: String {
    switch self {
    case .balancerExists: "the VIP has a balancer, because the user named it"
    case .sameNetwork: "client and VIP in one /24, or one /64, are on one network"
    case .oneMAC: "two MACs between which no frame was seen are two devices"
    case .ownerBalances: "the only owner of the VIP balances it, and does not merely answer ARP for it"
    case .shortWay: "no balancer stands unseen between the host that answers and the capture"
    case .resolved: "clients reach the VIP by ARP or NDP, not by a route to the address of the host that answers"
    case .nothingHidden: "the capture kept every frame that passed it"
    case .untoldTTL: "the TTLs that the text leaves out would show no router between client and VIP"
    }
  }
}

extension ServiceVerdict {
  /// Each assumption with its words, in the order in which they come.
  var assumptionLines: [String] { assumptions.map { "\($0.rawValue): \($0.words)" } }

  /// Their names alone, where there is no room for more; empty where nothing is taken for granted.
  var assumptionNames: String { assumptions.map(\.rawValue).joined(separator: ", ") }
}
