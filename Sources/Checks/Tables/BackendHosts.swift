import Evidence
import Tables
import Wire

/// A host whose tables are given and that is a backend of the service.
struct BackendHost {
  var host: HostTables
  var macs: Set<MACAddress>
  /// How requests come to it; empty where no IPVS table lists it.
  var forwarding: Set<IPVSTable.Forwarding>
  /// A table or the user says that it is one; the frames alone may take a balancer for one.
  var isKnown: Bool
  /// A table or the frames show requests to it in a tunnel.
  var getsTunnels: Bool
}

extension ServiceCase {
  /// The hosts that balance the service: their own IPVS hands it on, or their MAC is a known balancer's.
  func balancerHosts() -> [HostTables] {
    if tables.hosts.isEmpty { return [] }
    let directors = directors()
    return tables.hosts.filter { host in
      if directors.contains(host.name) { return true }
      return identities.macs(of: host.name).contains { roles.isBalancer($0) }
    }
  }

  /// The hosts that are backends of the service, by the best that is known: an IPVS table that hands the service to one of
  /// their addresses, the user's word, or frames.
  ///
  /// A MAC that gets requests, or sends replies, may be a router's on the way to the backend. So by frames alone a host is
  /// one only if it has the VIP, or does not forward packets; and only for a service that the user named, for what is
  /// found may be a backend's own address that is asked for its health. Where nothing answered, whoever got the requests
  /// last and keeps them is one as well.
  func backendHosts() -> [BackendHost] {
    if tables.hosts.isEmpty { return [] }
    let balancers = Set(balancerHosts().map(\.name))
    let seen = Set(roles.backendMACs.keys).union(backends().map(\.mac)).filter { !roles.isBalancer($0) }
    let silent = unansweredTargets()
    return tables.hosts.compactMap { host in
      guard !balancers.contains(host.name) else { return nil }
      let macs = identities.macs(of: host.name)
      let listings = listings(of: host)
      let forwarding = Set(listings)
      // Who gets its requests by translation alone has another address in them.
      if !forwarding.isEmpty, forwarding.isDisjoint(with: [.route, .tunnel]) { return nil }
      let isNamed = policy.backends.contains { named in
        named.mac.map { macs.contains($0) } ?? host.owns(named.address)
      }
      let isSeen = !policy.services.isEmpty && (!macs.isDisjoint(with: seen) || !macs.isDisjoint(with: silent))
      guard
        !forwarding.isEmpty || isNamed || !policy.services.isEmpty && host.bearsSilently(service.address)
          || isSeen && (host.accepts(service.address) || host.forwards(service.address.version) == false)
      else { return nil }
      return BackendHost(
        host: host, macs: macs, forwarding: forwarding,
        isKnown: isNamed || !forwarding.isEmpty || roles.isOwnerKnown && answers(macs),
        getsTunnels: forwarding.contains(.tunnel) || getsTunnels(macs) || !tunnels(to: host).isEmpty)
    }
  }

  /// The MACs that requests without an answer came to and were not seen to leave again, and that do not claim the VIP.
  private func unansweredTargets() -> Set<MACAddress> {
    flows.reduce(into: []) { found, judged in
      guard case .unanswered(.noAnswer) = judged.fate else { return }
      for journey in judged.group.journeys {
        for leg in journey.requests.legs {
          guard let device = leg.to, journey.requests.targets.contains(device), !roles.isBalancer(device),
            !claimed.claimants.contains(device), let mac = leg.link.destination
          else { continue }
          found.insert(mac)
        }
      }
    }
  }

  /// How IPVS tables forward the service to one of the host's own addresses.
  private func listings(of host: HostTables) -> [IPVSTable.Forwarding] {
    let macs = identities.macs(of: host.name)
    return destinations().compactMap { owner, destination in
      let address = destination.endpoint.address
      let isHosts = host.owns(address) || identities.mac(of: address).map { macs.contains($0) } ?? false
      return isHosts && owner != host.name ? destination.forwarding : nil
    }
  }

  /// The hosts whose own tables hand the service to others by Route or Tunnel.
  func directors() -> Set<String> {
    var found: Set<String> = []
    for (owner, destination) in destinations() {
      guard let owner, destination.forwarding == .route || destination.forwarding == .tunnel,
        let host = tables.hosts.first(where: { $0.name == owner }), !host.owns(destination.endpoint.address)
      else { continue }
      found.insert(owner)
    }
    return found
  }

