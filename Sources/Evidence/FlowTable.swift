import Wire

/// The 5-tuple of a flow with its ends in a fixed order, whoever sent first: the lower end, then the higher.
protocol FlowKey: Hashable, Sendable {
  /// A hash that nobody who does not know the seed can steer.
  func hash(seed: UInt64) -> UInt64
  /// Stands in a place that holds no key yet.
  static var none: Self { get }
  var transport: TransportProtocol { get }
  var lower: Endpoint { get }
  var higher: Endpoint { get }
}

struct FlowKeyV4: FlowKey {
  var lowerAddress: UInt32
  var higherAddress: UInt32
  var lowerPort: UInt16
  var higherPort: UInt16
  var transport: TransportProtocol

  func hash(seed: UInt64) -> UInt64 {
    mix(
      (UInt64(lowerAddress) << 32 | UInt64(higherAddress)) ^ seed,
      UInt64(lowerPort) << 24 | UInt64(higherPort) << 8 | UInt64(transport.rawValue))
  }
  /// The key of a flow, and whether the sender is its lower end.
  @inline(__always)
  static func ordered(
    _ transport: TransportProtocol, _ from: UInt32, _ sourcePort: UInt16, _ to: UInt32, _ destinationPort: UInt16
  ) -> (key: Self, isFromLower: Bool) {
    let isFromLower = from != to ? from < to : sourcePort <= destinationPort
    let key = FlowKeyV4(
      lowerAddress: isFromLower ? from : to, higherAddress: isFromLower ? to : from,
      lowerPort: isFromLower ? sourcePort : destinationPort, higherPort: isFromLower ? destinationPort : sourcePort,
      transport: transport)
    return (key, isFromLower)
  }

  static let none = FlowKeyV4(lowerAddress: 0, higherAddress: 0, lowerPort: 0, higherPort: 0, transport: .tcp)
  var lower: Endpoint { Endpoint(address: IPAddress(v4: lowerAddress), port: lowerPort) }
  var higher: Endpoint { Endpoint(address: IPAddress(v4: higherAddress), port: higherPort) }
}

struct FlowKeyV6: FlowKey {
  var lowerHigh: UInt64
  var lowerLow: UInt64
  var higherHigh: UInt64
  var higherLow: UInt64
  var lowerPort: UInt16
  var higherPort: UInt16
  var transport: TransportProtocol

  func hash(seed: UInt64) -> UInt64 {
    mix(
      mix(lowerHigh ^ seed, lowerLow) ^ UInt64(lowerPort) << 24 ^ UInt64(higherPort) << 8,
      mix(higherHigh, higherLow ^ seed) ^ UInt64(transport.rawValue))
  }
  /// The key of a flow, and whether the sender is its lower end.
  static func ordered(
    _ transport: TransportProtocol, _ from: IPAddress, _ sourcePort: UInt16, _ to: IPAddress,
    _ destinationPort: UInt16
  ) -> (key: Self, isFromLower: Bool) {
    let isFromLower = from != to ? from < to : sourcePort <= destinationPort
    let (lower, higher) = isFromLower ? (from, to) : (to, from)
    let key = FlowKeyV6(
      lowerHigh: lower.high, lowerLow: lower.low, higherHigh: higher.high, higherLow: higher.low,
      lowerPort: isFromLower ? sourcePort : destinationPort, higherPort: isFromLower ? destinationPort : sourcePort,
      transport: transport)
    return (key, isFromLower)
  }

  static let none = FlowKeyV6(
    lowerHigh: 0, lowerLow: 0, higherHigh: 0, higherLow: 0, lowerPort: 0, higherPort: 0, transport: .tcp)
  var lower: Endpoint { Endpoint(address: IPAddress(v6High: lowerHigh, low: lowerLow), port: lowerPort) }
  var higher: Endpoint { Endpoint(address: IPAddress(v6High: higherHigh, low: higherLow), port: higherPort) }
}

/// Flows and their hops, in an open-addressing hash table.
///
/// Nearly every flow has one hop a half at a capture point, so these two stand in the flow's own record; any further
/// ones are chained. Records live in chunks, so that growing never holds two copies of them.
///
/// Frames of many flows come in no order, so finding a flow waits for memory three times: for its slot, its record and
/// its hop. So frames are only noted at first; `settle` then looks up several at a time, one stage after the other, so
/// that they wait together. That makes a capture of 200,000 flows more than twice as fast.
struct FlowTable<Key: FlowKey>: Sendable {
  struct Record: Sendable {
    var key: Key
    /// The first of the further hops: its index in `further` plus one; 0 for none.
    var further: UInt32 = 0
    /// What the lower end sent, and what the higher end sent; no frames stands for nothing seen.
    var fromLower: HopRecord
    var fromHigher: HopRecord
  }

