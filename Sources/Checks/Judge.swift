public import Evidence
public import Tables
import Wire

/// Judges all services: runs every check and folds the outcomes, once and here.
/// `probes` are what became of the connections that were opened to them while they were captured.
public func judge(
  _ evidence: Evidence, beside tables: Tables = Tables(), probes: [ProbeResult] = [], under policy: Policy
) -> Verdict {
  judge(evidence, beside: tables, probes: probes, under: policy, by: Rule.all)
}

/// With other rules than all, or each service by itself: so that a test can tell what each rule decides, and that services
/// which are alike fare alike.
func judge(
  _ evidence: Evidence, beside tables: Tables, probes: [ProbeResult] = [], under policy: Policy, by rules: [Rule],
  alikeOnce: Bool = true, mostFound: Int = ServiceIndex.mostFound
) -> Verdict {
  let captured = evidence.inOrder()
  let first = ServiceIndex(policy.services, in: captured)
  let networks = SeparateNetworks(first, captured)
  let seen = networks.separated(captured)
  let translated = TranslatedDestinations(first, seen)
  let (index, unjudged) = first.without(translated.serversOfLegs(first, in: seen), in: seen).busiest(
    mostFound, in: seen)
  let answers = TranslatedReplies(index, seen)
  let joins = Joins(index, seen)
  let evidence = seen.joining(joins.places)
  let foreign = ForeignReply.find(index, translated, evidence)
  let (gathered, claims, stations) = gathered(
    index, evidence, tables, foreign, policy, joins, translated, answers, networks)
  let run = Run(
    evidence, tables, policy, claims.site, foreign: foreign,
    pointsWithBothDirections: evidence.pointsWithBothDirections(), probes: probes,
    others: policy.services.isEmpty || gathered.allSatisfy { !$0.groups.isEmpty }
      ? [] : SeenService.others(than: policy.services, in: evidence), joins: joins,
    translated: translated)
  // Only hosts' routes lead to single clients.
  let clients = tables.hosts.isEmpty ? [:] : index.clients(in: evidence)
  var services: [ServiceVerdict] = []
  var results: [CheckResult] = []
  services.reserveCapacity(gathered.count)
  results.reserveCapacity(gathered.count * Check.all.count)
  var roles = TableRoles()
  var findings = ClaimFindings()
  var judged: [Likeness: Judgement] = [:]
  let leftOut = LeftOutLines(evidence)
  var latest: [CheckResult] = []
  for gathered in gathered {
    let likeness = alikeOnce ? Likeness(gathered, in: run) : nil
    if let known = likeness.flatMap({ judged[$0] }) {
      services.append(known.restated(of: gathered, results: &results))
      continue
    }
    let traffic = gathered.following(claims.site, run.links, stations)
    let service = ServiceCase.judged(
      traffic, claims[traffic.service.address], in: run, clients: clients[traffic.service] ?? [], by: rules)
    var found = Check.all.map { policy.result(of: $0, for: service, &findings) }
    leftOut.leaveOpen(&found)
    for (index, last) in latest.enumerated() { found[index].share(with: last) }
    latest = found
    let verdict = service.verdict(found)
    services.append(verdict)
    results += found
    roles.note(service)
    if let likeness { judged[likeness] = Judgement(verdict, found, of: gathered) }
  }
  let whole = fold(
    services, besides: notJudged(unjudged, scanned: index.scannedCount),
    none: Ground(
      "no service was found"
        + (index.scannedCount > 0 ? "" : ": no SYN, SYN-ACK or answered UDP request was captured"), next: .nameVIP))
  // Of one service it is the reason already.
  let spite = whole.outcome == .pass && services.count > 1 ? results.tolerated : ""
  var verdict = Verdict(
    outcome: whole.outcome, cause: whole.ground.cause + spite, next: whole.ground.next, services: services,
    checks: results, captures: joins.withClocks(seen.captureSummaries), tables: tables.summaries(roles))
  verdict.seen = Array(run.others.prefix(SeenService.most))
  verdict.probes = run.probes.map(\.result)
  return verdict
}

