import Checks
import Evidence
import Wire

// From the legs that were seen to lanes and arrows.

extension PathDrawing {
  /// None where no leg was seen.
  static func drawings(of legs: [Leg]) -> [PathDrawing] {
    let groups = groupsByBackend(withoutRepeats(legs))
    return groups.map { PathDrawing($0, isWhole: groups.count == 1) }
  }

  private init(_ legs: [Leg], isWhole: Bool) {
    let lanes = Self.lanes(of: legs)
    let seen = Self.arrows(of: legs, between: lanes)
    let unseen = Self.unseenArrows(besides: seen, between: lanes)
    self.lanes = lanes
    self.arrows = (seen + unseen).sorted { a, b in
      // Along the path: requests from left to right, then replies from right to left.
      switch (a.half, b.half) {
      case (.request, .reply): true
      case (.reply, .request): false
      case (.request, .request): (a.to, b.from) < (b.to, a.from)
      case (.reply, .reply): (b.to, a.from) < (a.to, b.from)
      }
    }
    self.isWhole = isWhole
  }

  /// Cooked captures tell the sender alone: such a leg adds nothing where another tells as well where the frames went.
  private static func withoutRepeats(_ legs: [Leg]) -> [Leg] {
    struct Start: Hashable {
      var half: Half
      var source: MACAddress?
    }
    let whole = Set(legs.filter { $0.link.destination != nil }.map { Start(half: $0.half, source: $0.link.source) })
    return legs.filter { leg in
      leg.link.destination != nil || !whole.contains(Start(half: leg.half, source: leg.link.source))
    }
  }

  /// Backends whose frames go different ways get drawings of their own, first those that are not in order.
  private static func groupsByBackend(_ legs: [Leg]) -> [[Leg]] {
    var ways: [MACAddress: Set<String>] = [:]
    for leg in legs {
      guard let mac = leg.backendMAC else { continue }
      ways[mac, default: []].insert("\(leg.half) \(leg.from) \(leg.to) \(leg.faults.keys.map(\.rawValue).sorted())")
    }
    var groups: [Set<String>: Set<MACAddress>] = [:]
    for (mac, way) in ways { groups[way, default: []].insert(mac) }
    guard groups.count > 1 else { return legs.isEmpty ? [] : [legs] }

    let returning = { (leg: Leg) in leg.half == .reply && leg.from == .backend && leg.to == .balancer }
    let anyReturns = legs.contains(where: returning)
    let irregular = { (leg: Leg) in
      !leg.faults.isEmpty || returning(leg) || leg.half == .request && leg.from == .client
    }
    let pictures = groups.values.map { macs in legs.filter { $0.backendMAC.map(macs.contains) ?? false } }
    let ordered = pictures.sorted { a, b in
      let (first, second) = (a.contains(where: irregular), b.contains(where: irregular))
      return first != second ? first : a.leastBackend < b.leastBackend
    }
    return ordered.map { own in
      let shared = legs.filter { leg in
        leg.backendMAC == nil
          && (leg.half == .request || leg.from != .balancer || !anyReturns || own.contains(where: returning))
      }
      return own + shared
    }
  }

  private static func lanes(of legs: [Leg]) -> [Lane] {
    // By role and device.
    var macs: [Leg.Role: [MACAddress: Set<MACAddress>]] = [:]
    var unrecorded: Set<Half> = []
    for leg in legs {
      for (role, mac, device) in [
        (leg.from, leg.link.source, leg.fromStation), (leg.to, leg.link.destination, leg.toStation),
      ] {
        if let mac, let device {
          macs[role, default: [:]][device, default: []].insert(mac)
        } else {
          unrecorded.insert(leg.half)
        }
      }
    }
    let known: [Lane] = [Leg.Role.client, .router, .balancer, .backend].compactMap { role in
      macs[role].map { stations in
        Lane(
          role: role, macs: Set(stations.values.joined()).sorted(), devices: stations.count,
          hasOthers: role == .client && legs.contains { $0.otherClients > 0 })
      }
    }
    // Who sends requests and gets none stands where they begin, whoever it is.
    let requests = legs.filter { $0.half == .request }
    let begins = Set(requests.compactMap(\.fromStation)).subtracting(requests.compactMap(\.toStation))
    let unknown = macs[.unknown, default: [:]].sorted { $0.key < $1.key }.map { device, macs in
      (begins: begins.contains(device), lane: Lane(role: .unknown, macs: macs.sorted(), devices: 1))
    }
    return unknown.filter(\.begins).map(\.lane) + known + unknown.filter { !$0.begins }.map(\.lane)
      + [Half.request, .reply].filter(unrecorded.contains).map {
        Lane(role: .unknown, macs: [], devices: 1, unrecorded: $0)
      }
  }

