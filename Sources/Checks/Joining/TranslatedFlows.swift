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

  private struct Start: Hashable {
    var server: Endpoint
    var initial: UInt32
  }

  private let captures: Int
  private var candidates: [Start: [Candidate]] = [:]

  init(captures: Int) { self.captures = captures }

  /// Adds a flow that not every capture saw, if its beginning tells.
  mutating func add(_ flow: Flow, _ sightings: [Sighting]) {
    guard flow.transport == .tcp, sightings.count < captures else { return }
    let starts = Set(sightings.compactMap(\.conversation.client.initial))
    guard starts.count == 1, let initial = starts.first else { return }
    candidates[Start(server: flow.server, initial: initial), default: []].append(
      Candidate(flow: flow, sightings: sightings))
  }

  /// The client's own flow, and what it is where it was translated. Each capture saw one of these alone.
  func joined() -> [(outer: Candidate, inners: [Candidate])] {
    candidates.values.compactMap { candidates in
      guard candidates.count > 1 else { return nil }
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
