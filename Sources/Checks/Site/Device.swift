import Wire

/// A station of the network, which may bear several MACs of its own. It goes by the lowest of them.
struct Device: Hashable, Comparable, Sendable {
  let mac: MACAddress

  static func < (a: Device, b: Device) -> Bool { a.mac < b.mac }
}

/// Which MACs belong to one device, and which are known to belong to two.
///
/// That two MACs differ outweighs that they seem joined: a pair of which both was seen stays two devices.
struct Devices: Sendable {
  /// Why two MACs are one device's.
  enum Reason: Int, Comparable, Sendable {
    /// All MACs that the user gives the balancer.
    case user
    /// Interfaces of one host, by its own tables.
    case tables
    /// A product that is known to use both.
    case product
    /// The address that a VRRP speaker sends from is at the other MAC.
    case vrrp
    /// The Ethernet source of an ARP or neighbour message is another MAC than the one inside.
    case claim
    /// A frame came to the one and left the other, its TTL one less.
    case frame

    static func < (a: Reason, b: Reason) -> Bool { a.rawValue < b.rawValue }
  }

  struct Join: Hashable, Sendable {
    var one: MACAddress
    var other: MACAddress
    var reason: Reason
  }

  /// Two MACs that two devices bear.
  struct Difference: Hashable, Sendable {
    var one: MACAddress
    var other: MACAddress

    init(_ a: MACAddress, _ b: MACAddress) { (one, other) = a < b ? (a, b) : (b, a) }

    /// It tells two apart. Shared MACs are no device's own.
    fileprivate var isOfTwo: Bool { one != other && !one.isShared && !other.isShared }
  }

  /// By MAC, of those that were joined: the number of its device.
  private var numbers: [MACAddress: Int] = [:]
  private var members: [[MACAddress]] = []
  /// By the lowest MAC of either.
  private var different: Set<Difference> = []
  /// Joins that were not made, because the two are known to differ.
  private(set) var contradicted: [Join] = []

  /// Shared MACs are no device's own: what names one joins nothing and tells nothing apart.
  init(_ joins: some Sequence<Join>, _ differences: some Sequence<Difference>) {
    // In an order of their own, so that evidence which merged in another order gives the same devices.
    let ordered = Set(joins).sorted { ($0.reason, $0.one, $0.other) < ($1.reason, $1.one, $1.other) }
    let joined = Set(ordered.flatMap { [$0.one, $0.other] })
    // Few are joined, and a storm of claims tells a hundred thousand apart: of these only the pairs are kept.
    var apart: [MACAddress: Set<MACAddress>] = [:]
    let all = Set(differences)
    for pair in all where pair.isOfTwo {
      if joined.contains(pair.one) { apart[pair.one, default: []].insert(pair.other) }
      if joined.contains(pair.other) { apart[pair.other, default: []].insert(pair.one) }
    }
    for join in ordered where !join.one.isShared && !join.other.isShared { unite(join, &apart) }
    for index in members.indices { members[index].sort() }
    let isAsSeen = all.allSatisfy { $0.isOfTwo && !joined.contains($0.one) && !joined.contains($0.other) }
    different =
      isAsSeen
      ? all
      : all.reduce(into: []) { found, pair in
        if pair.isOfTwo { found.insert(Difference(device(of: pair.one).mac, device(of: pair.other).mac)) }
      }
  }

  /// The larger device takes up the smaller one. What is known to differ from a device is kept under one of its MACs, its
  /// `representative`.
  private mutating func unite(_ join: Join, _ apart: inout [MACAddress: Set<MACAddress>]) {
    let (a, b) = (number(of: join.one), number(of: join.other))
    if a == b { return }
    let (one, other) = (members[a][0], members[b][0])
    if apart[one]?.contains(other) ?? false {
      contradicted.append(join)
      return
    }
    let (kept, dropped) = members[a].count >= members[b].count ? (a, b) : (b, a)
    let (representative, former) = (members[kept][0], members[dropped][0])
    for mac in members[dropped] { numbers[mac] = kept }
    members[kept] += members[dropped]
    members[dropped] = []
    for third in apart.removeValue(forKey: former) ?? [] {
      apart[third]?.remove(former)
      apart[third]?.insert(representative)
      apart[representative, default: []].insert(third)
    }
  }

  private mutating func number(of mac: MACAddress) -> Int {
    if let number = numbers[mac] { return number }
    numbers[mac] = members.count
    members.append([mac])
    return members.count - 1
  }

  func device(of mac: MACAddress) -> Device { Device(mac: numbers[mac].map { members[$0][0] } ?? mac) }

  /// Its MACs, lowest first.
  func macs(of device: Device) -> [MACAddress] { numbers[device.mac].map { members[$0] } ?? [device.mac] }

  /// Frames, tables or the user show that they are two.
  func areKnownDifferent(_ a: Device, _ b: Device) -> Bool { different.contains(Difference(a.mac, b.mac)) }
}

extension Device {
  /// It stands for a MAC that several devices may bear, and nothing tells which of them does.
  var isShared: Bool { mac.isShared }
}
