import Checks
import Evidence
import PacketBuilder
import Report
import TestSupport
import Testing
import Wire

/// A VIP or port that nobody spoke to, beside what was spoken to.
@Suite struct SeenServiceTests {
  private static let start = Timestamp(seconds: 1_709_294_400, nanoseconds: 0)

  private func flows(_ count: UInt16, to address: String, _ port: UInt16) -> [TimedFrame] {
    (0..<count).flatMap { number in
      var talk = Conversation(
        client: .init("10.1.10.100", 40000 + number), server: .init(address, port), at: Self.start,
        requests: [Sighting(.ethernet(from: Station.client, to: Station.balancer))],
        replies: [Sighting(.ethernet(from: Station.backend1, to: Station.client))])
      talk.open()
      return talk.frames
    }
  }

  private func verdict(_ frames: [TimedFrame], _ vips: String..., linkType: LinkType = .ethernet) throws -> Verdict {
    let capture = CaptureContents(
      path: "c.pcap", frames: frames.map { (interface: 0, time: $0.time, bytes: $0.bytes) }, linkTypes: [linkType])
    var policy = Policy()
    policy.services = vips.map { vip in
      let parts = vip.split(separator: ":")
      let port = parts.count > 1 ? UInt16(parts[1]) : nil
      return ServicePattern(address: ip(String(parts[0])), transport: port == nil ? nil : .tcp, port: port)
    }
    return judge(capture.evidence, under: policy)
  }

  @Test func theOtherPortIsNamedWithItsFlows() throws {
    let verdict = try verdict(flows(2, to: "10.1.10.10", 80), "10.1.10.10:443")
    #expect(verdict.outcome == .inconclusive)
    #expect(verdict.reason == "no flow to 10.1.10.10:443 was captured: flows go to 10.1.10.10:80 (2); check the port")
    #expect(
      verdict.seen == [
        SeenService(service: ServicePattern(address: ip("10.1.10.10"), transport: .tcp, port: 80), flows: 2)
      ])
  }

  /// At the same address first, then at the same port, then by the number of flows.
  @Test func theNearestIsNamedFirst() throws {
    let frames =
      flows(9, to: "10.1.10.30", 22) + flows(1, to: "10.1.10.20", 443) + flows(1, to: "10.1.10.10", 80)
      + flows(2, to: "10.1.10.40", 22)
    let verdict = try verdict(frames, "10.1.10.10:443")
    #expect(
      verdict.reason.contains(
        "flows go to 10.1.10.10:80 (1), 10.1.10.20:443 (1), 10.1.10.30:22 (9), 10.1.10.40:22 (2); check the port"))
    #expect(verdict.seen.map(\.flows) == [9, 2, 1, 1])
  }

  @Test func whatWasAskedForIsNotListedAgain() throws {
    let frames = flows(1, to: "10.1.10.10", 80) + flows(1, to: "10.1.10.20", 80)
    let verdict = try verdict(frames, "10.1.10.10", "10.1.10.11")
    #expect(verdict.seen.map(\.service.address) == [ip("10.1.10.20")])
  }

  @Test func nothingIsListedWhereAllWereSeen() throws {
    let frames = flows(1, to: "10.1.10.10", 80) + flows(1, to: "10.1.10.20", 80)
    #expect(try verdict(frames, "10.1.10.10").seen == [])
  }

  @Test func aScanIsCutOff() throws {
    let frames = (1...120).flatMap { flows(1, to: "10.1.10.20", $0) }
    let verdict = try verdict(frames, "10.1.10.10")
    #expect(verdict.seen.count == 100)
    #expect(verdict.reason.contains(" and 115 more"))
  }

  /// The VIP may be in what was not looked into.
  @Test func framesThatWereNotLookedIntoAreToldBesides() throws {
    let outer =
      Packet.ethernet(from: Station.balancer, to: Station.backend1) / .ip(from: ip("10.2.0.1"), to: ip("10.2.0.2"))
    let verdict = try verdict(
      [TimedFrame(outer / .udp(from: 50000, to: 2152, payload: [48, 255, 0, 0, 0, 0, 1, 0]), at: Self.start)],
      "10.1.10.10:80")
    #expect(
      verdict.reason.contains(
        "no flow at all was; 1 frame could not be looked into (gtp); capture where nothing is in these tunnels"))
    #expect(verdict.captures.first?.passedOver == [.tunnel(.gtp): 1])
  }
}
