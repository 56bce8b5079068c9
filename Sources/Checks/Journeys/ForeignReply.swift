import Evidence
import Wire

/// An answer to a request to the VIP that bears another source address.
struct ForeignReply: Sendable {
  /// The flow to the VIP that it answers.
  var flow: Flow
  var from: Endpoint
  var record: LinkRecord
  /// No translation explains it: the VIP itself had answered before, or the address that answers is one that clients ask.
  var isBeyondTranslation: Bool

  /// Finds the answers of this kind: frames to a client that waits for the VIP, on the same port, which its own numbers tie to
  /// its flow. A SYN-ACK acknowledges the client's very SYN; later segments acknowledge bytes that the client sent to the
  /// VIP, and it asked nobody else; a reset bears the number that the client acknowledged. A datagram comes from the
  /// service's port within ten seconds.
  static func find(
    _ index: ServiceIndex, _ translated: TranslatedDestinations, _ evidence: Evidence
  ) -> [ForeignReply] {
    let answers = unasked(evidence)
    guard !answers.isEmpty else { return [] }
    let waiting = Waiting(index, evidence, for: answers)
    guard !waiting.isEmpty else { return [] }
    var found: [ForeignReply] = []
    let links = evidence.links
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      for clientIsLower in [true, false] {
        let (end, other) = clientIsLower ? (lower, higher) : (higher, lower)
        let (asked, replies) = clientIsLower ? (fromLower, fromHigher) : (fromHigher, fromLower)
        if replies.isEmpty { continue }
        let client = Client(transport: transport, endpoint: end)
        guard answers.contains(client) else { continue }
        // Of each request the first of its answers.
        var answered: [Flow: LinkRecord] = [:]
        for position in replies.indices {
          let reply = replies[position]
          let isUnasked = Self.isUnasked(asked, at: links.point(of: reply.link), links)
          guard isUnasked || reply.kinds.contains([.synAck, .initialSequencesDiffer]) else { continue }
          for request in waiting.requests(of: client, maybeAnsweredBy: reply, from: other, isUnasked: isUnasked)
          where request.isAnsweredElsewhere(at: other, by: reply, isUnasked: isUnasked) && answered[request.flow] == nil
            && !translated.isAttached(request.flow) && request.isOnItsWayBack(links[reply.link], links)
          {
            answered[request.flow] = reply
          }
        }
        for (flow, record) in answered {
          let isBeyondTranslation =
            transport == .tcp && (!record.kinds.contains(.synAck) || index.isService(transport, other))
          found.append(
            ForeignReply(flow: flow, from: other, record: record, isBeyondTranslation: isBeyondTranslation))
        }
      }
    }
    return found.sorted {
      ($0.record.firstFrame, $0.flow, $0.from) < ($1.record.firstFrame, $1.flow, $1.from)
    }
  }

  /// Clients' ends that got something which might be an answer, and sent nothing to where it came from; or got several
  /// SYN-ACKs from there, of which one may answer what they sent elsewhere.
  private static func unasked(_ evidence: Evidence) -> Set<Client> {
    var found: Set<Client> = []
    let links = evidence.links
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      let note = { (end: Endpoint, asked: Span<LinkRecord>, answers: Span<LinkRecord>) in
        let isSuch = answers.contains { answer in
          answer.mayAnswer(transport)
            && (answer.kinds.contains([.synAck, .initialSequencesDiffer])
              || isUnasked(asked, at: links.point(of: answer.link), links))
        }
        if isSuch { found.insert(Client(transport: transport, endpoint: end)) }
      }
      note(lower, fromLower, fromHigher)
      note(higher, fromHigher, fromLower)
    }
    return found
  }

  /// At another point a balancer may have translated a request to that very address.
  private static func isUnasked(_ requests: Span<LinkRecord>, at point: Int, _ links: Evidence.Links) -> Bool {
    !requests.contains { !$0.isResetOnly && links.point(of: $0.link) == point }
  }
}

extension LinkRecord {
  /// A SYN asks, and answers nobody.
  fileprivate func mayAnswer(_ transport: TransportProtocol) -> Bool {
    transport == .udp || !kinds.isDisjoint(with: [.synAck, .established, .abort])
  }
}

private struct Client: Hashable {
  var transport: TransportProtocol
  var endpoint: Endpoint
}

/// Requests to the VIP that may have been answered from elsewhere.
private struct Waiting {
  struct Request {
    var flow: Flow
    var records: [LinkRecord]
  }

  /// Without an answer, by what tells an answer to them: so a scan from one port does not hold every answer against every
  /// request.
  private var unanswered: [Mark: [Request]] = [:]
  /// Of clients that went on after the handshake.
  private var established: [Client: [Request]] = [:]

