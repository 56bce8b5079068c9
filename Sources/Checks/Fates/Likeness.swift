import Evidence
import Tables
import Wire

/// All that the verdict on a service rests on, where nothing but SYNs came to it: a scan finds a service at every port, and
/// those that are alike are judged once.
///
/// Of such a service a check can look at no more than is held here. What tells one from another of its kind, its port, its
/// clients' ports, the numbers and times of its frames, is cited, and decides nothing. A service of which more was seen
/// is judged by itself, and so is every one beside tables, probes, waivers or what was named: these know single ports.
struct Likeness: Hashable {
  private let address: IPAddress
  private let transport: TransportProtocol?
  /// Somebody answers from this very port of the address: that one is a host of its own at other ports alone.
  private let isAnswered: Bool
  private let groups: [Group]

  private struct Group: Hashable {
    var facts: FlowFacts
    var owners: [Int: Ownership.Owners]
    var flows: Int
    var total: [FlowGroup.Total]
    var link: UInt32
    var from: Device?
    var to: Device?
    var kinds: LinkRecord.Kinds
    var hopLimit: UInt8
    var frames: UInt32
    var synCount: UInt8
    var seconds: Double
    /// Where it counts: on the VIP's network, and where somebody claims it.
    var client: IPAddress?
  }

  init?(_ traffic: ServiceTraffic, in run: Run) {
    let service = traffic.service
    guard let port = service.port, run.judgesAlikeOnce, run.errors.errors(about: service).isEmpty,
      run.foreignReplies(to: service).isEmpty
    else { return nil }
    var groups: [Group] = []
    groups.reserveCapacity(traffic.groups.count)
    for group in traffic.groups {
      let flow = group.exemplar
      guard flow.replies.isEmpty, flow.requests.count == 1, group.stations.isEmpty,
        flow.requests[0].kinds.isSubset(of: [.syn, .notReset, .initialSequencesDiffer, .severalConnections])
      else { return nil }
      let (record, client) = (flow.requests[0], flow.flow.client.address)
      let link = run.links[record.link]
      let device = { (mac: MACAddress?) in
        mac.map { run.site.device(of: $0, at: link.point, from: record.firstTime, to: record.lastTime) }
      }
      let counts = group.facts.contains(.clientNearVIP) || run.site.claims.hasClaims(on: client)
      groups.append(
        Group(
          facts: group.facts, owners: group.owners, flows: group.flows, total: group.requestTotals, link: record.link,
          from: device(link.source), to: device(link.destination), kinds: record.kinds, hopLimit: record.hopLimit,
          frames: record.frames, synCount: record.synCount,
          seconds: record.lastTime.seconds(since: record.firstTime), client: counts ? client : nil))
    }
    self.groups = groups
    (address, transport) = (service.address, service.transport)
    isAnswered = run.site.isAnswered(from: service.address, port: port)
  }
}

extension Run {
  /// Nothing but frames tells services apart.
  fileprivate var judgesAlikeOnce: Bool {
    tables.isEmpty && probes.isEmpty && policy.services.isEmpty && (policy.waivers?.isEmpty ?? true)
      && policy.names.isEmpty
      && policy.minimumFlowsOfServices.isEmpty && policy.minimumProofOfServices.isEmpty
  }
}

/// What came of a service, with its flows.
final class Judgement {
  let verdict: ServiceVerdict
  let results: [CheckResult]
  private let traffic: ServiceTraffic

  init(_ verdict: ServiceVerdict, _ results: [CheckResult], of traffic: ServiceTraffic) {
    (self.verdict, self.results, self.traffic) = (verdict, results, traffic)
  }

  /// The same of a service that is alike, with its own frames. Its results are appended to `all`.
  func restated(of other: ServiceTraffic, results all: inout [CheckResult]) -> ServiceVerdict {
    var verdict = verdict
    verdict.service = other.service
    if let shown = verdict.exemplar, let own = counterpart(of: shown.flow, in: other) {
      verdict.exemplar?.flow = own.flow
      verdict.exemplar?.proof = shown.proof.mapValues { _ in [UInt64(own.requests[0].firstFrame)] }
    }
    for index in verdict.funnels.indices {
      guard let flow = verdict.funnels[index].loss?.frame.flow, let own = counterpart(of: flow, in: other) else {
        continue
      }
      let record = own.requests[0]
      verdict.funnels[index].loss?.frame.flow = own.flow
      verdict.funnels[index].loss?.frame.number = UInt64(record.firstFrame)
      verdict.funnels[index].loss?.frame.time = record.firstTime
    }
    for var result in results {
      result.service = other.service
      if !result.evidence.isEmpty { result.evidence = result.evidence.map { counterpart(of: $0, in: other) } }
      all.append(result)
    }
    return verdict
  }

  private func counterpart(of exhibit: Exhibit, in other: ServiceTraffic) -> Exhibit {
    guard case .frame(var frame) = exhibit.source, let flow = frame.flow, let own = counterpart(of: flow, in: other)
    else { return exhibit }
    frame.flow = own.flow
    (frame.number, frame.time) = (UInt64(own.requests[0].firstFrame), own.requests[0].firstTime)
    return Exhibit(frame, expected: exhibit.expected, actual: exhibit.actual)
  }

  private func counterpart(of flow: Flow, in other: ServiceTraffic) -> ObservedFlow? {
    traffic.groups.firstIndex { $0.exemplar.flow == flow }.map { other.groups[$0].exemplar }
  }
}
