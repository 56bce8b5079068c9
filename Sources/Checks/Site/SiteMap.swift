import Evidence
import Tables
import Wire

/// What frames, tables and the user tell of the network as a whole, for all services: which MACs are one device, who held a
/// shared MAC when, who claims what, who routes. Facts only; `docs/verdict.md` states them.
final class SiteMap: Sendable {
  let claims: ClaimIndex
  let identities: Identities
  let devices: Devices
  /// Who bore each shared MAC when.
  private let holders: [MACAddress: Ownership]
  /// Who sent a redirect about packets to an address: these route it.
  private let redirectors: [IPAddress: Set<MACAddress>]
  private let joins: [Devices.Join]
  private let differences: Set<Devices.Difference>
  /// By shared MAC: which own MAC was seen to bear it.
  private let held: [MACAddress: [Holding]]
  /// Own MACs of VRRP speakers, by the address that they speak from.
  private let speakers: [IPAddress: MACAddress]
  /// Who answers from an address, by port: a balancer answers from none of its VIPs' ports.
  private let answers: Answers
  /// Points that stand for several captures: what is claimed there was captured at these.
  let jointPoints: Set<Int>
  /// What text does not tell, and might make one device of two.
  private let untold: Untold
  /// Pairs of which one answers for an address that the other asks as, and that is served: it is a host's own, or a VIP of both.
  private let perhapsOneByAddress: [Devices.Difference: Set<IPAddress>]
  /// By point, which of the networks that are apart it shows; others show the first.
  private let partsOfPoints: [Int: Int]
  /// Pairs of which one took frames that left the other, or another device behind it; or of which one speaks for the other.
  private let perhapsOneByFrames: Set<Devices.Difference>
  /// When each capture point began.
  private let beginnings: [Int: Timestamp]
  /// What routers and hosts say is on-link.
  private let subnets: Set<Subnet>
  let namedBalancer: NamedBalancer

  /// A device, named by any of its MACs, was seen at one point to bear a shared MAC.
  private struct Holding: Sendable {
    var point: Int
    var statement: Statement<Device>
  }

  /// What claims, tables and the user tell.
  convenience init(
    _ evidence: Evidence, _ claims: ClaimIndex, _ identities: Identities, _ tables: Tables, _ policy: Policy
  ) {
    var joins = Devices.Join.ofProducts
    let named = policy.balancerMACs.filter { !$0.isShared }.sorted()
    if let first = named.first { joins += named.dropFirst().map { .init(one: first, other: $0, reason: .user) } }
    for macs in identities.macsByHost.values {
      let own = macs.filter { identities.host(of: $0) != nil }.sorted()
      if let first = own.first { joins += own.dropFirst().map { .init(one: first, other: $0, reason: .tables) } }
    }
    let answered = Self.answeredForAnother(
      evidence, backends: Set(policy.backends.map(\.address)), services: Set(policy.services.map(\.address)))
    joins += answered.joins
    var held: [MACAddress: [Holding]] = [:]
    let speakers = Self.speakers(evidence, claims)
    let responders = Responders(evidence, claims)
    var voices: [MACAddress: Set<IPAddress>] = [:]
    for claim in evidence.claims.keys {
      if let virtual = claim.virtualMAC, let speaker = claim.speaker { voices[virtual, default: []].insert(speaker) }
    }
    for (claim, tally) in evidence.claims {
      let bearer = claim.speaker.flatMap { speakers[$0] } ?? claim.sender
      if let virtual = claim.virtualMAC, bearer?.isShared ?? true, voices[virtual, default: []].count > 1 {
        // One of several that speak for it, of whom no own MAC is known.
        held[virtual, default: []].append(
          Holding(
            point: claim.point,
            statement: Statement(ClaimIndex.Seen(claim: claim, tally: tally), by: Device(mac: virtual))))
      }
      guard let bearer, !bearer.isShared else { continue }
      // Most speak for themselves alone.
      if claim.mac == bearer, claim.sender ?? bearer == bearer, claim.virtualMAC == nil { continue }
      for mac in [claim.mac, claim.sender, claim.virtualMAC].compactMap({ $0 }) where mac != bearer && mac.isUnicast {
        if mac.isShared {
          held[mac, default: []].append(
            Holding(
              point: claim.point,
              statement: Statement(ClaimIndex.Seen(claim: claim, tally: tally), by: Device(mac: bearer))))
        } else {
          if claim.speaker == nil, responders.macs.contains(bearer) { continue }
          joins.append(.init(one: bearer, other: mac, reason: claim.speaker == nil ? .claim : .vrrp))
        }
      }
    }
    self.init(
      claims, identities, joins, Self.differences(evidence, claims, speakers), held, speakers,
      namedBalancer: NamedBalancer(own: named.first, policy, evidence), redirectors: Self.redirectors(evidence),
      subnets: Self.subnets(evidence, tables), answers: Answers(evidence, claims),
      beginnings: Self.beginnings(evidence), jointPoints: Set(evidence.jointPoints),
      partsOfPoints: evidence.partsOfPoints, untold: Untold(evidence), perhapsOneByAddress: answered.perhaps,
      perhapsOneByFrames: responders.perhapsOne)
  }

