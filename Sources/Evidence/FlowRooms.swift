import Wire

/// The flows of a table in memory, in three rooms: those of which only the lower end was seen to send, those of which only the
/// higher one was, and those of which both were. So the many flows of a flood, which nobody answers, take half as much.
///
/// A flow's place is the index of its half, or of the lower end's half where there are two. It stays until the other end is
/// seen, or flows are dropped.
struct FlowRooms<Key: FlowKey>: Sendable {
  /// What one end of a flow sent; no frames stands for nothing seen.
  struct Half: BitwiseCopyable, Sendable {
    var addresses: Key.Addresses
    var sent: LinkRecord

    /// Whether this is a half of the flow between `addresses`, whose slot led here, and `link` the one that stands in it.
    @inline(__always)
    func isOfFlow(_ addresses: Key.Addresses, at link: LinkTable.Packed, _ links: borrowing LinkTable) -> Bool {
      self.addresses == addresses && sent.link != .max && links.isNumber(sent.link, of: link)
    }
  }

  /// What goes with a flow, beside its halves.
  struct Side: BitwiseCopyable, Sendable {
    var ports: UInt32
    /// The first of the flow's further links: its index plus one; 0 for none.
    var further: UInt32 = 0
  }

  private enum Room: Int, CaseIterable, Sendable {
    case lower, higher, both

    init(_ end: FlowEnd) { self = end == .lower ? .lower : .higher }
  }

  var halves = ChunkedArray<Half>()
  /// By the places of halves; in the room of flows with both, by half of these.
  private var sides = ChunkedArray<Side>()
  /// By chunk: 0 for the lower end, 1 for the higher one, 2 for both.
  private var roomOfChunk: [UInt8] = []
  /// The chunks of each room that are not full, the one that is being filled last.
  private var open: [[Int]] = [[], [], []]
  /// Places that flows have left, by room: the index of the first plus one. Each leads to the next by its first frame.
  private var left: [UInt32] = [0, 0, 0]
  /// Places that flows left since `settle`: whoever looked a flow up before must not find another there.
  private var leaving: [Int] = []
  private(set) var count = 0
  /// How many have one half.
  private var singleCount = 0

  static var placeLimit: Int { 0x7fff_0000 }

  var byteCount: Int {
    count * MemoryLayout<Side>.stride + (2 * count - singleCount) * MemoryLayout<Half>.stride
  }

  /// More than any place.
  var placeCount: Int { halves.chunkCount << ChunkedArray<Half>.chunkShift }

  mutating func makeUnique() {
    halves.makeUnique()
    sides.makeUnique()
  }

  // MARK: Places

  @inline(__always)
  private func isPair(_ place: Int) -> Bool { roomOfChunk[place >> ChunkedArray<Half>.chunkShift] == 2 }

  /// Where the half of one end of a flow stands; -1 where nothing was seen of it. Takes -1 for no flow.
  @inline(__always)
  func half(ofFlowAt place: Int, from end: FlowEnd) -> Int {
    if place < 0 { return -1 }
    let room = Int(roomOfChunk[place >> ChunkedArray<Half>.chunkShift])
    if room == 2 { return place &+ end.index }
    return room == end.index ? place : -1
  }

  /// The place of the flow that a half belongs to.
  @inline(__always)
  func flow(ofHalfAt half: Int) -> Int { isPair(half) ? half & ~1 : half }

  private func side(_ place: Int) -> Int {
    let mask = ChunkedArray<Half>.chunkLength - 1
    return isPair(place) ? place & ~mask | (place & mask) >> 1 : place
  }

  subscript(sideOf place: Int) -> Side {
    _read { yield sides[side(place)] }
    _modify { yield &sides[side(place)] }
  }

  func addresses(_ place: Int) -> Key.Addresses { halves[place].addresses }

  func key(_ place: Int) -> Key {
    var kinds = halves[place].sent.kinds
    if isPair(place) { kinds.formUnion(halves[place + 1].sent.kinds) }
    return Key(
      addresses: halves[place].addresses, ports: self[sideOf: place].ports,
      transport: kinds.contains(.datagram) ? .udp : .tcp)
  }

  /// What each end sent at the link where it was seen first.
  func records(_ place: Int) -> (lower: LinkRecord, higher: LinkRecord) {
    switch roomOfChunk[place >> ChunkedArray<Half>.chunkShift] {
    case 0: (halves[place].sent, .nothing)
    case 1: (.nothing, halves[place].sent)
    default: (halves[place].sent, halves[place + 1].sent)
    }
  }

