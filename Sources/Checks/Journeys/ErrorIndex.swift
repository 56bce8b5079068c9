import Evidence
import Wire

/// ICMP errors by the ends of the packets they quote: a scan brings as many errors as services.
struct ErrorIndex: Sendable {
  typealias Seen = (message: ErrorMessage, tally: Tally)

  private var byAddress: [IPAddress: [Seen]] = [:]
  private var byEndpoint: [Endpoint: [Seen]] = [:]
  /// Read from text that does not tell which flow they are about.
  private var untold: [Seen] = []

  init(_ evidence: Evidence) {
    let collectors = MirrorCollectors(evidence)
    for (message, tally) in evidence.errors where !collectors.sent(message) {
      let quoted = message.error.quoted
      if quoted.isUntold { untold.append((message, tally)) }
      let ends = [
        Endpoint(address: quoted.source, port: quoted.sourcePort),
        Endpoint(address: quoted.destination, port: quoted.destinationPort),
      ]
      for address in Set(ends.map(\.address)) { byAddress[address, default: []].append((message, tally)) }
      for end in Set(ends) { byEndpoint[end, default: []].append((message, tally)) }
    }
  }

  /// Those that may be about a packet to an address, or from it, by what text tells; first seen first.
  func untoldErrors(perhapsAbout address: IPAddress) -> [Seen] {
    untold.filter { seen in
      let quoted = seen.message.error.quoted
      return [quoted.source, quoted.destination].contains {
        $0 == address || $0.isUnspecified && $0.version == address.version
      }
    }.sorted { ($0.message.point, $0.tally.firstFrame) < ($1.message.point, $1.tally.firstFrame) }
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