  private init(
    _ claims: ClaimIndex, _ identities: Identities, _ joins: [Devices.Join], _ differences: Set<Devices.Difference>,
    _ held: [MACAddress: [Holding]], _ speakers: [IPAddress: MACAddress],
    namedBalancer: NamedBalancer, redirectors: [IPAddress: Set<MACAddress>],
    subnets: Set<Subnet>, answers: Answers, beginnings: [Int: Timestamp], jointPoints: Set<Int>,
    partsOfPoints: [Int: Int], untold: Untold, perhapsOneByAddress: [Devices.Difference: Set<IPAddress>],
    perhapsOneByFrames: Set<Devices.Difference>
  ) {
    self.untold = untold
    (self.perhapsOneByAddress, self.perhapsOneByFrames) = (perhapsOneByAddress, perhapsOneByFrames)
    self.partsOfPoints = partsOfPoints
    (self.claims, self.identities, self.joins, self.differences) = (claims, identities, joins, differences)
    (self.held, self.speakers, self.redirectors) = (held, speakers, redirectors)
    self.namedBalancer = namedBalancer
    self.subnets = subnets
    self.answers = answers
    self.beginnings = beginnings
    self.jointPoints = jointPoints
    let devices = Devices(joins, differences)
    self.devices = devices
    holders = held.mapValues { holdings in
      Ownership(
        Dictionary(grouping: holdings, by: \.point).mapValues { holdings in
          holdings.map { holding in
            var statement = holding.statement
            statement.owner = devices.device(of: statement.owner.mac)
            return statement
          }
        }, since: beginnings)
    }
  }

  /// The same with what frames tell that came to one MAC and left another.
  func adding(_ crossings: Set<Crossing>) -> SiteMap {
    if crossings.isEmpty { return self }
    var (joins, held) = (joins, held)
    let untoldOnes = crossings.filter { $0.certainty == .untold }
    let perhapsTwo = crossings.filter { $0.certainty == .perhapsTwo }
    for crossing in withoutContradictions(crossings.subtracting(untoldOnes).subtracting(perhapsTwo)) {
      switch (crossing.entry.isShared, crossing.exit.isShared) {
      case (false, false): joins.append(.init(one: crossing.entry, other: crossing.exit, reason: .frame))
      case (true, false):
        held[crossing.entry, default: []].append(
          Holding(point: crossing.point, statement: Statement(owner: Device(mac: crossing.exit), times: crossing.times))
        )
      case (false, true):
        held[crossing.exit, default: []].append(
          Holding(
            point: crossing.point, statement: Statement(owner: Device(mac: crossing.entry), times: crossing.times)))
      case (true, true): break
      }
    }
    return SiteMap(
      claims, identities, joins, differences, held, speakers, namedBalancer: namedBalancer, redirectors: redirectors,
      subnets: subnets, answers: answers, beginnings: beginnings, jointPoints: jointPoints,
      partsOfPoints: partsOfPoints, untold: untold.adding(untoldOnes), perhapsOneByAddress: perhapsOneByAddress,
      perhapsOneByFrames: perhapsOneByFrames.union(perhapsTwo.map { .init($0.entry, $0.exit) }))
  }

  /// Which of the networks that are apart `point` shows.
  func part(ofPoint point: Int) -> Int { partsOfPoints[point] ?? 0 }

  /// Those that there are; empty where none is apart.
  var parts: Set<Int> { partsOfPoints.isEmpty ? [] : Set(partsOfPoints.values).union([0]) }

