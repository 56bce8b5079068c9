import Evidence
import Tables
import Wire

/// Who took part: what the report names and draws.
extension ServiceCase {
  func balancers() -> [ServiceVerdict.Station] {
    var found = roles.balancers.mapValues(\.description)
    // Where only the pair of MACs speaks, the next hop of direct flows stands for the balancer.
    if found.isEmpty {
      for (path, _) in directPaths {
        for mac in path.requests.targets.subtracting(path.replies.origins).union(presumedBalancers(path)) {
          found[mac] = "requests pass it and replies do not"
        }
      }
    }
    let touched = flowsByMAC()
    return found.map { station($0.key, knownBy: $0.value, flows: touched[$0.key, default: 0]) }
      .sorted { $0.mac < $1.mac }
  }

  func backends() -> [ServiceVerdict.Station] {
    var found = roles.backends
    for (path, _) in directPaths {
      for mac in path.replies.origins where found[mac] == nil && !roles.isBalancer(mac) {
        found[mac] = "answers for the VIP"
      }
    }
    let touched = flowsByMAC()
    return found.map { station($0.key, knownBy: $0.value, flows: touched[$0.key, default: 0]) }
      .filter { $0.flows > 0 }.sorted { $0.mac < $1.mac }.map { backend in
        var backend = backend
        backend.connections = connections(to: backend.addresses)
        return backend
      }
  }

  func claimants() -> [ServiceVerdict.Claimant] {
    var frames: [MACAddress: UInt64] = [:]
    for seen in claims { frames[seen.claim.mac, default: 0] += seen.tally.frames }
    return frames.map { ServiceVerdict.Claimant(mac: $0.key, frames: $0.value) }.sorted { $0.mac < $1.mac }
  }

  /// At a backend, and at the balancer, it is the one that hands the requests on.
  private func presumedBalancers(_ path: Path) -> Set<MACAddress> {
    path.replies.legs.isEmpty
      ? path.requests.forwarders
      : path.requests.targets.isDisjoint(with: path.replies.origins) ? [] : path.requests.origins
  }

  private var directPaths: [(path: Path, flows: Int)] {
    flows.flatMap { judged -> [(path: Path, flows: Int)] in
      guard case .direct = judged.fate else { return [] }
      return zip(judged.group.paths, judged.returnPaths).compactMap { path, returnPath in
        guard case .direct = returnPath else { return nil }
        return (path, judged.group.flows)
      }
    }
  }

  private func station(_ mac: MACAddress, knownBy: String, flows: Int) -> ServiceVerdict.Station {
    let addresses = addresses(of: mac).filter { !$0.isLinkLocal || stations.addresses(of: mac).contains($0) }
    var station = ServiceVerdict.Station(mac: mac, addresses: addresses.sorted(), knownBy: knownBy, flows: flows)
    let names = policy.stationNames
    station.name =
      names.byMAC[mac] ?? identities.host(of: mac) ?? station.addresses.lazy.compactMap { names.byAddress[$0] }.first
    return station
  }

  private func connections(to addresses: [IPAddress]) -> Int? {
    guard !addresses.isEmpty, ipvs.contains(where: \.listsConnections) else { return nil }
    return ipvs.reduce(0) { count, host in
      count + host.connections.count { addresses.contains($0.destination.address) }
    }
  }

  private func flowsByMAC() -> [MACAddress: Int] {
    var flowsByMAC: [MACAddress: Int] = [:]
    for judged in flows {
      let hops = judged.group.paths.flatMap { $0.requests.legs + $0.replies.legs + $0.resets }.map(\.hop)
      for mac in Set(hops.flatMap { [$0.source, $0.destination].compactMap { $0 } }) {
        flowsByMAC[mac, default: 0] += judged.group.flows
      }
    }
    return flowsByMAC
  }

  /// Who sends requests first and gets replies last: clients, with an address of each, and the routers before others.
  typealias FarEnds = (clients: [MACAddress: IPAddress], routers: Set<MACAddress>)

  /// While no balancer is known, whoever is not shown to be the client may be one.
  func farEnds(_ balancers: Set<MACAddress>) -> FarEnds {
    var ends: FarEnds = ([:], [])
    for judged in flows {
      let address = judged.group.exemplar.flow.client.address
      let isNear = judged.group.facts.contains(.clientNearVIP)
      for path in judged.group.paths {
        for mac in path.requests.origins.union(path.replies.targets) {
          if mac == path.clientMAC || !balancers.isEmpty && path.clientMAC == nil && isNear {
            ends.clients[mac] = min(ends.clients[mac] ?? address, address)
          } else if !balancers.isEmpty {
            ends.routers.insert(mac)
          }
        }
      }
    }
    return ends
  }

  func stations(of clients: [MACAddress: IPAddress]) -> [ServiceVerdict.Station] {
    let touched = flowsByMAC()
    return clients.map { mac, address in
      var client = station(mac, knownBy: "", flows: touched[mac, default: 0])
      client.addresses = [address]
      return client
    }.sorted { $0.mac < $1.mac }
  }
}
