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

  /// By hop: its number, or that of the hop which stands for all of its kind.
  private var sharedHops: [UInt32] = []
  private var stations: [MACAddress?] = []

  init(_ index: ServiceIndex, _ evidence: Evidence) {
    let hops = evidence.hops
    guard hops.count >= Self.fewest else { return }
    let clients = Self.clientsByMAC(index, evidence)
    guard clients.count >= Self.fewest else { return }
    var numbers: [Hop: UInt32] = [:]
    for number in 0..<UInt32(hops.count) {
      var hop = hops[number]
      var station: MACAddress?
      if let source = hop.source, clients.contains(source) {
        station = source
        hop.source = MACAddress(0)
      }
      if let destination = hop.destination, clients.contains(destination) {
        station = destination
        hop.destination = MACAddress(0)
      }
      stations.append(station)
      sharedHops.append(station == nil ? number : numbers[hop, default: number])
      if station != nil, numbers[hop] == nil { numbers[hop] = number }
    }
  }

  /// The MACs that only ever stand at the client's end of flows, and of one client's only.
  private static func clientsByMAC(_ index: ServiceIndex, _ evidence: Evidence) -> Set<MACAddress> {
    let hops = evidence.hops
    var clientOfHop: [UInt64?] = Array(repeating: nil, count: hops.count)
    var isShared = Array(repeating: false, count: hops.count)
    var isReply = Array(repeating: false, count: hops.count)
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      let (serverIsLower, _) = index.orient(transport, lower, higher, fromLower, fromHigher)
      let client = serverIsLower ? higher.address : lower.address
      let isKnown = index.isService(transport, serverIsLower ? lower : higher)
      let key = client.high ^ client.low
      for (records, areReplies) in [(fromLower, serverIsLower), (fromHigher, !serverIsLower)] {
        for record in records {
          let hop = Int(record.hop)
          if !isKnown || clientOfHop[hop].map({ $0 != key || isReply[hop] != areReplies }) ?? false {
            isShared[hop] = true
          }
          clientOfHop[hop] = key
          isReply[hop] = areReplies
        }
      }
    }
    var clientOfMAC: [MACAddress: UInt64] = [:]
    var others: Set<MACAddress> = []
    for number in 0..<hops.count {
      let hop = hops[UInt32(number)]
      let (near, far) = isReply[number] ? (hop.destination, hop.source) : (hop.source, hop.destination)
      if let far { others.insert(far) }
      guard let near, near.isUnicast, near.redundancyProtocol == nil else { continue }
      guard !isShared[number], let client = clientOfHop[number], clientOfMAC[near, default: client] == client else {
        others.insert(near)
        continue
      }
      clientOfMAC[near] = client
    }
    return Set(clientOfMAC.keys).subtracting(others)
  }

  /// Whether just one client's station takes part in the flow.
  func haveOne(_ observed: ObservedFlow) -> Bool {
    guard !stations.isEmpty else { return false }
    var station: MACAddress?
    for records in [observed.requests, observed.replies] {
      for record in records {
        guard let found = stations[Int(record.hop)] else { continue }
        if let station, station != found { return false }
        station = found
      }
    }
    return station != nil
  }

  func isStation(_ mac: MACAddress, of observed: ObservedFlow) -> Bool {
    (observed.requests + observed.replies).contains { stations[Int($0.hop)] == mac }
  }

  func shared(_ hop: UInt32) -> UInt32 { sharedHops[Int(hop)] }
}
