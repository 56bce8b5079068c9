import Evidence
import Wire

/// The leg from a balancer that translates the destination to a backend that answers in the VIP's name all the same: Cilium's
/// DSR, L3DSR by DSCP, Windows' and OVN's. It bears the backend's address, and belongs to the flow to the VIP: the client's
/// end and its initial sequence number tell.
///
/// Ordinary translation (IPVS Masq) looks the same on that leg, and its answers may come back where the capture does not
/// show them. So a leg counts only where the option is on it that names the VIP; or where the VIP's answer leaves the very
/// host that it leads to; or, at a service that the user names, where the balancer is seen to take the very frames and to send
/// them on, and of no flow of that address answers come back on such a leg. That an answer came at all, and that the capture
/// would show it, the verdict asks for then as it does of a balancer that keeps the destination.
struct TranslatedDestinations {
  private struct Start: Hashable {
    var client: Endpoint
    var initial: UInt32
  }

  private struct Leg {
    var flow: Flow
    var records: [LinkRecord]
  }

  private var legs: [Start: [Leg]] = [:]
  /// Legs of flows on some of which the option was seen.
  private var marked: [Start: [LinkRecord]] = [:]
  /// Service addresses to whose flows answers come back from the address that they were translated to.
  private var masqueraded: Set<IPAddress> = []
  /// Flows that are found to be legs of others, where services are found: their server is no service of its own.
  private var attached: Set<Flow> = []
  private let isNamed: Bool
  private let links: Evidence.Links

