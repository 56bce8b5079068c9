import Evidence
import Wire

/// The flows of one service, in groups that look the same.
struct ServiceTraffic: Sendable {
  let service: ServicePattern
  /// In the order of their first frames.
  var groups: [FlowGroup] = []

  /// Sorts every flow of `evidence` to the services of `index`.
  static func gather(
    _ index: ServiceIndex, _ evidence: Evidence, _ claims: ClaimsByAddress, _ stations: ClientStations,
    elsewhere: [ForeignReply], _ joins: Joins, _ translated: TranslatedDestinations, _ answers: TranslatedReplies,
    _ networks: SeparateNetworks
  ) -> [ServiceTraffic] {
    var sorter = TrafficSorter(index, evidence, claims, stations, elsewhere: elsewhere)
    evidence.forEachFlow { sorter.add($0, $1, $2, $3, $4, joins, translated, answers, networks) }
    return zip(index.services, sorter.sorters).map { service, sorter in
      ServiceTraffic(
        service: service,
        groups: sorter.groups.count < 2
          ? sorter.groups
          : sorter.groups.sorted {
            ($0.firstFrame, $0.exemplar.flow) < ($1.firstFrame, $1.exemplar.flow)
          })
    }
  }

  /// Which MACs its frames show to be one device's.
  ///
  /// Where a flow shows two exits for one entry, or two entries for one exit, as where a router and a balancer behind it that
  /// keeps the hop limit do, these pairs count nowhere.
  func crossings(_ links: Evidence.Links, textPoints: Set<Int>) -> Set<Crossing> {
    struct Pair: Hashable {
      var entry: MACAddress
      var exit: MACAddress
    }
    var found: Set<Crossing> = []
    var ambiguous: Set<Pair> = []
    // By number, for a group is large, and of a scan there are many that have nothing of the kind.
    for number in groups.indices {
      for half in [groups[number].exemplar.requests, groups[number].exemplar.replies] {
        let all = half.crossings(links, textPoints)
        guard !all.isEmpty else { continue }
        found.formUnion(all)
        let crossings = all.filter { $0.certainty == .seen }
        let exits = Dictionary(grouping: crossings) { $0.entry }.mapValues { Set($0.map(\.exit)).count }
        let entries = Dictionary(grouping: crossings) { $0.exit }.mapValues { Set($0.map(\.entry)).count }
        for crossing in crossings where exits[crossing.entry] != 1 || entries[crossing.exit] != 1 {
          ambiguous.insert(Pair(entry: crossing.entry, exit: crossing.exit))
        }
      }
    }
    return found.filter { $0.certainty != .seen || !ambiguous.contains(Pair(entry: $0.entry, exit: $0.exit)) }
  }

  /// The same, with the way that each group took through the network.
  func following(_ site: SiteMap, _ links: Evidence.Links, _ stations: ClientStations) -> ServiceTraffic {
    var traffic = self
    for index in groups.indices {
      traffic.groups[index].follow(site, groups[index].exemplar.journeys(site, links, stations))
    }
    return traffic
  }
}

