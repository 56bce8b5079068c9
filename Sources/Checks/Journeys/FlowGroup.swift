import Evidence
import Wire

/// One flow to a service, with all that was seen of it.
struct ObservedFlow: Sendable {
  var flow: Flow
  var requests: [LinkRecord]
  var replies: [LinkRecord]

  init(_ flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>) {
    self.flow = flow
    self.requests = Array(requests)
    self.replies = Array(replies)
  }

  var firstFrame: UInt32 { (requests + replies).map(\.firstFrame).min() ?? .max }
}

/// What happened in a flow, apart from the way it took.
struct FlowFacts: OptionSet, Hashable, Sendable {
  let rawValue: UInt64

  static let synSeen = FlowFacts(rawValue: 1 << 0)
  /// Somebody repeats what he said, or gets no answer, and the text has no times to tell for how long.
  static let untimed = FlowFacts(rawValue: 1 << 2)
  /// The client sent its SYN three times on one hop, over two seconds or more: the second comes a second after the first
  /// and the third another later at the earliest (RFC 6298). Two may be followed by an answer that the capture missed.
  static let synRepeated = FlowFacts(rawValue: 1 << 1)
  /// The client acknowledged something the server sent.
  static let clientHeardServer = FlowFacts(rawValue: 1 << 3)
  /// And its acknowledgments advanced, or completed a handshake: not just one stray frame.
  static let clientAcknowledgedMore = FlowFacts(rawValue: 1 << 14)
  /// ICMP said that a packet is too big, and the flow got over it: without a byte of the reply sent again, and with all that
  /// was requested acknowledged.
  static let tooBigGotOver = FlowFacts(rawValue: 1 << 15)
  /// ICMP said that a reply of the flow is too big.
  static let tooBig = FlowFacts(rawValue: 1 << 16)
  /// ICMP said that a request of the flow is too big.
  static let requestTooBig = FlowFacts(rawValue: 1 << 17)
  /// It may have said either, in a message of a flood of which only the number was kept.
  static let perhapsTooBig = FlowFacts(rawValue: 1 << 31)
  /// Anything but a reset came from the VIP.
  static let replySeen = FlowFacts(rawValue: 1 << 4)
  /// A SYN was answered with a reset.
  static let refused = FlowFacts(rawValue: 1 << 5)
  /// UDP: the request was sent again after a second or more.
  static let requestRepeated = FlowFacts(rawValue: 1 << 6)
  /// One TCP connection only: a single initial sequence number, and nothing before its SYN.
  static let oneConnection = FlowFacts(rawValue: 1 << 7)
  /// SYN-ACKs with different initial sequence numbers from different MACs answered.
  static let answeredTwice = FlowFacts(rawValue: 1 << 8)
  /// Client and VIP share their /24, or /64 for IPv6.
  static let clientNearVIP = FlowFacts(rawValue: 1 << 9)
  static let requestSeen = FlowFacts(rawValue: 1 << 10)
  /// ICMP said that the request cannot be delivered.
  static let unreachable = FlowFacts(rawValue: 1 << 11)
  /// A SYN, and then nothing more from the client although the capture went on for a second or more.
  static let synAbandoned = FlowFacts(rawValue: 1 << 13)
  /// The answer came from another address than the VIP.
  static let answeredFromElsewhere = FlowFacts(rawValue: 1 << 12)
  /// The client's data, or the answer to them, are sent again and again and never acknowledged.
  static let stalled = FlowFacts(rawValue: 1 << 18)
  /// It is the answer that stalls.
  static let answerStalled = FlowFacts(rawValue: 1 << 30)
  /// The answer is sent again and again to a client that says nothing more.
  static let answerUnheard = FlowFacts(rawValue: 1 << 19)
  /// The server sends its SYN-ACK again and again, and nothing else.
  static let handshakeOpen = FlowFacts(rawValue: 1 << 20)
  /// The client sends its SYN again although a SYN-ACK came a second and more before, and it came twice.
  static let answerIgnored = FlowFacts(rawValue: 1 << 22)
  /// A SYN that was never repeated, and nothing else but a reset after it.
  static let loneSYN = FlowFacts(rawValue: 1 << 23)
  /// The client's address completed a handshake with one of the services in another flow.
  static let clientWorksElsewhere = FlowFacts(rawValue: 1 << 24)
  /// The client's data were sent again, and nothing but its SYN is acknowledged.
  static let dataUnheard = FlowFacts(rawValue: 1 << 28)
  /// ICMP said that a request of the flow ran out of hops.
  static let timeExceeded = FlowFacts(rawValue: 1 << 26)
  /// A request goes back to where it came from: two devices hand it to each other.
  static let looping = FlowFacts(rawValue: 1 << 27)
  /// The SYN is repeated where no answer passes, and another point shows one.
  static let answerElsewhere = FlowFacts(rawValue: 1 << 25)
  /// Each capture shows one half alone, and together they show both.
  static let madeWhole = FlowFacts(rawValue: 1 << 29)
  /// A later connection of the same ports sent its SYN three times and got no answer.
  static let laterConnectionUnanswered = FlowFacts(rawValue: 1 << 21)
  /// The client sent its SYN as often, one SYN-ACK came behind the last of them, and then nothing more: the capture may have
  /// missed what the client said.
  static let answeredAtLast = FlowFacts(rawValue: 1 << 32)
  /// Its requests passed so many links that some of these may have been dropped.
  static let mayLackRequests = FlowFacts(rawValue: 1 << 33)
  /// Its replies did.
  static let mayLackReplies = FlowFacts(rawValue: 1 << 34)

