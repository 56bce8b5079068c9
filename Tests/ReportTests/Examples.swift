import Checks
import Evidence
import Report
import Tables
import Wire

/// Verdicts made by hand, on the addresses of the seed's article.
enum Examples {
  static let client = MACAddress(0x06ba_4938_53f0)
  static let balancer = MACAddress(0x061f_8a6c_8ed2)
  static let backend = MACAddress(0x06d2_0ab1_1420)
  static let otherBackend = MACAddress(0x06d2_0ab1_1421)
  static let router = MACAddress(0x0050_5600_0001)
  static let vip = IPAddress(v4: 0x0a01_0a0a)
  static let service = ServicePattern(address: vip, transport: .tcp, port: 80)
  static let flow = Flow(
    transport: .tcp, client: Endpoint(address: IPAddress(v4: 0x0a01_0a64), port: 37664),
    server: Endpoint(address: vip, port: 80))
  static let start = Timestamp(seconds: 1_570_066_202, nanoseconds: 579_765_000)

  /// Nine of twelve flows end no handshake.
  static let funnel = Funnel(
    place: .init(capture: "client.pcap", interface: nil, vantage: .client),
    steps: [(.request, 12), (.synAck, 12), (.handshake, 3), (.answered, 3)],
    loss: .init(step: .handshake, flows: 9, frame: .init(capture: "client.pcap", number: 41, time: start, flow: flow)))

  typealias Leg = ServiceVerdict.Leg

  static func mac(of role: Leg.Role) -> MACAddress? {
    switch role {
    case .client: client
    case .router: router
    case .balancer: balancer
    case .backend: backend
    case .unknown: nil
    }
  }

  static func leg(
    _ half: Half, _ from: Leg.Role, _ to: Leg.Role, flows: Int = 12, source: MACAddress? = nil,
    destination: MACAddress? = nil, point: Int = 0, tunnel: Tunnel? = nil, fault: Leg.Fault? = nil
  ) -> Leg {
    var encapsulation = Encapsulation()
    if let tunnel { encapsulation.push(Encapsulation.Layer(tunnel, from: IPAddress(v4: 1), to: IPAddress(v4: 2))) }
    let link = Link(
      point: point, source: source ?? mac(of: from), destination: destination ?? mac(of: to),
      encapsulation: encapsulation)
    // What goes between two MACs is one group of flows, at whatever place it was seen.
    let ends = [link.source, link.destination].compactMap(\.self).reduce(0) { $0 &* 31 &+ $1.rawValue }
    let carried = ServiceVerdict.FlowGroups([Int(truncatingIfNeeded: ends): flows])
    return Leg(
      half: half, link: link, from: from, to: to, frames: UInt64(flows) * 5, carried: carried,
      faults: fault.map { [$0: carried] } ?? [:])
  }

  static func capture(_ path: String) -> CaptureSummary {
    var capture = CaptureSummary(path: path)
    capture.linkTypes = [.ethernet]
    capture.interfaces = [""]
    capture.frames = 3
    capture.bytes = 901
    capture.firstTime = start
    capture.lastTime = Timestamp(seconds: 1_570_066_202, nanoseconds: 584_176_000)
    return capture
  }

  static func counts(
    direct: Int = 0, viaBalancer: Int = 0, bypassed: Int = 0, unanswered: Int = 0, undecided: Int = 0
  ) -> ServiceVerdict.FlowCounts {
    var counts = ServiceVerdict.FlowCounts()
    counts.direct = direct
    counts.viaBalancer = viaBalancer
    counts.bypassed = bypassed
    counts.unanswered = unanswered
    counts.undecided = undecided
    return counts
  }

  static func check(
    _ id: String, _ slug: String, _ outcome: CheckResult.Outcome, summary: String = "", reason: String = "",
    next: NextStep? = nil, evidence: [Exhibit] = []
  ) -> CheckResult {
    CheckResult(
      id: id, slug: slug, outcome: outcome, service: service, summary: summary, reason: reason, next: next,
      evidence: evidence)
  }

  private static let balancerStation = ServiceVerdict.Station(
    mac: balancer, addresses: [IPAddress(v4: 0x0a01_0a02)], knownBy: "only MAC that answers for the VIP", flows: 1)
  private static let backendStation = ServiceVerdict.Station(
    mac: backend, addresses: [], knownBy: "sends the replies", flows: 1)

