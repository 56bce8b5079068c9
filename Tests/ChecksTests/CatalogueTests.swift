import Checks
import Evidence
import Report
import TestSupport
import Testing
import Wire

@Suite struct CatalogueTests {
  /// The issue's own list: an id that is missing here was forgotten, and one that is new needs its examples below.
  private static let slugs = [
    "DSR001": "reply-via-balancer", "DSR002": "balancer-bypassed", "DSR003": "reply-not-from-vip",
    "DSR004": "request-unanswered", "DSR005": "connection-refused", "DSR006": "reset-by-balancer",
    "DSR007": "backend-changes-mid-flow", "DSR008": "packet-too-big", "DSR009": "exchange-stalls",
    "DSR010": "request-loops", "DSR011": "encapsulation-inconsistent", "DSR012": "tunnel-not-decapsulated",
    "DSR013": "dsr-option-lost", "ARP001": "backend-answers-arp",
    "ARP002": "backend-announces-vip", "ARP003": "vip-as-arp-sender", "ARP004": "vip-owner-contested",
    "ARP005": "vip-unowned",
    "HOST001": "vip-not-on-backend", "HOST002": "vip-mask-too-wide", "HOST003": "arp-ignore-too-low",
    "HOST004": "arp-announce-too-low", "HOST005": "rp-filter-drops-tunnel", "HOST006": "default-route-via-balancer",
    "HOST007": "duplicate-mac", "HOST008": "tunnel-end-missing", "HOST009": "conntrack-drops-half-flows",
    "HOST010": "rp-filter-drops-replies", "HOST011": "strong-host-drops-vip",
    "IPVS001": "ipvs-service-missing", "IPVS002": "ipvs-wrong-forwarding", "IPVS003": "ipvs-no-usable-backend",
    "IPVS004": "ipvs-port-translated", "IPVS005": "ipvs-unlisted-backend", "IPVS006": "ipvs-carries-replies",
    "IPVS007": "ipvs-silent-destination",
    "IPVS008": "vip-not-announced", "IPVS009": "vrrp-nodes-disagree", "IPVS010": "vrrp-not-as-configured",
    "IPVS011": "vrrp-priority-not-as-configured",
    "K8S001": "traffic-policy-not-local", "K8S002": "load-balancer-ip-mismatch", "K8S003": "ingress-status-missing",
    "K8S004": "service-not-exposed", "K8S005": "strict-arp-off", "K8S006": "port-mismatch",
    "K8S007": "cis-labels-incomplete", "K8S008": "no-local-endpoint",
    "F5001": "translates-server-address", "F5002": "translates-server-port", "F5003": "snat-enabled",
    "F5004": "strict-tcp-state", "F5005": "virtual-address-mismatch",
    "F5006": "virtual-port-differs-from-service-port", "F5007": "source-port-not-preserved",
    "F5008": "pool-disagrees-with-cis", "F5009": "virtual-address-answers-no-arp", "PROBE001": "probe-failed",
  ]

