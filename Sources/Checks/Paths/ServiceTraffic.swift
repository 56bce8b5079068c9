import Evidence
import Wire

/// The flows of one service, in groups that look the same.
struct ServiceTraffic: Sendable {
  let service: ServicePattern
  /// In the order of their first frames.
  var groups: [FlowGroup] = []

  /// Sorts every flow of `evidence` to the services of `index`.
  static func gather(
    _ index: ServiceIndex, _ evidence: Evidence, _ claims: ClaimIndex, elsewhere: [ForeignReply]
  ) -> [ServiceTraffic] {
    let unreachable = Set(evidence.errors.keys.filter { $0.error.kind == .unreachable }.compactMap(\.error.quoted.flow))
    let tooBig = Set(
      evidence.errors.keys.filter { $0.error.kind == .packetTooBig }.compactMap(\.error.quoted.repliedFlow))
    let answeredElsewhere = Set(elsewhere.map(\.flow))
    let hops = evidence.hops
    let stations = ClientStations(index, evidence)
    var sorters = index.services.map { _ in FlowSorter(hops: hops, claims: claims, stations: stations) }
    let endOfCapture = { (record: HopRecord) in
      evidence.captures[evidence.points[hops[record.hop].point].capture].lastTime
    }
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      let (serverIsLower, _) = index.orient(transport, lower, higher, fromLower, fromHigher)
      let server = serverIsLower ? lower : higher
      guard index.isService(transport, server) else { return }
      let observed = ObservedFlow(
        flow: Flow(transport: transport, client: serverIsLower ? higher : lower, server: server),
        requests: ordered(serverIsLower ? fromHigher : fromLower, hops),
        replies: ordered(serverIsLower ? fromLower : fromHigher, hops))
      var facts = FlowFacts(observed, hops: hops, endOfCapture: endOfCapture)
      if !unreachable.isEmpty, unreachable.contains(observed.flow) { facts.insert(.unreachable) }
      if !tooBig.isEmpty, tooBig.contains(observed.flow) {
        facts.insert(.tooBig)
        let gotOver = facts.contains(.clientAcknowledgedMore) && observed.replies.allSatisfy { $0.resentBytes == 0 }
        if gotOver { facts.insert(.tooBigGotOver) }
      }
      if !answeredElsewhere.isEmpty, answeredElsewhere.contains(observed.flow) { facts.insert(.answeredFromElsewhere) }
      index.forEachService(transport, server) { sorters[$0].add(observed, facts) }
    }
    return zip(index.services, sorters).map { service, sorter in
      ServiceTraffic(
        service: service,
        groups: sorter.finished().sorted {
          ($0.exemplar.firstFrame, $0.exemplar.flow) < ($1.exemplar.firstFrame, $1.exemplar.flow)
        })
    }
  }

  /// By capture point, then as they were first seen.
  private static func ordered(_ records: [HopRecord], _ hops: Evidence.Hops) -> [HopRecord] {
    records.count < 2
      ? records
      : records.sorted { (hops[$0.hop].point, $0.firstFrame, $0.hop) < (hops[$1.hop].point, $1.firstFrame, $1.hop) }
  }

  var paths: [Path] { groups.flatMap(\.paths) }
}

/// Puts flows that look the same into one group.
private struct FlowSorter {
  let hops: Evidence.Hops
  let claims: ClaimIndex
  let stations: ClientStations
  private var groups: [FlowGroup] = []
  private var numbers: [[UInt64]: Int] = [:]
  private var signature: [UInt64] = []

  init(hops: Evidence.Hops, claims: ClaimIndex, stations: ClientStations) {
    self.hops = hops
    self.claims = claims
    self.stations = stations
  }

  mutating func add(_ observed: ObservedFlow, _ facts: FlowFacts) {
    signature.removeAll(keepingCapacity: true)
    signature.append(UInt64(facts.rawValue))
    let isOfOneStation = stations.haveOne(observed)
    sign(observed.requests, half: 0, isOfOneStation)
    sign(observed.replies, half: 1, isOfOneStation)
    let client = observed.flow.client.address
    if claims.hasClaims(on: client) {
      for point in points(of: observed) {
        let owner = claims.soleOwner(of: client, at: point)
        let isStation = isOfOneStation && owner.map { stations.isStation($0, of: observed) } ?? false
        signature.append(isStation ? .max : owner?.rawValue ?? .max - 1)
      }
    }
    if let number = numbers[signature] {
      groups[number].add(observed)
      return
    }
    var group = FlowGroup(facts: facts, observed)
    group.add(observed)
    numbers[signature] = groups.count
    groups.append(group)
  }

  private mutating func sign(_ records: [HopRecord], half: UInt64, _ isOfOneStation: Bool) {
    for (index, record) in records.enumerated() {
      var same = 0
      while same < index, records[same].fingerprint != record.fingerprint { same += 1 }
      let hop = isOfOneStation ? stations.shared(record.hop) : record.hop
      signature.append(
        half << 63 | UInt64(record.isResetOnly ? 1 : 0) << 62 | UInt64(UInt8(clamping: same)) << 48
          | UInt64(record.hopLimit) << 40 | UInt64(hop))
    }
  }

  private func points(of observed: ObservedFlow) -> [Int] {
    Set((observed.requests + observed.replies).map { hops[$0.hop].point }).sorted()
  }

  /// The groups, each with the way that its exemplar took.
  func finished() -> [FlowGroup] {
    groups.map { group in
      var group = group
      let observed = group.exemplar
      let requests = legs(observed.requests)
      let replies = legs(observed.replies)
      group.paths = points(of: observed).map { point in
        Path(
          point: point, requests: requests.filter { $0.hop.point == point },
          replies: replies.filter { $0.hop.point == point },
          clientMAC: claims.soleOwner(of: observed.flow.client.address, at: point),
          isOfClientStation: stations.haveOne(observed))
      }
      return group
    }
  }

  private func legs(_ records: [HopRecord]) -> [Path.Leg] {
    records.map { Path.Leg(hop: hops[$0.hop], record: $0) }.sorted { $0.record.firstFrame < $1.record.firstFrame }
  }
}

extension QuotedPacket {
  /// The flow that an error is about when the packet it quotes was a client's request.
  var flow: Flow? {
    guard let transport = TransportProtocol(rawValue: protocolNumber), sourcePort != 0 || destinationPort != 0
    else { return nil }
    return Flow(
      transport: transport, client: Endpoint(address: source, port: sourcePort),
      server: Endpoint(address: destination, port: destinationPort))
  }

  /// The flow that an error is about when the packet it quotes was a server's reply.
  var repliedFlow: Flow? { flow.map { Flow(transport: $0.transport, client: $0.server, server: $0.client) } }
}