extension [LinkRecord] {
  /// A frame arrives at one MAC, which was not seen to send it on, and leaves from another, which was not seen to receive it
  /// and had not sent it to the first, a hop on and at the same time. Inside a tunnel the hop limit does not tell how many
  /// routers it passed, and frames that keep the sender's MAC show no second one. Between two captures a
  /// balancer may stand that keeps the hop limit: so the frames have to be seen at one point, or who receives the second passes
  /// it on, as no backend does. Nor may the half pass anybody else meanwhile whose frames differ, as where some are missing or
  /// were joined: the two may be a router and the exit of a balancer behind it.
  fileprivate func crossings(_ links: Evidence.Links, _ textPoints: Set<Int>) -> Set<Crossing> {
    guard count > 1, count <= Journey.Half.legLimit else { return [] }
    let legs = map { (link: links[$0.link], record: $0) }.filter { !$0.record.isResetOnly }
    var found: Set<Crossing> = []
    for incoming in legs {
      guard let entry = incoming.link.destination, entry.isUnicast,
        !legs.contains(where: { $0.link.point == incoming.link.point && $0.link.source == entry })
      else { continue }
      for outgoing in legs where outgoing.link.point == incoming.link.point {
        let isTold = outgoing.record.isForwarded(from: incoming.record)
        guard
          isTold
            || textPoints.contains(incoming.link.point) && outgoing.record.mayBeForwarded(from: incoming.record),
          !outgoing.link.isTunnelled, outgoing.record.overlaps(incoming.record), let exit = outgoing.link.source,
          exit.isUnicast,
          exit != incoming.link.source,
          !legs.contains(where: { $0.link.point == incoming.link.point && $0.link.destination == exit }),
          links.origin(of: outgoing.record.link) == outgoing.record.link
            || legs.contains(where: {
              $0.link.point == incoming.link.point && $0.link.source == outgoing.link.destination
            })
        else { continue }
        let mayBeBetween = legs.contains { between in
          between.link.point == incoming.link.point && between.record.mayStandBetween(incoming.record, outgoing.record)
            && between.link.destination != entry && between.link.source != exit
        }
        let first = Swift.min(incoming.record.firstTime, outgoing.record.firstTime)
        let last = Swift.max(incoming.record.lastTime, outgoing.record.lastTime)
        found.insert(
          Crossing(
            point: incoming.link.point, entry: entry, exit: exit, times: first...last,
            certainty: !isTold ? .untold : mayBeBetween ? .perhapsTwo : .seen))
      }
    }
    return found
  }
}

extension LinkRecord {
  /// Nothing that text tells of the two speaks against it.
  fileprivate func mayBeForwarded(from other: LinkRecord) -> Bool {
    let isSame = fingerprint == other.fingerprint || hasUntoldFingerprint || other.hasUntoldFingerprint
    let isNext = hopLimit == 0 || other.hopLimit == 0 || hopLimit == other.hopLimit - 1
    return isSame && isNext
  }

  /// Of other frames, and as many hops on as one of the two.
  fileprivate func mayStandBetween(_ incoming: LinkRecord, _ outgoing: LinkRecord) -> Bool {
    fingerprint != incoming.fingerprint && (hopLimit == incoming.hopLimit || hopLimit == outgoing.hopLimit)
      && overlaps(incoming) && overlaps(outgoing)
  }

  /// They were seen at the same time, give or take what passing a frame on takes.
  fileprivate func overlaps(_ other: LinkRecord) -> Bool {
    firstTime.seconds(since: other.lastTime) <= 1 && other.firstTime.seconds(since: lastTime) <= 1
  }
}

extension ObservedFlow {
  fileprivate func journeys(_ site: SiteMap, _ links: Evidence.Links, _ stations: ClientStations) -> [Journey] {
    let requests = legs(requests, site, links)
    let replies = legs(replies, site, links)
    let isOfClientStation = stations.soleStation(self.requests.span, self.replies.span) != nil
    return points(links).map { point in
      Journey(
        point: point, requests: requests.filter { $0.link.point == point },
        replies: replies.filter { $0.link.point == point },
        client: site.claims.soleOwner(of: flow.client.address, at: point).map { site.devices.device(of: $0) },
        isOfClientStation: isOfClientStation)
    }
  }

  private func legs(_ records: [LinkRecord], _ site: SiteMap, _ links: Evidence.Links) -> [Journey.Leg] {
    records.map { record in
      let link = links[record.link]
      let device = { (mac: MACAddress?) -> Device? in
        guard let mac, mac.isUnicast else { return nil }
        return site.device(of: mac, at: link.point, from: record.firstTime, to: record.lastTime)
      }
      return Journey.Leg(link: link, record: record, from: device(link.source), to: device(link.destination))
    }.sorted { $0.record.firstFrame < $1.record.firstFrame }
  }
}

