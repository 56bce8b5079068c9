import Evidence
import Wire

extension Check {
  static let vipOwnerContested = Check(
    id: "ARP004", slug: "vip-owner-contested", title: "Several MACs claim the VIP, and no failover explains it",
    page: Page(
      looksFor: """
        Answers, announcements or VRRP advertisements that give the VIP to more than one MAC. The check fails where the
        claims of two MACs overlap in time, or where two answer within a second. Claims that follow each other are a
        failover if both MACs speak VRRP for the VIP, or if both were seen to hand requests on; otherwise the check is
        undecided.
        """,
      whyItMatters: """
        Chance decides which owner a client reaches. A backend that claims the VIP takes requests away from the
        balancer; of two active balancers neither knows the other's connections.
        """,
      howToMend: """
        Quiet the backends (ARP001 to ARP003). For two balancers, look at why both are active: VRRP advertisements
        that do not reach the other, different virtual router identifiers, two clusters with one address.
        """,
      sources: ["https://github.com/kube-vip/kube-vip/issues/1318", "RFC 9568 section 6 (who is active)"]),
    reads: .claims
  ) { service in
    let places = service.claimed.networks
    let owners = service.ownership.owners
    // Text does not tell for what they speak: it may be the VIP.
    let speakersForUntold = service.site.speakersForUntold(service.service.address.version).filter {
      !owners.contains(service.site.device(claiming: $0))
    }
    if !speakersForUntold.isEmpty {
      return .inconclusive(
        "\(service.macs(speakersForUntold)): VRRP advertisements without their addresses",
        because: "the text does not tell whether they are for \(service.service.address)", next: .printBytes,
        service.exhibits(speakersForUntold))
    }
    guard let first = owners.min() else { return .notApplicable("nobody was seen to claim the VIP") }
    let name = { (owner: Device) in
      listed(service.site.devices.macs(of: owner), separator: " / ") { $0.description }
    }
    let claims = service.claims.filter { !$0.claim.kind.isSender }
    if let (one, other) = places.lazy.compactMap(\.speakersAtOnce).first,
      service.run.untimedPoints.isEmpty
    {
      return .fail(
        "\(one) and \(other) are both master for \(service.service.address)",
        because: "both send VRRP advertisements at the same time",
        remedy: "find out why their VRRP advertisements do not reach each other",
        service.exhibits(claims.filter { $0.claim.kind == .vrrp }))
    }
    if owners.count > 1, claims.contains(where: { service.run.untimedPoints.contains($0.claim.point) }) {
      return .inconclusive(
        "\(listed(owners.sorted(), name)) claim \(service.service.address)",
        because: "the text has no times, which would tell who had it when", next: .printTimes, service.exhibits(claims))
    }
    guard owners.count > 1 else { return .pass("only \(name(first)) claims the VIP") }
    let names = listed(owners.sorted(), name)
    let followed = requestsFollowed(service, owners)
    let speakers = service.speakers
    let contests = places.flatMap { $0.contests(whereExplained: { explains(service, speakers, $0) }) }.filter {
      $0.kind.lasts || $0.kind == .perhapsAnswers || !followed
    }
    if let (one, other, _) = contests.first(where: { isBetweenTwoDevices(service, $0) }) {
      return .fail(
        "\(names) claim \(service.service.address)",
        because: "\(name(one)) and \(name(other)) claim it at the same time",
        remedy: "leave one owner: quiet the backends, or find out why two balancers are active",
        service.exhibits(claims))
    }
    if let (one, other, kind) = contests.first(where: { !$0.kind.isReturn }) {
      return .inconclusive(
        "\(names) claim \(service.service.address)",
        because: kind == .perhapsAnswers
          ? "\(name(one)) and \(name(other)) answered one question, or two that were asked at once"
          : "\(name(one)) and \(name(other)) may be two owners, or one device with two interfaces",
        next: .nameEveryBalancerMAC,
        service.exhibits(claims))
    }
    // In networks of different tenants nobody claims the other's address.
    let apart = Dictionary(grouping: places, by: \.overlay).values.map { $0.flatMap(\.tenures).map(\.owner) }.map(
      Set.init)
    if apart.count > 1,
      apart.allSatisfy({ $0.count < 2 || explains(service, speakers, $0) || requestsFollowed(service, $0) })
    {
      return .pass("\(names) claim the VIP in networks of their own")
    }
    if explains(service, speakers, owners) || followed {
      return .pass("\(names) claim the VIP one after the other: a failover")
    }
    return .inconclusive(
      "\(names) claim \(service.service.address) one after the other",
      because: "it may be a failover, or a backend that leaks",
      next: .nameEveryBalancerMAC,
      service.exhibits(claims))
  }

  /// They are no two MACs of one host. That both answer one question no bond does; that they claim it by turns, it may.
  private static func isBetweenTwoDevices(_ service: ServiceCase, _ contest: ClaimedNetwork.Contest) -> Bool {
    let (one, other) = (contest.one, contest.other)
    switch contest.kind {
    case .answers(let last): return last || isAnotherDevice(service, one, other)
    case .perhapsAnswers: return false
    case .turns: return isApart(service, one, other)
    case .return(let gap):
      // One that never balances, and serves, was no master meanwhile, if the first one still was.
      return service.roles.backends[other] != nil && !service.balances(other) && service.hadAllTheTime(gap)
        && isAnotherDevice(service, one, other)
    }
  }

  /// They are known to differ, the user named one alone, or each has an address of its own.
  private static func isApart(_ service: ServiceCase, _ one: Device, _ other: Device) -> Bool {
    if service.site.areKnownDifferent(one, other) { return true }
    if service.roles.isNamed, service.roles.isBalancer(one) != service.roles.isBalancer(other) { return true }
    return !service.site.mayBeOne(one, other)
      && service.site.haveOtherAddresses(one, other, besides: service.service.address)
  }

  /// Or one of them serves: then it is not the balancer's second interface.
  private static func isAnotherDevice(_ service: ServiceCase, _ one: Device, _ other: Device) -> Bool {
    if isApart(service, one, other) { return true }
    let answering = service.answering
    return [one, other].contains { answering.contains($0) || service.roles.backends[$0] != nil }
  }

  /// All of them are balancers that the user named, or that speak VRRP for the VIP.
  private static func explains(_ service: ServiceCase, _ speakers: Set<Device>, _ owners: Set<Device>) -> Bool {
    owners.isSubset(of: speakers)
      || service.roles.isNamed && owners.allSatisfy { service.roles.isBalancer($0) }
  }

  /// Requests went to each of them that others answered.
  private static func requestsFollowed(_ service: ServiceCase, _ owners: Set<Device>) -> Bool {
    owners.isSubset(of: service.taking) && !handOverToEachOther(service, owners)
  }

  /// One hands requests to another, which hands them on or leaves them to others to answer: both balance at once.
  private static func handOverToEachOther(_ service: ServiceCase, _ owners: Set<Device>) -> Bool {
    service.flows.contains { judged in
      judged.group.journeys.contains { journey in
        journey.requests.legs.contains { leg in
          guard let from = leg.from, let to = leg.to, from != to, owners.contains(from), owners.contains(to) else {
            return false
          }
          let origins = journey.replies.origins
          return !leg.link.isTunnelled
            && (journey.requests.forwarders.contains(to) || !origins.isEmpty && !origins.contains(to))
        }
      }
    }
  }
}
