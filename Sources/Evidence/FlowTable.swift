import Wire

/// Flows and their links, in an open-addressing hash table.
///
/// Frames of many flows come in no order, so nearly every one waits for memory, and what it costs is the number of cache
/// lines that it touches: one slot and one half, for IPv4 exactly a line each. Nearly every half has one hop at a capture
/// point, which stands in it; any further ones are chained. To wait for many lines at once, frames are only noted at
/// first; `settle` then looks up several at a time, one stage after the other.
struct FlowTable<Key: FlowKey>: Sendable {
  /// What one end of a flow sent; no frames stands for nothing seen.
  private struct Half: BitwiseCopyable, Sendable {
    var addresses: Key.Addresses
    var sent: LinkRecord

    /// Whether this is a half of the flow between `addresses`, whose slot led here, and `link` the one that stands in it.
    @inline(__always)
    func isOfFlow(_ addresses: Key.Addresses, at link: LinkTable.Packed, _ links: borrowing LinkTable) -> Bool {
      self.addresses == addresses && sent.link != .max && links.isNumber(sent.link, of: link)
    }
  }

  private struct FurtherLink: Sendable {
    var record: LinkRecord
    var next: UInt32
    var end: FlowEnd
  }

  /// One half of a flow at one link.
  private struct FlowLink: Hashable, Sendable {
    var flow: Int
    var end: FlowEnd
    var link: UInt32
  }

  /// A frame of a flow, noted until it is settled.
  struct Note: Sendable {
    fileprivate var key: Key
    fileprivate var end = FlowEnd.lower
    /// Where what the frame says is to be found.
    fileprivate var content = Content.plainSegment(frame: 0, point: 0)
    fileprivate var place = Place(slot: 0, tag: 0)
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

  /// A flow's number and, in the rest of the bits, its ports and protocol: with the addresses in its halves, these tell
  /// a flow exactly.
  fileprivate struct Slot: Sendable {
    var bits: UInt64

    static var free: Slot { Slot(bits: 0) }
    static var flowLimit: Int { 0x7fff_ffff }

    init(bits: UInt64) { self.bits = bits }
    @inline(__always)
    init(tag: UInt64, flow: Int) { bits = tag | UInt64(truncatingIfNeeded: flow &+ 1) }

    var isFree: Bool { bits == 0 }
    /// -1 for a free slot.
    @inline(__always) var flow: Int { Int(truncatingIfNeeded: bits & 0x7fff_ffff) &- 1 }
    @inline(__always) var tag: UInt64 { bits & ~0x7fff_ffff }
  }

  /// Where the search for a flow begins, and the tag of its slot.
  fileprivate struct Place: Sendable {
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
  private static var chainLimit: Int { 16 }

  /// Two of each flow, the lower end's first.
  private var halves = ChunkedArray<Half>()
  /// Of each flow.
  private var ports = ChunkedArray<UInt32>()
  private var further: [FurtherLink] = []
  /// The first of each flow's further links: its index in `further` plus one; 0 for none. Empty until there are any.
  private var furtherOfFlow: [UInt32] = []
  /// The links of flows behind the first `chainLimit`: indices in `further`.
  private var distant: [FlowLink: Int] = [:]
  /// The SYNs of halves whose ports were used again, by their initial sequence numbers.
  private var connections: [FlowLink: Connections] = [:]
  /// The stretch of time in which the highest acknowledgment was first seen, of halves whose record is standing.
  private var rises: [FlowLink: UInt64] = [:]
  private var slots: [Slot] = Array(repeating: .free, count: 1 << 10)
  /// Keeps whoever crafts a capture from choosing which flows collide.
  private let seed: UInt64
  private var notes: [Note]
  private var observations: [Observation] = []
  var count: Int { halves.count / 2 }

  init(seed: UInt64, none: Key) {
    self.seed = seed
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
    note.place = Place(key, seed: seed)
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
        if half >= 0, halves[half].isOfFlow(noted[position].key.addresses, at: link, links) {
          merge(LinkRecord(segment, frame), into: half)
        } else if half >= 0, halves[half].addresses == noted[position].key.addresses {
          insert(LinkRecord(segment, frame), at: link, in: &links, from: noted[position].end, of: half / 2)
        } else {
          insert(
            LinkRecord(segment, frame), at: link, in: &links, from: noted[position].end, to: noted[position].key)
        }
      case .observation(let index):
        let observation = observations[Int(index)]
        let half = noted[position].half
        if half >= 0, halves[half].isOfFlow(noted[position].key.addresses, at: observation.link, links) {
          merge(observation.record, into: half)
        } else {
          insert(
            observation.record, at: observation.link, in: &links, from: noted[position].end, to: noted[position].key)
        }
      }
    }
    observations.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  private mutating func merge(_ record: LinkRecord, into half: Int) {
    if halves[half].sent.isOfOtherConnection(than: record) {
      note(Connections(record), beside: halves[half].sent, of: half / 2, from: half & 1 == 0 ? .lower : .higher)
    }
    if halves[half].sent.mayStand(beside: record), !halves[half].sent.goesOnStanding(with: record) {
      let end: FlowEnd = half & 1 == 0 ? .lower : .higher
      halves[half].sent = united(halves[half].sent, with: record, nil, of: half / 2, from: end)
    } else {
      halves[half].sent.merge(record)
    }
  }