  /// ICMP said that a request ran out of hops which was sent with few: somebody traces the way.
  static let tracesWay = FlowFacts(rawValue: 1 << 35)

  /// What the client acknowledged does not tell whether what was too big came in smaller packets.
  static let perhapsGetsOver = FlowFacts(rawValue: 1 << 36)

  /// ICMP said that fragments of a request did not come.
  static let requestTorn = FlowFacts(rawValue: 1 << 37)

  /// The client sent data, and all that the server said behind its SYN-ACK is a reset.
  static let resetUnanswered = FlowFacts(rawValue: 1 << 38)

  /// The server sent data.
  static let serverAnswered = FlowFacts(rawValue: 1 << 39)

  /// Who sends the replies turns their source into the VIP: another handed them to it under an address of its own.
  static let repliesTranslated = FlowFacts(rawValue: 1 << 40)

  /// A SYN of a port scan that was refused.
  static let ofScanner = FlowFacts(rawValue: 1 << 41)

  /// The client sent one SYN, as it did from other ports before or after, and nobody answered any.
  static let clientAsksInVain = FlowFacts(rawValue: 1 << 42)

  /// UDP: what was asked a second or more before the capture ended has no answer in it.
  static let requestAbandoned = FlowFacts(rawValue: 1 << 43)

  /// UDP: ICMP said that the answer was not delivered.
  static let answerUndelivered = FlowFacts(rawValue: 1 << 44)

  /// How many bits all of them have.
  static let width = 45

  var mayLackLinks: Bool { !isDisjoint(with: [.mayLackRequests, .mayLackReplies]) }
}

