import Evidence
import Wire

/// Networks inside tunnels that have nothing to do with each other although one capture shows them, and one service address
/// is in several of them: those of two tenants with the same addresses. What one shows says nothing of the other's flows.
///
/// Networks are one, whatever their identifiers, where the frames of a conversation are in both, for then they are routed
/// between them, or the tunnel is a host's own; and where an end of the tunnel sends or receives frames of the service
/// outside it. Only what shows no such tie is taken apart, so whatever is in doubt is judged together.
struct SeparateNetworks {
  private let parts: NetworkParts
  /// Keys of which frames were seen in one direction alone.
  private let oneWay: Set<OverlayNetwork.Layer>
  private let isNeeded: Bool
  /// More than these are somebody's play.
  private static let mostParts = 64

  init(_ index: ServiceIndex, _ evidence: Evidence) {
    guard evidence.hasNetworks else {
      (parts, oneWay, isNeeded) = (NetworkParts(ofLinks: [], ofNetworks: [:]), [], false)
      return
    }
    isNeeded = true
    let links = (0..<UInt32(evidence.links.count)).map { evidence.links[$0] }
    let oneWay = Self.oneWay(links)
    self.oneWay = oneWay
    let ofLinks = links.map { Self.network(OverlayNetwork($0.encapsulation), oneWay) }
    guard Set(ofLinks).count > 1 else {
      parts = NetworkParts(ofLinks: [], ofNetworks: [:])
      return
    }
    var ties = NetworkTies(ofLinks, links)
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      let (flow, serverIsLower) = index.flow(transport, lower, higher, fromLower, fromHigher)
      let (requests, replies) = serverIsLower ? (fromHigher, fromLower) : (fromLower, fromHigher)
      ties.add(flow, requests, replies, isOfService: index.isService(transport, flow.server))
    }
    let ofNetworks = ties.parts(most: Self.mostParts)
    parts = NetworkParts(ofLinks: ofLinks.map { ofNetworks[$0] ?? 0 }, ofNetworks: ofNetworks)
  }

  /// The evidence with points of its own for each network that is apart.
  func separated(_ evidence: Evidence) -> Evidence {
    guard isNeeded else { return evidence }
    return evidence.separating(parts) { Self.network($0, oneWay) }
  }

  /// What was seen of a flow's ports in networks that are apart: conversations of their own. `nil` where it is one.
  func conversations(
    _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>
  ) -> [(requests: [LinkRecord], replies: [LinkRecord])]? {
    if parts.ofNetworks.isEmpty { return nil }
    var found: [Int: (requests: [LinkRecord], replies: [LinkRecord])] = [:]
    for index in requests.indices { found[part(requests[index]), default: ([], [])].requests.append(requests[index]) }
    for index in replies.indices { found[part(replies[index]), default: ([], [])].replies.append(replies[index]) }
    return found.count < 2 ? nil : found.sorted { $0.key < $1.key }.map(\.value)
  }

  private func part(_ record: LinkRecord) -> Int {
    let link = Int(record.link)
    return parts.ofLinks.isEmpty ? 0 : parts.ofLinks[link % parts.ofLinks.count]
  }

  /// What tells a network for sure: no key that may be another one's in the other direction.
  private static func network(_ network: OverlayNetwork, _ oneWay: Set<OverlayNetwork.Layer>) -> OverlayNetwork {
    if network.isBare { return network }
    return OverlayNetwork(network.layers.filter { !$0.tunnel.mayDifferByDirection || !oneWay.contains($0) })
  }

  private static func oneWay(_ links: [Link]) -> Set<OverlayNetwork.Layer> {
    struct Sight: Hashable {
      var layer: OverlayNetwork.Layer
      var source: IPAddress
      var destination: IPAddress
    }
    var seen: Set<Sight> = []
    for link in links where !link.encapsulation.isEmpty {
      for layer in link.encapsulation.layers where layer.tunnel.mayDifferByDirection {
        guard let identifier = layer.identifier, let source = layer.source, let destination = layer.destination else {
          continue
        }
        seen.insert(Sight(layer: .init(layer.tunnel, identifier), source: source, destination: destination))
      }
    }
    let both = Set(
      seen.filter { seen.contains(Sight(layer: $0.layer, source: $0.destination, destination: $0.source)) }.map(\.layer)
    )
    return Set(seen.map(\.layer)).subtracting(both)
  }
}

