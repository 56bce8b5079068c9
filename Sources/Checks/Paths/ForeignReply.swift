import Evidence
import Wire

/// An answer to a request to the VIP that bears another source address.
struct ForeignReply: Sendable {
  /// The flow to the VIP that it answers.
  var flow: Flow
  var from: Endpoint
  var record: HopRecord

  /// Finds the answers of this kind: one-way frames to a client that waits for the VIP, on the same port. A SYN-ACK
  /// has to acknowledge the client's very SYN; a datagram has to come from the service's port, within ten seconds.
  static func find(_ index: ServiceIndex, _ evidence: Evidence) -> [ForeignReply] {
    let waiting = waitingClients(index, evidence)
    guard !waiting.isEmpty else { return [] }
    var found: [ForeignReply] = []
    let hops = evidence.hops
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      for clientIsLower in [true, false] {
        let (client, other) = clientIsLower ? (lower, higher) : (higher, lower)
        guard let requested = waiting[Client(transport: transport, endpoint: client)],
          !(clientIsLower ? fromLower : fromHigher).contains(where: { !$0.isResetOnly })
        else { continue }
        let replies = clientIsLower ? fromHigher : fromLower
        for request in requested where request.flow.server.address != other.address {
          if let record = replies.first(where: { request.isAnswered(by: $0, from: other, hops) }) {
            found.append(ForeignReply(flow: request.flow, from: other, record: record))
          }
        }
      }
    }
    return found.sorted { ($0.record.firstFrame, $0.flow) < ($1.record.firstFrame, $1.flow) }
  }

  private struct Client: Hashable {
    var transport: TransportProtocol
    var endpoint: Endpoint
  }

  private struct Request {
    var flow: Flow
    var records: [HopRecord]

    func isAnswered(by reply: HopRecord, from other: Endpoint, _ hops: Evidence.Hops) -> Bool {
      guard isOnItsWayBack(hops[reply.hop], hops) else { return false }
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
    private func isOnItsWayBack(_ hop: Hop, _ hops: Evidence.Hops) -> Bool {
      records.contains { record in
        let asked = hops[record.hop]
        guard asked.point == hop.point else { return false }
        if let target = asked.destination, target == hop.source { return true }
        return hop.destination != nil && asked.source == hop.destination
      }
    }
  }

  private static func waitingClients(_ index: ServiceIndex, _ evidence: Evidence) -> [Client: [Request]] {
    var waiting: [Client: [Request]] = [:]
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      guard fromLower.isEmpty != fromHigher.isEmpty else { return }
      let (client, server) = fromHigher.isEmpty ? (lower, higher) : (higher, lower)
      guard index.isService(transport, server) else { return }
      waiting[Client(transport: transport, endpoint: client), default: []].append(
        Request(
          flow: Flow(transport: transport, client: client, server: server),
          records: Array(fromHigher.isEmpty ? fromLower : fromHigher)))
    }
    return waiting
  }
}