  private static func arrows(of legs: [Leg], between lanes: [Lane]) -> [Arrow] {
    struct End: Hashable {
      var role: Leg.Role
      var mac: MACAddress
    }
    var places: [End: Int] = [:]
    for (index, lane) in lanes.enumerated() {
      for mac in lane.macs { places[End(role: lane.role, mac: mac)] = index }
    }
    let lane = { (role: Leg.Role, mac: MACAddress?, half: Half) in
      let place = mac.map { places[End(role: role, mac: $0)] } ?? lanes.firstIndex { $0.unrecorded == half }
      return place ?? 0
    }
    struct Way: Hashable {
      var half: Half
      var from: Int
      var to: Int
      var encapsulation: String
      var fault: Leg.Fault?
    }
    // A flow may pass several capture points, a trunk in several VLANs, and several MACs of one lane.
    var carried: [Way: ServiceVerdict.FlowGroups] = [:]
    for leg in legs {
      var way = Way(
        half: leg.half, from: lane(leg.from, leg.link.source, leg.half),
        to: lane(leg.to, leg.link.destination, leg.half),
        encapsulation: leg.link.encapsulation.text)
      var sound = leg.carried
      for (fault, flows) in leg.faults {
        way.fault = fault
        carried[way, default: .init()].formUnion(flows)
        sound = sound.subtracting(flows)
      }
      way.fault = nil
      if !sound.isEmpty { carried[way, default: .init()].formUnion(sound) }
    }
    let order = { (way: Way) in (way.encapsulation, way.fault?.rawValue ?? "") }
    return carried.sorted { order($0.key) < order($1.key) }.map { way, flows in
      Arrow(
        half: way.half, from: way.from, to: way.to, flows: flows.flows, encapsulation: way.encapsulation,
        fault: way.fault)
    }
  }

  /// The legs that must exist if the stations are what they are taken for, and that no capture shows.
  private static func unseenArrows(besides seen: [Arrow], between lanes: [Lane]) -> [Arrow] {
    let lane = { (role: Leg.Role) in lanes.firstIndex { $0.role == role } }
    var unseen: [Arrow] = []
    if let balancer = lane(.balancer), let backend = lane(.backend) {
      let requests = seen.filter { $0.half == .request }
      if !requests.contains(where: { $0.to == backend }) {
        unseen.append(Arrow(half: .request, from: balancer, to: backend, flows: nil))
      }
      if let client = lane(.client), !requests.contains(where: { $0.to == balancer || $0.from == client }) {
        unseen.append(Arrow(half: .request, from: client, to: balancer, flows: nil))
      }
    }
    if let client = lane(.client) ?? lane(.router), let backend = lane(.backend),
      !seen.contains(where: { $0.half == .reply })
    {
      // Where no request was answered there is none.
      let requests = seen.filter { $0.half == .request }
      let last = requests.filter { $0.to == backend }
      if (last.isEmpty ? requests : last).contains(where: { $0.fault != .unanswered }) {
        unseen.append(Arrow(half: .reply, from: backend, to: client, flows: nil))
      }
    }
    return unseen
  }
}

extension ServiceVerdict.Leg {
  fileprivate var fromStation: MACAddress? { fromDevice ?? link.source }
  fileprivate var toStation: MACAddress? { toDevice ?? link.destination }

  /// The backend at one end of this leg.
  fileprivate var backendMAC: MACAddress? {
    from == .backend ? link.source : to == .backend ? link.destination : nil
  }
}

extension [ServiceVerdict.Leg] {
  fileprivate var leastBackend: UInt64 { compactMap(\.backendMAC).min()?.rawValue ?? 0 }
}
