import Evidence
import PacketBuilder
import Report
import Tables
import TestSupport
import Testing
import Wire

@testable import Checks

/// Services that are alike are judged once, and each fares as it does by itself.
@Suite struct LikenessTests {
  /// To whom a scan's SYNs go, from where, how often.
  private struct Shape: Hashable {
    var client: String
    var from: MACAddress
    var to: MACAddress
    var flows = 1
    var repeats = 1
    var hopLimit: UInt8 = 64
  }

  private static let virtual = MACAddress(0x0000_5e00_0133)

  private static let shapes = [
    Shape(client: "203.0.113.7", from: Station.client, to: Station.balancer),
    Shape(client: "203.0.113.7", from: Station.client, to: Station.balancer, hopLimit: 50),
    Shape(client: "203.0.113.7", from: Station.client, to: Station.balancer, repeats: 3),
    Shape(client: "203.0.113.7", from: Station.client, to: Station.balancer, flows: 2),
    Shape(client: "10.1.10.100", from: Station.client, to: Station.balancer),
    Shape(client: "10.1.10.101", from: Station.client, to: Station.backend1),
    Shape(client: "203.0.113.7", from: Station.balancer, to: Station.backend1, hopLimit: 63),
    Shape(client: "203.0.113.7", from: Station.client, to: virtual),
  ]

  /// Each shape at two ports, in turn, so that times and numbers differ; from `start` on.
  private static func scan(_ vip: String, from start: Timestamp) -> [TimedFrame] {
    var frames: [TimedFrame] = []
    for turn in 0..<2 {
      for (number, shape) in shapes.enumerated() {
        for flow in 0..<shape.flows {
          var talk = Conversation(
            client: .init(shape.client, UInt16(30_000 + turn * 100 + flow)),
            server: .init(vip, UInt16(2000 + turn * 100 + number)), at: start,
            requests: [Sighting(.ethernet(from: shape.from, to: shape.to), ttl: shape.hopLimit)],
            replies: [])
          talk.send(.syn, from: .client)
          for _ in 1..<shape.repeats { talk.resend(from: .client, after: .seconds(2)) }
          frames += talk.frames
        }
      }
    }
    return frames
  }

  @Test(arguments: Repository.captures)
  func eachFaresAsByItself(path: String) throws {
    var evidence = try CaptureContents(path: Repository.fixture(path)).evidence
    let beginning = evidence.captures.compactMap(\.firstTime).min() ?? Timestamp(seconds: 1_709_294_400, nanoseconds: 0)
    let scanned = Self.scan("10.1.10.10", from: beginning)
    let capture = CaptureContents(
      path: path, frames: scanned.map { (interface: 0, time: $0.time, bytes: $0.bytes) }, linkTypes: [.ethernet])
    evidence.merge(capture.evidence)
    let once = judge(evidence, beside: .init(), under: Policy(), by: Rule.all)
    let each = judge(evidence, beside: .init(), under: Policy(), by: Rule.all, alikeOnce: false)
    #expect(once.jsonReport() == each.jsonReport())
    let (shared, all) = (Self.statements(once), Self.statements(each))
    #expect(shared < all, "nothing was judged once")
  }

  /// How often a check was run that names a next step: what is said once is kept once.
  private static func statements(_ verdict: Verdict) -> Int {
    Set(verdict.checks.filter { $0.id == "DSR001" }.map(\.statementIdentity)).count
  }

  @Test func whatIsNamedOrWaivedIsJudgedByItself() throws {
    let frames = Self.scan("10.1.10.10", from: Timestamp(seconds: 1_709_294_400, nanoseconds: 0))
    let capture = CaptureContents(
      path: "scan.pcap", frames: frames.map { (interface: 0, time: $0.time, bytes: $0.bytes) },
      linkTypes: [.ethernet])
    let open = judge(capture.evidence, under: Policy())
    #expect(Self.statements(open) < open.services.count)
    var policy = Policy()
    policy.waivers = Waivers(
      [Waiver(check: "DSR004", service: open.services[0].service, reason: "known", until: .last)], on: .last)
    let waived = judge(capture.evidence, under: policy)
    #expect(Self.statements(waived) == waived.services.count)
  }

  /// What cites nothing is kept once, and is read as if it were not.
  @Test func whatSaysTheSameIsKeptOnce() {
    func result(_ summary: String, next: NextStep? = nil, evidence: [Exhibit] = []) -> CheckResult {
      CheckResult(
        id: "DSR008", slug: "packet-too-big", outcome: .pass, service: ServicePattern(address: ip("10.1.10.10")),
        summary: summary, reason: "", next: next, evidence: evidence)
    }
    let first = result("one")
    var same = result("one")
    same.share(with: first)
    #expect(same.statementIdentity == first.statementIdentity)
    for var other in [result("two"), result("one", next: .nameVIP)] {
      let own = other.statementIdentity
      other.share(with: first)
      #expect(other.statementIdentity == own)
    }
  }
}