  /// The article's conversation, on the client.
  static let pass = Verdict(
    outcome: .pass, cause: "Replies of tcp://10.1.10.10:80 return straight from the backend to the client.",
    services: [
      ServiceVerdict(
        service: service, outcome: .pass,
        cause: "Replies of tcp://10.1.10.10:80 return straight from the backend to the client.", proof: .identified,
        vantages: [.init(capture: "client.pcap", interface: nil, vantage: .client)], flows: counts(direct: 1),
        balancers: [balancerStation], backends: [backendStation],
        legs: [leg(.reply, .backend, .client, flows: 1), leg(.request, .client, .balancer, flows: 1)])
    ],
    checks: [
      check("DSR001", "reply-via-balancer", .pass), check("DSR002", "balancer-bypassed", .pass),
      check("DSR005", "connection-refused", .notApplicable),
    ],
    captures: [capture("client.pcap")])

  /// One backend of two sends its replies back to the balancer, seen at a mirror.
  static let fail: Verdict = {
    let reason = "1 of 2 flows: replies cross the balancer 06:1f:8a:6c:8e:d2."
    var mirror = capture("switch.pcap")
    mirror.truncatedAt = 4096
    mirror.dropped = 1
    return Verdict(
      outcome: .fail, cause: reason,
      services: [
        ServiceVerdict(
          service: service, outcome: .fail, cause: reason, proof: nil,
          vantages: [.init(capture: "switch.pcap", interface: "span0", vantage: .mirror)],
          flows: counts(direct: 1, viaBalancer: 1), balancers: [balancerStation],
          backends: [
            backendStation, .init(mac: otherBackend, addresses: [], knownBy: "named by --backend", flows: 1),
          ],
          legs: [
            leg(.request, .client, .balancer, flows: 2), leg(.request, .balancer, .backend, flows: 1),
            leg(.request, .balancer, .backend, flows: 1, destination: otherBackend),
            leg(.reply, .backend, .client, flows: 1),
            leg(.reply, .backend, .balancer, flows: 1, source: otherBackend),
            leg(.reply, .balancer, .client, flows: 1),
          ])
      ],
      checks: [
        check(
          "DSR001", "reply-via-balancer", .fail,
          summary: "Backend 06:d2:0a:b1:14:21 sends its replies to the balancer.",
          reason:
            "Its route to the client leads through the balancer, as it does where the default gateway was set for NAT.",
          next: .mend("On that backend, set the default gateway to the router: ip route replace default via ROUTER."),
          evidence: [
            Exhibit(
              Exhibit.Frame(capture: "switch.pcap", number: 6, time: start, flow: flow),
              expected: "destination MAC other than the balancer's",
              actual: "destination MAC 06:1f:8a:6c:8e:d2, the balancer's"),
            Exhibit(
              TableLine(path: "lb.ipvsadm", number: 4), expected: "Route or Tunnel", actual: "10.1.10.12:80 Masq"),
          ]),
        check("ARP001", "backend-answers-arp", .pass),
        check(
          "ARP004", "vip-owner-contested", .inconclusive, summary: "No ARP for the VIP was seen.",
          reason: "The capture holds no ARP.",
          next: .mend("Capture from before the first connection, without a filter.")),
      ],
      captures: [mirror])
  }()

  /// Behind a router nothing can be told.
  static let inconclusive: Verdict = {
    let reason = "Both halves bear the MAC of a router: capture in the VIP's own network."
    return Verdict(
      outcome: .inconclusive, cause: reason,
      services: [
        ServiceVerdict(
          service: ServicePattern(address: IPAddress("fd00:10::10")!, transport: .udp, port: 443),
          outcome: .inconclusive, cause: reason, proof: nil,
          vantages: [
            .init(capture: "a.pcap", interface: nil, vantage: .behindRouter),
            .init(capture: "b.pcap", interface: nil, vantage: nil),
          ],
          flows: counts(undecided: 4), balancers: [], backends: [],
          legs: [leg(.request, .client, .router), leg(.reply, .router, .client)])
      ],
      checks: [], captures: [capture("a.pcap"), capture("b.pcap")])
  }()
}

extension Examples {
  static let run = RunRecord(
    version: "1.2.3", commandLine: ["dsrproof", "-r", "client.pcap"], host: "be1", start: start,
    end: Timestamp(seconds: start.seconds + 1, nanoseconds: 0), options: ["min-flows": ["3"]])

  /// The pass with what it takes for granted, and the frames that prove it: those of one backend of six.
  static let proved: Verdict = {
    var verdict = pass
    verdict.services[0].proof = .macPair
    verdict.services[0].assumptions = [.sameNetwork, .oneMAC]
    verdict.checks[0].reason = "frames of 1 backends are cited, and 5 more answer so"
    verdict.checks[0].evidence = [
      Exhibit(
        Exhibit.Frame(capture: "client.pcap", number: 1, time: start, flow: flow),
        expected: "a request to the balancer", actual: "request \(client) → \(balancer)"),
      Exhibit(
        Exhibit.Frame(capture: "client.pcap", number: 2, time: start, flow: flow),
        expected: "a reply from another MAC than the balancer", actual: "reply \(backend) → \(client)"),
    ]
    return verdict
  }()

