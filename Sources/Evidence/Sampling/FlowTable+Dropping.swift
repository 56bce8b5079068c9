import Wire

extension LinkRecord {
  /// A single SYN and nothing else.
  var isLoneSYN: Bool {
    synCount == 1 && frames == 1 && kinds.contains(.syn)
      && kinds.isSubset(of: [.syn, .notReset, .oversized, .dsrOption])
  }
}

extension FlowTable {
  /// Half-open flows that look the same but for their clients.
  private struct HalfOpen: Hashable {
    var server: Endpoint
    var link: UInt32
  }

  /// Keeps one of all half-open flows to a server that were seen at the same link, and counts the others beside it. Half-open
  /// is a single SYN that nothing followed, of which `isLeft` says that nothing will.
  ///
  /// A client repeats its SYN after a second (RFC 6298), so what was silent for longer is a scanner's or nobody's.
  mutating func foldHalfOpen(_ isLeft: (LinkRecord) -> Bool) {
    var chosen: [HalfOpen: (rank: Sampling.Order, place: Int, others: UInt64)] = [:]
    var isKept = [Bool](repeating: true, count: rooms.placeCount)
    rooms.forEachPlace { place in
      guard let sent = halfOpen(place, isLeft) else { return true }
      let key = rooms.key(place)
      let kind = HalfOpen(server: sent.end == .lower ? key.higher : key.lower, link: sent.record.link)
      let rank = sampling.order(key)
      guard let known = chosen[kind] else {
        chosen[kind] = (rank, place, 0)
        return true
      }
      // The choice does not hang on the order in which they came.
      let loser = rank < known.rank ? known.place : place
      isKept[loser] = false
      let others = known.others + 1 + (halfOpenBeside.removeValue(forKey: rooms.key(loser)) ?? 0)
      chosen[kind] = rank < known.rank ? (rank, place, others) : (known.rank, known.place, others)
      return true
    }
    for (_, one) in chosen where one.others > 0 {
      halfOpenBeside[rooms.key(one.place), default: 0] += one.others
    }
    keep(isKept)
  }

  private func halfOpen(_ place: Int, _ isLeft: (LinkRecord) -> Bool) -> (end: FlowEnd, record: LinkRecord)? {
    let (lower, higher) = rooms.records(place)
    guard (lower.frames == 0) != (higher.frames == 0) else { return nil }
    let (end, record) = lower.frames > 0 ? (FlowEnd.lower, lower) : (.higher, higher)
    var isHalfOpen = record.isLoneSYN && isLeft(record)
    forEachFurther(place) { isHalfOpen = isHalfOpen && $0.end == end && $0.record.isLoneSYN && isLeft($0.record) }
    return isHalfOpen ? (end, record) : nil
  }

  /// Keeps the flows that `sampling` keeps, those that stand for half-open ones where they are few, and of each of so few links
  /// the flow that it would keep longest: that a link was used at all is never lost.
  mutating func keepSample() {
    let keepsHalfOpen = halfOpenBeside.count <= Sampling.exemplarLimit
    var first: [UInt32: (rank: Sampling.Order, place: Int)] = [:]
    var isKept = [Bool](repeating: true, count: rooms.placeCount)
    rooms.forEachPlace { place in
      let key = rooms.key(place)
      let rank = sampling.order(key)
      isKept[place] = sampling.keeps(key) || keepsHalfOpen && halfOpenBeside[key] != nil
      forEachRecord(place) { record in
        if let known = first[record.link], known.rank <= rank { return }
        first[record.link] = (rank, place)
      }
      return true
    }
    let chosen =
      first.count > Sampling.exemplarLimit ? Array(first.values.sorted { $0.rank < $1.rank }) : Array(first.values)
    for one in chosen.prefix(Sampling.exemplarLimit) { isKept[one.place] = true }
    keep(isKept)
  }

  /// Notes the links, by number, that flows have.
  func markLinks(_ isUsed: inout [Bool]) {
    rooms.forEachPlace { place in
      forEachRecord(place) { isUsed[Int($0.link)] = true }
      return true
    }
  }

  /// Gives the links of all flows other numbers.
  mutating func renumberLinks(_ numbers: [UInt32]) {
    makeUnique()
    rooms.renumberLinks(numbers)
    for index in further.indices where further[index].record.frames > 0 {
      further[index].record.link = numbers[Int(further[index].record.link)]
    }
    func moved(_ place: FlowLink) -> FlowLink {
      FlowLink(flow: place.flow, end: place.end, link: numbers[Int(place.link)])
    }
    distant = Dictionary(uniqueKeysWithValues: distant.map { (moved($0.key), $0.value) })
    connections = Dictionary(uniqueKeysWithValues: connections.map { (moved($0.key), $0.value) })
    rises = Dictionary(uniqueKeysWithValues: rises.map { (moved($0.key), $0.value) })
  }

  private func forEachRecord(_ place: Int, _ body: (LinkRecord) -> Void) {
    let (lower, higher) = rooms.records(place)
    if lower.frames > 0 { body(lower) }
    if higher.frames > 0 { body(higher) }
    forEachFurther(place) { body($0.record) }
  }

  private mutating func keep(_ isKept: [Bool]) {
    guard isKept.contains(false) else { return }
    makeUnique()
    rooms.keep { isKept[$0] }
    keepFurther()
    var slotCount = 1 << 10
    while count * 2 > slotCount { slotCount *= 2 }
    makeSlots(slotCount)
    if !connections.isEmpty { connections = connections.filter { contains($0.key.flow) } }
    if !rises.isEmpty { rises = rises.filter { contains($0.key.flow) } }
    if !halfOpenBeside.isEmpty { halfOpenBeside = halfOpenBeside.filter { contains($0.key) } }
  }

  /// Keeps the further links of the flows that are there.
  private mutating func keepFurther() {
    if further.isEmpty { return }
    let before = further
    further = []
    (distant, distantCounts, freeFurther) = ([:], [:], [])
    rooms.forEachPlace { place in
      var next = rooms[sideOf: place].further
      if next == 0 { return true }
      var steps = 0
      let key = rooms.key(place)
      rooms[sideOf: place].further = UInt32(further.count + 1)
      while next != 0 {
        var link = before[Int(next) - 1]
        next = link.next
        if steps >= Self.chainLimit {
          distant[FlowLink(flow: key, end: link.end, link: link.record.link)] = further.count
          distantCounts[key, default: 0] += 1
        }
        link.next = next == 0 ? 0 : UInt32(further.count + 2)
        further.append(link)
        steps += 1
      }
      return true
    }
  }
}
