import Evidence
import Tables
import Wire

/// Everything a check may look at about one service: its flows and what became of them, who is who, and what was
/// claimed. It holds what was judged, and judges nothing itself.
struct ServiceCase: Sendable {
  let service: ServicePattern
  /// What all services share.
  let run: Run
  /// What the IPVS tables hold for the service, by host.
  var ipvs: [IPVSHost]
  /// Who is who by the user's word and by tables.
  let stations: NamedStations
  /// All clients' addresses, where hosts are given whose routes to them count.
  let clients: Set<IPAddress>
  /// Who is who, in all the times that the capture shows.
  let roles: Roles
  let flows: [JudgedFlows]
  /// Claims on the VIP, first seen first.
  var claims: [ClaimIndex.Seen] { claimed.claims }
  var ownership: Ownership { claimed.ownership }
  let claimed: AddressClaims
  let foreignReplies: [ForeignReply]
  /// ICMP errors about flows of the service, first seen first.
  let errors: [(message: ErrorMessage, tally: Tally)]
  /// How many flows each MAC took part in.
  let flowsByMAC: [MACAddress: Int]
  /// Who balances, in the order of their MACs.
  private(set) var balancers: [ServiceVerdict.Station] = []
  /// The balancer in words, for evidence.
  private(set) var balancerText = ""

  var policy: Policy { run.policy }
  /// The user named services, and with them a balancer for each.
  var isServiceNamed: Bool { !policy.services.isEmpty }
  var tables: Tables { run.tables }
  var site: SiteMap { run.site }
  var captures: [CaptureSummary] { run.evidence.captures }
  var points: [CapturePoint] { run.evidence.points }
  var links: Evidence.Links { run.links }
  var pairs: PairIndex { run.pairs }
  var claimIndex: ClaimIndex { site.claims }
  var identities: Identities { site.identities }
  /// Devices that speak VRRP for the VIP.
  var speakers: Set<Device> { claimed.speakers }
}

/// What all services of a run share. A class, so that a service is copied without copying all of it.
final class Run: Sendable {
  let evidence: Evidence
  let links: Evidence.Links
  let tables: Tables
  let policy: Policy
  let site: SiteMap
  let errors: ErrorIndex
  /// What a flood of claims left no room for.
  let claimGaps: SampleGaps
  /// Points of text without times.
  let untimedPoints: Set<Int>
  private let foreignReplies: [IPAddress: [ForeignReply]]
  let pairs: PairIndex
  let pointsWithBothDirections: Set<Int>
  let pointsWithUnreadPackets: Set<Int>
  let ipvsIndex: IPVSIndex
  let talks: Talks
  let probes: [ProbeTrace]
  private let joins: Joins
  let translated: TranslatedDestinations
  /// What was seen beside the services that were asked for, where nothing was seen of one of these.
  let others: [SeenService]

  init(
    _ evidence: Evidence, _ tables: Tables, _ policy: Policy, _ site: SiteMap, foreign: [ForeignReply],
    pointsWithBothDirections: Set<Int>, probes: [ProbeResult] = [], others: [SeenService] = [], joins: Joins,
    translated: TranslatedDestinations
  ) {
    (self.joins, self.translated) = (joins, translated)
    self.others = others
    (self.evidence, self.tables, self.policy, self.site) = (evidence, tables, policy, site)
    self.pointsWithBothDirections = pointsWithBothDirections
    pointsWithUnreadPackets = evidence.pointsWithUnreadPackets
    links = evidence.links
    errors = ErrorIndex(evidence)
    (claimGaps, untimedPoints) = (evidence.claimGaps, evidence.untimedPoints)
    foreignReplies = Dictionary(grouping: foreign, by: \.flow.server.address)
    pairs = PairIndex(evidence.links, site.devices)
    ipvsIndex = IPVSIndex(tables)
    talks = Talks(evidence, site, services: Set(policy.services.map(\.address)))
    self.probes = ProbeTrace.all(of: probes, in: evidence, foreign: foreign, errors)
  }

  /// The point stands for several captures.
  func isJoint(_ point: Int) -> Bool { evidence.jointPoints.contains(point) }

  /// Whether the capture of `point` had begun by `time`, and went on after it, as the clock at another point tells that; `nil`
  /// where the two clocks are not known against each other.
  func capture(at point: Int, hasBegunBy time: Timestamp, byClockOf other: Int) -> (begun: Bool, goesOn: Bool)? {
    let (own, others) = (evidence.points[point].capture, evidence.points[other].capture)
    let summary = evidence.captures[own]
    guard let beginning = summary.firstTime.flatMap({ joins.commonTime($0, of: own) }),
      let end = summary.lastTime.flatMap({ joins.commonTime($0, of: own) }),
      let moment = joins.commonTime(time, of: others), moment.place == beginning.place
    else { return nil }
    return (beginning.time <= moment.time, moment.time <= end.time)
  }