  /// Of TCP the number that an answer's SYN-ACK acknowledges, of UDP the port that it comes from.
  private struct Mark: Hashable {
    var client: Client
    var number: UInt32
  }

  /// One end has one conversation at a time; a few more may have used the port before.
  private static let establishedLimit = 8

  var isEmpty: Bool { unanswered.isEmpty && established.isEmpty }

  init(_ index: ServiceIndex, _ evidence: Evidence, for answers: Set<Client>) {
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      let isOneWay = fromLower.isEmpty != fromHigher.isEmpty
      let serverIsLower =
        isOneWay ? fromLower.isEmpty : index.orient(transport, lower, higher, fromLower, fromHigher).serverIsLower
      let (end, server) = serverIsLower ? (higher, lower) : (lower, higher)
      let client = Client(transport: transport, endpoint: end)
      guard answers.contains(client), index.isService(transport, server) else { return }
      let (requests, replies) = serverIsLower ? (fromHigher, fromLower) : (fromLower, fromHigher)
      if requests.isEmpty { return }
      let request = Request(
        flow: Flow(transport: transport, client: end, server: server), records: Array(requests))
      if replies.isEmpty {
        for number in request.marks { unanswered[Mark(client: client, number: number), default: []].append(request) }
      }
      if requests.contains(where: { $0.kinds.contains(.established) }),
        established[client, default: []].count < Self.establishedLimit
      {
        established[client, default: []].append(request)
      }
    }
  }

  func requests(
    of client: Client, maybeAnsweredBy reply: LinkRecord, from other: Endpoint, isUnasked: Bool
  ) -> [Request] {
    if client.transport == .udp {
      let asked = unanswered[Mark(client: client, number: UInt32(other.port))] ?? []
      return asked.filter { $0.isAnswered(byDatagram: reply, from: other) }
    }
    if reply.kinds.contains(.synAck) {
      return Set([reply.acknowledgmentLow, reply.acknowledgmentHigh]).sorted().flatMap {
        unanswered[Mark(client: client, number: $0)] ?? []
      }
    }
    guard isUnasked else { return [] }
    return (established[client] ?? []).filter { $0.isContinued(by: reply) }
  }
}

extension Waiting.Request {
  fileprivate var marks: Set<UInt32> {
    flow.transport == .udp ? [UInt32(flow.server.port)] : Set(records.compactMap(\.initialSequence).map { $0 &+ 1 })
  }

  /// Where both ends use one port, as NTP does, another server's answer looks the same.
  fileprivate func isAnswered(byDatagram reply: LinkRecord, from other: Endpoint) -> Bool {
    flow.client.port != other.port
      && records.contains {
        reply.lastTime >= $0.firstTime && reply.firstTime.seconds(since: $0.lastTime) <= 10
      }
  }

  /// From another address; or from another port, which nobody asked, by a SYN-ACK.
  fileprivate func isAnsweredElsewhere(at other: Endpoint, by reply: LinkRecord, isUnasked: Bool) -> Bool {
    flow.server.address != other.address
      || flow.server.port != other.port && isUnasked && reply.kinds.contains(.synAck)
  }

  /// `reply` acknowledges bytes that this client sent, or resets the connection by a number that it acknowledged.
  fileprivate func isContinued(by reply: LinkRecord) -> Bool {
    guard records.allSatisfy({ !$0.kinds.contains(.severalConnections) }) else { return false }
    return records.contains { record in
      guard record.kinds.contains(.established), reply.lastTime >= record.firstTime else { return false }
      if reply.kinds.contains(.established) {
        return record.sequenceLow < reply.acknowledgmentLow && reply.acknowledgmentHigh <= record.sequenceHigh &+ 1
          && record.sequenceHigh > record.sequenceLow
      }
      return reply.kinds.contains(.abort) && reply.isResetOnly && record.acknowledgmentLow <= reply.sequenceLow
        && reply.sequenceHigh <= record.acknowledgmentHigh
    }
  }

  /// A balancer that translates puts the VIP in place of the backend's address, on a leg that the capture may miss. So
  /// the answer has to come from the host that the request to the VIP was seen to reach, or go to who sent that.
  fileprivate func isOnItsWayBack(_ link: Link, _ links: Evidence.Links) -> Bool {
    records.contains { record in
      let asked = links[record.link]
      guard asked.point == link.point else { return false }
      if let target = asked.destination, target == link.source { return true }
      return link.destination != nil && asked.source == link.destination
    }
  }
}
