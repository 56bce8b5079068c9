import Wire

/// Every link that was seen, numbered, so that flows refer to them in four bytes.
struct LinkTable: Sendable {
  /// A link in a form that compares and hashes fast.
  struct Packed: Equatable, Sendable {
    /// The MAC in the lower 48 bits; above it 1 where there is a MAC, and the number of VLAN tags.
    var source: UInt64
    var destination: UInt64
    /// Outer and inner VLAN, and the capture point.
    var place: UInt64
    /// Index in `encapsulations`.
    var encapsulation: UInt32

    init(source: UInt64, destination: UInt64, place: UInt64, encapsulation: UInt32) {
      self.source = source
      self.destination = destination
      self.place = place
      self.encapsulation = encapsulation
    }

    /// Two MACs at a capture point, and nothing else.
    @inline(__always)
    init(from source: MACAddress, to destination: MACAddress, point: UInt32) {
      self.init(
        source: source.rawValue | 1 << 48, destination: destination.rawValue | 1 << 48,
        place: UInt64(point), encapsulation: 0)
    }

    var point: Int { Int(place & 0xffff_ffff) }
    var sourceMAC: MACAddress? { Self.mac(source) }
    var destinationMAC: MACAddress? { Self.mac(destination) }

    private static func mac(_ packed: UInt64) -> MACAddress? { packed & 1 << 48 == 0 ? nil : MACAddress(packed) }

    @inline(__always)
    static func == (a: Packed, b: Packed) -> Bool {
      (a.source ^ b.source) | (a.destination ^ b.destination) | (a.place ^ b.place)
        | UInt64(a.encapsulation ^ b.encapsulation) == 0
    }

    @inline(__always)
    func hash(seed: UInt64) -> UInt64 {
      mix(source ^ seed, mix(destination ^ seed, place ^ UInt64(encapsulation) << 40))
    }
  }

  private(set) var packed: [Packed] = []
  /// By hash, open addressing: a link's number plus one; 0 is a free slot.
  private var slots: [UInt32] = Array(repeating: 0, count: 1 << 6)
  private let seed: UInt64
  /// The first is none.
  private(set) var encapsulations = [SharedEncapsulation(Encapsulation())]
  /// By hash, as `slots`: an encapsulation is large, so no dictionary holds it once more.
  private var encapsulationSlots: [UInt32] = Array(repeating: 0, count: 1 << 4)
  /// Of each link in an overlay: the link between the addresses around the overlay.
  private(set) var outsideNumbers: [UInt32: UInt32] = [:]

  init(seed: UInt64) { self.seed = seed }

  /// The link that `frame`, captured at `point`, was seen at.
  @inline(__always)
  mutating func pack(_ frame: borrowing Dissection, point: Int) -> Packed {
    Packed(
      source: Self.pack(frame.source) | UInt64(frame.vlan.depth) << 56, destination: Self.pack(frame.destination),
      place: UInt64(frame.vlan.outer) << 48 | UInt64(frame.vlan.inner) << 32
        | UInt64(UInt32(truncatingIfNeeded: point)),
      encapsulation: frame.encapsulation.isEmpty ? 0 : number(frame.encapsulation))
  }

  /// The same of a link that is known.
  mutating func pack(_ link: Link) -> Packed {
    Packed(
      source: Self.pack(link.source) | UInt64(link.vlan.depth) << 56, destination: Self.pack(link.destination),
      place: UInt64(link.vlan.outer) << 48 | UInt64(link.vlan.inner) << 32
        | UInt64(UInt32(truncatingIfNeeded: link.point)),
      encapsulation: link.encapsulation.isEmpty ? 0 : number(link.encapsulation))
  }

  /// Whether `number` is that of `link`: told without a search, for a flow keeps to its links.
  @inline(__always)
  func isNumber(_ number: UInt32, of link: Packed) -> Bool { packed[Int(number)] == link }