  /// The failure with a waiver, and its open check a warning.
  static func waived(untilEnded hasEnded: Bool) -> Verdict {
    var verdict = fail
    verdict.checks[0].waiver = .init(
      reason: "be2 is rebuilt\u{1b}[2J, CHG-1", until: Day("2026-12-31")!, hasEnded: hasEnded)
    verdict.services[0].name = "shop\u{1b}[2J"
    verdict.checks[2].severity = .warning
    return verdict
  }

  /// One flow of a capture of that name.
  static func flows(in name: String) -> FlowReport<[FlowTrace]> {
    let link = LinkTrace(
      half: .request, link: Link(point: 0, source: client, destination: balancer), frames: 1, firstFrame: 1,
      firstTime: start, lastTime: start)
    return FlowReport(
      [FlowTrace(flow: flow, direction: .observed, links: [link])],
      points: [CapturePoint(capture: 0, interface: 0)], captures: [capture(name)])
  }

  static let noFlows = FlowReport([FlowTrace](), points: [], captures: [])

  /// One TCP flow at two points, tagged and tunnelled, and one UDP flow of a cooked capture.
  static let flows: FlowReport<[FlowTrace]> = {
    var tags = VLANStack()
    tags.push(10)
    tags.push(20)
    var tunnel = Encapsulation()
    tunnel.push(Encapsulation.Layer(.gre, from: IPAddress(v4: 0x0a01_0a02), to: IPAddress(v4: 0x0a01_0a14)))
    tunnel.push(Encapsulation.Layer(.ipip, from: IPAddress(v4: 0x0a01_0a02), to: IPAddress(v4: 0x0a01_0a14)))
    let link = { (half: Half, link: Link, frames: UInt64, first: UInt64) in
      LinkTrace(half: half, link: link, frames: frames, firstFrame: first, firstTime: start, lastTime: start)
    }
    let dns = Flow(
      transport: .udp, client: Endpoint(address: IPAddress("fd00::64")!, port: 5353),
      server: Endpoint(address: IPAddress("fd00::10")!, port: 53))
    var mirror = capture("mirror, \"two\".pcapng")
    mirror.interfaces = ["span0"]
    return FlowReport(
      [
        FlowTrace(
          flow: flow, direction: .observed,
          links: [
            link(.request, Link(point: 0, source: client, destination: balancer), 1, 1),
            link(.reply, Link(point: 0, source: backend, destination: client), 2, 2),
            link(
              .request, Link(point: 1, source: balancer, destination: backend, vlan: tags, encapsulation: tunnel), 1, 7),
          ]),
        FlowTrace(
          flow: dns, direction: .assumed,
          links: [link(.request, Link(point: 0, source: client, destination: nil), 1, 4)]),
      ],
      points: [CapturePoint(capture: 0, interface: 0), CapturePoint(capture: 1, interface: 0)],
      captures: [capture("client.pcap"), mirror])
  }()
}

extension Examples {
  /// The legs of each vantage, and of each way to fail.
  static let pictures: KeyValuePairs<String, [Leg]> = [
    "client": [leg(.request, .client, .balancer), leg(.reply, .backend, .client)],
    "client, via the balancer": [leg(.request, .client, .balancer), leg(.reply, .balancer, .client)],
    "client, unanswered": [leg(.request, .client, .balancer)],
    "client, bypassed": [leg(.request, .client, .backend), leg(.reply, .backend, .client)],
    "balancer": [leg(.request, .client, .balancer), leg(.request, .balancer, .backend)],
    "backend, in a tunnel": [
      leg(.request, .balancer, .backend, tunnel: .ipip), leg(.reply, .backend, .client),
    ],
    "mirror": [
      leg(.request, .client, .balancer), leg(.request, .balancer, .backend), leg(.reply, .backend, .client),
    ],
    "mirror behind a router": [
      leg(.request, .router, .balancer, flows: 200_000), leg(.request, .balancer, .backend, flows: 200_000),
      leg(.reply, .backend, .router, flows: 200_000),
    ],
    "neither end known": [
      leg(.request, .client, .unknown, destination: balancer), leg(.reply, .unknown, .client, source: backend),
    ],
    "cooked": [leg(.request, .client, .unknown), leg(.reply, .backend, .unknown)],
    "two captures": [
      leg(.request, .client, .balancer), leg(.reply, .backend, .client),
      leg(.request, .balancer, .backend, flows: 11, point: 1), leg(.reply, .backend, .client, flows: 11, point: 1),
      leg(.request, .balancer, .unknown, point: 2),
    ],
    "many stations": (0..<6).map { leg(.request, .client, .unknown, destination: MACAddress(0x0200_0000_0000 + $0)) },
  ]
}
