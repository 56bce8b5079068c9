import Evidence
import Wire

extension Check {
  static let vipOwnerContested = Check(
    id: "ARP004", slug: "vip-owner-contested", title: "Several MACs claim the VIP, and no failover explains it",
    page: Page(
      looksFor: """
        Answers, announcements or VRRP advertisements that give the VIP to more than one MAC. It fails where the claims
        of two MACs overlap in time, or where two answer within a second. Claims that follow each other are a
        failover where both MACs speak VRRP for the VIP, or where both were seen to hand requests on; otherwise it is
        undecided.
        """,
      whyItMatters: """
        Two owners split the clients between them by chance. A backend that claims the VIP takes requests away from
        the balancer; two balancers that are both active lose each other's state.
        """,
      howToMend: """
        Quiet the backends (ARP001 to ARP003). For two balancers, look at why both are active: VRRP advertisements
        that do not reach the other, different virtual router identifiers, two clusters with one address.
        """,
      sources: ["https://github.com/kube-vip/kube-vip/issues/1318", "RFC 9568 section 6 (who is active)"])
  ) { service in
    let owners = Owner.all(in: service)
    guard let first = owners.first else { return .notApplicable("nobody was seen to claim the VIP") }
    let macs = Set(owners.map(\.macs))
    guard macs.count > 1 else { return .pass("only \(first.name) claims the VIP") }
    let names = Set(owners.map(\.name)).sorted().joined(separator: ", ")
    let claims = service.claims.filter { !$0.claim.kind.isSender }
    if let (one, other) = contest(owners), !explains(service, [one, other]),
      other.first <= one.last || !requestsFollowed(service, [one, other])
    {
      return .fail(
        "\(names) claim \(service.service.address)",
        because: "\(one.name) and \(other.name) claim it at the same time",
        remedy: "leave one owner: quiet the backends, or find out why two balancers are active",
        service.exhibits(claims))
    }
    if explains(service, owners) || requestsFollowed(service, owners) {
      return .pass("\(names) claim the VIP one after the other: a failover")
    }
    return .inconclusive(
      "\(names) claim \(service.service.address) one after the other",
      because: "it may be a failover, or a backend that leaks",
      remedy: "name the balancers: --balancer-mac, once for each",
      service.exhibits(claims))
  }

  /// A device that claims the VIP, and when.
  private struct Owner {
    var place: Place
    var macs: Set<MACAddress>
    var first: Timestamp
    var last: Timestamp
    var answers: Bool
    var speaksVRRP: Bool

    /// Networks are told apart by capture point and VLAN: what is claimed in one says nothing in another.
    struct Place: Hashable {
      var point: Int
      var vlan: VLANStack
    }

    var name: String { macs.sorted().map(\.description).joined(separator: " / ") }

    /// The claims of one device under several MACs, as from a virtual MAC and its own, count as one owner's.
    static func all(in service: ServiceCase) -> [Owner] {
      var owners: [Owner] = []
      let virtualMACs = Set(service.claims.compactMap(\.claim.virtualMAC))
      for seen in service.claims where !seen.claim.kind.isSender {
        let claim = seen.claim
        let macs = Set([claim.mac, claim.sender].compactMap { $0 }.filter(\.isUnicast))
        let new = Owner(
          place: Place(point: claim.point, vlan: claim.vlan), macs: macs, first: seen.tally.firstTime,
          last: seen.tally.lastTime, answers: claim.kind.isAnswer,
          speaksVRRP: claim.kind == .vrrp || virtualMACs.contains(claim.mac))
        let same = owners.indices.filter { owners[$0].place == new.place && !owners[$0].macs.isDisjoint(with: macs) }
        let merged = same.reduce(new) { $0.merged(with: owners[$1]) }
        for index in same.reversed() { owners.remove(at: index) }
        owners.append(merged)
      }
      return owners.sorted { ($0.first, $0.name) < ($1.first, $1.name) }
    }

    private func merged(with other: Owner) -> Owner {
      Owner(
        place: place, macs: macs.union(other.macs), first: min(first, other.first), last: max(last, other.last),
        answers: answers || other.answers, speaksVRRP: speaksVRRP || other.speaksVRRP)
    }
  }

  /// Two owners whose claims overlap, or that both answer within a second.
  private static func contest(_ owners: [Owner]) -> (Owner, Owner)? {
    for (index, one) in owners.enumerated() {
      for other in owners[(index + 1)...] where other.place == one.place && other.macs.isDisjoint(with: one.macs) {
        if other.first <= one.last { return (one, other) }
        if one.answers, other.answers, other.first.seconds(since: one.last) <= 1 { return (one, other) }
      }
    }
    return nil
  }

  /// All of them are balancers that the user named, or that speak VRRP for the VIP.
  private static func explains(_ service: ServiceCase, _ owners: [Owner]) -> Bool {
    owners.allSatisfy(\.speaksVRRP)
      || service.roles.isNamed && owners.allSatisfy { owner in owner.macs.contains { service.roles.isBalancer($0) } }
  }

  /// Each of them was seen to hand requests on.
  private static func requestsFollowed(_ service: ServiceCase, _ owners: [Owner]) -> Bool {
    owners.allSatisfy { owner in owner.macs.contains { service.roles.passesRequestsOn($0) } }
  }
}