extension ObservedFlow {
  fileprivate func points(_ links: Evidence.Links) -> [Int] {
    var found: [Int] = []
    for record in requests + replies where found.last != links.point(of: record.link) {
      found.append(links.point(of: record.link))
    }
    return found.count < 2 ? found : Set(found).sorted()
  }
}

/// Sorts flows to services.
private struct TrafficSorter {
  private let index: ServiceIndex
  private let context: SortingContext
  private let links: Evidence.Links
  private let untimedPoints: Set<Int>
  private let devices: Devices
  /// What the flow in hand looks like.
  private var signature: [UInt64] = []
  /// The numbers of its services.
  private var numbers: [Int] = []
  /// What is known of it before its conversations are told apart.
  private var known: FlowFacts = []
  /// Among its replies are those from which others are made.
  private var hasTranslatedAnswer = false
  /// When the capture of each point ended.
  private let ends: [Timestamp?]
  private let errors: FlowErrors
  private let answeredElsewhere: Set<Flow>
  /// Clients that completed a handshake with one of the services.
  private let workingClients: Set<IPAddress>
  /// Clients that try again and again, in vain.
  private let clientsInVain: Set<IPAddress>
  /// Of flows whose ports were used again, by lower and higher end.
  private let reuses: [Flow: PortReuse]
  private(set) var sorters: [FlowSorter]

  init(
    _ index: ServiceIndex, _ evidence: Evidence, _ claims: ClaimsByAddress, _ stations: ClientStations,
    elsewhere: [ForeignReply]
  ) {
    self.index = index
    let links = evidence.links
    self.links = links
    devices = claims.site.devices
    untimedPoints = evidence.untimedPoints
    context = SortingContext(evidence: evidence, links: links, site: claims.site, stations: stations)
    ends = evidence.points.map { evidence.captures[$0.capture].lastTime }
    errors = FlowErrors(evidence)
    answeredElsewhere = Set(elsewhere.map(\.flow))
    reuses = PortReuse.all(evidence)
    workingClients = index.workingClients(in: evidence)
    clientsInVain = index.clientsInVain(in: evidence)
    sorters = index.services.map { service in
      FlowSorter(claimed: claims[service.address])
    }
  }

  mutating func add(
    _ transport: TransportProtocol, _ lower: Endpoint, _ higher: Endpoint, _ fromLower: Span<LinkRecord>,
    _ fromHigher: Span<LinkRecord>, _ joins: Joins, _ translated: TranslatedDestinations, _ answers: TranslatedReplies,
    _ networks: SeparateNetworks
  ) {
    let (serverIsLower, _) = index.orient(transport, lower, higher, fromLower, fromHigher)
    let server = serverIsLower ? lower : higher
    numbers.removeAll(keepingCapacity: true)
    index.forEachService(transport, server) { numbers.append($0) }
    if numbers.isEmpty { return }
    let flow = Flow(transport: transport, client: serverIsLower ? higher : lower, server: server)
    if translated.isAttached(flow) { return }
    let (requests, replies) = serverIsLower ? (fromHigher, fromLower) : (fromLower, fromHigher)
    // Before conversations are told apart, of which each has some of the links.
    known = context.lacksLinks ? FlowFacts(lacking: requests, replies) : []
    let reuse = reuses.isEmpty ? nil : reuses[Flow(transport: transport, client: lower, server: higher)]
    if let answer = answers.find(flow, requests, replies) {
      if answer.isSenderTranslating { known.insert(.repliesTranslated) }
      if !answer.toRequested.isEmpty {
        hasTranslatedAnswer = true
        defer { hasTranslatedAnswer = false }
        add(flow, requests, (Array(replies) + answer.toRequested).span, reuse, joins, translated, networks)
        return
      }
    }
    add(flow, requests, replies, reuse, joins, translated, networks)
  }