extension FlowFacts {
  init(
    _ flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, _ reuse: PortReuse?,
    _ exchanges: [(point: Int, exchange: Exchange)], links: Evidence.Links, devices: Devices,
    untimedPoints: Set<Int>, endOfCapture: (LinkRecord) -> Timestamp?
  ) {
    self = []
    if !untimedPoints.isEmpty, Self.needsTimes(flow, requests, replies, at: untimedPoints, links) { insert(.untimed) }
    if !requests.isEmpty { insert(.requestSeen) }
    if replies.contains(where: { $0.kinds.contains(.notReset) }) { insert(.replySeen) }
    if requests.contains(where: { $0.kinds.contains(.established) }) { insert(.clientHeardServer) }
    if requests.contains(where: {
      $0.kinds.contains(.established) && $0.hasAcknowledgedMore || $0.kinds.contains([.established, .syn])
    }) {
      insert(.clientAcknowledgedMore)
    }
    // Some hosts reset with another sequence number than 0: but what else answers a lone SYN with a reset?
    let onlySYNs = requests.contains { $0.kinds.contains(.syn) } && !contains(.clientHeardServer)
    let onlyResets = !replies.isEmpty && !contains(.replySeen)
    if replies.contains(where: { $0.kinds.contains(.refusal) }) || onlySYNs && onlyResets { insert(.refused) }
    if Self.isNear(flow.client.address, flow.server.address) { insert(.clientNearVIP) }
    for index in requests.indices {
      let request = requests[index]
      let span = request.lastTime.seconds(since: request.firstTime)
      if request.kinds.contains(.syn) {
        insert(.synSeen)
        // Only a half that is nothing but SYNs has the times of its SYNs.
        guard request.kinds.isDisjoint(with: [.established, .rst, .fin]) else { continue }
        let after = endOfCapture(request)?.seconds(since: request.lastTime) ?? 0
        if after >= 1 { insert(.synAbandoned) }
        let point = links.point(of: request.link)
        if request.synCount >= 3, span >= 2, !request.kinds.contains(.initialSequencesDiffer) {
          if Self.isAnsweredAtLast(request, replies, at: point, links) {
            insert(.answeredAtLast)
            continue
          }
          insert(.synRepeated)
          if contains(.replySeen), !replies.contains(where: { links.point(of: $0.link) == point && !$0.isResetOnly }) {
            insert(.answerElsewhere)
          }
        }
      }
      guard flow.transport == .udp else { continue }
      if request.frames >= 2, span >= 1 { insert(.requestRepeated) }
      if replies.isEmpty, let end = endOfCapture(request), end.seconds(since: request.lastTime) >= 1 {
        insert(.requestAbandoned)
      }
    }
    if contains(.clientHeardServer) || contains(.replySeen) { remove(.synAbandoned) }
    let isMore = requests.contains { $0.synCount != 1 || !$0.kinds.isDisjoint(with: [.established, .payload, .fin]) }
    if !isMore, !requests.isEmpty { insert(.loneSYN) }
    // Whom the client hears handed the request back once, as a gateway does that is a backend as well.
    if requests.count > 1, !contains(.clientAcknowledgedMore), Self.isReturned(requests, links) { insert(.looping) }
    if flow.transport == .tcp { for (_, exchange) in exchanges { formUnion(Self.troubles(of: exchange)) } }
    if Self.areSYNsAtMost(requests), Self.areLoneSYNACKs(replies) { insert(.handshakeOpen) }
    // Another's reset is no answer of the host that shook hands.
    if contains(.serverAnswered) || !replies.contains(where: { $0.kinds.contains([.synAck, .abort]) }) {
      remove(.resetUnanswered)
    }
    if isDisjoint(with: .stalled), requests.count > 1, Self.isDropped(requests, replies, links) { insert(.stalled) }
    if reuse?.leavesSYNsUnanswered(requests, replies) ?? false { insert(.laterConnectionUnanswered) }
    if isOneConnection(requests, links),
      let initial = requests.first(where: { $0.kinds.contains(.syn) })?.initialSequence
    {
      insert(.oneConnection)
      if isAnsweredTwice(replies, initial, links, devices) { insert(.answeredTwice) }
    }
  }

  /// The same where one place saw the SYNs, and another the SYN-ACK: by what both show together.
  mutating func noteAnsweredAtLast(
    _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, _ links: Evidence.Links
  ) {
    guard contains(.synRepeated), !replies.isEmpty else { return }
    for index in requests.indices where !Self.isAnsweredAtLast(requests[index], replies, at: nil, links) { return }
    subtract([.synRepeated, .answerElsewhere])
    insert(.answeredAtLast)
  }

