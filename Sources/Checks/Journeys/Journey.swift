import Evidence
import Wire

/// The way that the frames of one flow took past one capture point, from device to device.
struct Journey: Sendable {
  /// Frames of one half at one hop, with who sent and who received them.
  struct Leg: Sendable {
    var link: Link
    var record: LinkRecord
    /// `nil` where the frames bear no address of a single sender, or receiver.
    var from: Device?
    var to: Device?
  }

  let point: Int
  let requests: Half
  let replies: Half
  /// What came from the VIP's side and is nothing but resets: a balancer that gives up a flow sends such.
  let resets: [Leg]
  /// The one device that claims the client's address here: then the client is on this very network.
  let client: Device?
  /// It stands for the flows of many clients, each with a station of its own.
  let isOfClientStation: Bool

  /// It took more hops than any network has: somebody made them up, and all that counts is that none touches a balancer.
  var isCrowded: Bool { requests.isCrowded || replies.isCrowded }

  /// The devices that a reply comes from or goes to.
  var replying: Set<Device> { replies.devices }

  /// The devices that a request comes from or goes to.
  var requesting: Set<Device> { requests.devices }

  /// The hosts that requests were seen to reach, and that answer them.
  var answerers: Set<Device> { requests.targets.intersection(replies.origins) }

  /// A device that passes requests on, where replies begin or end at it although they are not seen to cross it: frames are
  /// missing, and what is left says nothing.
  var carriesBothWays: Device? {
    requests.forwarders.intersection(replies.origins.union(replies.targets)).subtracting(requests.origins).min()
  }

  /// Text does not tell the hop limits of some frames.
  var lacksHopLimits: Bool { (requests.legs + replies.legs).contains { $0.hopsPassed == nil } }

  /// The replies have passed no router yet.
  var originatesReplies: Bool { replies.legs.allSatisfy(\.isFresh) }

  init(point: Int, requests: [Leg], replies: [Leg], client: Device?, isOfClientStation: Bool) {
    self.point = point
    self.client = client
    self.isOfClientStation = isOfClientStation
    let spoken = requests.filter { !$0.record.isResetOnly }
    self.requests = Half(spoken.isEmpty ? requests : spoken)
    self.replies = Half(replies.filter { !$0.record.isResetOnly })
    resets = replies.filter(\.record.isResetOnly)
  }
}

// MARK: - Halves

extension Journey {
  /// One half of the flow: its legs, and where they begin and end.
  struct Half: Sendable {
    let legs: [Leg]
    /// Sent it or received it.
    let devices: Set<Device>
    /// Sent it, and were not seen to receive it.
    let origins: Set<Device>
    /// Received it, and were not seen to pass it on.
    let targets: Set<Device>
    /// Received it and passed it on.
    let forwarders: Set<Device>
    /// Who passed it on with the sender's MAC kept, as Alteon does, and to whom.
    let transparentHops: Set<TransparentHop>
    /// A leg goes to a group address, or bears no address at all.
    let hasUnknownTarget: Bool
    /// Then transparent hops are not looked for, which takes time by the square of the legs.
    var isCrowded: Bool { legs.count > Self.legLimit }
    static let legLimit = 64
  }

  struct TransparentHop: Hashable, Sendable {
    var forwarder: Device
    var next: Device
  }
}

extension Journey.Half {
  init(_ legs: [Journey.Leg]) {
    self.legs = legs
    var sources: Set<Device> = []
    var destinations: Set<Device> = []
    devices = legs.reduce(into: []) { found, leg in
      if let from = leg.from { found.insert(from) }
      if let to = leg.to { found.insert(to) }
    }
    for leg in legs where leg.from == nil || leg.from != leg.to {
      if let from = leg.from { sources.insert(from) }
      if let to = leg.to { destinations.insert(to) }
    }
    transparentHops = legs.count > Self.legLimit ? [] : Self.transparentHops(legs)
    forwarders = sources.intersection(destinations).union(transparentHops.map(\.forwarder))
    origins = sources.subtracting(forwarders)
    targets = destinations.subtracting(forwarders)
    hasUnknownTarget = legs.contains { $0.to == nil }
  }

  /// One sender's frame at two receivers, a hop apart: the first passed it on under the sender's MAC.
  private static func transparentHops(_ legs: [Journey.Leg]) -> Set<Journey.TransparentHop> {
    var found: Set<Journey.TransparentHop> = []
    for incoming in legs {
      guard let entry = incoming.to, let source = incoming.link.source else { continue }
      for outgoing in legs where outgoing.isForwarded(from: incoming) && outgoing.link.source == source {
        if let next = outgoing.to, next != entry { found.insert(.init(forwarder: entry, next: next)) }
      }
    }
    return found
  }

  /// The MACs that these devices sent it from.
  func macs(from devices: Set<Device>) -> Set<MACAddress> {
    legs.reduce(into: []) { found, leg in
      if let from = leg.from, devices.contains(from), let mac = leg.link.source { found.insert(mac) }
    }
  }

