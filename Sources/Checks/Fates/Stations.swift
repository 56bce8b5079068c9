import Evidence
import Tables
import Wire

/// Who took part: what the report names and draws.
extension ServiceCase {
  func findBalancers() -> [ServiceVerdict.Station] {
    var found = roles.balancerMACs.mapValues(\.known.description)
    // Where only the pair of MACs speaks, the next hop of direct flows stands for the balancer.
    if found.isEmpty {
      for (journey, _) in directJourneys {
        for device in presumedBalancers(journey) {
          for mac in macs(of: device, in: journey.requests) { found[mac] = "requests pass it and replies do not" }
        }
      }
    }
    let balancers = found.map { station($0.key, knownBy: $0.value, flows: flowsByMAC[$0.key, default: 0]) }
    // Of a device with several MACs those that took part, if any did.
    let seen = balancers.filter { $0.flows > 0 }
    return (seen.isEmpty ? balancers : seen).sorted { $0.mac < $1.mac }
  }

  func backends() -> [ServiceVerdict.Station] {
    var found = roles.backendMACs.mapValues(\.description)
    for (journey, _) in directJourneys {
      for device in journey.replies.origins where !roles.isBalancer(device) {
        for mac in macs(of: device, in: journey.replies) where found[mac] == nil { found[mac] = "answers for the VIP" }
      }
    }
    return found.map { station($0.key, knownBy: $0.value, flows: flowsByMAC[$0.key, default: 0]) }
      .filter { $0.flows > 0 }.sorted { $0.mac < $1.mac }.map { backend in
        var backend = backend
        backend.connections = connections(to: backend.addresses)
        return backend
      }
  }

  /// The MACs at which a device took part in one half.
  private func macs(of device: Device, in half: Journey.Half) -> Set<MACAddress> {
    half.legs.reduce(into: []) { found, leg in
      if leg.from == device, let mac = leg.link.source { found.insert(mac) }
      if leg.to == device, let mac = leg.link.destination { found.insert(mac) }
    }
  }

  /// At a client it is who gets the requests; at a backend, and at the balancer, who hands them on.
  func presumedBalancers(_ journey: Journey) -> Set<Device> {
    if journey.replies.legs.isEmpty { return journey.requests.forwarders }
    return journey.answerers.isEmpty
      ? journey.requests.targets.subtracting(journey.replies.origins) : journey.requests.origins
  }

  private var directJourneys: [(journey: Journey, flows: Int)] {
    flows.flatMap { judged -> [(journey: Journey, flows: Int)] in
      guard judged.fate.isDirect else { return [] }
      return zip(judged.group.journeys, judged.returnPaths).compactMap { journey, returnPath in
        guard case .direct = returnPath else { return nil }
        return (journey, judged.group.flows)
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

  /// Who sends requests first and gets replies last: clients, with an address of each, and the routers before others.
  struct FarEnds {
    fileprivate(set) var clients: [MACAddress: IPAddress] = [:]
    fileprivate(set) var routers: Set<MACAddress> = []

    fileprivate mutating func add(
      _ mac: MACAddress?, _ device: Device?, _ address: IPAddress, _ journey: Journey, isNear: Bool,
      isBalancerKnown: Bool
    ) {
      guard let mac, let device else { return }
      if device == journey.client || isBalancerKnown && journey.client == nil && isNear {
        clients[mac] = min(clients[mac] ?? address, address)
      } else if isBalancerKnown {
        routers.insert(mac)
      }
    }
  }

  /// While no balancer is known, whoever is not shown to be the client may be one.
  func farEnds(_ balancers: Set<MACAddress>) -> FarEnds {
    var ends = FarEnds()
    for judged in flows {
      let address = judged.group.exemplar.flow.client.address
      let isNear = judged.group.facts.contains(.clientNearVIP)
      for journey in judged.group.journeys {
        for leg in journey.requests.legs where leg.from.map(journey.requests.origins.contains) ?? false {
          ends.add(leg.link.source, leg.from, address, journey, isNear: isNear, isBalancerKnown: !balancers.isEmpty)
        }
        for leg in journey.replies.legs where leg.to.map(journey.replies.targets.contains) ?? false {
          ends.add(leg.link.destination, leg.to, address, journey, isNear: isNear, isBalancerKnown: !balancers.isEmpty)
        }
      }
    }
    return ends
  }

  func stations(of clients: [MACAddress: IPAddress]) -> [ServiceVerdict.Station] {
    return clients.map { mac, address in
      var client = station(mac, knownBy: "", flows: flowsByMAC[mac, default: 0])
      client.addresses = [address]
      return client
    }.sorted { $0.mac < $1.mac }
  }
}

extension [JudgedFlows] {
  /// How many flows each MAC took part in.
  var flowsByMAC: [MACAddress: Int] {
    reduce(into: [:]) { found, judged in
      var seen: Set<MACAddress> = []
      for journey in judged.group.journeys {
        for legs in [journey.requests.legs, journey.replies.legs, journey.resets] {
          for leg in legs {
            if let source = leg.link.source { seen.insert(source) }
            if let destination = leg.link.destination { seen.insert(destination) }
          }
        }
      }
      for mac in seen { found[mac, default: 0] += judged.group.flows }
    }
  }
}