  /// Nothing of the client's was captured that follows a SYN-ACK.
  private static func areSYNsAtMost(_ requests: Span<LinkRecord>) -> Bool {
    !requests.contains { !$0.kinds.isDisjoint(with: [.established, .payload, .fin, .rst, .severalConnections]) }
  }

  /// All replies are one SYN-ACK, sent again and again.
  private static func areLoneSYNACKs(_ replies: Span<LinkRecord>) -> Bool {
    !replies.isEmpty
      && !replies.contains {
        !$0.kinds.contains(.synAck) || $0.synCount < 3 || $0.lastTime.seconds(since: $0.firstTime) < 2
          || !$0.kinds.isDisjoint(with: [.established, .payload, .fin, .rst, .severalConnections])
      }
  }

  /// The only answer, at `point` or anywhere, is one SYN-ACK behind the last SYN.
  private static func isAnsweredAtLast(
    _ request: LinkRecord, _ replies: Span<LinkRecord>, at point: Int?, _ links: Evidence.Links
  ) -> Bool {
    var isAnswered = false
    for index in replies.indices {
      let reply = replies[index]
      if reply.isResetOnly || point != nil && links.point(of: reply.link) != point { continue }
      guard reply.kinds.contains(.synAck), reply.synCount == 1, reply.firstTime >= request.lastTime,
        reply.kinds.isDisjoint(with: [.established, .payload, .fin, .severalConnections])
      else { return false }
      isAnswered = true
    }
    return isAnswered
  }

  private static func needsTimes(
    _ flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, at points: Set<Int>,
    _ links: Evidence.Links
  ) -> Bool {
    let (requests, replies) = (Array(requests), Array(replies))
    let seen = (requests + replies).filter { points.contains(links.point(of: $0.link)) }
    guard !seen.isEmpty else { return false }
    if seen.contains(where: { $0.resentBytes > 0 || $0.synCount > 1 }) { return true }
    if replies.isEmpty, !requests.isEmpty { return true }
    if flow.transport == .udp { return requests.contains { $0.frames > 1 } }
    let isOpened = (requests + replies).contains { $0.synCount > 0 }
    return isOpened && !requests.contains { $0.kinds.contains(.established) }
  }

  /// What went wrong between the ends.
  private static func troubles(of exchange: Exchange) -> FlowFacts {
    var facts: FlowFacts = []
    if exchange.isStalled { facts.formUnion(exchange.isAnswerStalled ? [.stalled, .answerStalled] : .stalled) }
    if exchange.isDataUnheard { facts.insert(.dataUnheard) }
    if exchange.hasUnheardAnswer { facts.insert(.answerUnheard) }
    if exchange.isHandshakeOpen { facts.insert(.handshakeOpen) }
    if exchange.isAnswerIgnored { facts.insert(.answerIgnored) }
    if exchange.isResetUnanswered { facts.insert(.resetUnanswered) }
    if exchange.reply.kinds.contains(.payload) { facts.insert(.serverAnswered) }
    return facts
  }

  /// A device takes data that the client sends again and again, and hands on what came before them alone. No other leg brings
  /// them on, from a second MAC of it, and no reply acknowledges them.
  private static func isDropped(
    _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, _ links: Evidence.Links
  ) -> Bool {
    if requests.count > Journey.Half.legLimit { return false }
    return requests.contains { coming in
      guard coming.mayBeDropped, let device = links[coming.link].destination else { return false }
      var isHandedOn = false
      let point = links.point(of: coming.link)
      for index in requests.indices where links.point(of: requests[index].link) == point {
        let going = requests[index]
        if links[going.link].source == device {
          if !going.lacksEnd(of: coming) { return false }
          isHandedOn = true
        } else if links[going.link].destination != device, going.sequenceHigh >= coming.sequenceHigh {
          return false
        }
      }
      return isHandedOn
        && !replies.contains {
          links.point(of: $0.link) == point && $0.acknowledgmentLow <= $0.acknowledgmentHigh
            && $0.acknowledgmentHigh >= coming.sequenceHigh
        }
    }
  }

