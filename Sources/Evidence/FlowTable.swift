import Wire

/// Flows and their links, in an open-addressing hash table.
///
/// Frames of many flows come in no order, so nearly every one waits for memory, and what it costs is the number of cache
/// lines that it touches: one slot and one half, for IPv4 exactly a line each (`FlowRooms`). Nearly every half has one hop
/// at a capture point, which stands in it; any further ones are chained. To wait for many lines at once, frames are only
/// noted at first; `settle` then looks up several at a time, one stage after the other.
struct FlowTable<Key: FlowKey>: Sendable {
  struct FurtherLink: Sendable {
    var record: LinkRecord
    var next: UInt32
    var end: FlowEnd
  }

  /// One half of a flow at one link.
  struct FlowLink: Hashable, Sendable {
    var flow: Key
    var end: FlowEnd
    var link: UInt32
  }

  /// A frame of a flow, noted until it is settled.
  struct Note: Sendable {
    fileprivate var key: Key
    fileprivate var end = FlowEnd.lower
    /// Where what the frame says is to be found.
    fileprivate var content = Content.plainSegment(frame: 0, point: 0)
    fileprivate var search = Search(slot: 0, tag: 0)
    /// -1 where the flow is not there yet.
    fileprivate var half = -1
    fileprivate var fetched: UInt64 = 0

    fileprivate init(key: Key) { self.key = key }

    enum Content: Sendable {
      /// In the frame itself, of that index: reading its headers again takes less than keeping what they said.
      case plainSegment(frame: Int32, point: UInt32)
      /// In `observations`, at that index.
      case observation(Int32)
    }
  }

  private struct Observation: Sendable {
    var record: LinkRecord
    var link: LinkTable.Packed
  }

  /// A flow's place and, in the rest of the bits, its ports and protocol: with the addresses in its halves, these tell
  /// a flow exactly.
  fileprivate struct Slot: Sendable {
    var bits: UInt64

    static var free: Slot { Slot(bits: 0) }

    init(bits: UInt64) { self.bits = bits }
    @inline(__always)
    init(tag: UInt64, place: Int) { bits = tag | UInt64(truncatingIfNeeded: place &+ 1) }

    var isFree: Bool { bits == 0 }
    /// -1 for a free slot.
    @inline(__always) var place: Int { Int(truncatingIfNeeded: bits & 0x7fff_ffff) &- 1 }
    @inline(__always) var tag: UInt64 { bits & ~0x7fff_ffff }
  }

  /// Where the search for a flow begins, and the tag of its slot.
  fileprivate struct Search: Sendable {
    var slot: UInt64
    var tag: UInt64

    init(slot: UInt64, tag: UInt64) {
      self.slot = slot
      self.tag = tag
    }

    @inline(__always)
    init(_ key: Key, seed: UInt64) {
      // Many flows have the same ports: mixed with the addresses they tell slots apart that stand side by side.
      tag = UInt64(key.ports ^ key.addressesFolded) << 32 | (key.transport == .udp ? 1 << 31 : 0)
      slot = Key.hash(key.addresses, tag ^ seed)
    }
  }

  private static var noteLimit: Int { 48 }
  /// No network takes a flow over so many hops: who sends more of them must not make each frame walk past all.
  static var chainLimit: Int { 16 }

  var rooms = FlowRooms<Key>()
  var further: [FurtherLink] = []
  /// The links of flows behind the first `chainLimit`: indices in `further`.
  var distant: [FlowLink: Int] = [:]
  /// How many of these each flow has that has any.
  var distantCounts: [Key: UInt64] = [:]
  /// Places in `further` that links have left.
  var freeFurther: [Int] = []
  /// The SYNs of halves whose ports were used again, by their initial sequence numbers.
  var connections: [FlowLink: Connections] = [:]
  /// The stretch of time in which the highest acknowledgment was first seen, of halves whose record is standing.
  var rises: [FlowLink: UInt64] = [:]
  /// How many half-open flows one that is kept stands for.
  var halfOpenBeside: [Key: UInt64] = [:]
  var sampling: Sampling
  private static var fewestSlots: Int { 1 << 10 }
  private var slots: [Slot] = Array(repeating: .free, count: Self.fewestSlots)
  /// Keeps whoever crafts a capture from choosing which flows collide.
  private let seed: UInt64
  private var notes: [Note]
  private var observations: [Observation] = []
  var count: Int { rooms.count }
  /// About how many bytes dropping flows could free: not those of a flow that passes ever more links, for which no other has
  /// to make room.
  var byteCount: Int {
    rooms.byteCount + (slots.count - Self.fewestSlots) * MemoryLayout<Slot>.stride
      + (further.count - freeFurther.count - distant.count) * MemoryLayout<FurtherLink>.stride + connections.count * 400
      + rises.count * 100 + halfOpenBeside.count * MemoryLayout<Key>.stride * 2
  }
  /// The same of the links of flows behind the first `chainLimit`.
  var distantByteCount: Int {
    distant.count
      * (MemoryLayout<FurtherLink>.stride + MemoryLayout<FlowLink>.stride * 2 + LinkTable.judgedStride)
  }

