import Wire

extension FlowTable {
  /// What one end of a flow sent, at one capture point.
  private struct Side: Hashable {
    var end: FlowEnd
    var point: Int
  }

  /// Of each half that was seen at more than `limit` links of a capture point keeps those with the lowest hashes, and returns
  /// what it drops. A link that is among the lowest of a whole is among the lowest of every part that it is in, so parts have
  /// all that was seen at those that stay, and merge in any order.
  ///
  /// `hash` and `point` are asked for a link's number.
  mutating func keepLinks(
    atMost limit: Int, hash: (UInt32) -> UInt64, point: (UInt32) -> Int
  ) -> [LinkRecord] {
    let crowded = distantCounts.lazy.filter { $0.value + Self.chainLimit + 2 > limit }.map(\.key)
    if crowded.isEmpty { return [] }
    makeUnique()
    var dropped: [LinkRecord] = []
    for flow in Array(crowded) { dropped += keepLinks(of: flow, atMost: limit, hash, point) }
    return dropped
  }

  private mutating func keepLinks(
    of flow: Key, atMost limit: Int, _ hash: (UInt32) -> UInt64, _ point: (UInt32) -> Int
  ) -> [LinkRecord] {
    let place = place(of: flow)
    guard place >= 0 else { return [] }
    var sides: [Side: [(hash: UInt64, record: LinkRecord)]] = [:]
    func note(_ record: LinkRecord, from end: FlowEnd) {
      sides[Side(end: end, point: point(record.link)), default: []].append((hash(record.link), record))
    }
    let (lower, higher) = rooms.records(place)
    if lower.frames > 0 { note(lower, from: .lower) }
    if higher.frames > 0 { note(higher, from: .higher) }
    forEachFurther(place) { note($0.record, from: $0.end) }

    var dropped: [(end: FlowEnd, record: LinkRecord)] = []
    for (side, links) in sides where links.count > limit {
      let cut = links.map(\.hash).sorted()[limit - 1]
      sides[side] = links.filter { $0.hash <= cut }
      dropped += links.lazy.filter { $0.hash > cut }.map { (side.end, $0.record) }
    }
    if dropped.isEmpty { return [] }
    for one in dropped {
      let link = FlowLink(flow: flow, end: one.end, link: one.record.link)
      connections[link] = nil
      rises[link] = nil
    }
    leaveFurther(of: flow, at: place)
    for end in [FlowEnd.lower, .higher] {
      let kept = sides.filter { $0.key.end == end }.flatMap { $0.value.map(\.record) }
      guard let first = kept.first else { continue }
      rooms.halves[rooms.half(ofFlowAt: place, from: end)].sent = first
      for record in kept.dropFirst() { chain(record, from: end, of: flow, at: place) }
    }
    return dropped.map(\.record)
  }

  /// Takes all its further links off the flow.
  private mutating func leaveFurther(of flow: Key, at place: Int) {
    var next = Int(rooms[sideOf: place].further)
    rooms[sideOf: place].further = 0
    while next != 0 {
      let link = further[next - 1]
      distant[FlowLink(flow: flow, end: link.end, link: link.record.link)] = nil
      further[next - 1] = FurtherLink(record: .nothing, next: 0, end: link.end)
      freeFurther.append(next - 1)
      next = Int(link.next)
    }
    distantCounts[flow] = nil
  }

  /// Adds a link that the flow does not have.
  private mutating func chain(_ record: LinkRecord, from end: FlowEnd, of flow: Key, at place: Int) {
    var (last, steps) = (-1, 0)
    var next = Int(rooms[sideOf: place].further)
    while next != 0, steps < Self.chainLimit {
      (last, next) = (next - 1, Int(further[next - 1].next))
      steps += 1
    }
    let index = addFurther(FurtherLink(record: record, next: UInt32(next), end: end))
    if last < 0 { rooms[sideOf: place].further = UInt32(index + 1) } else { further[last].next = UInt32(index + 1) }
    if steps < Self.chainLimit { return }
    distant[FlowLink(flow: flow, end: end, link: record.link)] = index
    distantCounts[flow, default: 0] += 1
  }
}