/// The flows of every service, and what is claimed on the site that they go through. What frames show of devices is found
/// in groups of flows, of which there are few, before these are followed from device to device.
private func gathered(
  _ index: ServiceIndex, _ evidence: Evidence, _ tables: Tables, _ foreign: [ForeignReply], _ policy: Policy,
  _ joins: Joins, _ translated: TranslatedDestinations, _ answers: TranslatedReplies, _ networks: SeparateNetworks
) -> ([ServiceTraffic], ClaimsByAddress, ClientStations) {
  let known = ClaimsByAddress(SiteMap(evidence, ClaimIndex(evidence), Identities(tables), tables, policy))
  let stations = ClientStations(index, evidence)
  let traffic = ServiceTraffic.gather(
    index, evidence, known, stations, elsewhere: foreign, joins, translated, answers, networks)
  let links = evidence.links
  // What text does not tell is not told where several captures meet either.
  let textPoints = evidence.textPoints.isEmpty ? [] : evidence.textPoints.union(evidence.jointPoints)
  let site = known.site.adding(
    traffic.reduce(into: []) { $0.formUnion($1.crossings(links, textPoints: textPoints)) })
  return (traffic, site === known.site ? known : ClaimsByAddress(site), stations)
}

/// What a verdict rests on: what decided it, or what is missing, and the step that would decide it.
struct Ground {
  var cause: String
  var next: NextStep?

  init(_ cause: String, next: NextStep? = nil) { (self.cause, self.next) = (cause, next) }
}

/// One service that fails fails the whole; else one that is undecided leaves it undecided.
func fold(_ services: [ServiceVerdict], none: Ground) -> (outcome: Verdict.Outcome, ground: Ground) {
  guard let first = services.first else { return (.inconclusive, none) }
  if services.count == 1 { return (first.outcome, Ground(first.cause, next: first.next)) }
  for outcome in [Verdict.Outcome.fail, .inconclusive] {
    let such = services.indices.filter { services[$0].outcome == outcome }
    if let worst = such.first {
      let names = listed(such) { services[$0].service.url }
      return (
        outcome,
        Ground(
          "\(such.count) of \(services.count) services (\(names)): \(services[worst].cause)", next: services[worst].next
        )
      )
    }
  }
  return (.pass, Ground("all \(services.count) services: replies return directly"))
}

/// The same where some were not judged: these leave a pass undecided.
func fold(
  _ services: [ServiceVerdict], besides notJudged: String?, none: Ground
) -> (outcome: Verdict.Outcome, ground: Ground) {
  let (outcome, ground) = fold(services, none: none)
  guard let notJudged else { return (outcome, ground) }
  let isPass = outcome == .pass
  return (
    isPass ? .inconclusive : outcome,
    Ground("\(ground.cause); \(notJudged)", next: isPass ? .nameVIP : ground.next)
  )
}

/// Which services were found and not judged; `nil` for none.
private func notJudged(_ count: Int, scanned: Int) -> String? {
  let rest =
    count > 0 ? "\(counted(count, "service")) with the fewest flows \(count == 1 ? "was" : "were") not judged" : nil
  let closed = scanned > 0 ? "\(counted(scanned, "port")) refused a scan, and answered nobody" : nil
  let all = [rest, closed].compactMap(\.self)
  return all.isEmpty ? nil : all.joined(separator: "; ")
}

/// Any fault fails the service. Anything that could not be judged leaves it undecided. What did not occur at all (not
/// applicable) does neither, nor does what the policy tolerates. For a pass no single check is the reason.
func fold(_ results: [CheckResult]) -> (outcome: Verdict.Outcome, ground: Ground?) {
  let failed = results.filter { $0.outcome == .fail && !$0.isTolerated }
  if !failed.isEmpty { return (.fail, Ground(failed.map { "\($0.summary) (\($0.slug))" }.joined(separator: "; "))) }
  guard let open = results.first(where: { $0.outcome == .inconclusive && !$0.isTolerated }) else { return (.pass, nil) }
  return (.inconclusive, Ground("\(open.summary): \(open.reason)", next: open.next))
}

extension [CheckResult] {
  /// The faults that a pass was given in spite of, and what was not looked for.
  var tolerated: String {
    let faults = Set(filter { $0.isTolerated && $0.outcome == .fail }.map { "\($0.slug) (\($0.toleration))" })
    let ignored = Set(filter { $0.severity == .ignore }.map(\.slug))
    return (faults.isEmpty ? "" : "; in spite of \(faults.sorted().joined(separator: ", "))")
      + (ignored.isEmpty ? "" : "; the policy ignores \(ignored.sorted().joined(separator: ", "))")
  }
}