  init(seed: UInt64, none: Key, _ sampling: Sampling) {
    self.seed = seed
    self.sampling = sampling
    notes = Array(repeating: Note(key: none), count: Self.noteLimit)
  }

  /// Hands out the room for notes, which stands in one place so that nothing is allocated for it again and again.
  mutating func takeNotes() -> [Note] {
    var taken: [Note] = []
    swap(&taken, &notes)
    return taken
  }

  mutating func giveBack(_ taken: consuming [Note]) { notes = taken }

  /// Notes what a frame said.
  mutating func note(
    _ record: LinkRecord, at link: LinkTable.Packed, _ key: Key, from end: FlowEnd, in note: inout Note
  ) {
    self.note(.observation(Int32(truncatingIfNeeded: observations.count)), key, from: end, in: &note)
    observations.append(Observation(record: record, link: link))
  }

  /// Notes where to find what a frame said.
  @inline(__always)
  func note(_ content: Note.Content, _ key: Key, from end: FlowEnd, in note: inout Note) {
    note.key = key
    note.end = end
    note.content = content
    note.search = Search(key, seed: seed)
  }

  /// Adds what the first `count` notes say, of `frames` whose bytes stand in `bytes`.
  mutating func settle(
    _ noted: inout MutableSpan<Note>, _ count: Int, _ frames: Span<Frame>, in bytes: Span<UInt8>,
    links: inout LinkTable
  ) {
    if count == 0 { return }
    makeUnique()
    fetchSlots(&noted, count)
    findHalves(&noted, count)
    fetchHalves(&noted, count)
    // Few links are at hand anyway.
    if links.packed.count > 256 { fetchLinks(&noted, count, links) }
    for position in 0..<count {
      switch noted[position].content {
      case .plainSegment(let index, let point):
        let frame = frames[Int(index)]
        let segment = PlainSegment(matching: bytes.extracting(frame.offset..<frame.offset &+ frame.capturedLength))
        let link = LinkTable.Packed(from: segment.source, to: segment.destination, point: point)
        let half = noted[position].half
        if half >= 0, rooms.halves[half].isOfFlow(noted[position].key.addresses, at: link, links) {
          merge(LinkRecord(segment, frame), into: half, from: noted[position].end)
        } else {
          insert(
            LinkRecord(segment, frame), at: link, in: &links, from: noted[position].end, to: noted[position].key)
        }
      case .observation(let index):
        let observation = observations[Int(index)]
        let half = noted[position].half
        if half >= 0, rooms.halves[half].isOfFlow(noted[position].key.addresses, at: observation.link, links) {
          merge(observation.record, into: half, from: noted[position].end)
        } else {
          insert(
            observation.record, at: observation.link, in: &links, from: noted[position].end, to: noted[position].key)
        }
      }
    }
    rooms.settle()
    observations.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  private mutating func merge(_ record: LinkRecord, into half: Int, from end: FlowEnd) {
    if rooms.halves[half].sent.isOfOtherConnection(than: record) {
      note(Connections(record), beside: rooms.halves[half].sent, of: rooms.flow(ofHalfAt: half), from: end)
    }
    if rooms.halves[half].sent.mayStand(beside: record), !rooms.halves[half].sent.goesOnStanding(with: record) {
      let flow = rooms.key(rooms.flow(ofHalfAt: half))
      rooms.halves[half].sent = united(rooms.halves[half].sent, with: record, nil, of: flow, from: end)
    } else {
      rooms.halves[half].sent.merge(record)
    }
  }

  /// Both records together, and keeps what is to be kept beside them.
  @inline(never)
  private mutating func united(
    _ own: LinkRecord, with record: LinkRecord, _ rise: UInt64?, of flow: Key, from end: FlowEnd
  ) -> LinkRecord {
    let half = FlowLink(flow: flow, end: end, link: own.link)
    let isStanding = own.kinds.contains(.standing)
    var sight = Standing.Sight(record: own, kept: isStanding ? rises[half] : nil)
    sight.merge(Standing.Sight(record: record, kept: rise))
    if isStanding || sight.kept != nil { rises[half] = sight.kept }
    return sight.record
  }

  /// Notes connections that used the same ports as those of `own`, which has not taken them in yet.
  @inline(never)
  private mutating func note(_ others: Connections, beside own: LinkRecord, of place: Int, from end: FlowEnd) {
    let half = FlowLink(flow: rooms.key(place), end: end, link: own.link)
    connections[half, default: Connections(own)].merge(others)
  }

  // MARK: Stages, each with so few steps for a note that the processor waits for dozens of notes at once

  mutating func makeUnique() {
    rooms.makeUnique()
  }

  /// Reads the slot where each search begins: what matters is that this brings it in.
  private func fetchSlots(_ noted: inout MutableSpan<Note>, _ count: Int) {
    let slots = slots.span
    let mask = slots.count &- 1
    for position in 0..<count {
      noted[position].fetched = slots[Int(truncatingIfNeeded: noted[position].search.slot) & mask].bits
    }
  }

  /// Finds the half that each note is about, by its tag.
  private func findHalves(_ noted: inout MutableSpan<Note>, _ count: Int) {
    let slots = slots.span
    let mask = slots.count &- 1
    for position in 0..<count {
      let tag = noted[position].search.tag
      var index = Int(truncatingIfNeeded: noted[position].search.slot) & mask
      var slot = slots[index]
      while slot.tag != tag, !slot.isFree {
        index = (index &+ 1) & mask
        slot = slots[index]
      }
      noted[position].half = rooms.half(ofFlowAt: slot.place, from: noted[position].end)
    }
  }

  /// Reads from each half.
  private func fetchHalves(_ noted: inout MutableSpan<Note>, _ count: Int) {
    for position in 0..<count {
      let half = noted[position].half
      noted[position].fetched = half < 0 ? .max : UInt64(rooms.halves[half].sent.link)
    }
  }

  /// Reads the link that each half has.
  private func fetchLinks(_ noted: inout MutableSpan<Note>, _ count: Int, _ links: borrowing LinkTable) {
    for position in 0..<count {
      let number = noted[position].fetched
      if number < UInt64(links.packed.count) {
        noted[position].fetched = links.packed[Int(truncatingIfNeeded: number)].source
      }
    }
  }

  // MARK: Inserting

  /// Adds what `record` has seen of the flow at `link`, which it may not have been seen at before. `others` are the
  /// connections that `record` stands for, where there are several.
  ///
  /// A flow that is not there yet may not be of the sample that is kept.
  @inline(never)
  mutating func insert(
    _ record: LinkRecord, _ others: Connections? = nil, rise: UInt64? = nil, at link: LinkTable.Packed,
    in links: inout LinkTable, from end: FlowEnd, to key: Key, isSampled: Bool = true
  ) {
    let search = Search(key, seed: seed)
    let index = slotIndex(of: key, search)
    var place = slots[index].place
    if place >= 0 {
      if rooms.half(ofFlowAt: place, from: end) < 0 {
        place = rooms.widen(place)
        if place < 0 { return }
        slots[index] = Slot(tag: search.tag, place: place)
      }
      insert(record, others, rise: rise, at: link, in: &links, from: end, of: key, at: place)
      return
    }
    var own = record
    let linkCount = links.packed.count
    own.link = links.number(link)
    // The first flow at a link is kept: that the link was used is not to be lost.
    if isSampled, sampling.level > 0, links.packed.count == linkCount, !sampling.keeps(key) { return }
    place = rooms.add(key.addresses, ports: key.ports, from: end, own)
    if place < 0 { return }
    slots[index] = Slot(tag: search.tag, place: place)
    if let others { connections[FlowLink(flow: key, end: end, link: own.link)] = others }
    if let rise { rises[FlowLink(flow: key, end: end, link: own.link)] = rise }
    // A search passes the fewer slots the more of them are free.
    if count * 4 >= slots.count * 3 { makeSlots(slots.count * 2) }
  }

  /// The slot of a flow, or the free one where it would be.
  @inline(__always)
  private func slotIndex(of key: Key, _ search: Search) -> Int {
    let mask = slots.count &- 1
    var index = Int(truncatingIfNeeded: search.slot) & mask
    while !slots[index].isFree,
      slots[index].tag != search.tag || rooms.addresses(slots[index].place) != key.addresses
    {
      index = (index &+ 1) & mask
    }
    return index
  }

  mutating func makeSlots(_ slotCount: Int) {
    slots = []
    var made = manyElements(Slot.free, count: slotCount)
    let mask = slotCount - 1
    rooms.forEachPlace { place in
      let search = Search(rooms.key(place), seed: seed)
      var index = Int(truncatingIfNeeded: search.slot) & mask
      while !made[index].isFree { index = (index + 1) & mask }
      made[index] = Slot(tag: search.tag, place: place)
      return true
    }
    slots = made
  }

  private mutating func insert(
    _ record: LinkRecord, _ others: Connections?, rise: UInt64?, at link: LinkTable.Packed,
    in links: inout LinkTable, from end: FlowEnd, of key: Key, at place: Int
  ) {
    let half = rooms.half(ofFlowAt: place, from: end)
    let own = rooms.halves[half].sent
    if own.frames == 0 {
      let number = links.number(link)
      rooms.halves[half].sent = record
      rooms.halves[half].sent.link = number
      if let others { connections[FlowLink(flow: key, end: end, link: number)] = others }
      if let rise { rises[FlowLink(flow: key, end: end, link: number)] = rise }
    } else if links.isNumber(own.link, of: link) {
      noteConnections(own, record, others, of: place, from: end)
      rooms.halves[half].sent = united(own, with: record, rise, of: key, from: end)
    } else {
      addFurther(record, others, rise, links.number(link), from: end, of: key, at: place)
    }
  }

  private mutating func noteConnections(
    _ own: LinkRecord, _ record: LinkRecord, _ others: Connections?, of place: Int, from end: FlowEnd
  ) {
    if own.isOfOtherConnection(than: record) {
      note(others ?? Connections(record), beside: own, of: place, from: end)
    } else if let others {
      connections[FlowLink(flow: rooms.key(place), end: end, link: own.link)] = others
    }
  }

  /// Adds what was seen at a link other than the first of its half.
  mutating func addFurther(
    _ record: LinkRecord, _ others: Connections?, _ rise: UInt64?, _ link: UInt32, from end: FlowEnd, of key: Key,
    at place: Int
  ) {
    var record = record
    record.link = link
    let first = rooms[sideOf: place].further
    var next = first
    var (last, steps) = (-1, 0)
    while next != 0, steps < Self.chainLimit {
      last = Int(next) - 1
      if further[last].record.link == record.link, further[last].end == end {
        noteConnections(further[last].record, record, others, of: place, from: end)
        further[last].record = united(further[last].record, with: record, rise, of: key, from: end)
        return
      }
      next = further[last].next
      steps += 1
    }
    guard further.count < Int(UInt32.max) || !freeFurther.isEmpty else { return }
    let half = FlowLink(flow: key, end: end, link: link)
    if steps < Self.chainLimit {
      rooms[sideOf: place].further = UInt32(addFurther(FurtherLink(record: record, next: first, end: end)) + 1)
      if let others { connections[half] = others }
      if let rise { rises[half] = rise }
      return
    }
    // Behind the first of its chain, so that these stay where a walk finds them.
    if let index = distant[half] {
      noteConnections(further[index].record, record, others, of: place, from: end)
      further[index].record = united(further[index].record, with: record, rise, of: key, from: end)
    } else {
      let index = addFurther(FurtherLink(record: record, next: further[last].next, end: end))
      further[last].next = UInt32(index + 1)
      distant[half] = index
      distantCounts[key, default: 0] += 1
      if let others { connections[half] = others }
      if let rise { rises[half] = rise }
    }
  }

  /// Adds a link where one has left, else at the end, and returns its place.
  private mutating func addFurther(_ link: FurtherLink) -> Int {
    if let place = freeFurther.popLast() {
      further[place] = link
      return place
    }
    further.append(link)
    return further.count - 1
  }

  /// Calls `body` with every flow and its records, until it returns false.
  func forEachFlow(_ body: (_ key: Key, _ fromLower: Span<LinkRecord>, _ fromHigher: Span<LinkRecord>) -> Bool) {
    var fromLower = [LinkRecord.nothing]
    var fromHigher = [LinkRecord.nothing]
    rooms.forEachPlace { place in
      (fromLower[0], fromHigher[0]) = rooms.records(place)
      if !further.isEmpty {
        fromLower.removeLast(fromLower.count - 1)
        fromHigher.removeLast(fromHigher.count - 1)
        forEachFurther(place) {
          if $0.end == .lower { fromLower.append($0.record) } else { fromHigher.append($0.record) }
        }
      }
      return body(
        rooms.key(place), fromLower.span.extracting(first: fromLower[0].frames == 0 ? 0 : fromLower.count),
        fromHigher.span.extracting(first: fromHigher[0].frames == 0 ? 0 : fromHigher.count))
    }
  }

  /// Calls `body` with what was seen of a flow at its further links.
  func forEachFurther(_ place: Int, _ body: (FurtherLink) -> Void) {
    var next = rooms[sideOf: place].further
    while next != 0 {
      body(further[Int(next) - 1])
      next = further[Int(next) - 1].next
    }
  }

  /// Adds every flow of `other`, whose links have the numbers `numbers` in `links`, and whose frames come behind
  /// `earlierFrames` others.
  mutating func merge(
    _ other: FlowTable, numbers: [UInt32], in links: inout LinkTable, behind earlierFrames: UInt64 = 0
  ) {
    makeUnique()
    var (noted, count) = (takeNotes(), 0)
    func add(_ record: LinkRecord, _ key: Key, from end: FlowEnd) {
      note(record, at: links.packed[Int(numbers[Int(record.link)])], key, from: end, in: &noted[count])
      count += 1
      if count < noted.count { return }
      settle(&noted, count, of: other, in: &links, behind: earlierFrames)
      count = 0
    }
    other.forEachFlow { key, fromLower, fromHigher in
      for index in fromLower.indices { add(fromLower[index], key, from: .lower) }
      for index in fromHigher.indices { add(fromHigher[index], key, from: .higher) }
      return true
    }
    settle(&noted, count, of: other, in: &links, behind: earlierFrames)
    giveBack(noted)
    halfOpenBeside.merge(other.halfOpenBeside, uniquingKeysWith: +)
  }

  /// Adds what the first `count` notes say of flows of `other`.
  private mutating func settle(
    _ noted: inout [Note], _ count: Int, of other: FlowTable, in links: inout LinkTable, behind earlierFrames: UInt64
  ) {
    var notes = noted.mutableSpan
    fetchSlots(&notes, count)
    findHalves(&notes, count)
    fetchHalves(&notes, count)
    for position in 0..<count {
      let (key, end, observation) = (notes[position].key, notes[position].end, observations[position])
      let record = observation.record
      insert(
        record.behind(earlierFrames), other.connections(of: key, from: end, at: record.link),
        rise: other.rise(of: record, of: key, from: end), at: observation.link, in: &links, from: end, to: key,
        isSampled: false)
      // Inserting looks each flow up anew.
      rooms.settle()
    }
    observations.removeAll(keepingCapacity: true)
  }

  func contains(_ key: Key) -> Bool { place(of: key) >= 0 }

  /// What was seen of one flow.
  func records(of key: Key) -> (fromLower: [LinkRecord], fromHigher: [LinkRecord]) {
    let place = place(of: key)
    if place < 0 { return ([], []) }
    let (lower, higher) = rooms.records(place)
    var fromLower = lower.frames > 0 ? [lower] : []
    var fromHigher = higher.frames > 0 ? [higher] : []
    forEachFurther(place) {
      if $0.end == .lower { fromLower.append($0.record) } else { fromHigher.append($0.record) }
    }
    return (fromLower, fromHigher)
  }

  /// -1 for a flow that is not there.
  func place(of key: Key) -> Int { slots[slotIndex(of: key, Search(key, seed: seed))].place }

  private func connections(of flow: Key, from end: FlowEnd, at link: UInt32) -> Connections? {
    connections.isEmpty ? nil : connections[FlowLink(flow: flow, end: end, link: link)]
  }

  private func rise(of record: LinkRecord, of flow: Key, from end: FlowEnd) -> UInt64? {
    record.kinds.contains(.standing) ? rise(of: flow, from: end, at: record.link) : nil
  }

  /// Of a half at a link whose record is standing: the stretch of time in which its highest acknowledgment was first seen.
  func rise(of flow: Key, from end: FlowEnd, at link: UInt32) -> UInt64? {
    rises.isEmpty ? nil : rises[FlowLink(flow: flow, end: end, link: link)]
  }

  /// Calls `body` with every half of a flow whose ports were used again: who sent it, at which link, and its connections.
  func forEachReuse(_ body: (_ key: Key, _ end: FlowEnd, _ link: UInt32, _ connections: Connections) -> Void) {
    for (place, connections) in connections { body(place.flow, place.end, place.link, connections) }
  }
}
