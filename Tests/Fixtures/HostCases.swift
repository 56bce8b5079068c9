import PacketBuilder
import Wire

extension Fixture {
  /// Captures of the lab again, judged beside the tables of its hosts.
  static let hostCases: [Fixture] =
    [
      lab("route", .pass, .direct(6), "With every host's own tables, which are as they should be."),
      lab(
        "node-masq", .pass, .direct(6), "With the tables of the balancer and of the node, which has an IPVS of its own."
      ),
      lab("tunnel-ipip", .pass, .direct(6), "With the tables of hosts whose tunnel's end has the VIP."),
      lab(
        "vip-missing", .fail, failing: ["request-unanswered", "vip-not-on-backend"], .unanswered(2),
        "The backends' own addresses tell why nobody answers."),
      lab(
        "arp-leak-ignore", arguments: "--balancer-mac 06:1f:8a:6c:8e:d2", .fail,
        failing: ["arp-ignore-too-low", "backend-answers-arp", "balancer-bypassed", "vip-owner-contested"],
        .bypassed(6),
        "The backends' settings tell why they answer ARP for the VIP."),
      lab(
        "arp-leak-announce", .fail, failing: ["arp-announce-too-low", "balancer-bypassed", "vip-as-arp-sender"],
        .bypassed(6), "The backends' settings tell why they ask in the VIP's name."),
      lab(
        "route-gateway-is-balancer", capture: "router-inside", .fail,
        failing: ["default-route-via-balancer", "ipvs-carries-replies", "reply-via-balancer"], .via(6),
        "The backends' routes tell why the balancer sends the replies."),
      lab(
        "vrf", capture: "lb", .pass, .direct(6),
        "The VIP is in a VRF, and main tables that lead to the balancer do not count."),
      lab(
        "vrf-gateway-is-balancer", capture: "lb", .fail,
        failing: ["default-route-via-balancer", "ipvs-carries-replies", "reply-via-balancer"], .via(6),
        "The VIP is in a VRF, whose table tells why the balancer sends the replies."),
    ] + tunnelEnds
    + [
      besideBad("vip-mask-too-wide", "route", failing: [], .direct(6)),
      besideBad("rp-filter-drops-tunnel", "vip-missing", failing: ["request-unanswered"], .unanswered(2)),
      besideBad("tunnel-end-missing", "vip-missing", failing: ["request-unanswered"], .unanswered(2)),
      trap(
        "answer-ends-at-node", "--vip 10.1.10.10:80", .fail, failing: ["request-unanswered"], .unanswered(1),
        "On the bridge of a node: its pod answers, and the client repeats its SYN all the same.", answerThatEndsAtNode),
      again(
        "answer-ends-at-node", "--vip 10.1.10.10:80 --host w1=tables/hosts/rp-filter-drops-replies-bad", .fail,
        failing: ["rp-filter-drops-replies"], mayFailMore: true, nil,
        "The node's rp_filter tells where the answer ends."),
      besideBad("conntrack-drops-half-flows", "vip-missing", failing: ["request-unanswered"], .unanswered(2)),
    ]

  /// Backends whose own tables tell why a tunnel is not opened.
  private static let tunnelEnds: [Fixture] = [
    lab(
      "tunnel-geneve-rp-filter", capture: "lb", .fail,
      failing: ["request-unanswered", "rp-filter-drops-tunnel", "tunnel-not-decapsulated"],
      Flows(direct: 2, unanswered: 2), "At the balancer, where a backend's settings tell what drops the requests."),
    lab(
      "tunnel-vxlan-no-device", capture: "be1", .fail, failing: ["tunnel-end-missing", "tunnel-not-decapsulated"],
      .unanswered(2), "The backend's interfaces tell why it refuses the tunnel."),
    lab(
      "tunnel-vxlan-other-vni", capture: "be1", .fail,
      failing: ["request-unanswered", "tunnel-end-missing", "tunnel-not-decapsulated"], .unanswered(2),
      "The backend's device tells why it does not open the tunnel: another VNI."),
    lab(
      "tunnel-ipv6-from-vip", capture: "be1", vip: "[fd00:10::10]:80", .fail,
      failing: ["request-unanswered", "tunnel-not-decapsulated"], .unanswered(1),
      "The backend has the address that the tunnel claims to come from."),
  ]

  private static let answerThatEndsAtNode: [TimedFrame] = {
    let net = Network.v4
    let (node, pod) = (MACAddress(0x06d2_0ab1_9001), MACAddress(0x06d2_0ab1_9019))
    var talk = net.conversation(port: 40001, along: net.direct(net.backend1), at: net.atBackend1)
    talk.requests = [Sighting(.ethernet(from: node, to: pod))]
    talk.replies = [Sighting(.ethernet(from: pod, to: node))]
    talk.send(.syn, from: .client)
    talk.send([.syn, .ack], from: .server)
    for seconds in [1, 2, 4] {
      talk.resend(from: .client, after: .seconds(seconds))
      talk.resend(from: .server, after: .microseconds(200))
    }
    return talk.frames
  }()

  /// The balancer and a backend in whose tables one thing was made wrong.
  private static func besideBad(_ slug: String, _ scenario: String, failing: [String], _ flows: Flows) -> Fixture {
    Fixture(
      "lab/\(scenario)/client.pcap",
      "--vip 10.1.10.10:80 --host be1=tables/hosts/\(slug)-bad --host lb=tables/hosts/\(slug)-bad", .fail,
      failing: (failing + [slug]).sorted(), flows, "Beside tables in which one thing was made wrong.", nil)
  }

  private static func lab(
    _ scenario: String, capture: String = "client", vip: String = "10.1.10.10:80", arguments: String = "",
    _ verdict: Verdict,
    failing: [String] = [], _ flows: Flows, _ explanation: String
  ) -> Fixture {
    let hosts = ["lb", "be1", "be2", "client"].map { "--host \($0)=lab/\(scenario)" }
    let all = ["--vip \(vip)"] + (arguments.isEmpty ? [] : [arguments]) + hosts
    return Fixture(
      "lab/\(scenario)/\(capture).pcap", all.joined(separator: " "), verdict, failing: failing, flows, explanation,
      nil)
  }
}