  /// The last devices that passed it on to `target`.
  func lastForwarders(to target: Device) -> Set<Device> {
    // Routers carry tunnels on: only who wraps a packet has chosen its backend.
    let wrapping = wrappers
    let last = legs.compactMap { leg -> Device? in
      guard leg.to == target, let from = leg.from, forwarders.contains(from),
        !leg.link.isTunnelled || wrapping.contains(from)
      else { return nil }
      return from
    }
    return Set(transparentHops.filter { $0.next == target }.map(\.forwarder) + last)
  }

  /// Took it bare and sent it on in a tunnel: what a balancer does, and a router that ends a tunnel never. Of several for one
  /// tunnel the last that took it bare wrapped it: a router that stands before the balancer, and behind it, carries the tunnel.
  var wrappers: Set<Device> {
    var taken: [Device: UInt8] = [:]
    for leg in legs where !leg.link.isTunnelled {
      guard let to = leg.to, forwarders.contains(to) else { continue }
      taken[to] = min(taken[to] ?? .max, leg.record.hopLimit)
    }
    var wrapping: [Encapsulation: Set<Device>] = [:]
    for leg in legs where leg.link.isTunnelled {
      if let from = leg.from, taken[from] != nil { wrapping[leg.link.encapsulation, default: []].insert(from) }
    }
    return wrapping.values.reduce(into: []) { found, devices in
      let last = devices.compactMap { taken[$0] }.min()
      found.formUnion(devices.filter { taken[$0] == last })
    }
  }

  /// Who sent bare frames to one of `ends`.
  func sources(to ends: Set<Device>) -> Set<Device> {
    Set(
      legs.compactMap { leg in
        guard let to = leg.to, ends.contains(to), !leg.link.isTunnelled else { return nil }
        return leg.from
      })
  }

  /// Whether it was seen to come from one of `starts` to one of `ends`, hop by hop. Routers on the way of a tunnel are
  /// passed over: what comes in the same tunnel is the same.
  func lead(from starts: Set<Device>, to ends: Set<Device>) -> Bool {
    var reached = starts
    var count = 0
    while count < reached.count, reached.isDisjoint(with: ends) {
      count = reached.count
      for link in transparentHops where reached.contains(link.forwarder) { reached.insert(link.next) }
      for leg in legs {
        guard let from = leg.from, let to = leg.to, reached.contains(from) else { continue }
        reached.insert(to)
        guard leg.link.isTunnelled else { continue }
        for other in legs where other.link.encapsulation == leg.link.encapsulation {
          if let next = other.to { reached.insert(next) }
        }
      }
    }
    return !reached.isDisjoint(with: ends)
  }

  /// Its legs follow each other hop by hop: between captures it did not go anywhere else.
  var isWithoutGap: Bool {
    let hopLimits = legs.filter { !$0.link.encapsulation.hasTunnels }.map(\.record.hopLimit).sorted()
    // One that is not known lets any gap be.
    return hopLimits.first != 0 && zip(hopLimits, hopLimits.dropFirst()).allSatisfy { $0 == $1 || $0 + 1 == $1 }
  }

  /// Whether the same frames were seen to come to `device` and to leave it.
  func carriesSameFrames(through device: Device) -> Bool {
    if transparentHops.contains(where: { $0.forwarder == device }) { return true }
    return legs.contains { incoming in
      incoming.to == device
        && legs.contains { outgoing in
          outgoing.from == device && outgoing.record.fingerprint == incoming.record.fingerprint
            && outgoing.record.hopLimit <= incoming.record.hopLimit
            && incoming.record.hopLimit - outgoing.record.hopLimit <= 1
        }
    }
  }
}

// MARK: - Legs

extension Journey.Leg {
  /// What hosts set: a packet that bears one has passed no router yet.
  static let initialHopLimits: Set<UInt8> = [64, 128, 255]

  /// How many routers the packet has passed, from the nearest hop limit that hosts set; `nil` where its hop limit is not known.
  var hopsPassed: UInt8? {
    guard record.hopLimit > 0 else { return nil }
    return (Self.initialHopLimits.filter { $0 >= record.hopLimit }.min() ?? .max) - record.hopLimit
  }

  /// It is known to have passed one.
  var hasPassedRouter: Bool { hopsPassed.map { $0 > 0 } ?? false }

  /// It is known to have passed none.
  var isFresh: Bool { hopsPassed == 0 }

  /// It is known to have passed one at most.
  var hasPassedOneAtMost: Bool { hopsPassed.map { $0 <= 1 } ?? false }

  /// Or two: what its sender translated passed that one, too.
  var hasPassedTwoAtMost: Bool { hopsPassed.map { $0 <= 2 } ?? true }

  /// A router must have lowered it: no host sets it. That of 0 is not known.
  static func isLowered(_ hopLimit: UInt8) -> Bool { hopLimit > 0 && !initialHopLimits.contains(hopLimit) }

  /// The same frame, after one router or balancer. Inside a tunnel the hop limit does not tell how many routers it has
  /// passed.
  func isForwarded(from other: Journey.Leg) -> Bool {
    record.isForwarded(from: other.record) && !link.isTunnelled
  }

  func touches(_ device: Device) -> Bool { from == device || to == device }
}

extension LinkRecord {
  /// The same frame, its hop limit one less.
  func isForwarded(from other: LinkRecord) -> Bool {
    fingerprint == other.fingerprint && other.hopLimit > 0 && hopLimit == other.hopLimit - 1
  }
}
