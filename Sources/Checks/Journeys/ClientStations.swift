import Evidence
import Wire

/// Clients on the VIP's own network come each with a MAC of its own, and flows would make as many groups as there are
/// clients. Where there are many such MACs, one stands for all in what tells groups apart.
///
/// A client's station sends requests or receives replies, never the other way round, and serves one client address:
/// a router or a balancer serves many.
struct ClientStations: Sendable {
  /// With fewer than these, every MAC makes its own groups.
  private static let fewest = 64

  /// By link: its number, or that of the link which stands for all of its kind.
  private var sharedLinks: [UInt32] = []
  private var stations: [MACAddress?] = []
  private let links: Evidence.Links

  init(_ index: ServiceIndex, _ evidence: Evidence) {
    let links = evidence.links
    self.links = links
    guard links.count >= Self.fewest else { return }
    let clients = Self.clientsByMAC(index, evidence)
    guard clients.count >= Self.fewest else { return }
    var numbers: [Link: UInt32] = [:]
    for number in 0..<UInt32(links.count) {
      var link = links[number]
      var station: MACAddress?
      if let source = link.source, clients.contains(source) {
        station = source
        link.source = MACAddress(0)
      }
      if let destination = link.destination, clients.contains(destination) {
        station = destination
        link.destination = MACAddress(0)
      }
      stations.append(station)
      sharedLinks.append(station == nil ? number : numbers[link, default: number])
      if station != nil, numbers[link] == nil { numbers[link] = number }
    }
  }

  /// Whose frames a link carried.
  private struct LinkUse {
    private(set) var client: IPAddress?
    private(set) var isReply = false
    /// Several clients', both halves, or those of another service.
    private(set) var isShared = false

    mutating func add(_ client: IPAddress, isReply: Bool, ofKnownService isKnown: Bool) {
      if !isKnown || self.client.map({ $0 != client || self.isReply != isReply }) ?? false { isShared = true }
      self.client = client
      self.isReply = isReply
    }
  }

  /// The MACs that only ever stand at the client's end of flows, and of one client's only.
  private static func clientsByMAC(_ index: ServiceIndex, _ evidence: Evidence) -> Set<MACAddress> {
    let links = evidence.links
    var users: [LinkUse] = Array(repeating: LinkUse(), count: links.count)
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      let (serverIsLower, _) = index.orient(transport, lower, higher, fromLower, fromHigher)
      let client = serverIsLower ? higher.address : lower.address
      let isKnown = index.isService(transport, serverIsLower ? lower : higher)
      for position in fromLower.indices {
        users[Int(fromLower[position].link)].add(client, isReply: serverIsLower, ofKnownService: isKnown)
      }
      for position in fromHigher.indices {
        users[Int(fromHigher[position].link)].add(client, isReply: !serverIsLower, ofKnownService: isKnown)
      }
    }
    var clientOfMAC: [MACAddress: IPAddress] = [:]
    var others: Set<MACAddress> = []
    for number in 0..<links.count {
      let link = links[UInt32(number)]
      let use = users[number]
      let (near, far) = use.isReply ? (link.destination, link.source) : (link.source, link.destination)
      if let far { others.insert(far) }
      guard let near, near.isUnicast, near.redundancyProtocol == nil else { continue }
      guard !use.isShared, let client = use.client, clientOfMAC[near, default: client] == client else {
        others.insert(near)
        continue
      }
      clientOfMAC[near] = client
    }
    return Set(clientOfMAC.keys).subtracting(others)
  }

  /// The client's station that takes part in the flow, where just one does.
  func soleStation(_ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>) -> MACAddress? {
    guard !stations.isEmpty else { return nil }
    var station: MACAddress?
    func isOther(_ record: LinkRecord) -> Bool {
      guard let found = stations[Int(links.origin(of: record.link))] else { return false }
      if let station, station != found { return true }
      station = found
      return false
    }
    if requests.contains(where: isOther) || replies.contains(where: isOther) { return nil }
    return station
  }

  func isStation(_ mac: MACAddress, of requests: Span<LinkRecord>, _ replies: Span<LinkRecord>) -> Bool {
    requests.contains { stations[Int(links.origin(of: $0.link))] == mac }
      || replies.contains { stations[Int(links.origin(of: $0.link))] == mac }
  }

  /// At a joint point the link that stands for it has its number there.
  func shared(_ link: UInt32) -> UInt32 {
    let origin = links.origin(of: link)
    return sharedLinks[Int(origin)] + (link - origin)
  }
}
