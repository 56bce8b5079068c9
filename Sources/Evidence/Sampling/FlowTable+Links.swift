import Wire

/// What one end of a flow sent at a link.
struct SeenLink: Sendable {
  var end: FlowEnd
  var record: LinkRecord
}

extension LinkTable {
  /// Of each half that was seen at more than `limit` links of a capture point those with the highest hashes, which go. A link
  /// that is among the lowest of a whole is among the lowest of every part that it is in, so parts have all that was seen at
  /// those that stay, and merge in any order.
  func tooMany(of seen: [SeenLink], limit: Int, key: UInt64) -> [Bool] {
    let places = seen.map { packed[Int($0.record.link)].point * 2 + $0.end.index }
    let hashes = seen.map { stableHash($0.record.link, key: key) }
    var hashesByPlace: [Int: [UInt64]] = [:]
    for index in seen.indices { hashesByPlace[places[index], default: []].append(hashes[index]) }
    let cuts = hashesByPlace.compactMapValues { $0.count > limit ? $0.sorted()[limit - 1] : nil }
    return seen.indices.map { index in cuts[places[index]].map { hashes[index] > $0 } ?? false }
  }
}

extension FlowTable {
  /// Keeps no more links of a half than `limit`, at each capture point, and returns what it drops.
  mutating func keepLinks(atMost limit: Int, of links: LinkTable, key: UInt64) -> [LinkRecord] {
    if distantCounts.isEmpty { return [] }
    makeUnique()
    var dropped: [LinkRecord] = []
    for (flow, count) in distantCounts where Int(count) + Self.chainLimit + 2 > limit {
      let place = place(of: flow)
      if place < 0 { continue }
      let seen = seenLinks(place)
      let goes = links.tooMany(of: seen, limit: limit, key: key)
      guard goes.contains(true) else { continue }
      leaveFurther(of: flow, at: place)
      var hasFirst = (lower: false, higher: false)
      for (index, one) in seen.enumerated() {
        if goes[index] {
          dropped.append(one.record)
          connections[FlowLink(flow: flow, end: one.end, link: one.record.link)] = nil
          rises[FlowLink(flow: flow, end: one.end, link: one.record.link)] = nil
        } else if one.end == .lower ? hasFirst.lower : hasFirst.higher {
          addFurther(one.record, nil, nil, one.record.link, from: one.end, of: flow, at: place)
        } else {
          if one.end == .lower { hasFirst.lower = true } else { hasFirst.higher = true }
          rooms.halves[rooms.half(ofFlowAt: place, from: one.end)].sent = one.record
        }
      }
    }
    return dropped
  }

  private func seenLinks(_ place: Int) -> [SeenLink] {
    let (lower, higher) = rooms.records(place)
    var seen: [SeenLink] = []
    if lower.frames > 0 { seen.append(SeenLink(end: .lower, record: lower)) }
    if higher.frames > 0 { seen.append(SeenLink(end: .higher, record: higher)) }
    forEachFurther(place) { seen.append(SeenLink(end: $0.end, record: $0.record)) }
    return seen
  }

  /// Takes all its further links off the flow.
  private mutating func leaveFurther(of flow: Key, at place: Int) {
    var next = Int(rooms[sideOf: place].further)
    rooms[sideOf: place].further = 0
    while next != 0 {
      let link = further[next - 1]
      distant[FlowLink(flow: flow, end: link.end, link: link.record.link)] = nil
      further[next - 1].record = .nothing
      freeFurther.append(next - 1)
      next = Int(link.next)
    }
    distantCounts[flow] = nil
  }
}
