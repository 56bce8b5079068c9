import Evidence
import Wire

/// The way that the frames of one flow took past one capture point.
struct Path: Sendable {
  struct Leg: Sendable {
    var hop: Hop
    var record: HopRecord
  }

  /// A device that takes in a half at one MAC and sends it on from, or to, another.
  struct Link: Hashable, Sendable {
    var entry: MACAddress
    var exit: MACAddress
  }

  let point: Int
  let requests: Half
  let replies: Half
  /// What came from the VIP's side and is nothing but resets: a balancer that gives up a flow sends such.
  let resets: [Leg]
  /// The one MAC that claims the client's address here: then the client is on this very network.
  let clientMAC: MACAddress?
  /// It stands for the flows of many clients, each with a station of its own.
  let isOfClientStation: Bool

  /// It took more hops than any network has: somebody made them up, and all that counts is that none touches a balancer.
  var isCrowded: Bool { requests.isCrowded || replies.isCrowded }

  /// One half of the flow: its legs, and where they begin and end.
  struct Half: Sendable {
    let legs: [Leg]
    /// Sent it, and were not seen to receive it.
    let origins: Set<MACAddress>
    /// Received it, and were not seen to send it on.
    let targets: Set<MACAddress>
    /// Received it and sent it on.
    let forwarders: Set<MACAddress>
    let links: Set<Link>
    /// Passed it on with the sender's MAC kept, as Alteon does: the forwarder, and where it sent the frames.
    let transparentHops: Set<Link>
    /// A leg goes to a group address, or bears no address at all.
    let hasUnknownTarget: Bool
    /// Then links and transparent hops are not looked for, which takes time by the square of the legs.
    var isCrowded: Bool { legs.count > Self.legLimit }
    private static let legLimit = 64
  }

  init(point: Int, requests: [Leg], replies: [Leg], clientMAC: MACAddress?, isOfClientStation: Bool) {
    self.point = point
    self.clientMAC = clientMAC
    self.isOfClientStation = isOfClientStation
    let spoken = requests.filter { !$0.record.isResetOnly }
    self.requests = Half(spoken.isEmpty ? requests : spoken)
    self.replies = Half(replies.filter { !$0.record.isResetOnly })
    resets = replies.filter(\.record.isResetOnly)
  }
}

extension Path.Half {
  init(_ legs: [Path.Leg]) {
    self.legs = legs
    var sources: Set<MACAddress> = []
    var destinations: Set<MACAddress> = []
    for leg in legs {
      if let source = leg.hop.source, source.isUnicast { sources.insert(source) }
      if let destination = leg.hop.destination, destination.isUnicast { destinations.insert(destination) }
    }
    var forwarders = sources.intersection(destinations)
    var links: Set<Path.Link> = []
    let isCrowded = legs.count > Self.legLimit
    for incoming in legs where !isCrowded {
      guard let entry = incoming.hop.destination, entry.isUnicast, !sources.contains(entry) else { continue }
      for outgoing in legs where outgoing.isForwarded(from: incoming) {
        guard let exit = outgoing.hop.source, exit.isUnicast, !destinations.contains(exit), exit != incoming.hop.source
        else { continue }
        links.insert(Path.Link(entry: entry, exit: exit))
      }
    }
    for link in links { forwarders.formUnion([link.entry, link.exit]) }
    let transparentHops = isCrowded ? [] : Self.transparentHops(legs)
    forwarders.formUnion(transparentHops.map(\.entry))
    self.forwarders = forwarders
    self.links = links
    self.transparentHops = transparentHops
    origins = sources.subtracting(forwarders)
    targets = destinations.subtracting(forwarders)
    hasUnknownTarget = legs.contains { !($0.hop.destination?.isUnicast ?? false) }
  }

