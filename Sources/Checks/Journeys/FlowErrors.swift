import Evidence
import Wire

/// What ICMP errors say about each flow: of its requests and of its replies.
struct FlowErrors {
  private struct Saying {
    var isAboutRequest: Bool
    var kind: ICMPError.Kind
    var isOutOfHops: Bool
    /// The host that the packet was for says so: it got that far.
    var isByReceiver: Bool
    var sequences: ClosedRange<UInt32>?
    /// Where and when it was said first.
    var point: Int
    var firstTime: Timestamp
    /// How often.
    var frames: UInt64
    /// By text, whose numbers may count from the first that was printed.
    var isText: Bool
  }

  private var sayings: [Flow: [Saying]] = [:]
  /// Of packets that did not arrive, by text that leaves out which these were: whom they were for, if it tells, and who is told.
  private struct Untold: Hashable {
    var receiver: IPAddress
    var told: MACAddress?
  }

  private var untold: Set<Untold> = []

  init(_ evidence: Evidence) {
    let collectors = MirrorCollectors(evidence)
    let textPoints = evidence.textPoints
    for (message, tally) in evidence.errors where !collectors.sent(message) {
      let error = message.error
      if error.quoted.isUntold, error.kind == .unreachable || error.isOutOfHops {
        if message.from != error.quoted.destination {
          untold.insert(Untold(receiver: error.quoted.destination, told: message.destination))
        }
        continue
      }
      guard [.unreachable, .packetTooBig, .timeExceeded].contains(error.kind), let flow = error.quoted.flow else {
        continue
      }
      let said = {
        Saying(
          isAboutRequest: $0, kind: error.kind, isOutOfHops: error.isOutOfHops,
          isByReceiver: message.from == error.quoted.destination, sequences: tally.quotedSequences,
          point: message.point, firstTime: tally.firstTime, frames: tally.frames,
          isText: textPoints.contains(message.point))
      }
      sayings[flow, default: []].append(said(true))
      sayings[Flow(transport: flow.transport, client: flow.server, server: flow.client), default: []].append(
        said(false))
    }
  }

  var isEmpty: Bool { sayings.isEmpty && untold.isEmpty }

  /// It may be about an answer: who sent that is told, and not the client.
  private func isPerhaps(
    _ untold: Untold, about flow: Flow, _ replies: Span<LinkRecord>, _ links: Evidence.Links
  ) -> Bool {
    let client = flow.client.address
    guard untold.receiver == client || untold.receiver.isUnspecified && untold.receiver.version == client.version
    else { return false }
    return untold.told.map { told in replies.contains { links.source(of: $0.link) == told } } ?? !replies.isEmpty
  }

  /// An error proves nothing that quotes a number which its flow was not seen to send (RFC 5927 section 4.1).
  func facts(
    of flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, _ links: Evidence.Links
  ) -> FlowFacts {
    var facts: FlowFacts = []
    if flow.transport == .udp, !untold.isEmpty, untold.contains(where: { isPerhaps($0, about: flow, replies, links) }) {
      facts.insert(.answerUndelivered)
    }
    for saying in sayings[flow] ?? [] {
      let sent = saying.isAboutRequest ? requests : replies
      let isSent =
        sent.isEmpty && !saying.isAboutRequest
        ? saying.isText || requests.contains { $0.mayBeAnswered(with: saying.sequences) }
        : sent.contains { $0.sent(saying.sequences) }
      guard isSent else { continue }
      switch (saying.kind, saying.isAboutRequest) {
      case (.unreachable, true): facts.insert(.unreachable)
      case (.timeExceeded, true) where !saying.isOutOfHops: facts.insert(.requestTorn)
      case (.timeExceeded, true): facts.insert(sent.isOfProbe(saying.frames) ? .tracesWay : .timeExceeded)
      case (.unreachable, false) where !saying.isByReceiver, (.timeExceeded, false) where saying.isOutOfHops:
        if flow.transport == .udp, replies.isMostlyQuoted(saying.frames) { facts.insert(.answerUndelivered) }
      case (.packetTooBig, true): facts.insert(.requestTooBig)
      case (.packetTooBig, false): facts.insert(.tooBig)
      default: break
      }
    }
    return facts
  }
}

/// What became of replies that were said to be too big.
enum LargeReplies {
  /// The client acknowledged all of them, so they came in smaller packets.
  case heard
  /// Some it did not, though the flow went on for a second and more.
  case unheard
  /// Some it did not, and the capture may have ended too early.
  case perhapsLater
  /// Nor do numbers tell that began anew, at 0 or for another connection.
  case ambiguous
  /// The messages quote no number.
  case untold
}