  /// Both records together, and keeps what is to be kept beside them.
  @inline(never)
  private mutating func united(
    _ own: LinkRecord, with record: LinkRecord, _ rise: UInt64?, of flow: Int, from end: FlowEnd
  ) -> LinkRecord {
    let place = FlowLink(flow: flow, end: end, link: own.link)
    let isStanding = own.kinds.contains(.standing)
    var sight = Standing.Sight(record: own, kept: isStanding ? rises[place] : nil)
    sight.merge(Standing.Sight(record: record, kept: rise))
    if isStanding || sight.kept != nil { rises[place] = sight.kept }
    return sight.record
  }

  /// Notes connections that used the same ports as those of `own`, which has not taken them in yet.
  @inline(never)
  private mutating func note(_ others: Connections, beside own: LinkRecord, of flow: Int, from end: FlowEnd) {
    connections[FlowLink(flow: flow, end: end, link: own.link), default: Connections(own)].merge(others)
  }

  // MARK: Stages, each with so few steps for a note that the processor waits for dozens of notes at once

  mutating func makeUnique() {
    halves.makeUnique()
    ports.makeUnique()
  }

  /// Reads the slot where each search begins: what matters is that this brings it in.
  private func fetchSlots(_ noted: inout MutableSpan<Note>, _ count: Int) {
    let slots = slots.span
    let mask = slots.count &- 1
    for position in 0..<count {
      noted[position].fetched = slots[Int(truncatingIfNeeded: noted[position].place.slot) & mask].bits
    }
  }

  /// Finds the half that each note is about, by its tag.
  private func findHalves(_ noted: inout MutableSpan<Note>, _ count: Int) {
    let slots = slots.span
    let mask = slots.count &- 1
    for position in 0..<count {
      let tag = noted[position].place.tag
      var index = Int(truncatingIfNeeded: noted[position].place.slot) & mask
      var slot = slots[index]
      while slot.tag != tag, !slot.isFree {
        index = (index &+ 1) & mask
        slot = slots[index]
      }
      let flow = slot.flow
      let half = flow < 0 ? -1 : flow &* 2 &+ noted[position].end.index
      noted[position].half = half
    }
  }