  /// The number of `link`, which is given one the first time.
  mutating func number(_ link: Packed) -> UInt32 {
    let mask = slots.count &- 1
    var slot = Int(truncatingIfNeeded: link.hash(seed: seed)) & mask
    while slots[slot] != 0 {
      let number = slots[slot] &- 1
      if packed[Int(number)] == link { return number }
      slot = (slot &+ 1) & mask
    }
    let number = UInt32(packed.count)
    packed.append(link)
    slots[slot] = number + 1
    if packed.count * 2 > slots.count { grow() }
    if let outside = outside(of: link) { outsideNumbers[number] = self.number(outside) }
    return number
  }

  private mutating func outside(of link: Packed) -> Packed? {
    guard link.encapsulation != 0,
      let (addresses, encapsulation) = encapsulations[Int(link.encapsulation)].value.outside
    else { return nil }
    return Packed(
      source: Self.pack(addresses.source) | UInt64(addresses.vlan.depth) << 56,
      destination: Self.pack(addresses.destination),
      place: UInt64(addresses.vlan.outer) << 48 | UInt64(addresses.vlan.inner) << 32 | link.place & 0xffff_ffff,
      encapsulation: number(encapsulation))
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 2)
    fillSlots()
  }

  private mutating func fillSlots() {
    for slot in slots.indices { slots[slot] = 0 }
    let mask = slots.count - 1
    for (number, link) in packed.enumerated() {
      var slot = Int(truncatingIfNeeded: link.hash(seed: seed)) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(number + 1)
    }
  }

  @inline(__always)
  private static func pack(_ mac: MACAddress?) -> UInt64 {
    guard let mac else { return 0 }
    return mac.rawValue | 1 << 48
  }

  private mutating func number(_ encapsulation: Encapsulation) -> UInt32 {
    let slot = encapsulationSlot(encapsulation)
    if encapsulationSlots[slot] != 0 { return encapsulationSlots[slot] }
    let number = UInt32(encapsulations.count)
    encapsulations.append(SharedEncapsulation(encapsulation))
    encapsulationSlots[slot] = number
    if encapsulations.count * 2 > encapsulationSlots.count {
      encapsulationSlots = Array(repeating: 0, count: encapsulationSlots.count * 2)
      for number in 1..<encapsulations.count {
        encapsulationSlots[encapsulationSlot(encapsulations[number].value)] = UInt32(number)
      }
    }
    return number
  }

  /// Where the number of `encapsulation` stands, or is to stand.
  private func encapsulationSlot(_ encapsulation: Encapsulation) -> Int {
    let mask = encapsulationSlots.count - 1
    var hasher = Hasher()
    hasher.combine(encapsulation)
    var slot = hasher.finalize() & mask
    while encapsulationSlots[slot] != 0, encapsulations[Int(encapsulationSlots[slot])].value != encapsulation {
      slot = (slot + 1) & mask
    }
    return slot
  }

  /// About how many bytes it takes, those of tunnels apart.
  var plainByteCount: Int { packed.count * (MemoryLayout<Packed>.stride + 8) + outsideNumbers.count * 16 }

  /// About how many bytes tunnels with different ends take beyond those of which a flow each is kept in any case: most of it
  /// when they are judged, for what goes through each is judged by itself.
  var tunnelByteCount: Int { max(0, encapsulations.count - 1 - Sampling.exemplarLimit) * 4096 }

  /// How many links that no flow has any more are kept.
  static let unusedLimit = 1 << 14
  /// About how many bytes a link takes when it is judged.
  static let judgedStride = 2048

  /// About how many bytes these links take when they are judged, but for the first of them.
  var judgedByteCount: Int { max(0, packed.count - 2 * Self.unusedLimit) * Self.judgedStride }

  /// The same everywhere and always, and at every capture point.
  func stableHash(_ number: UInt32, key: UInt64) -> UInt64 {
    let link = packed[Int(number)]
    var hash = StableHash()
    hash.add(Pair(link).stableHash(key: key))
    if link.encapsulation != 0 { hash.add(encapsulations[Int(link.encapsulation)].value) }
    return hash.value
  }

  /// A link, whatever tunnels it is in.
  private struct Pair: Hashable {
    var source: UInt64
    var destination: UInt64
    var place: UInt64

    init(_ link: Packed) { (source, destination, place) = (link.source, link.destination, link.place) }

    func stableHash(key: UInt64) -> UInt64 {
      var hash = StableHash()
      hash.add(key)
      hash.add(source)
      hash.add(destination)
      hash.add(place >> 32)
      return hash.value
    }
  }

  /// Drops links that no flow has any more: those whose MACs, VLANs and point another link shows, as the many ends of tunnels
  /// of a flood, and those that come last by a hash where there are many. Returns the new numbers of the others; `nil` where
  /// all stay.
  mutating func keep(_ isUsed: [Bool], key: UInt64) -> [UInt32]? {
    var isKept = isUsed
    for (number, outside) in outsideNumbers where isUsed[Int(number)] { isKept[Int(outside)] = true }
    let pairs = Set(packed.indices.filter { isKept[$0] }.map { Pair(packed[$0]) })
    // Of links that show the same, the first in an order that does not depend on which was seen first.
    var chosen: [Pair: Int] = [:]
    for number in packed.indices where !isKept[number] {
      let pair = Pair(packed[number])
      if pairs.contains(pair) { continue }
      if let known = chosen[pair], encapsulation(of: known) < encapsulation(of: number) { continue }
      chosen[pair] = number
    }
    if pairs.count + chosen.count > Self.unusedLimit {
      let cut = (pairs.map { $0.stableHash(key: key) } + chosen.keys.map { $0.stableHash(key: key) })
        .sorted()[Self.unusedLimit - 1]
      chosen = chosen.filter { $0.key.stableHash(key: key) <= cut }
    }
    for number in chosen.values { isKept[number] = true }
    guard isKept.contains(false) else { return nil }
    var kept = LinkTable(seed: seed)
    let numbers = packed.indices.map { number in
      if !isKept[number] { return UInt32.max }
      var link = packed[number]
      if link.encapsulation != 0 { link.encapsulation = kept.number(encapsulations[Int(link.encapsulation)].value) }
      return kept.number(link)
    }
    self = kept
    return numbers
  }

  private func encapsulation(of link: Int) -> Encapsulation { encapsulations[Int(packed[link].encapsulation)].value }

  func link(_ number: UInt32) -> Link { Link(packed[Int(number)], encapsulations) }

  /// Gives every link's capture point the number that `numbers` has for it.
  mutating func renumberPoints(_ numbers: [Int]) { movePoints { numbers[$1] } }

  /// Gives every link, by its number, the capture point that `point` has for it and for the one that it has. No two links
  /// become one.
  mutating func movePoints(_ point: (_ link: Int, _ point: Int) -> Int) {
    for index in packed.indices {
      let moved = point(index, Int(packed[index].place & 0xffff_ffff))
      packed[index].place = packed[index].place & 0xffff_ffff_0000_0000 | UInt64(moved)
    }
    fillSlots()
  }

  /// Adds the links of `other`, whose capture points have the numbers `points` here, and returns their numbers.
  mutating func merge(_ other: LinkTable, points: [Int]) -> [UInt32] {
    other.packed.map { link in
      var link = link
      let point = points[Int(link.place & 0xffff_ffff)]
      link.place = link.place & 0xffff_ffff_0000_0000 | UInt64(point)
      if link.encapsulation != 0 { link.encapsulation = number(other.encapsulations[Int(link.encapsulation)].value) }
      return number(link)
    }
  }
}

extension Link {
  init(_ packed: LinkTable.Packed, _ encapsulations: [SharedEncapsulation]) {
    var vlan = VLANStack()
    vlan.depth = UInt8(truncatingIfNeeded: packed.source >> 56)
    vlan.outer = UInt16(truncatingIfNeeded: packed.place >> 48)
    vlan.inner = UInt16(truncatingIfNeeded: packed.place >> 32)
    self.init(
      point: packed.point, source: packed.sourceMAC, destination: packed.destinationMAC, vlan: vlan,
      sharing: packed.encapsulation == 0 ? nil : encapsulations[Int(packed.encapsulation)])
  }
}
