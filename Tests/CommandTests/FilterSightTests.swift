import Checks
import Evidence
import PacketBuilder
import Tables
import TestSupport
import Testing
import Wire

@testable import dsrproof

/// Which filters would have shown an answer, held to flows of which one half was captured.
@Suite struct FilterSightTests {
  private static let service = ServicePattern(address: ip("10.1.10.10"), transport: .tcp, port: 80)

  private func evidence(_ version: String = "v4", vlan: UInt16? = nil) -> Evidence {
    let (client, vip) = version == "v4" ? ("10.1.10.100", "10.1.10.10") : ("fd00:10::100", "fd00:10::10")
    let link = Packet.ethernet(from: mac("06:ba:49:38:53:f0"), to: mac("06:1f:8a:6c:8e:d2"))
    var talk = Conversation(
      client: .init(client, 40001), server: .init(vip, 80), at: Timestamp(seconds: 1, nanoseconds: 0),
      requests: [Sighting(vlan.map { link / .vlan($0) } ?? link)], replies: [])
    talk.open()
    return CaptureContents(
      path: "test", frames: talk.frames.map { (interface: 0, time: $0.time, bytes: $0.bytes) }, linkTypes: [.ethernet]
    ).evidence
  }

  private func shows(
    _ filter: String?, _ evidence: Evidence, _ services: [ServicePattern] = [Self.service],
    on linkType: LinkType = .ethernet
  ) -> Bool {
    FilterSight.showsBothDirections([(filter, linkType)], of: evidence, services: services)
  }

  @Test(arguments: ["", "host 10.1.10.10", "tcp port 80", "host 10.1.10.10 or arp", "ip", "not port 22"])
  func theseShowAnswers(filter: String) { #expect(shows(filter, evidence())) }

  @Test(arguments: [
    "dst host 10.1.10.10", "src host 10.1.10.100", "arp or dst port 80", "tcp[tcpflags] & tcp-syn != 0",
    "ether host 06:1f:8a:6c:8e:d2", "ether dst 06:1f:8a:6c:8e:d2", "host 10.1.10.11", "net 192.0.2.0/24", "not tcp",
    "no such filter",
  ])
  func theseHideSome(filter: String) { #expect(!shows(filter, evidence())) }

  @Test func whatIsNotKnownShowsNothing() {
    #expect(!shows(nil, evidence()))
    #expect(!shows("", evidence(), on: .linuxSLL2))
    #expect(!FilterSight.showsBothDirections([], of: evidence(), services: []))
  }

  /// Of several interfaces, every one has to show them.
  @Test func oneThatHidesIsEnough() {
    let filters: [(filter: String?, linkType: LinkType)] = [
      ("host 10.1.10.10", .ethernet), ("dst host 10.1.10.10", .ethernet),
    ]
    #expect(!FilterSight.showsBothDirections(filters, of: evidence(), services: []))
  }

  @Test func answersAreTaggedAsRequestsAre() {
    #expect(!shows("host 10.1.10.10", evidence(vlan: 20)))
    #expect(shows("vlan and host 10.1.10.10", evidence(vlan: 20)))
  }

  @Test func version6IsLookedAtToo() {
    let service = ServicePattern(address: ip("fd00:10::10"))
    #expect(shows("host fd00:10::10 or icmp6", evidence("v6"), [service]))
    #expect(!shows("dst host fd00:10::10", evidence("v6"), [service]))
  }

  /// The filter that a live run makes itself.
  @Test func ourOwnFilterShowsAnswers() throws {
    let filter = try #require(KernelFilter.expression(for: [Self.service], beside: Tables(), on: .ethernet))
    #expect(shows(filter, evidence()))
    #expect(shows(filter, evidence(vlan: 20)))
  }
}