  @Test func idsAreNeverReused() {
    #expect(Check.all.count == Self.slugs.count)
    for check in Check.all where Self.slugs[check.id] != nil { #expect(check.slug == Self.slugs[check.id]) }
    #expect(Set(Check.all.map(\.id)) == Set(Self.slugs.keys))
  }

  @Test func idsAreWellFormedUniqueAndInOrder() {
    let ids = Check.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(ids == ids.sorted())
    // F5 is a name of its own.
    for id in ids { #expect(id.wholeMatch(of: /([A-Z][A-Z0-9]*[A-Z]|F5)[0-9]{3}/) != nil, "\(id)") }
  }

  @Test func slugsAreUniqueAndReadableInAURL() {
    let slugs = Check.all.map(\.slug)
    #expect(Set(slugs).count == slugs.count)
    for slug in slugs { #expect(slug.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)+/) != nil, "\(slug)") }
  }

  @Test(arguments: Check.all.map(\.id))
  func everyPageIsComplete(id: String) throws {
    let check = try #require(Check.all.first { $0.id == id })
    #expect(check.title.count > 10 && !check.title.contains("\n") && !check.title.hasSuffix("."))
    for part in [check.page.looksFor, check.page.whyItMatters, check.page.howToMend] {
      #expect(part.count > 60, "a heading with hardly a sentence: \(part)")
      #expect(part.hasSuffix("."))
      #expect(!part.contains(/TODO|FIXME|XXX/))
    }
    #expect(!check.page.sources.isEmpty)
    for source in check.page.sources {
      // A standard, a page, a file of a repository, a man page, a numbered article.
      #expect(
        source.contains(/RFC [0-9]+|draft-|^linux .*[.]|https?:\/\/|[a-z0-9]\/[a-z0-9]|[a-z]\([1-8]\)|K[0-9]+/),
        "no source that one can open: \(source)")
      #expect(!source.contains("\n"))
    }
  }
}

/// For every check a capture in which it fails, and one in which the same thing goes right; or, for one that judges tables,
/// a capture with a bad table and with a good one.
@Suite struct ExampleTests {
  struct Example: Sendable, CustomStringConvertible {
    var slug: String
    var bad: String
    var good: String
    var vip = "10.1.10.10"
    var balancerIsNamed = false
    var description: String { "\(slug) \(bad)" }

    var policy: Policy {
      var policy = Policy()
      policy.services = [ServicePattern(address: IPAddress(vip) ?? IPAddress(v4: 0))]
      if balancerIsNamed { policy.balancerMACs = [Station.balancer] }
      return policy
    }
  }

  static let examples: [Example] = ["v4", "v6"].flatMap { version in
    let vip = version == "v4" ? "10.1.10.10" : "fd00:10::10"
    let pairs = [
      ("reply-via-balancer", "client-tcp-\(version)-bad", "client-tcp-\(version)-good"),
      ("reply-via-balancer", "mirror-udp-\(version)-bad", "mirror-udp-\(version)-good"),
      ("balancer-bypassed", "bypass-client-\(version)-bad", "client-tcp-\(version)-good"),
      ("balancer-bypassed", "bypass-mirror-\(version)-bad", "mirror-tcp-\(version)-good"),
      ("reply-not-from-vip", "own-address-udp-\(version)-bad", "own-address-udp-\(version)-good"),
      ("request-unanswered", "unanswered-\(version)-bad", "unanswered-\(version)-good"),
      ("connection-refused", "refused-\(version)-bad", "refused-\(version)-good"),
      ("reset-by-balancer", "reset-by-balancer-\(version)-bad", "reset-by-balancer-\(version)-good"),
      ("backend-changes-mid-flow", "backend-changes-\(version)-bad", "port-reuse-\(version)"),
      ("packet-too-big", "packet-too-big-\(version)-bad", "packet-too-big-\(version)-good"),
      ("exchange-stalls", "stalled-handshake-\(version)-bad", "defer-accept-\(version)-good"),
      ("exchange-stalls", "stalled-late-\(version)-bad", "stalled-\(version)-good"),
      ("request-loops", "loop-client-\(version)-bad", "client-tcp-\(version)-good"),
      ("request-loops", "loop-mirror-\(version)-bad", "mirror-tcp-\(version)-good"),
      ("encapsulation-inconsistent", "tunnel-two-ways-\(version)-bad", "tunnel-two-ways-\(version)-good"),
      ("tunnel-not-decapsulated", "tunnel-rp-filter-\(version)-bad", "tunnel-vxlan-\(version)-backend-good"),
      ("dsr-option-lost", "cilium-option-\(version)-lost-bad", "cilium-option-\(version)-mirror-good"),
      ("vip-unowned", "vip-unowned-\(version)-bad", "client-tcp-\(version)-good"),
    ]
    let claims = [
      ("backend-answers-arp", "arp-answer-v4-bad", "arp-answer-v4-good"),
      ("backend-announces-vip", "arp-announce-v4-bad", "arp-announce-v4-good"),
      ("vip-as-arp-sender", "arp-sender-v4-bad", "arp-sender-v4-good"),
      ("vip-owner-contested", "arp-answers-v4-bad", "arp-answer-v4-good"),
    ]
    return pairs.map { Example(slug: $0, bad: $1, good: $2, vip: vip) }
      + (version == "v4" ? claims.map { Example(slug: $0, bad: $1, good: $2, vip: vip, balancerIsNamed: true) } : [])
  }

  @Test func everyCheckHasItsExamples() {
    let tables =
      IPVSExampleTests.examples.map(\.slug) + HostExampleTests.examples.map(\.slug)
      + KubernetesExampleTests.examples.map(\.slug)
      + AS3ExampleTests.examples.map(\.slug)
    // No file holds what became of a probe: ProbeTests has its examples. ARP and the declaration together make the other:
    // AS3RuleTests has its good one, fixtures/LIST its bad one.
    // What is none of the frames' never fails: VirtualRouterTests has both.
    let others = [
      "probe-failed", "virtual-address-answers-no-arp", "vrrp-not-as-configured", "vrrp-priority-not-as-configured",
    ]
    #expect(Set(Self.examples.map(\.slug) + tables + others) == Set(Check.all.map(\.slug)))
  }

  @Test(arguments: examples)
  func theListSaysSo(example: Example) {
    let bad = FixtureLine.all.filter { $0.path == "traps/\(example.bad).pcap" }
    let good = FixtureLine.all.filter { $0.path == "traps/\(example.good).pcap" }
    #expect(
      bad.contains { $0.verdict == "fail" && $0.failing.contains(example.slug) }, "bad example of \(example.slug)")
    #expect(!good.isEmpty && good.allSatisfy { $0.verdict == "pass" }, "good example of \(example.slug)")
  }

  @Test(arguments: examples)
  func theBadOneFailsAndTheGoodOneDoesNot(example: Example) throws {
    let outcome = { (name: String) throws -> (CheckResult.Outcome?, Verdict.Outcome) in
      let evidence = try CaptureContents(path: Repository.fixture("traps/\(name).pcap")).evidence
      let verdict = judge(evidence, under: example.policy)
      let results = verdict.checks.filter { $0.slug == example.slug }
      #expect(results.count == 1)
      return (results.first?.outcome, verdict.outcome)
    }
    let bad = try outcome(example.bad)
    #expect(bad.0 == .fail)
    #expect(bad.1 == .fail)
    let good = try outcome(example.good)
    #expect(good.0 == .pass || good.0 == .notApplicable)
    #expect(good.1 == .pass)
  }

  /// Every failure names the frames that prove it.
  @Test(arguments: examples)
  func aFailureBringsItsFrames(example: Example) throws {
    let capture = try CaptureContents(path: Repository.fixture("traps/\(example.bad).pcap"))
    let verdict = judge(capture.evidence, under: example.policy)
    let failure = try #require(verdict.checks.first { $0.slug == example.slug && $0.outcome == .fail })
    #expect(!failure.evidence.isEmpty)
    #expect(!failure.summary.isEmpty && !failure.reason.isEmpty && !failure.remedy.isEmpty)
    let times = Dictionary(capture.frames.map { ($0.number, $0.time) }) { $1 }
    for exhibit in failure.evidence {
      guard case .frame(let frame) = exhibit.source else { continue }
      #expect(frame.capture == capture.path)
      #expect(times[frame.number] == frame.time, "frame \(frame.number) has another time")
    }
  }
}

/// The MACs of the article, the lab and the traps.
enum Station {
  static let client = MACAddress(0x06ba_4938_53f0)
  static let balancer = MACAddress(0x061f_8a6c_8ed2)
  static let backend1 = MACAddress(0x06d2_0ab1_1420)
  static let backend2 = MACAddress(0x06d2_0ab1_1421)
}