  init(_ index: ServiceIndex, _ evidence: Evidence) {
    links = evidence.links
    isNamed = index.isNamed
    let isNamed = isNamed
    var starts: Set<Int>?
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      guard transport == .tcp else { return }
      note(lower, fromLower)
      note(higher, fromHigher)
      guard fromLower.isEmpty || fromHigher.isEmpty else { return }
      let (client, server) = fromHigher.isEmpty ? (lower, higher) : (higher, lower)
      let requests = fromHigher.isEmpty ? fromLower : fromHigher
      if isNamed {
        guard !index.isService(transport, server), !index.isService(transport, client) else { return }
      } else {
        // A flood of SYNs has no legs behind it.
        guard requests.contains(where: { !$0.kinds.isDisjoint(with: [.established, .dsrOption]) }) else { return }
      }
      guard let initial = Self.initial(requests) else { return }
      let start = Start(client: client, initial: initial)
      if isNamed {
        // A flood at other servers begins as no flow of the service does. Where there are no such flows, nobody asks.
        let known = starts ?? Self.starts(ofFlowsTo: index, evidence)
        starts = known
        if !known.contains(start.hashValue) { return }
      }
      legs[start, default: []].append(
        Leg(flow: Flow(transport: transport, client: client, server: server), records: Array(requests)))
    }
    if legs.isEmpty { return }
    if isNamed { findMasqueraded(index, evidence) } else { findAttached(index, evidence) }
  }

  /// Hashes of how the flows to the services may begin: several networks may use the same addresses and ports.
  private static func starts(ofFlowsTo index: ServiceIndex, _ evidence: Evidence) -> Set<Int> {
    var starts: Set<Int> = []
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      guard transport == .tcp else { return }
      for serverIsLower in [true, false] where index.isService(transport, serverIsLower ? lower : higher) {
        let (requests, replies) = serverIsLower ? (fromHigher, fromLower) : (fromLower, fromHigher)
        func note(_ initial: UInt32) {
          starts.insert(Start(client: serverIsLower ? higher : lower, initial: initial).hashValue)
        }
        for index in requests.indices {
          if let initial = requests[index].initialSequence { note(initial) }
        }
        for index in replies.indices where replies[index].kinds.contains(.synAck) {
          note(replies[index].acknowledgmentLow &- 1)
        }
      }
    }
    return starts
  }

  private mutating func findMasqueraded(_ index: ServiceIndex, _ evidence: Evidence) {
    var silent: [Start: IPAddress] = [:]
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      guard transport == .tcp, fromLower.isEmpty || fromHigher.isEmpty else { return }
      let (client, server) = fromHigher.isEmpty ? (lower, higher) : (higher, lower)
      let requests = fromHigher.isEmpty ? fromLower : fromHigher
      guard index.isService(transport, server), requests.contains(where: { $0.kinds.contains(.established) }),
        let initial = Self.initial(requests)
      else { return }
      silent[Start(client: client, initial: initial)] = server.address
    }
    if silent.isEmpty { return }
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      guard transport == .tcp, !fromLower.isEmpty, !fromHigher.isEmpty else { return }
      for clientIsLower in [true, false] {
        let (client, server) = clientIsLower ? (lower, higher) : (higher, lower)
        guard !index.isService(transport, server),
          let initial = Self.initial(clientIsLower ? fromLower : fromHigher),
          let address = silent[Start(client: client, initial: initial)]
        else { continue }
        masqueraded.insert(address)
      }
    }
  }

  private mutating func findAttached(_ index: ServiceIndex, _ evidence: Evidence) {
    var found: Set<Flow> = []
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      guard transport == .tcp else { return }
      let (flow, serverIsLower) = index.flow(transport, lower, higher, fromLower, fromHigher)
      let (requests, replies) = serverIsLower ? (fromHigher, fromLower) : (fromLower, fromHigher)
      if let leg = leg(of: flow, requests, replies),
        leg.records.contains(where: { isLeg($0, of: flow, requests, replies) })
      {
        found.insert(leg.flow)
      }
    }
    attached = found
  }

  /// Servers all of whose flows are legs of others.
  func serversOfLegs(_ index: ServiceIndex, in evidence: Evidence) -> Set<Endpoint> {
    if attached.isEmpty { return [] }
    var servers = Set(attached.map(\.server))
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      let (flow, _) = index.flow(transport, lower, higher, fromLower, fromHigher)
      if servers.contains(flow.server), !attached.contains(flow) { servers.remove(flow.server) }
    }
    return servers
  }

  /// It is told of another flow, the one to the VIP.
  func isAttached(_ flow: Flow) -> Bool { !attached.isEmpty && attached.contains(flow) }

  var isEmpty: Bool { legs.isEmpty }

  private mutating func note(_ client: Endpoint, _ half: Span<LinkRecord>) {
    guard half.contains(where: { $0.kinds.contains(.dsrOption) }), let initial = Self.initial(half) else { return }
    marked[Start(client: client, initial: initial), default: []] += Array(half)
  }

  /// The legs of a flow's translated SYN with the option, and those without it; `nil` where none bears it.
  func markedLegs(of flow: ObservedFlow) -> (with: [LinkRecord], without: [LinkRecord])? {
    guard !marked.isEmpty, let initial = Self.initial(flow.requests.span) ?? Self.acknowledged(flow.replies.span),
      let records = marked[Start(client: flow.flow.client, initial: initial)]?.filter({ $0.kinds.contains(.syn) })
    else { return nil }
    return (
      records.filter { $0.kinds.contains(.dsrOption) }, records.filter { !$0.kinds.contains(.dsrOption) }
    )
  }

  /// The one initial sequence number of a half that is one connection.
  private static func initial(_ requests: Span<LinkRecord>) -> UInt32? {
    var initial: UInt32?
    for index in requests.indices {
      let record = requests[index]
      guard record.kinds.isDisjoint(with: [.severalConnections, .initialSequencesDiffer]) else { return nil }
      guard record.kinds.contains(.syn), let own = record.initialSequence else { continue }
      if let initial, initial != own { return nil }
      initial = own
    }
    return initial
  }

  /// The flow with its translated legs; `nil` where it has none.
  func whole(
    _ flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, in evidence: Evidence
  ) -> (requests: [LinkRecord], replies: [LinkRecord])? {
    guard let leg = leg(of: flow, requests, replies) else { return nil }
    let records = leg.records.filter { isLeg($0, of: flow, requests, replies) }
    guard !records.isEmpty else { return nil }
    let (all, answers) = (Array(requests) + records, Array(replies))
    guard let reading = evidence.reading(all.span, answers.span) else { return (all, answers) }
    return reading
  }

  /// The client's initial sequence number, as a SYN-ACK acknowledges it.
  private static func acknowledged(_ replies: Span<LinkRecord>) -> UInt32? {
    var initial: UInt32?
    for index in replies.indices where replies[index].kinds.contains(.synAck) {
      let own = replies[index].acknowledgmentLow &- 1
      if let initial, initial != own { return nil }
      initial = own
    }
    return initial
  }

  /// What may be the leg behind a flow: the only one of the same start, with another server.
  private func leg(of flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>) -> Leg? {
    guard flow.transport == .tcp, !legs.isEmpty, let initial = Self.initial(requests) ?? Self.acknowledged(replies),
      let all = legs[Start(client: flow.client, initial: initial)]
    else { return nil }
    let others = all.filter { $0.flow.server != flow.server }
    // Of two that bear the option, none is the VIP's own.
    if !isNamed, requests.contains(where: { $0.kinds.contains(.dsrOption) }) { return nil }
    return others.count == 1 ? others[0] : nil
  }

  private func isLeg(
    _ record: LinkRecord, of flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>
  ) -> Bool {
    if record.kinds.contains(.dsrOption) { return true }
    if isAnsweredByItsEnd(record, replies) { return true }
    return isNamed && !masqueraded.contains(flow.server.address) && isHandedOn(record, requests, replies)
  }

  private func isAnsweredByItsEnd(_ record: LinkRecord, _ replies: Span<LinkRecord>) -> Bool {
    let link = links[record.link]
    let outside = link.encapsulation.outside?.addresses
    let targets = [link.destination, outside?.destination].compactMap { $0 }
    return replies.contains { reply in
      let other = links[reply.link]
      return other.point == link.point && !reply.isResetOnly && other.source.map { targets.contains($0) } ?? false
    }
  }

  /// At a point that shows no answer, the device that the request goes to sends the same frames on.
  private func isHandedOn(
    _ record: LinkRecord, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>
  ) -> Bool {
    let link = links[record.link]
    guard let from = link.source, !replies.contains(where: { links.point(of: $0.link) == link.point }) else {
      return false
    }
    return requests.contains { request in
      let other = links[request.link]
      return other.point == link.point && other.destination == from && other.source != link.destination
        && request.fingerprint == record.fingerprint && request.synCount == record.synCount
        && record.hopLimit <= request.hopLimit && request.hopLimit - record.hopLimit <= 1
    }
  }
}