  /// The destinations of the service in all IPVS tables, and whose table it is.
  private func destinations() -> [(owner: String?, destination: IPVSTable.Destination)] {
    ipvs.flatMap { host in host.destinations.map { (host.name, $0.destination) } }
  }

  /// Whether the host has an IPVS of its own that takes the service.
  func hasOwnService(_ host: HostTables) -> Bool {
    ipvs.contains { $0.name == host.name && !$0.services.isEmpty }
  }

  /// Requests in a tunnel are seen to go to one of these MACs: a backend's, or a router's on their way.
  func getsTunnels(_ macs: Set<MACAddress>) -> Bool {
    flows.contains { judged in
      judged.group.journeys.contains { journey in
        journey.requests.legs.contains { leg in
          leg.link.isTunnelled && leg.link.destination.map { macs.contains($0) } ?? false
        }
      }
    }
  }

  /// Whether these MACs were seen to answer from the VIP, or requests that were handed to them were acknowledged, as the
  /// balancer sees it.
  func answers(_ macs: Set<MACAddress>) -> Bool {
    let devices = Set(macs.map(site.devices.device(of:)))
    return flows.contains { judged in
      if judged.group.journeys.contains(where: { !$0.replies.origins.isDisjoint(with: devices) }) { return true }
      guard judged.fate.isDirect else { return false }
      return judged.group.journeys.contains {
        $0.replies.legs.isEmpty && !$0.requests.targets.isDisjoint(with: devices)
      }
    }
  }

  /// Whether requests that came to these MACs were seen to go without an answer.
  func isSilent(_ macs: Set<MACAddress>) -> Bool {
    let devices = Set(macs.map(site.devices.device(of:)))
    return flows.contains { judged in
      guard case .unanswered(.noAnswer) = judged.fate else { return false }
      return judged.group.journeys.contains { !$0.requests.targets.isDisjoint(with: devices) }
    }
  }
}

extension HostTables {
  /// An interface of it has this address, and a network behind it: the VIP on a loopback is not its own.
  func owns(_ address: IPAddress) -> Bool {
    interfaces.contains { $0.mac != nil && !$0.flags.contains("NOARP") && $0.has(address) }
  }

  /// It has this address on its loopback, a dummy or a tunnel's end, and nowhere that a network lies behind: as backends
  /// have the VIP.
  func bearsSilently(_ address: IPAddress) -> Bool {
    !owns(address)
      && interfaces.contains { ($0.isLoopback || $0.flags.contains("NOARP")) && $0.has(address) }
  }

  /// It takes packets to this address for its own, as far as addresses and local routes tell.
  func accepts(_ address: IPAddress) -> Bool { acceptance(of: address) != nil }

  /// The line that makes it take packets to this address for its own.
  func acceptance(of address: IPAddress) -> TableLine? {
    for interface in interfaces {
      for own in interface.addresses {
        // All of a subnet on the loopback is the host's own (IPv4): linux net/ipv4/fib_frontend.c, fib_add_ifaddr.
        let isOnLoopback = interface.isLoopback && address.version == .v4 && !own.hasNoPrefixRoute
        if own.address == address && own.isUsable || isOnLoopback && own.subnet.contains(address) { return own.line }
      }
    }
    return routes.routes.first { $0.type == "local" && $0.destination.contains(address) }?.line
  }

  /// The interfaces that stand in a network to which this address belongs, and that speak ARP there: by a subnet of
  /// theirs, or as a second station (macvlan) on the wire of one that has it.
  func interfacesInNetwork(of address: IPAddress) -> [Interface] {
    let domain = self.domain(of: address)
    let own = interfaces.filter { interface in
      // A question about an address of another VRF finds nobody.
      interface.speaksARP && finds(domain, for: interface)
        && interface.addresses.contains { !$0.isWhole && $0.subnet.contains(address) }
    }
    let others = interfaces.filter { interface in
      interface.speaksARP && !own.contains { $0.name == interface.name }
        && own.contains { interface.isSecondStation(on: $0) }
    }
    return own + others
  }
}

extension HostTables.Interface {
  /// It hears what its parent hears, under a MAC of its own. A VLAN, which hears another network, has its parent's MAC
  /// where the text does not tell the kind.
  fileprivate func isSecondStation(on other: Self) -> Bool {
    guard parent == other.name else { return false }
    return kind.map { $0 == "macvlan" } ?? (mac != nil && mac != other.mac)
  }

  func has(_ address: IPAddress) -> Bool { addresses.contains { $0.address == address } }
}
