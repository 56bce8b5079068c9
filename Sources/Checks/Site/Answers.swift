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
    // By link: who was looked at for last. One server's flows go over few links.
    var lastEnds: [Endpoint?] = Array(repeating: nil, count: links.count)
    let add = { (end: Endpoint, records: Span<LinkRecord>) in
      for index in records.indices where records[index].kinds.contains(.synAck) {
        let number = Int(records[index].link)
        if lastEnds[number] == end { continue }
        lastEnds[number] = end
        guard claims.hasClaims(on: end.address) else { return }
        guard let mac = links.source(of: records[index].link) else { continue }
        let source = Source(address: end.address, mac: mac)
        let known = ports[source]
        if let known, known.contains(end.port) { continue }
        // Which of many does not matter, as long as it is the same ones in any order: the lowest.
        ports[source] = Set((Array(known ?? []) + [end.port]).sorted().prefix(Self.mostPorts))
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