  private mutating func add(
    _ flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, _ reuse: PortReuse?, _ joins: Joins,
    _ translated: TranslatedDestinations, _ networks: SeparateNetworks
  ) {
    guard let conversations = networks.conversations(requests, replies) else {
      add(flow, requests, replies, reuse, joins, translated)
      return
    }
    for one in conversations { add(flow, one.requests.span, one.replies.span, reuse, joins, translated) }
  }

  private mutating func add(
    _ flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, _ reuse: PortReuse?, _ joins: Joins,
    _ translated: TranslatedDestinations
  ) {
    if !translated.isEmpty, let whole = translated.whole(flow, requests, replies, in: context.evidence) {
      add(flow, whole.requests.span, whole.replies.span, reuse, joins)
    } else {
      add(flow, requests, replies, reuse, joins)
    }
  }

  private mutating func add(
    _ flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, _ reuse: PortReuse?, _ joins: Joins
  ) {
    if joins.isNeeded {
      for part in joins.parts(of: flow, requests, replies) {
        add(
          flow, ordered(part.requests.span).span, ordered(part.replies.span).span, reuse,
          joint: (part.jointRequests, part.jointReplies), isMadeWhole: part.isMadeWhole)
      }
    } else if requests.count < 2, replies.count < 2 {
      add(flow, requests, replies, reuse)
    } else {
      add(flow, ordered(requests).span, ordered(replies).span, reuse)
    }
  }

  private mutating func add(
    _ flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, _ reuse: PortReuse?,
    joint: (requests: [LinkRecord], replies: [LinkRecord]) = ([], []), isMadeWhole: Bool = false
  ) {
    let exchanges = Exchange.byPoint(requests, replies, links) { [context] in
      context.evidence.acknowledgedSince($0, flow.transport, from: flow.client, to: flow.server)
    }
    var facts = FlowFacts(
      flow, requests, replies, reuse, exchanges, links: links, devices: devices, untimedPoints: untimedPoints
    ) {
      ends[links.point(of: $0.link)]
    }
    facts.formUnion(known)
    // A SYN proxy's answer, and the backend's behind it, are one.
    if hasTranslatedAnswer { facts.remove(.answeredTwice) }
    if facts.contains([.refused, .loneSYN]), context.scan.contains(flow.client, flow.server) {
      facts.insert(.ofScanner)
    }
    if isMadeWhole { facts.insert(.madeWhole) }
    if !errors.isEmpty {
      facts.formUnion(errors.facts(of: flow, requests, replies, links))
      if context.lacksErrors, context.evidence.mayLackTooBig(flow.transport, flow.client, flow.server) {
        facts.insert(.perhapsTooBig)
      }
      facts.noteTooBigGotOver(requests, replies, errors.largeReplies(of: flow, requests, replies, links))
    }
    if !answeredElsewhere.isEmpty, answeredElsewhere.contains(flow) { facts.insert(.answeredFromElsewhere) }
    if facts.isOfPerhapsBackground, workingClients.contains(flow.client.address) {
      facts.insert(.clientWorksElsewhere)
    }
    if facts.contains(.loneSYN), !facts.contains(.replySeen), clientsInVain.contains(flow.client.address) {
      facts.insert(.clientAsksInVain)
    }
    let others =
      context.hasHalfOpenFlows && facts.contains(.loneSYN)
      ? Int(clamping: context.evidence.halfOpenFlows(beside: flow.transport, flow.client, flow.server)) : 0
    let steps = exchanges.map { ($0.point, Steps.reached(flow.transport, $0.exchange, requests, links, at: $0.point)) }
    let isJoint = !joint.requests.isEmpty || !joint.replies.isEmpty
    if isJoint, flow.transport == .tcp, exchanges.allSatisfy({ $0.exchange.reply.isSilent }) {
      facts.formUnion(perhapsStalled(flow, joint))
    }
    if isJoint { facts.noteAnsweredAtLast(joint.requests.span, joint.replies.span, links) }
    if facts.contains(.answerElsewhere), context.isOneCapture(requests, replies) {
      facts.noteAnsweredAtLast(requests, replies, links)
    }
    for number in numbers {
      if isJoint {
        let (all, answers) = (Array(requests) + joint.requests, Array(replies) + joint.replies)
        sorters[number].add(flow, all.span, answers.span, facts, steps, others, &signature, context)
      } else {
        sorters[number].add(flow, requests, replies, facts, steps, others, &signature, context)
      }
    }
  }

