import Evidence
import Wire

/// Flows of one client whose address or port a router changes on the way: the numbers of both ends tell that they are one.
struct TranslatedFlows {
  struct Candidate {
    var flow: Flow
    var sightings: [Sighting]

    /// The highest TTL of its requests: who is nearest to the client has most left.
    fileprivate var hopLimit: UInt8 { sightings.flatMap(\.seen.requests).map(\.hopLimit).max() ?? 0 }
    fileprivate var captures: Set<Int> { Set(sightings.map(\.capture)) }
  }

  /// How a connection to a server begins.
  private struct Start: Hashable {
    var server: Endpoint
    var initial: UInt32

    init?(_ flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>) {
      guard flow.transport == .tcp else { return nil }
      server = flow.server
      var found: UInt32?
      for index in requests.indices where requests[index].kinds.contains(.syn) {
        found = found ?? requests[index].initialSequence
      }
      for index in replies.indices where replies[index].kinds.contains(.synAck) {
        found = found ?? replies[index].acknowledgmentLow &- 1
      }
      guard let found else { return nil }
      initial = found
    }
  }

  /// Flows are many, and hardly any two begin alike: hashes of all beginnings, and those that came twice.
  private var seen: Set<Int> = []
  private var seenTwice: Set<Int> = []
  private var candidates: [Start: [Candidate]] = [:]

  /// Notes how a flow begins.
  mutating func note(_ flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>) {
    guard let hash = Start(flow, requests, replies)?.hashValue else { return }
    if !seen.insert(hash).inserted { seenTwice.insert(hash) }
  }

  /// Some flows begin alike.
  var areThere: Bool { !seenTwice.isEmpty }

  /// Adds what was seen of a flow, once all were noted, if another begins like it.
  mutating func add(
    _ flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, capture: (LinkRecord) -> Int
  ) {
    guard let start = Start(flow, requests, replies), seenTwice.contains(start.hashValue) else { return }
    candidates[start, default: []].append(
      Candidate(
        flow: flow, sightings: Sighting.all(flow.transport, requests, replies, textCaptures: [], capture: capture)))
  }

  /// The client's own flow, and what it is where it was translated. Each capture saw one of these alone.
  func joined() -> [(outer: Candidate, inners: [Candidate])] {
    candidates.values.compactMap { candidates in
      guard candidates.count > 1, candidates.allSatisfy({ $0.hopLimit > 0 }) else { return nil }
      let ordered = candidates.sorted { a, b in
        a.hopLimit != b.hopLimit ? a.hopLimit > b.hopLimit : a.flow < b.flow
      }
      guard Set(ordered.flatMap(\.captures)).count == ordered.reduce(0, { $0 + $1.captures.count }) else { return nil }
      let sightings = ordered.flatMap(\.sightings)
      for (number, one) in sightings.enumerated() {
        for other in sightings[(number + 1)...] {
          guard one.conversation.isSameByBothEnds(as: other.conversation) else { return nil }
        }
      }
      return (ordered[0], Array(ordered.dropFirst()))
    }.sorted { $0.outer.flow < $1.outer.flow }
  }
}
