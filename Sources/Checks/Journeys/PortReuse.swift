import Evidence

/// The connections that used one 5-tuple one after the other: one that gets no answer must not hide behind another that
/// got one.
struct PortReuse {
  /// By link, of both halves.
  private var connections: [UInt32: Connections] = [:]

  /// By flow, whose lower end stands as its client.
  static func all(_ evidence: Evidence) -> [Flow: PortReuse] {
    var found: [Flow: PortReuse] = [:]
    evidence.forEachReuse { transport, lower, higher, _, link, connections in
      found[Flow(transport: transport, client: lower, server: higher), default: PortReuse()].connections[link] =
        connections
    }
    return found
  }

  /// A SYN was sent three times at one link, and no SYN-ACK of any link of that point is its answer.
  func leavesSYNsUnanswered(_ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>) -> Bool {
    requests.contains { request in
      guard let several = connections[request.link], !several.isCut else { return false }
      let repeated = several.synCounts.filter { $0.value >= 3 }.map(\.key)
      if repeated.isEmpty { return false }
      if replies.isEmpty { return request.kinds.isDisjoint(with: [.established, .payload]) }
      let answered = answeredSequences(several, replies)
      return answered.map { known in repeated.contains { !known.contains($0) } } ?? false
    }
  }

  /// The initial sequence numbers that SYN-ACKs acknowledge; `nil` where the records do not tell of all.
  private func answeredSequences(_ several: Connections, _ replies: Span<LinkRecord>) -> Set<UInt32>? {
    var answers: Set<UInt32> = []
    var found: Set<UInt32> = []
    for index in replies.indices where replies[index].kinds.contains(.synAck) {
      let reply = replies[index]
      if let more = connections[reply.link] {
        if more.isCut { return nil }
        answers.formUnion(more.synCounts.keys)
      } else if let initial = reply.initialSequence {
        answers.insert(initial)
      }
      // The lowest is the first SYN-ACK's of one connection; the highest may be another's, of which no more is acknowledged.
      for number in [reply.acknowledgmentLow, reply.acknowledgmentHigh] where several.synCounts[number &- 1] != nil {
        found.insert(number &- 1)
      }
    }
    return answers.count <= found.count ? found : nil
  }
}
