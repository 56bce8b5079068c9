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
    var sorter = TrafficSorter(index, evidence, claims, elsewhere: elsewhere)
    evidence.forEachFlow { sorter.add($0, $1, $2, $3, $4) }
    return zip(index.services, sorter.sorters).map { service, sorter in
      ServiceTraffic(
        service: service,
        groups: sorter.finished().sorted {
          ($0.exemplar.firstFrame, $0.exemplar.flow) < ($1.exemplar.firstFrame, $1.exemplar.flow)
        })
    }
  }

  var paths: [Path] { groups.flatMap(\.paths) }
}

/// Sorts flows to services.
private struct TrafficSorter {
  private let index: ServiceIndex
  private let hops: Evidence.Hops
  /// When the capture of each point ended.
  private let ends: [Timestamp?]
  private let unreachable: Set<Flow>
  private let tooBig: Set<Flow>
  private let requestTooBig: Set<Flow>
  private let answeredElsewhere: Set<Flow>
  private(set) var sorters: [FlowSorter]

  init(_ index: ServiceIndex, _ evidence: Evidence, _ claims: ClaimIndex, elsewhere: [ForeignReply]) {
    self.index = index
    let hops = evidence.hops
    self.hops = hops
    ends = evidence.points.map { evidence.captures[$0.capture].lastTime }
    unreachable = Set(evidence.errors.keys.filter { $0.error.kind == .unreachable }.compactMap(\.error.quoted.flow))
    tooBig = Set(evidence.errors.keys.filter { $0.error.kind == .packetTooBig }.compactMap(\.error.quoted.repliedFlow))
    requestTooBig = Set(evidence.errors.keys.filter { $0.error.kind == .packetTooBig }.compactMap(\.error.quoted.flow))
    answeredElsewhere = Set(elsewhere.map(\.flow))
    let stations = ClientStations(index, evidence)
    sorters = index.services.map { _ in FlowSorter(hops: hops, claims: claims, stations: stations) }
  }

  mutating func add(
    _ transport: TransportProtocol, _ lower: Endpoint, _ higher: Endpoint, _ fromLower: Span<HopRecord>,
    _ fromHigher: Span<HopRecord>
  ) {
    let (serverIsLower, _) = index.orient(transport, lower, higher, fromLower, fromHigher)
    let server = serverIsLower ? lower : higher
    guard index.isService(transport, server) else { return }
    let flow = Flow(transport: transport, client: serverIsLower ? higher : lower, server: server)
    let (requests, replies) = serverIsLower ? (fromHigher, fromLower) : (fromLower, fromHigher)
    if requests.count < 2, replies.count < 2 {
      add(flow, requests, replies)
    } else {
      add(flow, ordered(requests).span, ordered(replies).span)
    }
  }

  private mutating func add(_ flow: Flow, _ requests: Span<HopRecord>, _ replies: Span<HopRecord>) {
    var facts = FlowFacts(flow, requests, replies, hops: hops) { ends[hops[$0.hop].point] }
    if !unreachable.isEmpty, unreachable.contains(flow) { facts.insert(.unreachable) }
    if !tooBig.isEmpty, tooBig.contains(flow) {
      facts.insert(.tooBig)
      let gotOver = facts.contains(.clientAcknowledgedMore) && !replies.contains { $0.resentBytes > 0 }
      if gotOver { facts.insert(.tooBigGotOver) }
    }
    if !requestTooBig.isEmpty, requestTooBig.contains(flow) { facts.insert(.requestTooBig) }
    if !answeredElsewhere.isEmpty, answeredElsewhere.contains(flow) { facts.insert(.answeredFromElsewhere) }
    for service in index.candidates(flow.server.address)
    where index.services[service].matches(flow.transport, flow.server) {
      sorters[service].add(flow, requests, replies, facts)
    }
  }

  /// By capture point, then as they were first seen.
  private func ordered(_ records: Span<HopRecord>) -> [HopRecord] {
    Array(records).sorted {
      (hops[$0.hop].point, $0.firstFrame, $0.hop) < (hops[$1.hop].point, $1.firstFrame, $1.hop)
    }
  }
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

  mutating func add(_ flow: Flow, _ requests: Span<HopRecord>, _ replies: Span<HopRecord>, _ facts: FlowFacts) {
    signature.removeAll(keepingCapacity: true)
    // With the number of requests no word can be read as another kind: behind them replies have the highest bit, and of
    // owners' words none is like a reply's.
    signature.append(UInt64(facts.rawValue) | UInt64(requests.count) << 32)
    let station = stations.soleStation(requests, replies)
    let isOfOneStation = station != nil
    sign(requests, half: 0, isOfOneStation)
    sign(replies, half: 1, isOfOneStation)
    let client = flow.client.address
    if claims.hasClaims(on: client) {
      for point in points(of: ObservedFlow(flow, requests, replies)) {
        let owner = claims.soleOwner(of: client, at: point)
        let isStation = isOfOneStation && owner.map { stations.isStation($0, of: requests, replies) } ?? false
        signature.append(isStation ? .max : owner?.rawValue ?? .max - 1)
      }
    }
    if let number = numbers[signature] {
      groups[number].add(flow, requests, replies, of: station)
      return
    }
    var group = FlowGroup(facts: facts, ObservedFlow(flow, requests, replies))
    group.add(flow, requests, replies, of: station)
    numbers[signature] = groups.count
    groups.append(group)
  }

  private mutating func sign(_ records: Span<HopRecord>, half: UInt64, _ isOfOneStation: Bool) {
    for index in records.indices {
      let record = records[index]
      var same = 0
      // More than a byte tells are all the same to it.
      while same < min(index, 255), records[same].fingerprint != record.fingerprint { same += 1 }
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
          isOfClientStation: stations.soleStation(observed.requests.span, observed.replies.span) != nil)
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
