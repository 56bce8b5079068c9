import Evidence
import Wire

/// The leg from a balancer that translates the destination to a backend that answers in the VIP's name all the same: Cilium's
/// DSR, L3DSR by DSCP, Windows' and OVN's. It bears the backend's address, and belongs to the flow to the VIP: the client's
/// end and its initial sequence number tell.
///
/// Ordinary translation (IPVS Masq) looks the same on that leg, and its answers may come back where the capture does not
/// show them. So a leg counts only where the option is on it that names the VIP, or where the VIP's answer leaves the very
/// host that it leads to.
struct TranslatedDestinations {
  private struct Start: Hashable {
    var client: Endpoint
    var initial: UInt32
  }

  private struct Leg {
    var server: Endpoint
    var records: [LinkRecord]
  }

  private var legs: [Start: [Leg]] = [:]
  /// Legs of flows on some of which the option was seen.
  private var marked: [Start: [LinkRecord]] = [:]
  private let evidence: Evidence
  private let links: Evidence.Links

  init(_ index: ServiceIndex, _ evidence: Evidence) {
    self.evidence = evidence
    links = evidence.links
    guard index.isNamed else { return }
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      guard transport == .tcp else { return }
      note(lower, fromLower)
      note(higher, fromHigher)
      guard fromLower.isEmpty || fromHigher.isEmpty else { return }
      let (client, server) = fromHigher.isEmpty ? (lower, higher) : (higher, lower)
      let requests = fromHigher.isEmpty ? fromLower : fromHigher
      guard !index.isService(transport, server), !index.isService(transport, client) else { return }
      guard let initial = Self.initial(requests) else { return }
      legs[Start(client: client, initial: initial), default: []].append(
        Leg(server: server, records: Array(requests)))
    }
  }

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
    _ flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>
  ) -> (requests: [LinkRecord], replies: [LinkRecord])? {
    guard flow.transport == .tcp, !legs.isEmpty, let initial = Self.initial(requests) ?? Self.acknowledged(replies),
      let found = legs[Start(client: flow.client, initial: initial)], found.count == 1
    else { return nil }
    let records = found[0].records.filter { isDirect($0, replies) }
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

  private func isDirect(_ record: LinkRecord, _ replies: Span<LinkRecord>) -> Bool {
    if record.kinds.contains(.dsrOption) { return true }
    let link = links[record.link]
    let outside = link.encapsulation.outside?.addresses
    let targets = [link.destination, outside?.destination].compactMap { $0 }
    return replies.contains { reply in
      let other = links[reply.link]
      return other.point == link.point && !reply.isResetOnly && other.source.map { targets.contains($0) } ?? false
    }
  }
}
