import Evidence
import Tables
import Wire

extension IPVSHost.Destination {
  /// The port that requests come for; `nil` for a service of every port, or of a mark.
  var servicePort: UInt16? { listed.service.port == 0 ? nil : listed.service.port }

  /// The destination as evidence.
  func exhibit(expected: String) -> Exhibit {
    var words = [destination.endpoint.text]
    if let method = destination.method ?? destination.forwarding?.name { words.append(method) }
    if let weight = destination.weight { words.append("weight \(weight)") }
    if let counters = destination.counters {
      words.append("\(counters.packetsOut) outgoing packets" + (counters.isRate ? " a second" : ""))
    }
    return Exhibit(listed.line(destination.line), expected: expected, actual: words.joined(separator: ", "))
  }
}

extension ServicePattern {
  /// `tcp 10.1.10.10:80`, for findings.
  var text: String {
    (transport.map { "\($0.name) " } ?? "")
      + IPVSTable.Endpoint(address: address, port: port ?? 0).text
  }
}

// MARK: Who is listed

extension ServiceCase {
  /// Whether a host's MACs are the balancer's in the traffic, or a backend's; `nil` where they are neither, or both.
  func isBalancer(_ host: String?) -> Bool? {
    let macs = host.map(identities.macs) ?? []
    let (balances, serves) = (
      macs.contains { roles.isBalancer($0) },
      macs.contains { roles.isBackend($0) || directAnswerers.contains($0) }
    )
    return balances == serves ? nil : balances
  }

  /// MACs that answer flows which were proved direct, at places where the reply was seen.
  var directAnswerers: Set<MACAddress> {
    flows.reduce(into: []) { found, judged in
      guard judged.fate.isDirect else { return }
      for (index, journey) in judged.group.journeys.enumerated() {
        guard case .direct = judged.returnPaths[index] else { continue }
        let answerers = journey.replies.origins.filter { !judged.casts[index].isBalancer($0) }
        found.formUnion(journey.replies.macs(from: answerers))
      }
    }
  }

  /// The addresses that a MAC is known to have, but the VIP.
  func addresses(of mac: MACAddress) -> Set<IPAddress> {
    Set(claimIndex.addresses(of: mac) + identities.addresses(of: mac)).union(stations.addresses(of: mac))
      .subtracting([service.address])
  }

  /// The MACs that an address is known to be at.
  func macs(of address: IPAddress) -> Set<MACAddress> {
    Set(claimIndex.claims(on: address).map(\.claim.mac) + [identities.mac(of: address)].compactMap { $0 })
      .union(stations.macs(of: address))
  }

  /// A host's own tables show this MAC and this address at one host.
  func isOfSameHost(_ mac: MACAddress, _ address: IPAddress) -> Bool {
    guard let name = identities.host(of: mac) else { return false }
    return tables.hosts.contains { $0.name == name && $0.owns(address) }
  }

  /// An address that is another host's of this network: a destination of another table, claimed in the capture, or told by
  /// a host's own tables. A node delivers to pods, and to none of these.
  func isPeer(_ address: IPAddress, of host: String?) -> Bool {
    claimIndex.hasClaims(on: address) || policy.backends.contains { $0.address == address }
      || tables.hosts.contains { $0.name != host && $0.owns(address) }
      || ipvs.contains { other in
        other.name != host
          && other.destinations.contains {
            $0.destination.endpoint.address == address && $0.forwarding?.isDirect ?? false
          }
      }
  }

  /// A balancer is seen to send requests to this MAC.
  func getsRequestsFromBalancer(_ mac: MACAddress) -> Bool {
    flows.contains { judged in
      zip(judged.group.journeys, judged.casts).contains { journey, cast in
        journey.requests.legs.contains { $0.link.destination == mac && cast.isBalancer($0.from) }
      }
    }
  }

  /// A destination by Masq to which the balancer was seen to send what a client of the service sent: the same client's
  /// address and port, and the destination's in place of the VIP's.
  func translatedDestination(of host: IPVSHost, _ evidence: Evidence) -> IPAddress? {
    let destinations = Set(
      host.destinations.filter { $0.destination.forwarding == .masquerade }.map(\.destination.endpoint.address))
    guard !destinations.isEmpty, !roles.balancers.isEmpty else { return nil }
    let clients = Set(flows.map(\.group.exemplar.flow.client))
    // The lowest, in whatever order parts of the capture were read.
    var found: IPAddress?
    evidence.forEachFlow { _, lower, higher, fromLower, fromHigher in
      for isLower in [true, false] {
        let (client, server) = isLower ? (lower, higher) : (higher, lower)
        guard clients.contains(client), destinations.contains(server.address) else { continue }
        let isSentByBalancer = (isLower ? fromLower : fromHigher).contains {
          roles.isBalancer(links.source(of: $0.link))
        }
        if isSentByBalancer { found = min(found ?? server.address, server.address) }
      }
    }
    return found
  }
}

extension IPVSTable.Forwarding {
  /// Replies return without crossing the balancer.
  var isDirect: Bool { keepsPort || self == .option }

  /// Requests reach the destination as they came, and so at their own port.
  var keepsPort: Bool { self == .route || self == .tunnel }

  /// Replies have to come back through the balancer, or do so by themselves.
  var isTranslating: Bool { self == .masquerade || self == .fullNAT }

  /// Nothing tells where replies return.
  var isUnknown: Bool {
    if case .other = self { return true }
    return false
  }
}