  private struct FurtherHop: Sendable {
    var record: HopRecord
    var next: UInt32
    var isFromLower: Bool
  }

  /// What a frame says of a flow, noted until it is settled.
  struct Note: Sendable {
    var key: Key
    var record = HopRecord.nothing
    var hop = HopTable.Packed(source: 0, destination: 0, place: 0, encapsulation: 0)
    var isFromLower = false
    var hash: UInt64 = 0
    var slot: UInt64 = 0
    /// The flow's index, -1 where it is not there yet, and the number of the hop it has so far.
    var index = -1
    var ownHop: UInt32 = .max
    var ownKinds: HopRecord.Kinds = []
  }

  private static var noteLimit: Int { 48 }
  private static var chunkShift: Int { 10 }
  private static var chunkMask: Int { 1 << chunkShift - 1 }

  private var chunks: [[Record]] = []
  private var further: [FurtherHop] = []
  /// The upper half holds that of the key's hash, the lower half the flow's index plus one; 0 is a free slot.
  private var slots: [UInt64] = Array(repeating: 0, count: 1 << 10)
  /// Keeps whoever crafts a capture from choosing which flows collide.
  private let seed: UInt64
  private var notes: [Note]
  private(set) var count = 0

  init(seed: UInt64) {
    self.seed = seed
    notes = Array(repeating: Note(key: .none), count: Self.noteLimit)
  }

  /// Hands out the room for notes, which stands in one place so that nothing is allocated for it again and again.
  mutating func takeNotes() -> [Note] {
    var taken: [Note] = []
    swap(&taken, &notes)
    return taken
  }

  mutating func giveBack(_ taken: consuming [Note]) { notes = taken }

  /// Adds what the first `count` notes say.
  mutating func settle(_ noted: inout MutableSpan<Note>, _ count: Int, in hops: inout HopTable) {
    if count == 0 { return }
    findSlots(&noted, count)
    findFlows(&noted, count)
    findHops(&noted, count, hops)
    for position in 0..<count {
      let index = noted[position].index
      if index < 0 {
        insert(
          noted[position].record, at: noted[position].hop, in: &hops, isFromLower: noted[position].isFromLower,
          to: noted[position].key)
      } else if noted[position].isFromLower {
        chunks[index >> Self.chunkShift][index & Self.chunkMask].fromLower.merge(noted[position].record)
      } else {
        chunks[index >> Self.chunkShift][index & Self.chunkMask].fromHigher.merge(noted[position].record)
      }
    }
  }

  private func findSlots(_ noted: inout MutableSpan<Note>, _ count: Int) {
    let slots = slots.span
    let mask = slots.count &- 1
    for position in 0..<count {
      let hash = noted[position].key.hash(seed: seed)
      noted[position].hash = hash
      noted[position].slot = slots[Int(truncatingIfNeeded: hash) & mask]
    }
  }

  private func findFlows(_ noted: inout MutableSpan<Note>, _ count: Int) {
    let slots = slots.span
    let chunks = chunks.span
    let mask = slots.count &- 1
    for position in 0..<count {
      let hash = noted[position].hash
      var entry = noted[position].slot
      var slot = Int(truncatingIfNeeded: hash) & mask
      noted[position].index = -1
      while entry != 0 {
        if (entry ^ hash) & 0xffff_ffff_0000_0000 == 0 {
          let index = Int(truncatingIfNeeded: entry & 0xffff_ffff) &- 1
          let records = chunks[index >> Self.chunkShift].span
          let offset = index & Self.chunkMask
          if records[offset].key == noted[position].key {
            noted[position].index = index
            // The kinds stand at the far end of the record: reading them here brings in all of it.
            if noted[position].isFromLower {
              noted[position].ownHop = records[offset].fromLower.hop
              noted[position].ownKinds = records[offset].fromLower.kinds
            } else {
              noted[position].ownHop = records[offset].fromHigher.hop
              noted[position].ownKinds = records[offset].fromHigher.kinds
            }
            break
          }
        }
        slot = (slot &+ 1) & mask
        entry = slots[slot]
      }
    }
  }

  /// Leaves the flow's index only where it was seen at this hop before.
  private func findHops(_ noted: inout MutableSpan<Note>, _ count: Int, _ hops: borrowing HopTable) {
    for position in 0..<count {
      let number = noted[position].ownHop
      if noted[position].index >= 0, number == .max || !hops.isNumber(number, of: noted[position].hop) {
        noted[position].index = -1
      }
    }
  }

