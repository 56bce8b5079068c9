import Evidence
import Wire

/// What devices send to others by way of a third, which hands it on: it is their router.
struct RoutedPackets: Sendable {
  private struct Way: Hashable {
    var point: Int
    var from: Device
    var by: Device
  }

  /// Whom they are for: a few of many tell enough.
  private let receivers: [Way: Set<IPAddress>]
  /// Who says something of its own to whom and acknowledges answers that were not captured.
  private let unanswered: Set<Way>
  private static let mostReceivers = 8

  /// `isServed`: the device balances for the address, or has it.
  init(_ evidence: Evidence, _ devices: Devices, unless isServed: (Device, IPAddress) -> Bool) {
    var receivers: [Way: Set<IPAddress>] = [:]
    var unanswered: Set<Way> = []
    let links = evidence.links
    // By link: which one it was last seen to lead on to, and for whom. Flow after flow to one address goes over few links.
    var last: [(next: UInt32, receiver: IPAddress)?] = Array(repeating: nil, count: links.count)
    func add(_ records: Span<LinkRecord>, _ receiver: IPAddress) {
      if records.count < 2 || records.count > Journey.Half.legLimit { return }
      for incoming in records.indices {
        for outgoing in records.indices where outgoing != incoming {
          let (one, other) = (records[incoming].link, records[outgoing].link)
          if let known = last[Int(one)], known == (other, receiver) { continue }
          guard let by = links.destination(of: one), by == links.source(of: other), let from = links.source(of: one),
            from != links.destination(of: other), links.point(of: one) == links.point(of: other)
          else { continue }
          last[Int(one)] = (other, receiver)
          let way = Way(point: links.point(of: one), from: devices.device(of: from), by: devices.device(of: by))
          let known = receivers[way] ?? []
          if known.contains(receiver) || isServed(way.by, receiver) { continue }
          // Which of many does not matter, as long as it is the same ones in any order: the lowest.
          receivers[way] = Set((Array(known) + [receiver]).sorted().prefix(Self.mostReceivers))
        }
      }
    }
    let noteUnanswered = { (records: Span<LinkRecord>) in
      guard records.count == 1, records[0].kinds.contains([.established, .syn]), records[0].hasAcknowledgedMore,
        Journey.Leg.initialHopLimits.contains(records[0].hopLimit)
      else { return }
      let link = links[records[0].link]
      guard !link.isTunnelled, let from = link.source, let to = link.destination else { return }
      unanswered.insert(Way(point: link.point, from: devices.device(of: from), by: devices.device(of: to)))
    }
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      add(fromLower, higher.address)
      add(fromHigher, lower.address)
      if fromHigher.isEmpty { noteUnanswered(fromLower) }
      if fromLower.isEmpty { noteUnanswered(fromHigher) }
    }
    (self.receivers, self.unanswered) = (receivers, unanswered)
  }

  /// Of what `device` says to `other` itself no answer was captured, although it acknowledges them.
  func lacksAnswers(of other: Device, to device: Device, at point: Int) -> Bool {
    unanswered.contains(Way(point: point, from: device, by: other))
  }

  /// Whom `device` sends packets to that `router` hands on.
  func receivers(from device: Device, by router: Device, at point: Int) -> Set<IPAddress> {
    receivers[Way(point: point, from: device, by: router)] ?? []
  }
}