  /// How many nanoseconds a capture's clock is ahead of the first one's that it is tied to.
  func ahead(ofCapture capture: Int) -> Int64 { joins.clocks[capture]?.ahead ?? 0 }

  /// The capture point shows what was answered to the client, to the service or to a question for an address. Text may leave out
  /// the latter.
  fileprivate func showsAnswers(at journey: Journey, _ point: PointFacts?) -> Bool {
    point?.serviceReplied ?? false || site.claims.pointsWithAnswers.contains(journey.point)
      || evidence.textPoints.contains(journey.point)
  }

  /// The requests passed no router yet, all that was captured there concerns who sends them, and the capture went on for long
  /// enough to show an answer.
  func isClientsOwn(_ journey: Journey) -> Bool {
    let end = evidence.captures[evidence.points[journey.point].capture].lastTime
    return pairs.isPlace(of: journey.requests.origins, at: journey.point)
      && journey.requests.origins.count == 1
      && journey.requests.legs.allSatisfy { leg in
        !Journey.Leg.isLowered(leg.record.hopLimit)
          && (untimedPoints.contains(journey.point)
            || end.map { $0.seconds(since: leg.record.lastTime) >= 1 } ?? false)
      }
  }

  func foreignReplies(to service: ServicePattern) -> [ForeignReply] {
    (foreignReplies[service.address] ?? []).filter { service.matches($0.flow.transport, $0.flow.server) }
  }
}

extension ServiceCase {
  /// Judges the flows of one service.
  static func judged(
    _ traffic: ServiceTraffic, _ claimed: AddressClaims, in run: Run, clients: Set<IPAddress>, by rules: [Rule]
  ) -> ServiceCase {
    let service = traffic.service
    let ipvs = IPVSHost.all(run.tables, run.ipvsIndex, for: service, run.policy)
    let stations = NamedStations(run.policy, run.tables, ipvs, run.site.identities, vip: service.address)
    let casts = Cast.all(traffic, claimed, run.site, stations, run.policy)
    let points = PointFacts.all(traffic, run)
    let flows = judgedFlows(traffic, casts, points, run, by: rules)
    var judged = ServiceCase(
      service: service, run: run, ipvs: ipvs, stations: stations, clients: clients,
      roles: Roles(
        Array(casts.values) + Cast.ofAllTimes(traffic, claimed, run.site, stations, run.policy),
        speakers: claimed.speakers, run.site),
      flows: flows, claimed: claimed,
      foreignReplies: run.foreignReplies(to: service),
      errors: run.errors.errors(about: service), flowsByMAC: flows.flowsByMAC)
    judged.findTableRoles(run.evidence)
    judged.balancers = judged.findBalancers()
    judged.balancerText =
      judged.roles.balancers.isEmpty
      ? "the balancer" : "the balancer (" + listed(judged.balancers) { $0.mac.description } + ")"
    return judged
  }

  private static func judgedFlows(
    _ traffic: ServiceTraffic, _ casts: [Cast.Setting: Cast], _ points: [Int: PointFacts], _ run: Run,
    by rules: [Rule]
  ) -> [JudgedFlows] {
    let undelivered = traffic.groups.map { isUndelivered($0, points, run) }
    let lost = zip(traffic.groups, undelivered).reduce(0) { $0 + ($1.1 ? $1.0.flows : 0) }
    let others = JudgedFlows.Others(traffic.groups, undelivered: lost)
    return zip(traffic.groups, undelivered).map { group, isUndelivered in
      var returnPaths: [ReturnPath] = []
      var scenes: [Scene] = []
      for journey in group.journeys {
        guard let cast = casts[Cast.Setting(group, journey, run.site)] else { continue }
        let scene = Scene(
          group, journey, cast, run.site, points[journey.point] ?? PointFacts(), traffic.service,
          isServiceNamed: !run.policy.services.isEmpty, talks: run.talks)
        returnPaths.append(scene.decide(by: rules))
        scenes.append(scene)
      }
      // What replies alone say of a flow gives way to what they say beside its requests.
      if let whole = scenes.indices.first(where: { run.isJoint(scenes[$0].journey.point) }),
        case .undecided = returnPaths[whole], !scenes[whole].journey.requests.legs.isEmpty
      {
        for (index, scene) in scenes.enumerated() where scene.journey.requests.legs.isEmpty {
          if case .viaBalancer = returnPaths[index] { returnPaths[index] = returnPaths[whole] }
        }
      }
      for (index, scene) in scenes.enumerated() {
        guard case .direct = returnPaths[index], let device = scene.balancerPassed(in: scenes) else { continue }
        returnPaths[index] = .undecided(.passedElsewhere(device))
      }
      // Where the request was seen, and no answer.
      let silent = group.journeys.filter { !run.isJoint($0.point) && $0.replies.legs.isEmpty }
      return JudgedFlows(
        group, returnPaths, scenes.map(\.cast),
        answersElsewhere: silent.contains { points[$0.point]?.wouldShowAnswer(to: $0) ?? false },
        isHeardBothWays: silent.contains {
          points[$0.point]?.showsBothDirections ?? false || run.site.claims.pointsWithAnswers.contains($0.point)
        },
        isUndelivered: isUndelivered,
        others: others)
    }
  }