  /// The client repeats its data, and what captured the replies elsewhere has no acknowledgment of them: it may have ended too
  /// early, or replies go another way as well.
  private func perhapsStalled(
    _ flow: Flow, _ joint: (requests: [LinkRecord], replies: [LinkRecord])
  ) -> FlowFacts {
    let both = Exchange.byPoint(joint.requests.span, joint.replies.span, links) { [context] in
      context.evidence.acknowledgedSince($0, flow.transport, from: flow.client, to: flow.server)
    }
    guard let exchange = both.first?.exchange, !exchange.reply.isSilent, exchange.isStalled, !exchange.isAnswerStalled
    else { return [] }
    return .dataUnheard
  }

  /// By capture point, then as they were first seen.
  private func ordered(_ records: Span<LinkRecord>) -> [LinkRecord] {
    Array(records).sorted {
      (links.point(of: $0.link), $0.firstFrame, $0.link) < (links.point(of: $1.link), $1.firstFrame, $1.link)
    }
  }
}

extension FlowFacts {
  fileprivate init(lacking requests: Span<LinkRecord>, _ replies: Span<LinkRecord>) {
    self = []
    if Evidence.mayLackLinks(requests) { insert(.mayLackRequests) }
    if Evidence.mayLackLinks(replies) { insert(.mayLackReplies) }
  }
}

extension SortingContext {
  /// One clock tells of all that was seen of the flow.
  func isOneCapture(_ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>) -> Bool {
    func capture(_ record: LinkRecord) -> Int { evidence.points[evidence.links.point(of: record.link)].capture }
    guard !requests.isEmpty else { return false }
    let first = capture(requests[0])
    return !requests.contains { capture($0) != first } && !replies.contains { capture($0) != first }
  }
}

/// What all services share.
private final class SortingContext {
  /// Here, because a closure that holds evidence by value copies it for every flow.
  let evidence: Evidence
  let hasHalfOpenFlows: Bool
  /// Of a flood of ICMP errors some were only counted.
  let lacksErrors: Bool
  /// Of flows over very many links some were dropped.
  let lacksLinks: Bool
  let links: Evidence.Links
  let site: SiteMap
  let stations: ClientStations
  /// Asked for where a connection was refused.
  private(set) lazy var scan = PortScan(evidence)

  init(evidence: Evidence, links: Evidence.Links, site: SiteMap, stations: ClientStations) {
    (self.evidence, self.links, self.site, self.stations) = (evidence, links, site, stations)
    hasHalfOpenFlows = evidence.hasHalfOpenFlows
    lacksErrors = evidence.countedOnly.errors > 0
    lacksLinks = evidence.countedOnly.links > 0
  }
}

/// Puts flows that look the same into one group. A scan finds so many services that what each has is not in the processor's
/// memory when its next flow comes: so it has little.
private struct FlowSorter {
  private let claimed: AddressClaims
  private let isOwnerConstant: Bool
  private(set) var groups: [FlowGroup] = []
  /// What the flows of the first group look like, and the numbers of the others.
  private var first: [UInt64] = []
  private var numbers: [[UInt64]: Int] = [:]
  private var ownerNumbers: [Ownership.Owners: UInt64] = [:]

  init(claimed: AddressClaims) {
    self.claimed = claimed
    isOwnerConstant = claimed.ownership.isConstant
  }