extension FlowErrors {
  func largeReplies(
    of flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, _ links: Evidence.Links
  ) -> LargeReplies {
    let goesOn = { (records: Span<LinkRecord>, saying: Saying) in
      records.contains {
        links.point(of: $0.link) == saying.point && $0.lastTime.seconds(since: saying.firstTime) >= 1
      }
    }
    var (lowest, heard): (UInt32, UInt32) = (.max, 0)
    for index in requests.indices {
      let request = requests[index]
      if !request.kinds.isDisjoint(with: [.severalConnections, .initialSequencesDiffer]) { return .ambiguous }
      lowest = min(lowest, request.acknowledgmentLow)
      heard = max(heard, request.acknowledgmentHigh)
    }
    guard lowest <= heard, heard - lowest < 1 << 31 else { return .ambiguous }
    var found = LargeReplies.heard
    for saying in sayings[flow] ?? [] where saying.kind == .packetTooBig && !saying.isAboutRequest {
      if saying.isText, replies.isEmpty { return .ambiguous }
      guard let sequences = saying.sequences else { return .untold }
      if sequences.upperBound > .max - (1 << 20) { return .ambiguous }
      if sequences.upperBound < heard { continue }
      // Of what was said first it acknowledged some: it got over it then.
      if sequences.lowerBound >= heard, goesOn(requests, saying) || goesOn(replies, saying) { return .unheard }
      found = .perhapsLater
    }
    return found
  }
}

extension Span<LinkRecord> {
  /// All that it holds was acknowledged, but perhaps for a FIN.
  fileprivate func isHeard(by others: Span<LinkRecord>) -> Bool {
    var (end, heard): (UInt32, UInt32) = (0, 0)
    for index in indices { end = Swift.max(end, self[index].sequenceHigh) }
    for index in others.indices { heard = Swift.max(heard, others[index].acknowledgmentHigh) }
    return end > 0 && heard &+ 1 >= end
  }

  /// So many messages speak of them that most did not arrive: routers bound how many they send (RFC 1812 section 4.3.2.8).
  fileprivate func isMostlyQuoted(_ messages: UInt64) -> Bool {
    indices.allSatisfy { UInt64(self[$0].frames) <= 4 * messages }
  }

  /// Packets that were made to run out of hops, and as many messages say that they did: traceroute counts up to 30, and hosts
  /// begin with more. One that loops crosses a link again and again, and is told of once.
  fileprivate func isOfProbe(_ messages: UInt64) -> Bool {
    indices.allSatisfy { (1...30).contains(self[$0].hopLimit) && self[$0].frames <= messages }
  }
}

extension LinkRecord {
  fileprivate func sent(_ sequences: ClosedRange<UInt32>?) -> Bool {
    guard let sequences else { return true }
    return sequenceLow <= sequenceHigh && sequences.overlaps(sequenceLow...sequenceHigh)
  }

  /// Where no reply was captured, what a client acknowledges tells which numbers the other side may send next.
  fileprivate func mayBeAnswered(with sequences: ClosedRange<UInt32>?) -> Bool {
    guard let sequences else { return true }
    guard acknowledgmentLow <= acknowledgmentHigh, sequences.lowerBound >= acknowledgmentLow else { return false }
    return sequences.lowerBound < acknowledgmentHigh || sequences.lowerBound - acknowledgmentHigh < 1 << 20
  }
}

extension FlowFacts {
  /// Path MTU discovery is an ordinary thing where it works: the flow goes on.
  mutating func noteTooBigGotOver(
    _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, _ large: @autoclosure () -> LargeReplies
  ) {
    let large = contains(.tooBig) ? large() : .untold
    if large == .perhapsLater || large == .ambiguous, isDisjoint(with: [.stalled, .answerUnheard]) {
      insert(.perhapsGetsOver)
    }
    guard !isDisjoint(with: [.tooBig, .requestTooBig, .perhapsTooBig]), contains(.clientAcknowledgedMore),
      !contains(.stalled)
    else { return }
    switch large {
    case .heard: break
    case .unheard, .perhapsLater, .ambiguous: return
    case .untold where contains(.tooBig) && replies.isEmpty:
      insert(.perhapsGetsOver)
      return
    case .untold:
      if !isDisjoint(with: [.tooBig, .perhapsTooBig]), replies.contains(where: { $0.resentBytes > 0 }),
        !replies.isHeard(by: requests)
      {
        return
      }
    }
    if !isDisjoint(with: [.requestTooBig, .perhapsTooBig]) {
      let ends = Array(requests).map(\.sequenceHigh)
      let heard = Array(replies).map(\.acknowledgmentHigh).max() ?? 0
      // Where no reply passes, as at a balancer, every leg carries all of it in the end.
      let isHandedOn = replies.isEmpty && ends.count > 1 && ends.min() == ends.max()
      // The client's FIN counts one, and is too big for nobody: whether it was acknowledged does not matter.
      guard isHandedOn || heard &+ 1 >= ends.max() ?? 0 else { return }
    }
    insert(.tooBigGotOver)
  }
}

extension QuotedPacket {
  /// The flow that an error is about when the packet it quotes was a client's request.
  fileprivate var flow: Flow? {
    guard let transport = TransportProtocol(rawValue: protocolNumber), sourcePort != 0 || destinationPort != 0
    else { return nil }
    return Flow(
      transport: transport, client: Endpoint(address: source, port: sourcePort),
      server: Endpoint(address: destination, port: destinationPort))
  }
}
