import Evidence
import Wire

/// Hosts that a mirror sends its copies to in a tunnel, and that have no use for them: the ICMP errors with which they
/// answer quote packets of other hosts' flows, and say nothing of these.
///
/// The copies of both directions of a flow go to one host; a tunnel to a backend carries one.
struct MirrorCollectors {
  private var addresses: Set<IPAddress> = []

  init(_ evidence: Evidence) {
    struct Way: Hashable {
      var from: IPAddress
      var to: IPAddress
    }
    var quoted: [IPAddress: Set<Way>] = [:]
    for message in evidence.errors.keys where message.error.quoted.isTunnelled {
      let way = Way(from: message.error.quoted.source, to: message.error.quoted.destination)
      if quoted[message.from]?.contains(Way(from: way.to, to: way.from)) ?? false { addresses.insert(message.from) }
      quoted[message.from, default: []].insert(way)
    }
  }

  func sent(_ message: ErrorMessage) -> Bool {
    !addresses.isEmpty && message.error.quoted.isTunnelled && addresses.contains(message.from)
  }
}
