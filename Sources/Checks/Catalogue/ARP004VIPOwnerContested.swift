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
    let places = Place.all(in: service)
    let owners = Set(places.flatMap { $0.tenures.map(\.owner) })
    guard let first = owners.min() else { return .notApplicable("nobody was seen to claim the VIP") }
    let name = { (owner: Device) in
      listed(service.site.devices.macs(of: owner), separator: " / ") { $0.description }
    }
    let claims = service.claims.filter { !$0.claim.kind.isSender }
    if let (one, other) = places.lazy.compactMap(\.speakersAtOnce).first {
      return .fail(
        "\(one) and \(other) are both master for \(service.service.address)",
        because: "both send VRRP advertisements at the same time",
        remedy: "find out why their VRRP advertisements do not reach each other",
        service.exhibits(claims.filter { $0.claim.kind == .vrrp }))
    }
    guard owners.count > 1 else { return .pass("only \(name(first)) claims the VIP") }
    let names = listed(owners.sorted(), name)
    let followed = requestsFollowed(service, owners)
    let speakers = service.speakers
    let contests = places.compactMap { $0.contest(whereExplained: { explains(service, speakers, $0) }) }.filter {
      $0.lasts || !followed
    }
    if let (one, other, _) = contests.first(where: { $2 || areTwoDevices(service, $0, $1) }) {
      return .fail(
        "\(names) claim \(service.service.address)",
        because: "\(name(one)) and \(name(other)) claim it at the same time",
        remedy: "leave one owner: quiet the backends, or find out why two balancers are active",
        service.exhibits(claims))
    }
    if let (one, other, _) = contests.first {
      return .inconclusive(
        "\(names) claim \(service.service.address)",
        because: "\(name(one)) and \(name(other)) may be two owners, or one device with two interfaces",
        remedy: "name the balancer: --balancer-mac, once for each of its MACs",
        service.exhibits(claims))
    }
    if explains(service, speakers, owners) || followed {
      return .pass("\(names) claim the VIP one after the other: a failover")
    }
    return .inconclusive(
      "\(names) claim \(service.service.address) one after the other",
      because: "it may be a failover, or a backend that leaks",
      remedy: "name the balancers: --balancer-mac, once for each",
      service.exhibits(claims))
  }

  /// They are no two interfaces of one balancer: one of them serves, they are known to differ, or the user named one alone.
  private static func areTwoDevices(_ service: ServiceCase, _ one: Device, _ other: Device) -> Bool {
    if service.site.areKnownDifferent(one, other) { return true }
    if service.roles.isNamed, service.roles.isBalancer(one) != service.roles.isBalancer(other) { return true }
    let answering = service.flows.reduce(into: Set<Device>()) { found, judged in
      for journey in judged.group.journeys { found.formUnion(journey.replies.origins) }
    }
    return [one, other].contains { answering.contains($0) || service.roles.backends[$0] != nil }
  }

  /// All of them are balancers that the user named, or that speak VRRP for the VIP.
  private static func explains(_ service: ServiceCase, _ speakers: Set<Device>, _ owners: Set<Device>) -> Bool {
    owners.isSubset(of: speakers)
      || service.roles.isNamed && owners.allSatisfy { service.roles.isBalancer($0) }
  }

  /// Requests went to each of them that others answered.
  private static func requestsFollowed(_ service: ServiceCase, _ owners: Set<Device>) -> Bool {
    let taking = service.flows.reduce(into: Set<Device>()) { found, judged in
      guard judged.fate.isDirect else { return }
      for (journey, cast) in zip(judged.group.journeys, judged.casts) {
        found.formUnion(journey.requesting.filter { cast.isBalancer($0) })
      }
    }
    return owners.isSubset(of: taking)
  }
}

/// Networks are told apart by capture point and VLAN: what is claimed in one says nothing in another.
private struct Place {
  var tenures: [Tenure<Device>]
  /// Stretches of time in which devices answered.
  var answers: [Tenure<Device>]
  /// By virtual router.
  var speakers: [[Tenure<IPAddress>]]

  private struct Network: Hashable, Comparable {
    var point: Int
    var vlan: VLANStack

    static func < (a: Network, b: Network) -> Bool {
      (a.point, a.vlan.depth, a.vlan.outer, a.vlan.inner) < (b.point, b.vlan.depth, b.vlan.outer, b.vlan.inner)
    }
  }

