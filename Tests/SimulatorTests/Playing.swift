import Evidence
import Wire

@testable import Simulator

/// A leg of the service's flows, in words that a test can write down.
struct Leg: Equatable, CustomStringConvertible {
  var half: Half
  var from: MACAddress
  var to: MACAddress
  var ttl: UInt8
  var isWrapped = false

  var description: String { "\(half) \(from) → \(to), TTL \(ttl)\(isWrapped ? ", wrapped" : "")" }
}

/// A scenario played to its end, and who is who in it.
struct Playing {
  let network: Network

  /// One client, one backend, one flow, nothing beside it, all of it changed by `change`.
  init(_ change: (inout Scenario) -> Void = { _ in }) {
    var scenario = Scenario(seed: 7)
    scenario.backends = 1
    scenario.flows = 1
    change(&scenario)
    network = Network(scenario)
    network.play()
  }

  /// The MAC of the other of a pair.
  var peer: MACAddress { mac(network.nodes[1]) }

  var client: MACAddress { mac(network.clients[0]) }
  /// Of a pair, the one that is master first.
  var balancer: MACAddress { mac(network.nodes.first ?? -1) }
  var backend: MACAddress { mac(network.backends[0]) }
  func router(_ number: Int = 0, at interface: Int) -> MACAddress { mac(network.routers[number], at: interface) }

  func mac(_ station: Int, at interface: Int = 0) -> MACAddress {
    network.interfaces[network.stations[station].interfaces[interface]].mac
  }

  /// The legs that the capture shows, each once, in the order of their first frames.
  func legs(at vantage: Scenario.Vantage) -> [Leg] {
    var scenario = network.scenario
    scenario.vantage = vantage
    var legs: [Leg] = []
    for entry in Recording(of: network, as: scenario).entries {
      guard let datagram = entry.sent.datagram, datagram.talk < Talk.firstProbe else { continue }
      let leg = Leg(
        half: datagram.half, from: entry.sent.source, to: entry.sent.destination, ttl: datagram.ttl,
        isWrapped: datagram.tunnel != nil)
      if !legs.contains(leg) { legs.append(leg) }
    }
    return legs
  }

  /// Frames that are no packets of a flow, in the order of time.
  func frames<Wanted>(_ wanted: (SentFrame) -> Wanted?) -> [Wanted] { network.frames.compactMap(wanted) }

  /// What a capture there decides.
  func sightings(at vantage: Scenario.Vantage) -> Sightings {
    var scenario = network.scenario
    scenario.vantage = vantage
    return Sightings([Recording(of: network, as: scenario)], network)
  }

  var fates: Set<FlowTruth.Fate> { network.truths[0].fates }
}
