import Evidence
import Wire

/// Connections that a scanner opens: a client that is refused at four servers or more, once at each, of which none answers anybody.
/// Who wants a service asks again, and a port that serves others is no closed one.
struct PortScan {
  /// Servers that nobody was served at, and that refused a scanner.
  private(set) var servers: Set<Endpoint> = []
  private var scanners: Set<IPAddress> = []

  private static let fewest = 4

  func contains(_ client: Endpoint, _ server: Endpoint) -> Bool {
    scanners.contains(client.address) && servers.contains(server)
  }

  init(_ evidence: Evidence) {
    /// By client, a bit for each port that refused it, of 61.
    var ports: [IPAddress: UInt64] = [:]
    Self.forEachRefusal(evidence) { client, server in
      ports[client.address, default: 0] |= 1 << (UInt64(server.port) % 61)
    }
    let suspects = ports.filter { $0.value.nonzeroBitCount >= Self.fewest }
    if suspects.isEmpty { return }
    var refusals: [IPAddress: [Endpoint: Int]] = [:]
    var refusing: Set<Endpoint> = []
    Self.forEachRefusal(evidence) { client, server in
      guard suspects[client.address] != nil else { return }
      refusals[client.address, default: [:]][server, default: 0] += 1
      refusing.insert(server)
    }
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      guard transport == .tcp else { return }
      if fromLower.contains(where: { !$0.isResetOnly }), !fromHigher.isEmpty { refusing.remove(lower) }
      if fromHigher.contains(where: { !$0.isResetOnly }), !fromLower.isEmpty { refusing.remove(higher) }
    }
    for (client, asked) in refusals {
      let closed = asked.filter { refusing.contains($0.key) }
      guard closed.count >= Self.fewest, closed.values.allSatisfy({ $0 == 1 }) else { continue }
      scanners.insert(client)
      servers.formUnion(closed.keys)
    }
  }

  /// Calls `body` with the client and the server of every flow that is nothing but SYNs and resets.
  private static func forEachRefusal(
    _ evidence: Evidence, _ body: (_ client: Endpoint, _ server: Endpoint) -> Void
  ) {
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      guard transport == .tcp, !fromLower.isEmpty, !fromHigher.isEmpty else { return }
      if fromHigher[0].isResetOnly, isRefused(fromLower, by: fromHigher) { body(lower, higher) }
      if fromLower[0].isResetOnly, isRefused(fromHigher, by: fromLower) { body(higher, lower) }
    }
  }

  private static func isRefused(_ asked: Span<LinkRecord>, by answers: Span<LinkRecord>) -> Bool {
    !answers.contains { !$0.isResetOnly }
      && !asked.contains {
        !$0.kinds.contains(.syn) || !$0.kinds.isDisjoint(with: [.established, .payload, .fin])
      }
  }
}