extension ServiceCase {
  /// DSR001 is undecided where the return path itself is not proved. It has to pass whatever the policy tolerates, so that
  /// nothing passes without a proof.
  fileprivate func verdict(_ results: [CheckResult]) -> ServiceVerdict {
    var (outcome, decisive) = fold(results)
    let proving = results.first { $0.id == "DSR001" }
    if outcome == .pass, let proving, proving.outcome != .pass {
      outcome = .inconclusive
      decisive = Ground(
        "\(proving.summary): \(proving.slug) is \(proving.toleration), and nothing else proves the return path",
        next: .mend("let it count, to have it judged"))
    }
    let ground = decisive ?? Ground((proving?.summary ?? "") + results.tolerated)
    let backends = backends()
    let (balancerMACs, backendMACs) = (Set(balancers.map(\.mac)), Set(backends.map(\.mac)))
    let ends = farEnds(balancerMACs)
    let places = places()
    var verdict = ServiceVerdict(
      service: service, outcome: outcome, cause: ground.cause, next: ground.next, proof: outcome == .pass ? proof : nil,
      vantages: places.map(\.place).uniqued(), flows: counts, balancers: balancers, backends: backends,
      legs: legs(balancerMACs, backendMACs, ends), claimants: claimed.claimingMACs)
    // What is counted as a fault and found to be none by any check, as where nobody is known to be a balancer, is none.
    if !results.contains(where: { $0.outcome == .fail }) {
      for index in verdict.legs.indices { verdict.legs[index].faults = [:] }
    }
    verdict.assumptions = assumptions(of: outcome)
    verdict.funnels = funnels(places)
    verdict.name = policy.name(of: service)
    verdict.clients = stations(of: ends.clients)
    verdict.exemplar = exemplar(results)
    return verdict
  }

  private func exemplar(_ results: [CheckResult]) -> Exemplar? {
    for check in results where check.outcome == .fail {
      for case .frame(let frame) in check.evidence.map(\.source) {
        guard let flow = frame.flow else { continue }
        return Exemplar(flow: flow, proof: check.evidence)
      }
    }
    let first = flows.min { a, b in
      guard a.fate.isDirect == b.fate.isDirect else { return a.fate.isDirect }
      return (a.group.firstFrame, a.group.exemplar.flow) < (b.group.firstFrame, b.group.exemplar.flow)
    }
    return first.map { Exemplar(flow: $0.group.exemplar.flow) }
  }

  /// The weakest proof that a decided flow rests on says how far the whole is proved.
  var proof: ServiceVerdict.Proof? {
    flows.compactMap { judged in
      guard case .direct(let proof, _) = judged.fate else { return nil }
      return proof
    }.min()
  }

  /// What the flows that decide it take for granted.
  func assumptions(of outcome: Verdict.Outcome) -> [Assumption] {
    flows.reduce(into: Set<Assumption>()) { found, judged in
      switch (outcome, judged.fate) {
      case (.pass, .direct(_, let assumptions)), (.fail, .viaBalancer(_, let assumptions)),
        (.fail, .bypassed(_, let assumptions)):
        found.formUnion(assumptions)
      default: break
      }
    }.sorted()
  }

  /// Where the service was seen, by capture point.
  private func places() -> [(point: Int, place: ServiceVerdict.CaptureVantage)] {
    let vantages = vantages()
    let seen = Set(flows.flatMap { $0.group.journeys.map(\.point) }).subtracting(run.evidence.jointPoints)
    return seen.sorted {
      (points[$0].capture, points[$0].interface, $0) < (points[$1].capture, points[$1].interface, $1)
    }
    .map { number in
      let point = points[number]
      let summary = captures[point.capture]
      let name = summary.interfaces.indices.contains(point.interface) ? summary.interfaces[point.interface] : ""
      let place = ServiceVerdict.CaptureVantage(
        capture: summary.label, interface: name.isEmpty ? nil : name, vantage: vantages[number])
      return (number, place)
    }
  }
}

extension [ServiceVerdict.CaptureVantage] {
  /// Networks that were captured in one place make several points of it.
  fileprivate func uniqued() -> Self {
    var kept: Self = []
    for place in self where !kept.contains(place) { kept.append(place) }
    return kept
  }
}

extension Evidence {
  /// Points that show frames which a filter for one direction would have hidden: both halves of some flow, or packets
  /// to everybody (router solicitations, VRRP and the like).
  fileprivate func pointsWithBothDirections() -> Set<Int> {
    var points = pointsWithMulticast.union(pointsWithBothHalves())
    points.formUnion(
      self.points.indices.filter { captures[self.points[$0].capture].showsBothDirections })
    return points
  }
}
