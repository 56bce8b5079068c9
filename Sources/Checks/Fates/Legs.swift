import Evidence
import Wire

/// The links of a service's flows, with who stands at their ends and what is wrong with them.
extension ServiceCase {
  /// Every link of the service, most flows first.
  func legs(_ balancers: Set<MACAddress>, _ backends: Set<MACAddress>, _ ends: FarEnds) -> [ServiceVerdict.Leg] {
    let ownRole = { (mac: MACAddress) -> ServiceVerdict.Leg.Role in
      if balancers.contains(mac) { return .balancer }
      if backends.contains(mac) { return .backend }
      if ends.clients[mac] != nil { return .client }
      return ends.routers.contains(mac) ? .router : .unknown
    }
    let device = { (mac: MACAddress?) in mac.map { site.devices.device(of: $0) } }
    let role = { (mac: MACAddress?) -> ServiceVerdict.Leg.Role in
      guard let mac, let device = device(mac) else { return .unknown }
      let own = ownRole(mac)
      if own != .unknown { return own }
      // Another MAC of the same device may tell.
      return site.devices.macs(of: device).map(ownRole).first { $0 != .unknown } ?? .unknown
    }
    let isOneCapture = run.evidence.jointPoints.isEmpty && Set(points.map(\.capture)).count < 2
    let legs = tallies().map { key, tally in
      var leg = ServiceVerdict.Leg(
        half: key.half, link: key.link, from: role(key.link.source), to: role(key.link.destination),
        frames: tally.frames,
        carried: tally.carried, faults: tally.faults, otherClients: max(0, tally.stations.count - 1))
      (leg.fromDevice, leg.toDevice) = (device(key.link.source)?.mac, device(key.link.destination)?.mac)
      if !isOneCapture { leg.capture = capture(of: key.link.point) }
      return (leg: leg, flows: leg.flows)
    }
    return legs.sorted { a, b in
      if a.leg.link.point != b.leg.link.point { return a.leg.link.point < b.leg.link.point }
      if a.leg.half != b.leg.half { return a.leg.half == .request }
      return a.flows != b.flows ? a.flows > b.flows : a.leg.link < b.leg.link
    }.map(\.leg)
  }

  private func tallies() -> [LegKey: Tally] {
    var tallies: [LegKey: Tally] = [:]
    for (number, judged) in flows.enumerated() {
      let group = judged.group
      let faults = faults(of: judged)
      for (half, records, totals) in [
        (Half.request, group.exemplar.requests, group.requestTotals),
        (.reply, group.exemplar.replies, group.replyTotals),
      ] {
        // The legs of a joint point were seen elsewhere.
        for (record, total) in zip(records, totals) where links.origin(of: record.link) == record.link {
          let key = LegKey(half: half, link: links[record.link])
          tallies[key, default: Tally()].add(
            group, number, total.frames, at: key, faults.filter { $0.half == half && $0.concerns(key.link) })
        }
      }
    }
    return tallies
  }

  /// A fault of one flow stands for all that look the same.
  private func faults(of judged: JudgedFlows) -> [LegFault] {
    var faults: [LegFault] = []
    let seenLink = { (leg: Journey.Leg) in links[links.origin(of: leg.record.link)] }
    for (returnPath, cast) in zip(judged.returnPaths, judged.casts) {
      switch returnPath {
      case .viaBalancer(let leg, _):
        let crossing = judged.group.journeys.flatMap(\.replies.legs).filter {
          cast.isBalancer($0.from) || cast.isBalancer($0.to)
        }
        let links = Set((crossing + [leg]).map(seenLink))
        faults.append(LegFault(kind: .viaBalancer, half: .reply) { links.contains($0) })
      case .bypassed(let leg, _): faults.append(LegFault(kind: .bypass, half: .request) { $0 == seenLink(leg) })
      default: break
      }
    }
    if let (_, leg) = judged.resetByBalancer(isServiceNamed: isServiceNamed) {
      faults.append(LegFault(kind: .reset, half: .reply) { $0 == seenLink(leg) })
    }
    switch judged.fate {
    case .unanswered(.refused): faults.append(LegFault(kind: .refused, half: .reply) { _ in true })
    case .unanswered(.looping): faults.append(LegFault(kind: .unanswered, half: .request) { _ in true })
    case .unanswered:
      // The farthest that a request was seen to come.
      let requests = judged.group.journeys.flatMap(\.requests.legs)
      faults.append(
        LegFault(kind: .unanswered, half: .request) { link in
          !requests.contains {
            $0.link.point == link.point && $0.link.source != nil && $0.link.source == link.destination
          }
        })
    default: break
    }
    return faults
  }
}

private struct LegKey: Hashable {
  var half: Half
  var link: Link
}

/// What is wrong with flows that look the same, and which links it concerns.
private struct LegFault {
  var kind: ServiceVerdict.Leg.Fault
  var half: Half
  var concerns: (Link) -> Bool
}

private struct Tally {
  private(set) var frames: UInt64 = 0
  private(set) var carried = ServiceVerdict.FlowGroups()
  private(set) var faults: [ServiceVerdict.Leg.Fault: ServiceVerdict.FlowGroups] = [:]
  /// The clients for which one MAC of the link stands.
  private(set) var stations: Set<MACAddress> = []

  mutating func add(_ group: FlowGroup, _ number: Int, _ frames: UInt64, at key: LegKey, _ found: [LegFault]) {
    self.frames += frames
    carried.insert(group.flows, of: number)
    for fault in found { faults[fault.kind, default: .init()].insert(group.flows, of: number) }
    let client = key.half == .request ? key.link.source : key.link.destination
    if let client, group.stations.contains(client) { stations.formUnion(group.stations) }
  }
}