  /// Where a MAC crosses to two that are known to differ, one of these is another device's, as of a balancer that keeps the
  /// hop limit behind a router of which a frame is missing: nothing tells which.
  private func withoutContradictions(_ crossings: Set<Crossing>) -> Set<Crossing> {
    var others: [MACAddress: Set<MACAddress>] = [:]
    for crossing in crossings where !crossing.entry.isShared && !crossing.exit.isShared {
      others[crossing.entry, default: []].insert(crossing.exit)
      others[crossing.exit, default: []].insert(crossing.entry)
    }
    let contradicts = { (mac: MACAddress, one: MACAddress) -> Bool in
      guard let others = others[mac], others.count > 1 else { return false }
      let device = self.devices.device(of: one)
      return others.contains { self.devices.areKnownDifferent(self.devices.device(of: $0), device) }
    }
    return crossings.filter { !contradicts($0.entry, $0.exit) && !contradicts($0.exit, $0.entry) }
  }

  // MARK: Facts of evidence

  private static func beginnings(_ evidence: Evidence) -> [Int: Timestamp] {
    Dictionary(
      uniqueKeysWithValues: evidence.points.enumerated().compactMap { number, point in
        evidence.captures[point.capture].firstTime.map { (number, $0) }
      })
  }

  /// A host with two interfaces in one network answers for its own address from either (ARP flux). One MAC asks in the name
  /// of an address, another answers for it, in one network: unless the other answers for many, as proxies do. An address
  /// that is served joins nobody, for several hosts may have a VIP, unless the user names it as a backend's own.
  private static func answeredForAnother(
    _ evidence: Evidence, backends: Set<IPAddress>, services: Set<IPAddress>
  ) -> (joins: [Devices.Join], perhaps: [Devices.Difference: Set<IPAddress>]) {
    struct Own: Hashable {
      var point: Int
      var vlan: VLANStack
      var network: OverlayNetwork
      var address: IPAddress
    }
    var askers: [Own: Set<MACAddress>] = [:]
    var answerers: [Own: Set<MACAddress>] = [:]
    for claim in evidence.claims.keys where !claim.mac.isShared && !claim.address.isLinkLocal {
      let own = Own(point: claim.point, vlan: claim.vlan, network: claim.network, address: claim.address)
      if claim.kind.isSender { askers[own, default: []].insert(claim.mac) }
      if claim.kind.isAnswer { answerers[own, default: []].insert(claim.mac) }
    }
    let contested = answerers.filter { own, macs in
      guard let asking = askers[own], asking.count == 1 else { return false }
      return !macs.isSubset(of: asking)
    }
    guard !contested.isEmpty else { return ([], [:]) }
    var served: Set<IPAddress> = []
    let addresses = Set(contested.keys.map(\.address)).subtracting(backends)
    evidence.forEachFlow { _, lower, higher, fromLower, fromHigher in
      // Whoever answers a SYN, or has the well-known port, serves.
      let serves = { (end: Endpoint, records: Span<LinkRecord>) in
        addresses.contains(end.address) && (end.port < 1024 || records.contains { $0.kinds.contains(.synAck) })
      }
      if serves(lower, fromLower) { served.insert(lower.address) }
      if serves(higher, fromHigher) { served.insert(higher.address) }
    }
    var others: [MACAddress: Set<MACAddress>] = [:]
    var perhaps: [Devices.Difference: Set<IPAddress>] = [:]
    // Who asks as other addresses as well asks as VIPs, as a host does that was not told otherwise.
    var claimed: [MACAddress: Set<IPAddress>] = [:]
    for claim in evidence.claims.keys { claimed[claim.mac, default: []].insert(claim.address) }
    for (own, macs) in contested {
      guard let asker = askers[own]?.first else { continue }
      for mac in macs where mac != asker {
        if served.contains(own.address) {
          if services.contains(own.address) || claimed[asker, default: []].count > 1 { continue }
          perhaps[Devices.Difference(mac, asker), default: []].insert(own.address)
        } else {
          others[mac, default: []].insert(asker)
        }
      }
    }
    let joins: [Devices.Join] = others.compactMap { mac, askers in
      guard askers.count == 1, let asker = askers.first else { return nil }
      return Devices.Join(one: asker, other: mac, reason: .claim)
    }
    return (joins, perhaps)
  }

  /// The one own MAC at the address that each VRRP speaker sends from.
  private static func speakers(_ evidence: Evidence, _ claims: ClaimIndex) -> [IPAddress: MACAddress] {
    var found: [IPAddress: MACAddress] = [:]
    for address in Set(evidence.claims.keys.compactMap(\.speaker)) {
      let own = Set(claims.claims(on: address).filter { $0.claim.kind != .vrrp }.map(\.claim.mac)).filter {
        !$0.isShared
      }
      if own.count == 1 { found[address] = own.first }
    }
    return found
  }

