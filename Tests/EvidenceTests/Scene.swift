import Evidence
import PacketBuilder
import TestSupport
import Wire

/// The stations of the article, and captures of a few frames between them.
enum Scene {
  static let client = mac("06:ba:49:38:53:f0")
  static let balancer = mac("06:1f:8a:6c:8e:d2")
  static let backend = mac("06:d2:0a:b1:14:20")
  static let clientIP = ip("10.1.10.100")
  static let balancerIP = ip("10.1.10.11")
  static let vip = ip("10.1.10.10")
  static let start = Timestamp(seconds: 1_709_294_400, nanoseconds: 0)

  static let toBalancer = Packet.ethernet(from: client, to: balancer)
  static let toBackend = Packet.ethernet(from: balancer, to: backend)
  static let toClient = Packet.ethernet(from: backend, to: client)

  static func conversation(
    requests: [Sighting] = [Sighting(toBalancer)], replies: [Sighting] = [Sighting(toClient)],
    clientSequence: UInt32 = 1000
  ) -> Conversation {
    Conversation(
      client: .init(clientIP, 37664), server: .init(vip, 80), at: start, requests: requests, replies: replies,
      clientSequence: clientSequence, serverSequence: 5000)
  }

  static func capture(_ frames: [TimedFrame], _ linkType: LinkType = .ethernet) -> CaptureContents {
    CaptureContents(
      path: "test.pcap", frames: frames.map { (interface: 0, time: $0.time, bytes: $0.bytes) }, linkTypes: [linkType])
  }

  static func evidence(_ frames: [TimedFrame], _ linkType: LinkType = .ethernet) -> Evidence {
    capture(frames, linkType).evidence
  }

  /// The evidence of frames a millisecond apart.
  static func evidence(_ packets: [Packet], _ linkType: LinkType = .ethernet) -> Evidence {
    evidence(packets.enumerated().map { TimedFrame($1, at: start + .milliseconds($0)) }, linkType)
  }

  /// What was seen of the client's half, in the order of the frames.
  static func requests(_ evidence: Evidence) -> [LinkRecord] { records(evidence, from: clientIP) }

  static func records(_ evidence: Evidence, from sender: IPAddress) -> [LinkRecord] {
    var found: [LinkRecord] = []
    evidence.forEachFlow { _, lower, _, fromLower, fromHigher in
      found += Array(lower.address == sender ? fromLower : fromHigher)
    }
    return found.sorted { $0.firstFrame < $1.firstFrame }
  }
}
