import Evidence
import Wire

/// ICMP errors by the ends of the packets they quote: a scan brings as many errors as services.
struct ErrorIndex: Sendable {
  typealias Seen = (message: ErrorMessage, tally: Tally)

  private var byAddress: [IPAddress: [Seen]] = [:]
  private var byEndpoint: [Endpoint: [Seen]] = [:]

  init(_ evidence: Evidence) {
    let collectors = MirrorCollectors(evidence)
    for (message, tally) in evidence.errors where !collectors.sent(message) {
      let quoted = message.error.quoted
      let ends = [
        Endpoint(address: quoted.source, port: quoted.sourcePort),
        Endpoint(address: quoted.destination, port: quoted.destinationPort),
      ]
      for address in Set(ends.map(\.address)) { byAddress[address, default: []].append((message, tally)) }
      for end in Set(ends) { byEndpoint[end, default: []].append((message, tally)) }
    }
  }

  /// Those that quote a packet to the service, or one from it; first seen first.
  func errors(about service: ServicePattern) -> [Seen] {
    let candidates =
      service.port.map { byEndpoint[Endpoint(address: service.address, port: $0)] } ?? byAddress[service.address]
    return (candidates ?? []).filter { service.isQuoted(by: $0.message.error.quoted) }
      .sorted { ($0.message.point, $0.tally.firstFrame) < ($1.message.point, $1.tally.firstFrame) }
  }
}

extension ServicePattern {
  fileprivate func isQuoted(by quoted: QuotedPacket) -> Bool {
    guard let transport = TransportProtocol(rawValue: quoted.protocolNumber) else {
      return port == nil && transport == nil && (quoted.source == address || quoted.destination == address)
    }
    return matches(transport, Endpoint(address: quoted.destination, port: quoted.destinationPort))
      || matches(transport, Endpoint(address: quoted.source, port: quoted.sourcePort))
  }
}