  private static func differences(
    _ evidence: Evidence, _ claims: ClaimIndex, _ speakers: [IPAddress: MACAddress]
  ) -> Set<Devices.Difference> {
    var found: Set<Devices.Difference> = []
    let links = evidence.links
    // A frame goes from one device to another.
    for number in 0..<UInt32(links.count) {
      let link = links[number]
      if let source = link.source, let destination = link.destination { found.insert(.init(source, destination)) }
    }
    for claim in evidence.claims.keys {
      // Nobody answers himself.
      if let receiver = claim.receiver { found.insert(.init(claim.mac, receiver)) }
      // Nor does anybody ask for an address of his own. Of several owners one may have had it only later.
      if let asked = claim.askedFor, let owner = claims.soleOwner(of: asked) { found.insert(.init(claim.mac, owner)) }
    }
    // Two speakers for one address are two devices, whatever virtual MAC they share.
    let spoken = Dictionary(grouping: evidence.claims.keys.filter { $0.kind == .vrrp }, by: \.address)
    for claims in spoken.values {
      let macs = Set(claims.compactMap { claim in claim.speaker.flatMap { speakers[$0] } }).sorted()
      for (index, one) in macs.prefix(16).enumerated() {
        for other in macs.prefix(16)[(index + 1)...] { found.insert(.init(one, other)) }
      }
    }
    return found
  }

  private static func subnets(_ evidence: Evidence, _ tables: Tables) -> Set<Subnet> {
    let announced = evidence.prefixes.keys.map { Subnet($0.prefix, length: Int($0.length)) }
    let own = tables.hosts.flatMap(\.interfaces).filter { !$0.isLoopback }.flatMap(\.addresses).filter { !$0.isWhole }
      .map(\.subnet)
    return Set(announced + own)
  }

  private static func redirectors(_ evidence: Evidence) -> [IPAddress: Set<MACAddress>] {
    var found: [IPAddress: Set<MACAddress>] = [:]
    for message in evidence.errors.keys where message.error.kind == .redirect {
      if let source = message.source { found[message.error.quoted.destination, default: []].insert(source) }
    }
    return found
  }
}

/// A frame came to one MAC and left from another, its TTL one less: they are one device's.
struct Crossing: Hashable, Sendable {
  var point: Int
  var entry: MACAddress
  var exit: MACAddress
  var times: ClosedRange<Timestamp>
  var certainty: Certainty

  enum Certainty: Hashable, Sendable {
    case seen
    /// Another device may stand between the two.
    case perhapsTwo
    /// Text does not tell the TTLs, or which frames were the same.
    case untold
  }
}

// MARK: Asking

extension SiteMap {
  /// Whose a MAC is, while a flow runs. A shared MAC is its holder's where just one is known then. Where no frame tells of any,
  /// or the named balancer may be it, and the user names the MAC too, it is that one's; else it stands for itself.
  func device(of mac: MACAddress, at point: Int, from first: Timestamp, to last: Timestamp) -> Device {
    guard mac.isShared else { return devices.device(of: mac) }
    let own = namedBalancer.bears(mac, at: point) ? namedBalancer.own.map { devices.device(of: $0) } : nil
    switch holders(of: mac, at: point, from: first, to: last) {
    case .known(let holders):
      if holders.count == 1, let holder = holders.first { return holder }
      guard let own, holders.isEmpty || holders.contains(own) else { return Device(mac: mac) }
      return own
    case .crowd: return own ?? Device(mac: mac)
    }
  }

  /// Who may hold a shared MAC in this time.
  private func holders(
    of mac: MACAddress, at point: Int, from first: Timestamp, to last: Timestamp
  ) -> Ownership.Owners {
    holders[mac]?.owners(at: point, from: first, to: last) ?? .nobody
  }

  /// Who claims something, at the time of its claim.
  func device(claiming seen: ClaimIndex.Seen) -> Device {
    if let mac = seen.claim.speaker.flatMap({ speakers[$0] }) { return devices.device(of: mac) }
    return device(of: seen.claim.mac, at: seen.claim.point, from: seen.tally.firstTime, to: seen.tally.lastTime)
  }

