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
    let answeredElsewhere = Set(elsewhere.map(\.flow))
    var sorters = index.services.map { _ in FlowSorter() }
    let hops = evidence.hops
    let endOfCapture = { (record: HopRecord) in
      evidence.captures[evidence.points[hops[record.hop].point].capture].lastTime
    }
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      let (serverIsLower, _) = index.orient(transport, lower, higher, fromLower, fromHigher)
      let server = serverIsLower ? lower : higher
      let services = index.services(transport, server)
      guard !services.isEmpty else { return }
      let observed = ObservedFlow(
        flow: Flow(transport: transport, client: serverIsLower ? higher : lower, server: server),
        requests: serverIsLower ? fromHigher : fromLower, replies: serverIsLower ? fromLower : fromHigher)
      var facts = FlowFacts(observed, hops: hops, endOfCapture: endOfCapture)
      if !unreachable.isEmpty, unreachable.contains(observed.flow) { facts.insert(.unreachable) }
      if !answeredElsewhere.isEmpty, answeredElsewhere.contains(observed.flow) { facts.insert(.answeredFromElsewhere) }
      for service in services { sorters[service].add(observed, facts, hops, claims) }
    }
    return zip(index.services, sorters).map { service, sorter in
      ServiceTraffic(
        service: service,
        groups: sorter.groups.sorted { a, b in
          guard let a = a.exemplars.first, let b = b.exemplars.first else { return false }
          return (a.firstFrame, a.flow) < (b.firstFrame, b.flow)
        })
    }
  }

  var flowCount: Int { groups.reduce(0) { $0 + $1.flows } }
  var paths: [Path] { groups.flatMap(\.paths) }
}

/// Puts flows that look the same into one group.
private struct FlowSorter {
  private(set) var groups: [FlowGroup] = []
  private var numbers: [[UInt64]: Int] = [:]
  private var signature: [UInt64] = []

  mutating func add(_ observed: ObservedFlow, _ facts: FlowFacts, _ hops: Evidence.Hops, _ claims: ClaimIndex) {
    signature.removeAll(keepingCapacity: true)
    signature.append(UInt64(facts.rawValue))
    sign(observed.requests, half: 0)
    sign(observed.replies, half: 1)
    let client = observed.flow.client.address
    // Where nobody claims the client's address, flows need not be told apart by it.
    let isClaimed = !claims.claims(on: client).isEmpty
    if isClaimed { signature.append(client.high ^ client.low) }
    if let number = numbers[signature] {
      groups[number].add(observed)
      return
    }
    var group = FlowGroup(facts: facts, paths: paths(of: observed, hops, isClaimed ? claims : nil))
    group.add(observed)
    numbers[signature] = groups.count
    groups.append(group)
  }

  private mutating func sign(_ records: [HopRecord], half: UInt64) {
    for (index, record) in records.enumerated() {
      let same = records.prefix(index).firstIndex { $0.fingerprint == record.fingerprint } ?? index
      signature.append(
        half << 63 | UInt64(record.isResetOnly ? 1 : 0) << 62 | UInt64(UInt8(clamping: same)) << 48
          | UInt64(record.hopLimit) << 40 | UInt64(record.hop))
    }
  }

  private func paths(of observed: ObservedFlow, _ hops: Evidence.Hops, _ claims: ClaimIndex?) -> [Path] {
    let legs = { (records: [HopRecord]) in
      records.map { Path.Leg(hop: hops[$0.hop], record: $0) }.sorted { $0.record.firstFrame < $1.record.firstFrame }
    }
    let requests = legs(observed.requests)
    let replies = legs(observed.replies)
    return Set((requests + replies).map(\.hop.point)).sorted().map { point in
      Path(
        point: point, requests: requests.filter { $0.hop.point == point },
        replies: replies.filter { $0.hop.point == point },
        clientMAC: claims?.soleOwner(of: observed.flow.client.address, at: point))
    }
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
}