  /// Of UDP: an answer was captured, and ICMP says that it did not arrive, or the client's own capture lacks it.
  private static func isUndelivered(_ group: FlowGroup, _ points: [Int: PointFacts], _ run: Run) -> Bool {
    guard group.exemplar.flow.transport == .udp, group.facts.contains(.replySeen) else { return false }
    return group.facts.contains(.answerUndelivered)
      || group.journeys.contains {
        !run.isJoint($0.point) && $0.replies.legs.isEmpty && run.showsAnswers(at: $0, points[$0.point])
          && run.isClientsOwn($0)
      }
  }

  /// Whose IPVS tables are, as far as the flows tell.
  private mutating func findTableRoles(_ evidence: Evidence) {
    for index in ipvs.indices where ipvs[index].role == nil {
      let host = ipvs[index]
      ipvs[index].findRole(
        counts, translated: translatedDestination(of: host, evidence),
        host: tables.hosts.first { $0.name == host.name }, isBalancer: isBalancer(host.name), vip: service.address,
        deliversToPeers: host.destinations.contains { isPeer($0.destination.endpoint.address, of: host.name) })
    }
  }
}

extension Cast {
  /// Who is who by all flows at once, where one device alone ever owned the VIP: what nobody claimed while flows ran may be
  /// claimed later.
  static func ofAllTimes(
    _ traffic: ServiceTraffic, _ claimed: AddressClaims, _ site: SiteMap, _ named: NamedStations, _ policy: Policy
  ) -> [Cast] {
    let entries = traffic.groups.flatMap { group in group.journeys.map { (group, $0) } }
    let byPart = Dictionary(grouping: entries) { site.part(ofPoint: $0.1.point) }
    return (byPart.isEmpty ? [0: []] : byPart).sorted { $0.key < $1.key }.map { part, entries in
      let claimed = claimed.inPart(part)
      let owners = claimed.ownership.owners
      guard owners.count == 1 else { return Cast(.nobody, [], traffic.service, claimed, site, named, policy) }
      return Cast(.known(owners), entries, traffic.service, claimed, site, named, policy)
    }
  }

  /// Who owned the VIP while a flow ran, and in which of the networks that are apart.
  struct Setting: Hashable {
    var owners: Ownership.Owners
    var part: Int

    init(_ group: FlowGroup, _ journey: Journey, _ site: SiteMap) {
      owners = group.owners[journey.point] ?? .nobody
      part = site.part(ofPoint: journey.point)
    }
  }

  /// Who is who, for each set of owners that the VIP had.
  static func all(
    _ traffic: ServiceTraffic, _ claimed: AddressClaims, _ site: SiteMap, _ named: NamedStations, _ policy: Policy
  ) -> [Setting: Cast] {
    var entries: [Setting: [Entry]] = [:]
    for group in traffic.groups {
      for journey in group.journeys { entries[Setting(group, journey, site), default: []].append((group, journey)) }
    }
    var hands: [Int: Cast.HandingOn] = [:]
    for part in Set(entries.keys.map(\.part)) {
      hands[part] = Cast.HandingOn(
        entries.filter { $0.key.part == part }.flatMap(\.value), claimed.inPart(part), site)
    }
    return Dictionary(
      uniqueKeysWithValues: entries.map { setting, entries in
        (
          setting,
          Cast(
            setting.owners, entries, traffic.service, claimed.inPart(setting.part), site, named, policy,
            hands[setting.part] ?? HandingOn())
        )
      })
  }
}