  /// Finds the flow or makes it, and returns its index.
  private mutating func index(of key: Key) -> Int {
    let hash = key.hash(seed: seed)
    let tag = hash & 0xffff_ffff_0000_0000
    let mask = slots.count &- 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let entry = slots[slot]
      if entry == 0 { return insert(key, tag: tag, at: slot) }
      if entry & 0xffff_ffff_0000_0000 == tag {
        let index = Int(truncatingIfNeeded: entry & 0xffff_ffff) &- 1
        if chunks[index >> Self.chunkShift][index & Self.chunkMask].key == key { return index }
      }
      slot = (slot &+ 1) & mask
    }
  }

  @inline(never)
  private mutating func insert(_ key: Key, tag: UInt64, at slot: Int) -> Int {
    let index = count
    count += 1
    if index & Self.chunkMask == 0 {
      var chunk: [Record] = []
      chunk.reserveCapacity(1 << Self.chunkShift)
      chunks.append(chunk)
    }
    chunks[index >> Self.chunkShift].append(Record(key: key, fromLower: .nothing, fromHigher: .nothing))
    slots[slot] = tag | UInt64(index + 1)
    if count * 8 > slots.count * 7 { grow() }
    return index
  }

  private mutating func grow() {
    var larger: [UInt64] = Array(repeating: 0, count: slots.count * 2)
    let mask = larger.count - 1
    for index in 0..<count {
      let key = chunks[index >> Self.chunkShift][index & Self.chunkMask].key
      let hash = key.hash(seed: seed)
      var slot = Int(truncatingIfNeeded: hash) & mask
      while larger[slot] != 0 { slot = (slot + 1) & mask }
      larger[slot] = hash & 0xffff_ffff_0000_0000 | UInt64(index + 1)
    }
    slots = larger
  }

  /// Adds what `record` has seen of the flow at `hop`, which it may not have been seen at before.
  private mutating func insert(
    _ record: HopRecord, at hop: HopTable.Packed, in hops: inout HopTable, isFromLower: Bool, to key: Key
  ) {
    let index = index(of: key)
    let chunk = index >> Self.chunkShift
    let position = index & Self.chunkMask
    let isDone =
      isFromLower
      ? Self.add(record, at: hop, in: &hops, to: &chunks[chunk][position].fromLower)
      : Self.add(record, at: hop, in: &hops, to: &chunks[chunk][position].fromHigher)
    if !isDone { addFurther(record, hops.number(hop), isFromLower: isFromLower, chunk, position) }
  }

  /// Whether `own` stands for this hop, or for none yet: then the record is added to it.
  private static func add(
    _ record: HopRecord, at hop: HopTable.Packed, in hops: inout HopTable, to own: inout HopRecord
  ) -> Bool {
    if own.frames == 0 {
      own = record
      own.hop = hops.number(hop)
    } else if hops.isNumber(own.hop, of: hop) {
      own.merge(record)
    } else {
      return false
    }
    return true
  }

  private mutating func addFurther(
    _ record: HopRecord, _ hop: UInt32, isFromLower: Bool, _ chunk: Int, _ position: Int
  ) {
    var record = record
    record.hop = hop
    var next = chunks[chunk][position].further
    while next != 0 {
      let index = Int(next) - 1
      if further[index].record.hop == record.hop, further[index].isFromLower == isFromLower {
        further[index].record.merge(record)
        return
      }
      next = further[index].next
    }
    guard further.count < Int(UInt32.max) else { return }
    further.append(FurtherHop(record: record, next: chunks[chunk][position].further, isFromLower: isFromLower))
    chunks[chunk][position].further = UInt32(further.count)
  }

  /// Calls `body` with every flow and its records. The arrays are reused: copy what has to stay.
  func forEachFlow(_ body: (_ key: Key, _ fromLower: [HopRecord], _ fromHigher: [HopRecord]) -> Void) {
    var fromLower: [HopRecord] = []
    var fromHigher: [HopRecord] = []
    for chunk in chunks {
      for record in chunk {
        fromLower.removeAll(keepingCapacity: true)
        fromHigher.removeAll(keepingCapacity: true)
        if record.fromLower.frames > 0 { fromLower.append(record.fromLower) }
        if record.fromHigher.frames > 0 { fromHigher.append(record.fromHigher) }
        var next = record.further
        while next != 0 {
          let hop = further[Int(next) - 1]
          if hop.isFromLower { fromLower.append(hop.record) } else { fromHigher.append(hop.record) }
          next = hop.next
        }
        body(record.key, fromLower, fromHigher)
      }
    }
  }

  /// Adds every flow of `other`, whose hops have the numbers `numbers` in `hops`.
  mutating func merge(_ other: FlowTable, numbers: [UInt32], in hops: inout HopTable) {
    other.forEachFlow { key, fromLower, fromHigher in
      for record in fromLower {
        insert(record, at: hops.packed[Int(numbers[Int(record.hop)])], in: &hops, isFromLower: true, to: key)
      }
      for record in fromHigher {
        insert(record, at: hops.packed[Int(numbers[Int(record.hop)])], in: &hops, isFromLower: false, to: key)
      }
    }
  }
}
