import Wire

/// Every hop that was seen, numbered, so that flows refer to them in four bytes.
struct HopTable: Sendable {
  /// A hop in a form that compares and hashes fast.
  struct Packed: Hashable, Sendable {
    /// The MAC in the lower 48 bits; above it 1 where there is a MAC, and the number of VLAN tags.
    var source: UInt64
    var destination: UInt64
    /// Outer and inner VLAN, and the capture point.
    var place: UInt64
    /// Index in `encapsulations`.
    var encapsulation: UInt32
  }

  private(set) var packed: [Packed] = []
  private var numbers: [Packed: UInt32] = [:]
  private(set) var encapsulations: [Encapsulation] = [Encapsulation()]
  private var encapsulationNumbers: [Encapsulation: UInt32] = [:]
  /// The hop that a slot was last asked for: nearly every frame takes one of a few hops.
  private var recent: [UInt32] = Array(repeating: 0, count: 1 << 14)

  /// The hop that `frame`, captured at `point`, was seen at.
  @inline(__always)
  mutating func pack(_ frame: borrowing Dissection, point: Int) -> Packed {
    Packed(
      source: Self.pack(frame.source) | UInt64(frame.vlan.depth) << 56, destination: Self.pack(frame.destination),
      place: UInt64(frame.vlan.outer) << 48 | UInt64(frame.vlan.inner) << 32 | UInt64(UInt32(truncatingIfNeeded: point)),
      encapsulation: frame.encapsulation.isEmpty ? 0 : number(frame.encapsulation))
  }

  /// Whether `number` is that of `hop`: told without a search, for a flow keeps to its hops.
  @inline(__always)
  func isNumber(_ number: UInt32, of hop: Packed) -> Bool { packed[Int(number)] == hop }

  /// The number of `hop`, which is given one the first time.
  mutating func number(_ hop: Packed) -> UInt32 {
    let mixed = (hop.source &* 0x9e37_79b9_7f4a_7c15) ^ (hop.destination &* 0xc2b2_ae3d_27d4_eb4f) ^ hop.place
    let slot = Int(truncatingIfNeeded: mixed >> 24) & (recent.count &- 1)
    let candidate = Int(recent[slot])
    if candidate < packed.count, packed[candidate] == hop { return recent[slot] }
    let number = numbers[hop] ?? UInt32(packed.count)
    if number == packed.count {
      packed.append(hop)
      numbers[hop] = number
    }
    recent[slot] = number
    return number
  }

  @inline(__always)
  private static func pack(_ mac: MACAddress?) -> UInt64 {
    guard let mac else { return 0 }
    return mac.rawValue | 1 << 48
  }

  private mutating func number(_ encapsulation: Encapsulation) -> UInt32 {
    if let number = encapsulationNumbers[encapsulation] { return number }
    let number = UInt32(encapsulations.count)
    encapsulations.append(encapsulation)
    encapsulationNumbers[encapsulation] = number
    return number
  }

  func hop(_ number: UInt32) -> Hop {
    let hop = packed[Int(number)]
    var vlan = VLANStack()
    vlan.depth = UInt8(truncatingIfNeeded: hop.source >> 56)
    vlan.outer = UInt16(truncatingIfNeeded: hop.place >> 48)
    vlan.inner = UInt16(truncatingIfNeeded: hop.place >> 32)
    return Hop(
      point: Int(hop.place & 0xffff_ffff), source: Self.unpack(hop.source), destination: Self.unpack(hop.destination),
      vlan: vlan, encapsulation: encapsulations[Int(hop.encapsulation)])
  }

  private static func unpack(_ packed: UInt64) -> MACAddress? {
    packed & 1 << 48 == 0 ? nil : MACAddress(packed)
  }

  /// Adds the hops of `other`, whose capture points have the numbers `points` here, and returns their numbers.
  mutating func merge(_ other: HopTable, points: [Int]) -> [UInt32] {
    other.packed.map { hop in
      var hop = hop
      let point = points[Int(hop.place & 0xffff_ffff)]
      hop.place = hop.place & 0xffff_ffff_0000_0000 | UInt64(point)
      if hop.encapsulation != 0 { hop.encapsulation = number(other.encapsulations[Int(hop.encapsulation)]) }
      return number(hop)
    }
  }
}