  /// Two devices hand the same request to each other, in no tunnel.
  private static func isReturned(_ requests: Span<LinkRecord>, _ links: Evidence.Links) -> Bool {
    if requests.count > Journey.Half.legLimit { return false }
    return requests.contains { going in
      let there = links[going.link]
      guard !there.isTunnelled, let from = there.source, let to = there.destination, from != to else {
        return false
      }
      return requests.contains { coming in
        let back = links[coming.link]
        return back.point == there.point && back.source == to && back.destination == from && !back.isTunnelled
          && coming.fingerprint == going.fingerprint
      }
    }
  }

  private func isOneConnection(_ requests: Span<LinkRecord>, _ links: Evidence.Links) -> Bool {
    guard let first = requests.first(where: { $0.kinds.contains(.syn) }), let initial = first.initialSequence else {
      return false
    }
    return !requests.contains { record in
      record.kinds.contains(.severalConnections) || !record.belongs(to: initial)
        || record.synCount > 0 && record.initialSequence != initial
        // Another capture has a clock of its own.
        || record.synCount == 0 && record.firstTime < first.firstTime
          && links.point(of: record.link) == links.point(of: first.link)
    }
  }

  private func isAnsweredTwice(
    _ replies: Span<LinkRecord>, _ initialSequence: UInt32, _ links: Evidence.Links, _ devices: Devices
  ) -> Bool {
    if replies.count < 2 { return false }
    // A SYN-ACK acknowledges the SYN that it answers: one of an earlier connection acknowledges another.
    let answers = Array(
      Array(replies).lazy.filter {
        $0.kinds.contains(.synAck) && $0.kinds.isDisjoint(with: .initialSequencesDiffer)
          && $0.acknowledgmentLow == initialSequence &+ 1
      }.prefix(64))
    for (index, one) in answers.enumerated() {
      for other in answers[(index + 1)...] where one.initialSequence != other.initialSequence {
        let (a, b) = (links[one.link], links[other.link])
        if a.point == b.point, let from = a.source, let alsoFrom = b.source,
          devices.device(of: from) != devices.device(of: alsoFrom)
        {
          return true
        }
      }
    }
    return false
  }

  /// It may be a scanner's, if its client has nothing else to do with the service.
  var isOfPerhapsBackground: Bool { !isDisjoint(with: [.handshakeOpen, .loneSYN, .synAbandoned]) }

  private static func isNear(_ a: IPAddress, _ b: IPAddress) -> Bool {
    guard a.version == b.version else { return false }
    return a.version == .v4 ? a.low >> 8 == b.low >> 8 : a.high == b.high
  }
}

extension LinkRecord {
  /// Its sequence numbers are those of the connection that began with `initialSequence`, give or take what connections
  /// send: segments of an earlier one that used the same ports lie below. They may be, where text leaves them out.
  fileprivate func belongs(to initialSequence: UInt32) -> Bool {
    isResetOnly || hasUntoldSequence
      || sequenceLow >= initialSequence && sequenceHigh &- initialSequence < 1 << 28
  }
}

/// Flows of a service that look the same: which links they took, what happened in them and who owned the VIP meanwhile.
/// Hundreds of thousands of flows make a handful of groups, and a group is judged once.
struct FlowGroup: Sendable {
  let facts: FlowFacts
  /// How far they got, by capture point.
  let steps: [Int: Steps]
  /// Who owned the VIP while they ran, by capture point.
  private(set) var owners: [Int: Ownership.Owners]
  private(set) var flows = 0
  private(set) var firstFrame: UInt32
  /// The first of its flows by frame number, which stands as evidence for all.
  private(set) var exemplar: ObservedFlow
  /// Of all its flows, in the order of the exemplar's requests and replies.
  private(set) var requestTotals: [Total]
  private(set) var replyTotals: [Total]
  /// The clients' stations for which one stands, where there are many; empty otherwise.
  private(set) var stations: Set<MACAddress> = []
  /// Its flows' requests were seen at two links of a point, and of one flow more at the one than at the other.
  private(set) var hasUnevenRequests = false
  /// The way that the exemplar took, by capture point.
  private(set) var journeys: [Journey] = []