  static func all(in service: ServiceCase) -> [Place] {
    let claims = service.claims.filter { !$0.claim.kind.isSender }
    let networks = Dictionary(grouping: claims) { Network(point: $0.claim.point, vlan: $0.claim.vlan) }
    return networks.sorted { $0.key < $1.key }.map { _, claims in
      let statements = claims.flatMap { seen in
        service.site.statements(seen).map { (isAnswer: seen.claim.kind.isAnswer, statement: $0) }
      }
      let routers = Dictionary(grouping: claims.filter { $0.claim.kind == .vrrp }, by: \.claim.virtualMAC)
      return Place(
        tenures: Tenure.all(statements.map(\.statement)),
        answers: statements.filter(\.isAnswer).flatMap { Tenure.stretches($0.statement) }.sorted {
          ($0.first, $0.last, $0.owner) < ($1.first, $1.last, $1.owner)
        },
        speakers: routers.values.map { claims in
          Tenure.all(claims.compactMap { seen in seen.claim.speaker.map { Statement(seen, by: $0) } })
        })
    }
  }

  /// Two speakers of one virtual router that were both master for longer than three advertisement intervals.
  var speakersAtOnce: (IPAddress, IPAddress)? {
    speakers.lazy.compactMap { Self.overlap($0) { max($0.patience, $1.patience, 1) } }.min { $0 < $1 }
  }

  /// Two devices that both own the VIP: their tenures overlap by more than a second, or one has it again without having
  /// announced that, or both answer within a second. In what is explained as a failover, only overlaps count. It lasts where
  /// it goes on for longer than a second: one question that two MACs answer may have met two interfaces of one host.
  func contest(whereExplained explains: (Set<Device>) -> Bool) -> (Device, Device, lasts: Bool)? {
    if let (one, other) = Self.overlap(tenures, longerThan: { max($0.patience, $1.patience, 1) }) {
      return (one, other, true)
    }
    var found: (Device, Device, lasts: Bool)?
    var begun: [Device: Timestamp] = [:]
    var returned: Set<Device> = []
    for (index, tenure) in tenures.enumerated() {
      guard let before = begun[tenure.owner] else {
        begun[tenure.owner] = tenure.first
        continue
      }
      let other = tenures[index - 1].owner
      if tenure.isAnnounced || other == tenure.owner || explains([other, tenure.owner]) { continue }
      returned.insert(tenure.owner)
      // Once to and fro may be a failover that nobody announced; by turns it is none.
      if returned.contains(other), tenure.first.seconds(since: before) > 1 { return (tenure.owner, other, true) }
      found = found ?? (tenure.owner, other, false)
    }
    // Each question that both answer is a turn of its own.
    var answered: Timestamp?
    for (one, other) in zip(answers, answers.dropFirst()) where one.owner != other.owner {
      guard other.first.seconds(since: one.last) <= 1, !explains([one.owner, other.owner]) else { continue }
      if let answered, other.first.seconds(since: answered) > 1 { return (one.owner, other.owner, true) }
      answered = answered ?? other.first
      found = found ?? (one.owner, other.owner, false)
    }
    return found
  }

  /// Two owners whose tenures overlap by more than so many seconds.
  private static func overlap<Owner>(
    _ tenures: [Tenure<Owner>], longerThan least: (Tenure<Owner>, Tenure<Owner>) -> Double
  ) -> (Owner, Owner)? {
    // The one that lasts longest so far, and the one of another owner that does: in the order of their beginnings, no other
    // overlaps more.
    var longest: Tenure<Owner>?
    var next: Tenure<Owner>?
    for tenure in tenures {
      for earlier in [longest, next].compactMap({ $0 }) where earlier.owner != tenure.owner {
        if min(earlier.last, tenure.last).seconds(since: tenure.first) > least(earlier, tenure) {
          return (earlier.owner, tenure.owner)
        }
      }
      guard let known = longest else {
        longest = tenure
        continue
      }
      if tenure.last > known.last {
        if tenure.owner != known.owner { next = known }
        longest = tenure
      } else if tenure.owner != known.owner, next.map({ $0.last < tenure.last }) ?? true {
        next = tenure
      }
    }
    return nil
  }
}
