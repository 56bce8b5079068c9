import Evidence
import PacketBuilder
import Report
import TestSupport
import Testing
import Wire

@testable import Checks

/// Which frames a pass cites, and how strong a proof it needs.
@Suite struct ProvingFramesTests {
  private static let vip = ServicePattern(address: ip("10.1.10.10"))
  private static let http = ServicePattern(address: ip("10.1.10.10"), transport: .tcp, port: 80)

  private func verdict(_ evidence: Evidence, _ change: (inout Policy) -> Void = { _ in }) -> Verdict {
    var policy = Policy()
    policy.services = [Self.vip]
    change(&policy)
    return judge(evidence, under: policy)
  }

  private func verdict(_ path: String, _ change: (inout Policy) -> Void = { _ in }) throws -> Verdict {
    verdict(try CaptureContents(path: Repository.fixture(path)).evidence, change)
  }

  private func proof(of verdict: Verdict) throws -> CheckResult {
    try #require(verdict.checks.first { $0.slug == "reply-via-balancer" })
  }

  /// `1 request 06:… → 06:…`.
  private func frames(of check: CheckResult) -> [String] {
    check.evidence.compactMap { exhibit in
      guard case .frame(let frame) = exhibit.source else { return nil }
      return "\(frame.number) \(exhibit.actual)"
    }
  }

  // MARK: Frames

  @Test func aClientShowsTheRequestAndTheReply() throws {
    let check = try proof(of: try verdict("seed.pcap"))
    #expect(
      frames(of: check) == [
        "1 request 06:ba:49:38:53:f0 → 06:1f:8a:6c:8e:d2", "2 reply 06:d2:0a:b1:14:20 → 06:ba:49:38:53:f0",
      ])
    #expect(check.reason.isEmpty)
  }

  /// Two backends: a request from the client to the balancer, and a reply from the backend, of a flow of each.
  @Test func aMirrorShowsAFlowOfEachBackend() throws {
    let verdict = try verdict("lab/route/switch.pcap") { $0.services = [Self.http] }
    let service = try #require(verdict.services.first)
    let check = try proof(of: verdict)
    #expect(check.evidence.count == 4)
    let (balancer, backends) = (try #require(service.balancers.first).mac, service.backends.map(\.mac))
    let words = check.evidence.map(\.actual)
    #expect(words[0].hasSuffix("→ \(balancer)") && words[2].hasSuffix("→ \(balancer)"))
    #expect(Set(backends.map { "reply \($0)" }) == Set([words[1], words[3]].map { String($0.prefix(23)) }))
  }

  @Test func aBackendShowsTheRequestFromTheBalancer() throws {
    let verdict = try verdict("lab/route/be1.pcap") { $0.services = [Self.http] }
    let words = try proof(of: verdict).evidence.map(\.actual)
    let balancer = try #require(verdict.services.first?.balancers.first).mac
    #expect(words.count == 2 && words[0].hasPrefix("request \(balancer) → ") && words[1].hasPrefix("reply "))
  }

  /// No reply passes: the request comes, and leaves again.
  @Test func theBalancerShowsTheRequestTwice() throws {
    let verdict = try verdict("lab/route/lb.pcap") { $0.services = [Self.http] }
    let words = try proof(of: verdict).evidence.map(\.actual)
    let balancer = try #require(verdict.services.first?.balancers.first).mac
    #expect(words.count == 4 && words.allSatisfy { $0.hasPrefix("request ") })
    #expect(words[0].hasSuffix("→ \(balancer)") && words[1].hasPrefix("request \(balancer) →"))
  }

  @Test func ofManyBackendsFiveAreShownAndTheOthersCounted() throws {
    let frames = (0..<8).flatMap { number -> [TimedFrame] in
      let backend = MACAddress(0x06d2_0000_0000 + UInt64(number))
      var talk = Conversation(
        client: .init("10.1.10.100", UInt16(40000 + number)), server: .init("10.1.10.10", 80),
        at: Timestamp(seconds: 1_700_000_000 + UInt32(number), nanoseconds: 0),
        requests: [Sighting(.ethernet(from: Station.client, to: Station.balancer))],
        replies: [Sighting(.ethernet(from: backend, to: Station.client))])
      talk.open()
      return talk.frames
    }
    let capture = CaptureContents(
      path: "many.pcap", frames: frames.map { (interface: 0, time: $0.time, bytes: $0.bytes) }, linkTypes: [.ethernet])
    let check = try proof(of: verdict(capture.evidence))
    #expect(check.outcome == .pass && check.evidence.count == 10)
    #expect(check.reason == "frames of 5 backends are cited, and 3 more answer so")
    #expect(check.evidence.last?.actual.hasPrefix("reply 06:d2:00:00:00:04") == true)
  }

  // MARK: --proof

  @Test func aWeakerProofThanAskedForIsInconclusive() throws {
    let path = "traps/client-tcp-v4-good-unresolved.pcap"
    #expect(try verdict(path) { $0.minimumProof = .macPair }.outcome == .pass)
    let open = try verdict(path) { $0.minimumProof = .identified }
    #expect(open.outcome == .inconclusive)
    #expect(open.reason.contains("the proof is mac-pair") && open.reason.contains("identified is asked for"))
    #expect(open.reason.contains("--balancer-mac"))
    #expect(open.services.map(\.proof) == [nil] && open.services.map(\.assumptions) == [[]])
    let named = try verdict(path) {
      $0.minimumProof = .identified
      $0.balancerMACs = [Station.balancer]
    }
    #expect(named.outcome == .pass && named.services.map(\.proof) == [.identified])
  }

  @Test func ofOneServiceItHoldsForThatOneAlone() throws {
    let path = "traps/client-tcp-v4-good-unresolved.pcap"
    let other = ServicePattern(address: ip("10.1.10.11"))
    #expect(try verdict(path) { $0.minimumProofOfServices = [Self.vip: .endToEnd] }.outcome == .inconclusive)
    #expect(try verdict(path) { $0.minimumProofOfServices = [other: .endToEnd] }.outcome == .pass)
    let lower = try verdict(path) {
      $0.minimumProof = .endToEnd
      $0.minimumProofOfServices = [Self.vip: .macPair]
    }
    #expect(lower.outcome == .pass)
    // One that is named more widely is proved no easier.
    #expect(try verdict(path) { $0.minimumProofOfServices = [Self.http: .endToEnd] }.outcome == .inconclusive)
  }

  /// A backend alone does not show that its balancer and what takes its replies are two devices.
  @Test func aServiceThatIsNotNamedNeedsAnIdentifiedBalancer() throws {
    let path = "lab/route/be1.pcap"
    let named = try verdict(path) { $0.services = [Self.http] }
    #expect(named.services.map(\.proof) == [.macPair])
    let found = try #require(try verdict(path) { $0.services = [] }.services.first { $0.service == Self.http })
    #expect(found.outcome == .inconclusive)
    let known = try verdict(path) {
      $0.services = []
      $0.balancerMACs = [Station.balancer]
    }
    #expect(known.services.first { $0.service == Self.http }?.proof == .identified)
  }

  @Test func aFaultFailsWhateverIsAskedFor() throws {
    #expect(try verdict("traps/client-tcp-v4-bad.pcap") { $0.minimumProof = .endToEnd }.outcome == .fail)
  }
}