  /// Reads from each half.
  private func fetchHalves(_ noted: inout MutableSpan<Note>, _ count: Int) {
    for position in 0..<count {
      let half = noted[position].half
      noted[position].fetched = half < 0 ? .max : UInt64(halves[half].sent.link)
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

  /// Finds the flow or makes it, and returns its number; -1 where there are too many.
  private mutating func flow(_ key: Key) -> Int {
    let place = Place(key, seed: seed)
    let mask = slots.count &- 1
    var index = Int(truncatingIfNeeded: place.slot) & mask
    while true {
      let slot = slots[index]
      if slot.isFree { return insert(key, tag: place.tag, at: index) }
      if slot.tag == place.tag, halves[slot.flow &* 2].addresses == key.addresses { return slot.flow }
      index = (index &+ 1) & mask
    }
  }

  @inline(never)
  private mutating func insert(_ key: Key, tag: UInt64, at index: Int) -> Int {
    let flow = count
    guard flow < Slot.flowLimit else { return -1 }
    if count * 2 >= slots.count {
      grow()
      return self.flow(key)
    }
    halves.append(Half(addresses: key.addresses, sent: .nothing))
    halves.append(Half(addresses: key.addresses, sent: .nothing))
    ports.append(key.ports)
    if !furtherOfFlow.isEmpty { furtherOfFlow.append(0) }
    slots[index] = Slot(tag: tag, flow: flow)
    return flow
  }

  private func key(_ flow: Int) -> Key {
    let kinds = halves[flow &* 2].sent.kinds.union(halves[flow &* 2 &+ 1].sent.kinds)
    return Key(
      addresses: halves[flow &* 2].addresses, ports: ports[flow],
      transport: kinds.contains(.datagram) ? .udp : .tcp)
  }

  private mutating func grow() {
    var larger: [Slot] = Array(repeating: .free, count: slots.count * 2)
    let mask = larger.count - 1
    for flow in 0..<count {
      let place = Place(key(flow), seed: seed)
      var index = Int(truncatingIfNeeded: place.slot) & mask
      while !larger[index].isFree { index = (index + 1) & mask }
      larger[index] = Slot(tag: place.tag, flow: flow)
    }
    slots = larger
  }

  /// Adds what `record` has seen of the flow at `link`, which it may not have been seen at before. `others` are the
  /// connections that `record` stands for, where there are several.
  @inline(never)
  mutating func insert(
    _ record: LinkRecord, _ others: Connections? = nil, rise: UInt64? = nil, at link: LinkTable.Packed,
    in links: inout LinkTable, from end: FlowEnd, to key: Key
  ) {
    let flow = flow(key)
    if flow >= 0 { insert(record, others, rise: rise, at: link, in: &links, from: end, of: flow) }
  }

  @inline(never)
  private mutating func insert(
    _ record: LinkRecord, _ others: Connections? = nil, rise: UInt64? = nil, at link: LinkTable.Packed,
    in links: inout LinkTable, from end: FlowEnd, of flow: Int
  ) {
    let half = flow * 2 + end.index
    let own = halves[half].sent
    if own.frames == 0 {
      let number = links.number(link)
      halves[half].sent = record
      halves[half].sent.link = number
      if let others { connections[FlowLink(flow: flow, end: end, link: number)] = others }
      if let rise { rises[FlowLink(flow: flow, end: end, link: number)] = rise }
    } else if links.isNumber(own.link, of: link) {
      noteConnections(own, record, others, of: flow, from: end)
      halves[half].sent = united(own, with: record, rise, of: flow, from: end)
    } else {
      addFurther(record, others, rise, links.number(link), from: end, of: flow)
    }
  }

  private mutating func noteConnections(
    _ own: LinkRecord, _ record: LinkRecord, _ others: Connections?, of flow: Int, from end: FlowEnd
  ) {
    if own.isOfOtherConnection(than: record) {
      note(others ?? Connections(record), beside: own, of: flow, from: end)
    } else if let others {
      connections[FlowLink(flow: flow, end: end, link: own.link)] = others
    }
  }

  private mutating func addFurther(
    _ record: LinkRecord, _ others: Connections?, _ rise: UInt64?, _ link: UInt32, from end: FlowEnd, of flow: Int
  ) {
    var record = record
    record.link = link
    if furtherOfFlow.isEmpty { furtherOfFlow = Array(repeating: 0, count: count) }
    var next = furtherOfFlow[flow]
    var (last, steps) = (-1, 0)
    while next != 0, steps < Self.chainLimit {
      last = Int(next) - 1
      if further[last].record.link == record.link, further[last].end == end {
        noteConnections(further[last].record, record, others, of: flow, from: end)
        further[last].record = united(further[last].record, with: record, rise, of: flow, from: end)
        return
      }
      next = further[last].next
      steps += 1
    }
    guard further.count < Int(UInt32.max) else { return }
    let place = FlowLink(flow: flow, end: end, link: link)
    if steps < Self.chainLimit {
      further.append(FurtherLink(record: record, next: furtherOfFlow[flow], end: end))
      furtherOfFlow[flow] = UInt32(further.count)
      if let others { connections[place] = others }
      if let rise { rises[place] = rise }
      return
    }
    // Behind the first of its chain, so that these stay where a walk finds them.
    if let index = distant[place] {
      noteConnections(further[index].record, record, others, of: flow, from: end)
      further[index].record = united(further[index].record, with: record, rise, of: flow, from: end)
    } else {
      distant[place] = further.count
      further.append(FurtherLink(record: record, next: further[last].next, end: end))
      further[last].next = UInt32(further.count)
      if let others { connections[place] = others }
      if let rise { rises[place] = rise }
    }
  }

  /// Calls `body` with every flow and its records, until it returns false.
  func forEachFlow(_ body: (_ key: Key, _ fromLower: Span<LinkRecord>, _ fromHigher: Span<LinkRecord>) -> Bool) {
    var fromLower = [LinkRecord.nothing]
    var fromHigher = [LinkRecord.nothing]
    for flow in 0..<count {
      fromLower[0] = halves[flow &* 2].sent
      fromHigher[0] = halves[flow &* 2 &+ 1].sent
      if !furtherOfFlow.isEmpty {
        fromLower.removeLast(fromLower.count - 1)
        fromHigher.removeLast(fromHigher.count - 1)
        var next = furtherOfFlow[flow]
        while next != 0 {
          let link = further[Int(next) - 1]
          if link.end == .lower { fromLower.append(link.record) } else { fromHigher.append(link.record) }
          next = link.next
        }
      }
      let goesOn = body(
        key(flow), fromLower.span.extracting(first: fromLower[0].frames == 0 ? 0 : fromLower.count),
        fromHigher.span.extracting(first: fromHigher[0].frames == 0 ? 0 : fromHigher.count))
      if !goesOn { return }
    }
  }

  /// Adds every flow of `other`, whose links have the numbers `numbers` in `links`, and whose frames come behind
  /// `earlierFrames` others.
  mutating func merge(
    _ other: FlowTable, numbers: [UInt32], in links: inout LinkTable, behind earlierFrames: UInt64 = 0
  ) {
    makeUnique()
    var flow = 0
    other.forEachFlow { key, fromLower, fromHigher in
      for index in fromLower.indices {
        let record = fromLower[index]
        insert(
          record.behind(earlierFrames), other.connections(of: flow, from: .lower, at: record.link),
          rise: other.rise(of: record, of: flow, from: .lower),
          at: links.packed[Int(numbers[Int(record.link)])], in: &links, from: .lower, to: key)
      }
      for index in fromHigher.indices {
        let record = fromHigher[index]
        insert(
          record.behind(earlierFrames), other.connections(of: flow, from: .higher, at: record.link),
          rise: other.rise(of: record, of: flow, from: .higher),
          at: links.packed[Int(numbers[Int(record.link)])], in: &links, from: .higher, to: key)
      }
      flow += 1
      return true
    }
  }

  private func connections(of flow: Int, from end: FlowEnd, at link: UInt32) -> Connections? {
    connections.isEmpty ? nil : connections[FlowLink(flow: flow, end: end, link: link)]
  }

  private func rise(of record: LinkRecord, of flow: Int, from end: FlowEnd) -> UInt64? {
    record.kinds.contains(.standing) ? rises[FlowLink(flow: flow, end: end, link: record.link)] : nil
  }

  /// Of a half at a link whose record is standing: the stretch of time in which its highest acknowledgment was first seen.
  func rise(of key: Key, from end: FlowEnd, at link: UInt32) -> UInt64? {
    if rises.isEmpty { return nil }
    let place = Place(key, seed: seed)
    let mask = slots.count &- 1
    var index = Int(truncatingIfNeeded: place.slot) & mask
    while !slots[index].isFree {
      let slot = slots[index]
      if slot.tag == place.tag, halves[slot.flow &* 2].addresses == key.addresses {
        return rises[FlowLink(flow: slot.flow, end: end, link: link)]
      }
      index = (index &+ 1) & mask
    }
    return nil
  }

  /// Calls `body` with every half of a flow whose ports were used again: who sent it, at which link, and its connections.
  func forEachReuse(_ body: (_ key: Key, _ end: FlowEnd, _ link: UInt32, _ connections: Connections) -> Void) {
    for (place, connections) in connections { body(key(place.flow), place.end, place.link, connections) }
  }
}