  /// One sender's frame at two receivers, a hop apart: the first passed it on under the sender's MAC.
  private static func transparentHops(_ legs: [Path.Leg]) -> Set<Path.Link> {
    var found: Set<Path.Link> = []
    for incoming in legs {
      guard let entry = incoming.hop.destination, entry.isUnicast, let source = incoming.hop.source else { continue }
      for outgoing in legs where outgoing.isForwarded(from: incoming) && outgoing.hop.source == source {
        if let next = outgoing.hop.destination, next.isUnicast, next != entry {
          found.insert(Path.Link(entry: entry, exit: next))
        }
      }
    }
    return found
  }

  /// The last device that passed it on to `target`.
  func lastForwarders(to target: MACAddress) -> Set<MACAddress> {
    let transparent = transparentHops.filter { $0.exit == target }.map(\.entry)
    return Set(
      transparent
        + legs.compactMap { leg -> MACAddress? in
          // Routers carry tunnels on: only who wraps a packet has chosen its backend.
          guard leg.hop.destination == target, let source = leg.hop.source, forwarders.contains(source),
            leg.hop.encapsulation.isEmpty || encapsulators.contains(source)
          else { return nil }
          return source
        })
  }

  /// Took it bare and sent it on in a tunnel: what a balancer does, and a router never.
  var encapsulators: Set<MACAddress> {
    forwarders.filter { mac in
      legs.contains { $0.hop.destination == mac && $0.hop.encapsulation.isEmpty }
        && legs.contains { $0.hop.source == mac && !$0.hop.encapsulation.isEmpty }
    }
  }

  /// Who sent bare frames to one of `ends`.
  func sources(to ends: Set<MACAddress>) -> Set<MACAddress> {
    Set(
      legs.compactMap { leg in
        guard let destination = leg.hop.destination, ends.contains(destination), leg.hop.encapsulation.isEmpty else {
          return nil
        }
        return leg.hop.source
      })
  }

  /// Whether requests were seen to come from one of `starts` to one of `ends`, hop by hop. Routers on the way of a tunnel
  /// are passed over: what comes in the same tunnel is the same.
  func lead(from starts: Set<MACAddress>, to ends: Set<MACAddress>) -> Bool {
    var reached = starts
    var count = 0
    while count < reached.count, reached.isDisjoint(with: ends) {
      count = reached.count
      for link in links.union(transparentHops) where reached.contains(link.entry) { reached.insert(link.exit) }
      for leg in legs {
        guard let source = leg.hop.source, let destination = leg.hop.destination, reached.contains(source) else {
          continue
        }
        reached.insert(destination)
        guard !leg.hop.encapsulation.isEmpty else { continue }
        for other in legs where other.hop.encapsulation == leg.hop.encapsulation {
          if let next = other.hop.destination { reached.insert(next) }
        }
      }
    }
    return !reached.isDisjoint(with: ends)
  }

  /// Whether the same frames were seen to come to `mac`, or to a MAC of the same device, and to leave it.
  func carriesSameFrames(through mac: MACAddress) -> Bool {
    if links.contains(where: { $0.exit == mac || $0.entry == mac }) { return true }
    if transparentHops.contains(where: { $0.entry == mac }) { return true }
    return legs.contains { incoming in
      incoming.hop.destination == mac
        && legs.contains { outgoing in
          outgoing.hop.source == mac && outgoing.record.fingerprint == incoming.record.fingerprint
            && outgoing.record.hopLimit <= incoming.record.hopLimit
            && incoming.record.hopLimit - outgoing.record.hopLimit <= 1
        }
    }
  }
}

extension Path.Leg {
  /// What hosts set: a packet that bears one has passed no router yet.
  static let initialHopLimits: Set<UInt8> = [64, 128, 255]

  var hasPassedRouter: Bool { !Self.initialHopLimits.contains(record.hopLimit) }

  /// The same frame, after one router or balancer. Inside a tunnel the hop limit does not tell how many routers it has
  /// passed.
  fileprivate func isForwarded(from other: Path.Leg) -> Bool {
    record.fingerprint == other.record.fingerprint && other.record.hopLimit > 0
      && record.hopLimit == other.record.hopLimit - 1 && hop.encapsulation.isEmpty
  }
}