/// Which networks are tied to each other.
private struct NetworkTies {
  private let ofLinks: [OverlayNetwork]
  private let links: [Link]
  private var heads: [OverlayNetwork: OverlayNetwork] = [:]
  private var networksOfServices: [IPAddress: Set<OverlayNetwork>] = [:]
  private var starts: [Start: OverlayNetwork] = [:]
  /// Who ends a tunnel, or is seen outside, with frames of a service address.
  private var wrapping: [Host: Set<OverlayNetwork>] = [:]
  private var bare: Set<Host> = []

  /// A client's end and its initial sequence number: a balancer that translates leaves both as they are.
  private struct Start: Hashable {
    var client: Endpoint
    var initial: UInt32
  }

  private struct Host: Hashable {
    var point: Int
    var mac: MACAddress
    var service: IPAddress
  }

  init(_ ofLinks: [OverlayNetwork], _ links: [Link]) {
    (self.ofLinks, self.links) = (ofLinks, links)
  }

  mutating func add(
    _ flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, isOfService: Bool
  ) {
    var found: [OverlayNetwork: Conversation] = [:]
    for index in requests.indices {
      let record = requests[index]
      let network = ofLinks[Int(record.link)]
      found[network, default: Conversation(flow.transport)].add(request: record)
      if record.kinds.contains(.established), let initial = record.initialSequence {
        let start = Start(client: flow.client, initial: initial)
        if let other = starts[start] { tie(network, other) } else { starts[start] = network }
      }
      if isOfService { note(record, network, flow.server.address) }
    }
    for index in replies.indices {
      let network = ofLinks[Int(replies[index].link)]
      found[network, default: Conversation(flow.transport)].add(reply: replies[index])
      if isOfService { note(replies[index], network, flow.server.address) }
    }
    if isOfService { networksOfServices[flow.server.address, default: []].formUnion(found.keys) }
    guard found.count > 1 else { return }
    let all = found.sorted { $0.key < $1.key }
    for (number, one) in all.enumerated() {
      for other in all[(number + 1)...] where !one.value.isAnother(than: other.value) { tie(one.key, other.key) }
    }
  }

  private mutating func note(_ record: LinkRecord, _ network: OverlayNetwork, _ service: IPAddress) {
    let link = links[Int(record.link)]
    let carrier = link.encapsulation.outside?.addresses
    for mac in [carrier?.source ?? link.source, carrier?.destination ?? link.destination] {
      guard let mac else { continue }
      let host = Host(point: link.point, mac: mac, service: service)
      if network.isBare { bare.insert(host) } else { wrapping[host, default: []].insert(network) }
    }
  }

  private mutating func tie(_ one: OverlayNetwork, _ other: OverlayNetwork) {
    let (a, b) = (head(one), head(other))
    if a != b { heads[max(a, b)] = min(a, b) }
  }

  private func head(_ network: OverlayNetwork) -> OverlayNetwork {
    var head = network
    while let next = heads[head] { head = next }
    return head
  }

  /// The part of each network, but for those that stay together, as all do without a service address in several.
  mutating func parts(most: Int) -> [OverlayNetwork: Int] {
    let outside = OverlayNetwork()
    for (host, networks) in wrapping where bare.contains(host) {
      for network in networks { tie(network, outside) }
    }
    var apart: Set<OverlayNetwork> = []
    for networks in networksOfServices.values {
      let heads = Set(networks.map(head))
      if heads.count > 1 { apart.formUnion(heads) }
    }
    guard apart.count > 1, apart.count <= most else { return [:] }
    let numbers = Dictionary(uniqueKeysWithValues: apart.sorted().enumerated().map { ($1, $0) })
    return Dictionary(
      uniqueKeysWithValues: Set(ofLinks).compactMap { network in
        numbers[head(network)].flatMap { $0 == 0 ? nil : (network, $0) }
      })
  }
}
