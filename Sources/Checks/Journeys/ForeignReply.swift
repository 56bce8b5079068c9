import Evidence
import Wire

/// An answer to a request to the VIP that bears another source address.
struct ForeignReply: Sendable {
  /// The flow to the VIP that it answers.
  var flow: Flow
  var from: Endpoint
  var record: LinkRecord

  /// Finds the answers of this kind: one-way frames to a client that waits for the VIP, on the same port. A SYN-ACK
  /// has to acknowledge the client's very SYN; a datagram has to come from the service's port, within ten seconds.
  static func find(_ index: ServiceIndex, _ evidence: Evidence) -> [ForeignReply] {
    let answers = unasked(evidence)
    guard !answers.isEmpty else { return [] }
    let waiting = waitingClients(index, evidence, for: answers)
    guard !waiting.isEmpty else { return [] }
    var found: [ForeignReply] = []
    let links = evidence.links
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      for clientIsLower in [true, false] {
        let (end, other) = clientIsLower ? (lower, higher) : (higher, lower)
        let replies = clientIsLower ? fromHigher : fromLower
        guard !replies.isEmpty, !(clientIsLower ? fromLower : fromHigher).contains(where: { !$0.isResetOnly }) else {
          continue
        }
        let client = Client(transport: transport, endpoint: end)
        // Of each request the first of its answers.
        var answered: [Flow: LinkRecord] = [:]
        for position in replies.indices {
          let reply = replies[position]
          for request in waiting[Answer(reply, to: client, from: other)] ?? []
          where request.flow.server.address != other.address && answered[request.flow] == nil
            && request.isAnswered(by: reply, from: other, links)
          {
            answered[request.flow] = reply
          }
        }
        for (flow, record) in answered { found.append(ForeignReply(flow: flow, from: other, record: record)) }
      }
    }
    return found.sorted {
      ($0.record.firstFrame, $0.flow, $0.from) < ($1.record.firstFrame, $1.flow, $1.from)
    }
  }

  /// What tells answers to one client apart: of TCP the number that they acknowledge, of UDP the port that they come from.
  /// So a scan from one port does not hold every answer against every request.
  private struct Answer: Hashable {
    var client: Client
    var mark: UInt32

    init(_ reply: LinkRecord, to client: Client, from other: Endpoint) {
      self.client = client
      mark = client.transport == .tcp ? reply.acknowledgment : UInt32(other.port)
    }

    init(client: Client, mark: UInt32) {
      self.client = client
      self.mark = mark
    }
  }

  /// Clients' ends that got something which might be an answer, and sent nothing to where it came from.
  private static func unasked(_ evidence: Evidence) -> Set<Client> {
    var found: Set<Client> = []
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      let isAnswer = { (record: LinkRecord) in transport == .udp || record.kinds.contains(.synAck) }
      if fromHigher.contains(where: isAnswer), !fromLower.contains(where: { !$0.isResetOnly }) {
        found.insert(Client(transport: transport, endpoint: lower))
      }
      if fromLower.contains(where: isAnswer), !fromHigher.contains(where: { !$0.isResetOnly }) {
        found.insert(Client(transport: transport, endpoint: higher))
      }
    }
    return found
  }

  private struct Client: Hashable {
    var transport: TransportProtocol
    var endpoint: Endpoint
  }

  private struct Request {
    var flow: Flow
    var records: [LinkRecord]

    func isAnswered(by reply: LinkRecord, from other: Endpoint, _ links: Evidence.Links) -> Bool {
      guard isOnItsWayBack(links[reply.link], links) else { return false }
      return switch flow.transport {
      case .tcp:
        reply.kinds.contains(.synAck)
          && records.contains { $0.kinds.contains(.syn) && $0.initialSequence &+ 1 == reply.acknowledgment }
      case .udp:
        // Where both ends use one port, as NTP does, another server's answer looks the same.
        other.port == flow.server.port && flow.client.port != other.port
          && records.contains {
            reply.lastTime >= $0.firstTime && reply.firstTime.seconds(since: $0.lastTime) <= 10
          }
      }
    }

    /// A balancer that translates puts the VIP in place of the backend's address, on a leg that the capture may miss. So
    /// the answer has to come from the host that the request to the VIP was seen to reach, or go to who sent that.
    private func isOnItsWayBack(_ link: Link, _ links: Evidence.Links) -> Bool {
      records.contains { record in
        let asked = links[record.link]
        guard asked.point == link.point else { return false }
        if let target = asked.destination, target == link.source { return true }
        return link.destination != nil && asked.source == link.destination
      }
    }
  }

  /// Requests without an answer of those clients that got `answers`, by what an answer to them would look like.
  private static func waitingClients(
    _ index: ServiceIndex, _ evidence: Evidence, for answers: Set<Client>
  ) -> [Answer: [Request]] {
    var waiting: [Answer: [Request]] = [:]
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      guard fromLower.isEmpty != fromHigher.isEmpty else { return }
      let (end, server) = fromHigher.isEmpty ? (lower, higher) : (higher, lower)
      let client = Client(transport: transport, endpoint: end)
      guard answers.contains(client), index.isService(transport, server) else { return }
      let request = Request(
        flow: Flow(transport: transport, client: end, server: server),
        records: Array(fromHigher.isEmpty ? fromLower : fromHigher))
      let marks: Set<UInt32> =
        transport == .tcp
        ? Set(request.records.filter { $0.kinds.contains(.syn) }.map { $0.initialSequence &+ 1 })
        : [UInt32(server.port)]
      for mark in marks { waiting[Answer(client: client, mark: mark), default: []].append(request) }
    }
    return waiting
  }
}