  mutating func add(
    _ flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, _ facts: FlowFacts,
    _ steps: [(Int, Steps)], _ others: Int, _ signature: inout [UInt64], _ context: SortingContext
  ) {
    let (links, site, stations) = (context.links, context.site, context.stations)
    signature.removeAll(keepingCapacity: true)
    // With the number of requests no word can be read as another kind: behind them replies have the highest bit, and of
    // owners' words none is like a reply's.
    signature.append(UInt64(facts.rawValue) | UInt64(requests.count) << FlowFacts.width)
    let station = stations.soleStation(requests, replies)
    let isOfOneStation = station != nil
    Self.sign(requests, half: 0, isOfOneStation ? stations : nil, &signature)
    Self.sign(replies, half: 1, isOfOneStation ? stations : nil, &signature)
    for (_, reached) in steps { signature.append(UInt64(reached.rawValue)) }
    let client = flow.client.address
    let isClientKnown = site.claims.hasClaims(on: client)
    var owners: [Int: Ownership.Owners] = [:]
    if isClientKnown || !isOwnerConstant {
      let observed = ObservedFlow(flow, requests, replies)
      for point in observed.points(links) {
        if isClientKnown {
          let owner = site.claims.soleOwner(of: client, at: point)
          let isStation = isOfOneStation && owner.map { stations.isStation($0, of: requests, replies) } ?? false
          signature.append(isStation ? .max : owner?.rawValue ?? .max - 1)
        }
        guard !isOwnerConstant else { continue }
        let found = observed.owners(claimed, site, links, at: point)
        owners[point] = found
        let number = ownerNumbers[found] ?? UInt64(ownerNumbers.count)
        ownerNumbers[found] = number
        signature.append(number)
      }
    }
    if !groups.isEmpty, let number = first == signature ? 0 : numbers[signature] {
      groups[number].add(
        flow, requests, replies, of: station, isUneven: Self.areUneven(requests, links), standingFor: others)
      return
    }
    let observed = ObservedFlow(flow, requests, replies)
    if isOwnerConstant {
      for point in observed.points(links) { owners[point] = observed.owners(claimed, site, links, at: point) }
    }
    var group = FlowGroup(
      facts: facts, steps: Dictionary(uniqueKeysWithValues: steps), owners: owners, observed)
    group.add(
      flow, requests, replies, of: station, isUneven: Self.areUneven(requests, links), standingFor: others)
    if groups.isEmpty { first = signature } else { numbers[signature] = groups.count }
    groups.append(group)
  }

  /// Where a point has two links, one carries more than the other. The records are in the points' order.
  private static func areUneven(_ requests: Span<LinkRecord>, _ links: Evidence.Links) -> Bool {
    if requests.count < 2 { return false }
    if requests.count == 2 {
      // Of one point, as nearly always.
      return !requests[0].carriesSame(as: requests[1])
    }
    var start = 0
    while start < requests.count {
      let point = links.point(of: requests[start].link)
      var end = start + 1
      while end < requests.count, links.point(of: requests[end].link) == point { end += 1 }
      if end == start + 2, !requests[start].carriesSame(as: requests[start + 1]) { return true }
      start = end
    }
    return false
  }

  private static func sign(
    _ records: Span<LinkRecord>, half: UInt64, _ stations: ClientStations?, _ signature: inout [UInt64]
  ) {
    for index in records.indices {
      let record = records[index]
      var same = 0
      // More than a byte tells are all the same to it.
      while same < min(index, 255), records[same].fingerprint != record.fingerprint { same += 1 }
      let link = stations?.shared(record.link) ?? record.link
      signature.append(
        half << 63 | UInt64(record.isResetOnly ? 1 : 0) << 62 | UInt64(UInt8(clamping: same)) << 48
          | UInt64(record.hopLimit) << 40 | UInt64(link))
    }
  }
}