  /// Calls `body` with the place of every flow, until it returns false.
  func forEachPlace(_ body: (Int) -> Bool) {
    for chunk in 0..<halves.chunkCount {
      let start = chunk << ChunkedArray<Half>.chunkShift
      let end = start + halves.filled(ofChunk: chunk)
      let isOfPairs = roomOfChunk[chunk] == 2
      var place = start
      while place < end {
        if isOfPairs {
          if !body(place) { return }
          place += 2
        } else {
          if halves[place].sent.frames > 0, !body(place) { return }
          place += 1
        }
      }
    }
  }

  // MARK: Changes

  /// Adds a flow of which `end` was seen to send, and returns its place; -1 where there are too many.
  mutating func add(_ addresses: Key.Addresses, ports: UInt32, from end: FlowEnd, _ sent: LinkRecord) -> Int {
    let place = addPlace(in: Room(end), Half(addresses: addresses, sent: sent), Side(ports: ports))
    if place >= 0 {
      count += 1
      singleCount += 1
    }
    return place
  }

  /// Moves a flow with one half to where there is room for two, and returns its new place; -1 where there are too many.
  mutating func widen(_ place: Int) -> Int {
    let own = halves[place]
    let isLower = roomOfChunk[place >> ChunkedArray<Half>.chunkShift] == 0
    let nothing = Half(addresses: own.addresses, sent: .nothing)
    let new = addPlace(in: .both, isLower ? own : nothing, self[sideOf: place], isLower ? nothing : own)
    guard new >= 0 else { return -1 }
    leave(place)
    singleCount -= 1
    return new
  }

  private mutating func leave(_ place: Int) {
    // Of no link: no frame is taken for one of this half.
    halves[place].sent = .nothing
    leaving.append(place)
  }

  /// Gives places that were left to other flows. Nobody may hold on to places of halves that were looked up before.
  mutating func settle() {
    for place in leaving {
      let room = Int(roomOfChunk[place >> ChunkedArray<Half>.chunkShift])
      halves[place].sent.firstFrame = left[room]
      left[room] = UInt32(place + 1)
    }
    leaving.removeAll(keepingCapacity: true)
  }

  private mutating func addPlace(in room: Room, _ half: Half, _ side: Side, _ other: Half? = nil) -> Int {
    if left[room.rawValue] != 0 {
      let place = Int(left[room.rawValue]) - 1
      left[room.rawValue] = halves[place].sent.firstFrame
      halves[place] = half
      self[sideOf: place] = side
      return place
    }
    while let chunk = open[room.rawValue].last {
      if let place = append(half, side, other, toChunk: chunk) { return place }
      open[room.rawValue].removeLast()
    }
    guard (halves.chunkCount + 1) << ChunkedArray<Half>.chunkShift < Self.placeLimit else { return -1 }
    let chunk = halves.addChunk()
    _ = sides.addChunk()
    roomOfChunk.append(UInt8(room.rawValue))
    open[room.rawValue].append(chunk)
    return append(half, side, other, toChunk: chunk) ?? -1
  }

  private mutating func append(_ half: Half, _ side: Side, _ other: Half?, toChunk chunk: Int) -> Int? {
    guard let place = halves.append(half, toChunk: chunk) else { return nil }
    if let other { _ = halves.append(other, toChunk: chunk) }
    _ = sides.append(side, toChunk: chunk)
    return place
  }

  /// Gives the links of all flows other numbers.
  mutating func renumberLinks(_ numbers: [UInt32]) {
    for chunk in 0..<halves.chunkCount {
      let start = chunk << ChunkedArray<Half>.chunkShift
      for place in start..<start + halves.filled(ofChunk: chunk) where halves[place].sent.frames > 0 {
        halves[place].sent.link = numbers[Int(halves[place].sent.link)]
      }
    }
  }

  /// Drops the flows for which `keeps` is false. The others get other places.
  mutating func keep(where keeps: (Int) -> Bool) {
    left = [0, 0, 0]
    leaving = []
    open = [[], [], []]
    for chunk in 0..<halves.chunkCount {
      let start = chunk << ChunkedArray<Half>.chunkShift
      let isOfPairs = roomOfChunk[chunk] == 2
      let step = isOfPairs ? 2 : 1
      var to = start
      for from in stride(from: start, to: start + halves.filled(ofChunk: chunk), by: step) {
        guard isOfPairs || halves[from].sent.frames > 0 else { continue }
        guard keeps(from) else {
          count -= 1
          if !isOfPairs { singleCount -= 1 }
          continue
        }
        halves[to] = halves[from]
        if isOfPairs { halves[to + 1] = halves[from + 1] }
        self[sideOf: to] = self[sideOf: from]
        to += step
      }
      halves.shorten(chunk: chunk, to: to - start)
      sides.shorten(chunk: chunk, to: (to - start) / step)
      if halves.filled(ofChunk: chunk) < ChunkedArray<Half>.chunkLength { open[Int(roomOfChunk[chunk])].append(chunk) }
    }
  }
}