  /// What a claim says, and for whom: of a virtual MAC each time for whoever bears it then. Where several may, what they say
  /// in their own names has to do.
  func statements(_ seen: ClaimIndex.Seen) -> [Statement<Device>] {
    guard seen.claim.mac.isShared, seen.claim.speaker.flatMap({ speakers[$0] }) == nil else {
      return [Statement(seen, by: device(claiming: seen))]
    }
    let isHeld = !holders(of: seen.claim.mac).isEmpty
    return Statement(seen, by: Device(mac: seen.claim.mac)).split.compactMap { statement in
      var statement = statement
      if let times = statement.times.first {
        if isPerhapsTakeover(seen.claim, times) { return nil }
        let (first, last) = (times.lowerBound, times.upperBound)
        // Of several that may have said it none did, even if the user names one.
        if case .known(let holders) = holders(of: seen.claim.mac, at: seen.claim.point, from: first, to: last),
          holders.count < 2
        {
          statement.owner = device(of: seen.claim.mac, at: seen.claim.point, from: first, to: last)
        }
      }
      return isHeld && statement.owner.isShared && seen.claim.kind != .vrrp ? nil : statement
    }
  }

  /// A virtual MAC announces the address, and who was heard to bear it last is not heard to afterwards: a master that takes over
  /// announces it (RFC 9568 section 6.4.2), and its first advertisement may be missing. A master that stays goes on advertising.
  private func isPerhapsTakeover(_ claim: Claim, _ times: ClosedRange<Timestamp>) -> Bool {
    guard claim.kind.isAnnouncement, claim.mac.isShared,
      let bearer = holders[claim.mac]?.tenuresByPoint[claim.point]?.last(where: { $0.first <= times.upperBound })
    else { return false }
    return bearer.patience > 0 && bearer.last < times.upperBound
  }

  /// When somebody may have taken the address over, by capture point.
  private func perhapsTakeovers(_ claims: [ClaimIndex.Seen]) -> [Int: [Timestamp]] {
    var found: [Int: [Timestamp]] = [:]
    for seen in claims where seen.claim.mac.isShared && seen.claim.kind.isAnnouncement {
      let times = Statement(seen, by: Device(mac: seen.claim.mac)).times.filter { isPerhapsTakeover(seen.claim, $0) }
      if !times.isEmpty { found[seen.claim.point, default: []] += times.map(\.lowerBound) }
    }
    return found.mapValues { $0.sorted() }
  }

  /// Who owns the address that claims are about, over time.
  func ownership(
    _ said: [ClaimedNetwork.Said], of claims: [ClaimIndex.Seen], questions: [ClaimIndex.Seen]
  ) -> Ownership {
    Ownership(
      Dictionary(grouping: said) { claims[$0.number].claim.point }.mapValues { $0.flatMap(\.statements) },
      since: beginnings,
      openQuestions: OpenQuestions(
        said, of: claims, questions: questions, untimedPoints: untold.untimedPoints),
      perhapsTakeovers: perhapsTakeovers(claims))
  }

  /// Who ever held the shared MAC.
  func holders(of mac: MACAddress) -> Set<Device> { (holders[mac]?.owners ?? []).filter { !$0.isShared } }

  /// All who ever held it are known.
  func areHoldersKnown(of mac: MACAddress) -> Bool {
    holders[mac].map { $0.owners.allSatisfy { !$0.isShared } } ?? false
  }

  /// Frames, tables or claims show that two MACs are two devices'.
  func areKnownDifferent(_ a: Device, _ b: Device) -> Bool {
    if devices.areKnownDifferent(a, b) { return true }
    // A virtual MAC is another device's if all that ever bore it are others.
    if a.isShared {
      return areHoldersKnown(of: a.mac)
        && holders(of: a.mac).allSatisfy { $0 != b && areKnownDifferent($0, b) }
    }
    // A host's own tables name all of its MACs.
    if a.isShared || b.isShared { return false }
    let (one, other) = (identities.host(of: a.mac), identities.host(of: b.mac))
    return one != other
  }

  /// Whether they might be one device by what text does not tell.
  func mayBeOne(_ a: Device, _ b: Device) -> Bool { untold.mayJoin(devices.macs(of: a), devices.macs(of: b)) }

  /// A third speaks for both, as a bond does for its members, or frames came to one and left the other, or a third.
  func seemOneByFrames(_ a: Device, _ b: Device) -> Bool {
    !perhapsOneByFrames.isEmpty
      && firstPair(a, b) { perhapsOneByFrames.contains(.init($0, $1)) ? true : nil } ?? false
  }