extension ObservedFlow {
  /// Who owned the VIP while the flow was seen at `point`.
  fileprivate func owners(
    _ claimed: AddressClaims, _ site: SiteMap, _ links: Evidence.Links, at point: Int
  ) -> Ownership.Owners {
    let ownership = claimed.ownership
    var (first, last) = (Timestamp.latest, Timestamp.earliest)
    for record in requests + replies where links.point(of: record.link) == point {
      first = min(first, record.firstTime)
      last = max(last, record.lastTime)
    }
    guard case .known(let owners) = ownership.owners(at: point, from: first, to: last) else { return .crowd }
    var all = owners
    let claimants = ownership.claimants(at: point, before: last).subtracting(owners)
    if !claimants.isEmpty { all.formUnion(takers(site, links, at: point, besides: owners).intersection(claimants)) }
    if let next = ownership.successor(at: point, from: first, to: last), touches(next, site, links, at: point) {
      all.insert(next)
    }
    // A virtual MAC is its holder's.
    all = Set(all.map { site.device(of: $0.mac, at: point, from: first, to: last) })
    // Of a flow that spans a change, both may have served and owned.
    return .known(owners.count > 1 ? all : all.subtracting(served(claimed.askers, site, links, at: point)))
  }

  /// A frame of the flow comes from `device` or goes to it.
  private func touches(_ device: Device, _ site: SiteMap, _ links: Evidence.Links, at point: Int) -> Bool {
    (requests + replies).contains { record in
      let link = links[record.link]
      return link.point == point
        && [link.source, link.destination].contains { mac in
          mac.map {
            site.device(of: $0, at: point, from: record.firstTime, to: record.lastTime)
              == site.devices.device(of: device.mac)
          } ?? false
        }
    }
  }

  /// Who answers a request that came in a tunnel, or was delivered by a device which asked for the answerer's own address, and
  /// never for the VIP, and is not the client: then it serves in this flow, whatever it owned before.
  private func served(
    _ askers: Set<Device>, _ site: SiteMap, _ links: Evidence.Links, at point: Int
  ) -> Set<Device> {
    if replies.isEmpty { return [] }
    let vip = flow.server.address
    let answering = Set(
      replies.filter { links.point(of: $0.link) == point && !$0.isResetOnly }.compactMap { links.source(of: $0.link) })
    var found: Set<Device> = []
    for record in requests where links.point(of: record.link) == point {
      guard let from = links.source(of: record.link), let to = links.destination(of: record.link),
        answering.contains(to)
      else {
        continue
      }
      let (deliverer, answerer) = (site.devices.device(of: from), site.devices.device(of: to))
      if links[record.link].isTunnelled {
        found.insert(answerer)
        continue
      }
      let client = site.claims.soleOwner(of: flow.client.address, at: point).map { site.devices.device(of: $0) }
      guard Journey.Leg.isLowered(record.hopLimit) || client.map({ $0 != deliverer }) ?? false else {
        continue
      }
      if site.address(otherThan: vip, toldBy: answerer, to: deliverer, at: point) != nil,
        !askers.contains(deliverer)
      {
        found.insert(answerer)
      }
    }
    return found
  }

  /// Whom the client, or the router before it, takes for the owner: the frames go to it from where they are first seen, and
  /// have passed no hop, or leave it again. What an owner, or anybody else, hands on says nothing of that, but that it was
  /// taken for the owner itself.
  private func takers(
    _ site: SiteMap, _ links: Evidence.Links, at point: Int, besides owners: Set<Device>
  ) -> Set<Device> {
    let legs = requests.compactMap { record -> (from: Device, to: Device, hopLimit: UInt8)? in
      let link = links[record.link]
      guard link.point == point, let from = link.source, let to = link.destination, to.isUnicast,
        !link.isTunnelled
      else { return nil }
      let device = { site.device(of: $0, at: point, from: record.firstTime, to: record.lastTime) }
      return (device(from), device(to), record.hopLimit)
    }
    let senders = Set(legs.map(\.from))
    let receivers = Set(legs.map(\.to))
    let deliverers = legs.filter { Journey.Leg.isLowered($0.hopLimit) }.map(\.from)
    return Set(deliverers).union(
      legs.filter { leg in
        !owners.contains(leg.from) && !receivers.contains(leg.from)
          && (senders.contains(leg.to) || Journey.Leg.initialHopLimits.contains(leg.hopLimit))
      }.map(\.to))
  }
}
