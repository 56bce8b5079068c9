import Evidence
import Wire

/// Which MACs send from addresses that somebody claims, and at which ports: a few of each tell enough.
struct Answers: Sendable {
  private struct Source: Hashable {
    var address: IPAddress
    var mac: MACAddress
  }

  private let ports: [Source: Set<UInt16>]
  private let endpoints: Set<Endpoint>
  private static let mostPorts = 2

  init(_ evidence: Evidence, _ claims: ClaimIndex) {
    let links = evidence.links
    var ports: [Source: Set<UInt16>] = [:]
    let add = { (end: Endpoint, records: Span<LinkRecord>) in
      guard claims.hasClaims(on: end.address) else { return }
      for index in records.indices where records[index].kinds.contains(.synAck) {
        guard let mac = links[records[index].link].source else { continue }
        let source = Source(address: end.address, mac: mac)
        // Which of many does not matter, as long as it is the same ones in any order: the lowest.
        var known = ports[source] ?? []
        known.insert(end.port)
        if known.count > Self.mostPorts, let highest = known.max() { known.remove(highest) }
        ports[source] = known
      }
    }
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      guard transport == .tcp else { return }
      add(lower, fromLower)
      add(higher, fromHigher)
    }
    self.ports = ports
    endpoints = ports.reduce(into: []) { found, entry in
      for port in entry.value { found.insert(Endpoint(address: entry.key.address, port: port)) }
    }
  }

  /// Whether anybody is known to have answered connections to `port` of `address`.
  func isAnswered(from address: IPAddress, port: UInt16) -> Bool {
    endpoints.contains(Endpoint(address: address, port: port))
  }

  /// Whether `mac` answered connections to `address` at another port.
  func isAnswered(by mac: MACAddress, from address: IPAddress, besides port: UInt16?) -> Bool {
    ports[Source(address: address, mac: mac)]?.contains { $0 != port } ?? false
  }
}
