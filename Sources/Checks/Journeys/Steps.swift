import Evidence
import Wire

/// The steps of its exchange that a flow was seen to reach at one capture point.
struct Steps: OptionSet, Hashable, Sendable {
  let rawValue: UInt8

  init(rawValue: UInt8) { self.rawValue = rawValue }
  init(_ step: Funnel.Step) { rawValue = 1 << UInt8(step.order) }

  static let request = Steps(.request)
  static let handedOn = Steps(.handedOn)
  static let synAck = Steps(.synAck)
  static let handshake = Steps(.handshake)
  static let acknowledged = Steps(.acknowledged)
  static let answered = Steps(.answered)
  static let closed = Steps(.closed)

  /// Of a flow whose beginning was seen; empty for others, of which nothing tells how far they got.
  static func reached(
    _ transport: TransportProtocol, _ exchange: Exchange, _ requests: Span<LinkRecord>, _ links: Evidence.Links,
    at point: Int
  ) -> Steps {
    let isHandedOn = isHandedOn(requests, links, at: point)
    if transport == .udp {
      var steps: Steps = exchange.request.isSilent ? [] : .request
      if isHandedOn { steps.insert(.handedOn) }
      if !steps.isEmpty, !exchange.reply.isSilent { steps.formUnion([.handedOn, .answered]) }
      return steps
    }
    guard exchange.request.kinds.contains(.syn) else { return [] }
    var steps: Steps = .request
    let (asked, told) = (exchange.request.kinds, exchange.reply.kinds)
    if told.contains(.payload) { steps.insert(.answered) }
    if asked.contains(.payload) ? exchange.isHeard : steps.contains(.answered) { steps.insert(.acknowledged) }
    if !steps.isDisjoint(with: [.answered, .acknowledged]) || isShakingHands(requests, links, at: point) {
      steps.insert(.handshake)
    }
    if told.contains(.synAck) || steps.contains(.handshake) { steps.insert(.synAck) }
    if isHandedOn || steps.contains(.synAck) { steps.insert(.handedOn) }
    let isReset = asked.union(told).contains(.rst)
    if asked.contains(.fin), exchange.reply.isSilent || told.contains(.fin), !isReset { steps.insert(.closed) }
    return steps
  }

  /// A request leaves from who received it.
  private static func isHandedOn(_ requests: Span<LinkRecord>, _ links: Evidence.Links, at point: Int) -> Bool {
    if requests.count < 2 || requests.count > Journey.Half.legLimit { return false }
    return requests.contains { incoming in
      let come = links[incoming.link]
      guard come.point == point, let device = come.destination else { return false }
      return requests.contains { links.point(of: $0.link) == point && links.source(of: $0.link) == device }
    }
  }

  /// Every leg that carries its SYN carries what follows.
  private static func isShakingHands(_ requests: Span<LinkRecord>, _ links: Evidence.Links, at point: Int) -> Bool {
    !requests.contains {
      links.point(of: $0.link) == point && $0.kinds.contains(.syn) && !$0.kinds.contains(.established)
    }
  }
}