  /// One answers for an address other than `vip` that the other asks as; or frames came to one and left the other, or a third.
  func seemOne(_ a: Device, _ b: Device, besides vip: IPAddress) -> Bool {
    if seemOneByFrames(a, b) { return true }
    return !perhapsOneByAddress.isEmpty
      && firstPair(a, b) { one, other in
        perhapsOneByAddress[.init(one, other)]?.contains { $0 != vip } ?? false ? true : nil
      } ?? false
  }

  /// Who speaks VRRP for addresses that text does not tell.
  func speakersForUntold(_ version: IPAddress.Version) -> [ClaimIndex.Seen] {
    claims.claims(on: IPAddress(unspecified: version)).filter { $0.claim.isPartlyTold && $0.claim.kind == .vrrp }
  }

  /// Routers were read to advertise prefixes that text does not tell: one might leave a client out.
  func hasUntoldPrefixes(_ version: IPAddress.Version) -> Bool {
    claims.claims(on: IPAddress(unspecified: version)).contains { $0.claim.isPartlyTold && $0.claim.kind != .vrrp }
  }

  /// Whether both are in one network that a router or a host tells of: not, if it tells of the network of `vip` alone;
  /// `nil` if it tells of neither.
  func isOnOneNetwork(_ client: IPAddress, _ vip: IPAddress) -> Bool? {
    let known = subnets.filter { $0.contains(vip) }
    return known.isEmpty ? nil : known.contains { $0.contains(client) }
  }

  /// A device answers from the service's address at another of its ports: it is a host of its own there.
  func answersElsewhere(_ device: Device, at service: ServicePattern) -> Bool {
    devices.macs(of: device).contains { answers.isAnswered(by: $0, from: service.address, besides: service.port) }
  }

  /// Somebody was seen to answer connections to the port.
  func isAnswered(from address: IPAddress, port: UInt16) -> Bool { answers.isAnswered(from: address, port: port) }

  /// The addresses that any MAC of a device claims.
  func addresses(of device: Device) -> Set<IPAddress> {
    devices.macs(of: device).reduce(into: []) { $0.formUnion(claims.addresses(of: $1)) }
  }

  /// Each claims an address besides `vip`, and none that the other does.
  func haveOtherAddresses(_ one: Device, _ other: Device, besides vip: IPAddress) -> Bool {
    let own = [one, other].map { addresses(of: $0).subtracting([vip]) }
    return !own[0].isEmpty && !own[1].isEmpty && own[0].isDisjoint(with: own[1])
  }

  /// An address other than `vip` that one of `device`'s MACs told one of `asker`'s.
  func address(
    otherThan vip: IPAddress, of version: IPAddress.Version? = nil, toldBy device: Device, to asker: Device,
    at point: Int
  ) -> IPAddress? {
    firstPair(device, asker) { claims.address(otherThan: vip, of: version, toldBy: $0, to: $1, at: point) }
  }

  func tells(_ device: Device, owns address: IPAddress, to asker: Device, at point: Int) -> Bool {
    firstPair(device, asker) { claims.tells($0, owns: address, to: $1, at: point) ? true : nil } ?? false
  }

  /// No device has more, but for one that somebody made up.
  private static let mostMACs = 16

  private func firstPair<Found>(
    _ one: Device, _ other: Device, _ find: (MACAddress, MACAddress) -> Found?
  ) -> Found? {
    for mac in devices.macs(of: one).prefix(Self.mostMACs) {
      for asker in devices.macs(of: other).prefix(Self.mostMACs) {
        if let found = find(mac, asker) { return found }
      }
    }
    return nil
  }

  /// Who asked for `address`, in a network that is apart or in any.
  func questions(for address: IPAddress, in part: Int?) -> [ClaimIndex.Seen] {
    claims.questions(for: address).filter { part == nil || self.part(ofPoint: $0.claim.point) == part }
  }

  /// The devices that asked for `address`, in a network that is apart or in any.
  func askers(for address: IPAddress, in part: Int? = nil) -> Set<Device> {
    Set(questions(for: address, in: part).map { devices.device(of: $0.claim.mac) })
  }

  /// Who sent a redirect about a packet to `address`.
  func redirectors(about address: IPAddress) -> Set<Device> {
    Set((redirectors[address] ?? []).map { devices.device(of: $0) })
  }
}