  /// What passed a link.
  struct Total: Hashable, Sendable {
    private(set) var frames: UInt64 = 0
    private(set) var payload: UInt64 = 0
    private(set) var syns: UInt64 = 0
    /// The counters of a record had reached their ends, or joined frames were among them: numbers of frames do not compare.
    private(set) var hidesFrames = false

    mutating func add(_ record: LinkRecord) {
      frames &+= UInt64(record.frames)
      payload &+= UInt64(record.payload)
      syns &+= UInt64(record.synCount)
      if record.kinds.contains(.oversized) || record.frames == .max || record.payload == .max { hidesFrames = true }
    }

    mutating func add(_ other: Total) {
      frames &+= other.frames
      payload &+= other.payload
      syns &+= other.syns
      if other.hidesFrames { hidesFrames = true }
    }

    /// Both carried the same, as far as numbers tell. An adapter joins segments, and cuts them again, at either end.
    func isSame(as other: Total) -> Bool {
      payload == other.payload && syns == other.syns && (frames == other.frames || hidesFrames || other.hidesFrames)
    }
  }

  /// Devices that replies come from, at any point.
  var answerers: Set<Device> { journeys.reduce(into: []) { $0.formUnion($1.replies.origins) } }

  /// Devices that replies go to, at any point.
  var nextToClient: Set<Device> { journeys.reduce(into: []) { $0.formUnion($1.replies.targets) } }

  /// All its flows' requests at a link.
  func requests(at link: UInt32) -> Total {
    zip(exemplar.requests, requestTotals).first { $0.0.link == link }?.1 ?? Total()
  }

  init(facts: FlowFacts, steps: [Int: Steps], owners: [Int: Ownership.Owners], _ first: ObservedFlow) {
    self.facts = facts
    self.steps = steps
    self.owners = owners
    exemplar = first
    firstFrame = first.firstFrame
    requestTotals = first.requests.map { _ in Total() }
    replyTotals = first.replies.map { _ in Total() }
  }

  /// Follows the exemplar through the network, whose devices are known by now.
  mutating func follow(_ site: SiteMap, _ journeys: [Journey]) {
    self.journeys = journeys
    owners = owners.mapValues { owners in
      guard case .known(let devices) = owners else { return .crowd }
      return .known(Set(devices.map { $0.isShared ? $0 : site.devices.device(of: $0.mac) }))
    }
  }

  /// `station` is the client's, where one of many stands for all of them; `others` are flows of the same kind of which nothing
  /// else was kept.
  mutating func add(
    _ flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, of station: MACAddress?,
    isUneven: Bool, standingFor others: Int = 0
  ) {
    flows += 1 + others
    if let station { stations.insert(station) }
    var other = UInt32.max
    for index in requests.indices {
      requestTotals[index].add(requests[index])
      other = min(other, requests[index].firstFrame)
    }
    for index in replies.indices {
      replyTotals[index].add(replies[index])
      other = min(other, replies[index].firstFrame)
    }
    if isUneven { hasUnevenRequests = true }
    let own = firstFrame
    if other < own || other == own && flow < exemplar.flow {
      exemplar = ObservedFlow(flow, requests, replies)
      firstFrame = other
    }
  }
}

extension LinkRecord {
  /// Two links carried the same, as far as their records tell.
  func carriesSame(as other: LinkRecord) -> Bool {
    var (own, others) = (FlowGroup.Total(), FlowGroup.Total())
    own.add(self)
    others.add(other)
    return own.isSame(as: others) && sequenceLow == other.sequenceLow && sequenceHigh == other.sequenceHigh
  }
}
