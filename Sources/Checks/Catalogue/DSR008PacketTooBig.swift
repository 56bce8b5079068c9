import Evidence
import Wire

extension Check {
  static let packetTooBig = Check(
    id: "DSR008", slug: "packet-too-big", title: "ICMP fragmentation-needed or Packet Too Big about the VIP's flows",
    page: Page(
      looksFor: """
        ICMP type 3 code 4 or ICMPv6 type 2 that quotes a packet to or from the service. About a reply it passes where
        the flow goes on without a byte sent again: that is path MTU discovery at work.
        """,
      whyItMatters: """
        A tunnel to the backend takes 20 to 60 bytes of the path's MTU. Such a message about a reply is sent to the
        VIP, so it reaches the balancer and not the backend that has to send smaller packets: small requests work,
        large transfers hang.
        """,
      howToMend: """
        Raise the MTU between balancer and backends, or lower the MSS that backends announce (ip route … advmss, or a
        clamp on the VIP's interface) by the tunnel's overhead. See that the balancer passes ICMP on to the backends.
        """,
      sources: [
        "linux net/netfilter/ipvs/ip_vs_xmit.c (too big for the tunnel with DF: ICMP 3/4)", "RFC 1191, RFC 8201",
        "https://github.com/cloudnativelabs/kube-router/issues/630",
        "https://github.com/facebookincubator/katran/issues/82",
      ])
  ) { service in
    let messages = service.errors.filter { $0.message.error.kind == .packetTooBig }
    guard !messages.isEmpty else {
      return service.flows.isEmpty
        ? .notApplicable("no flow was captured") : .pass("no packet was said to be too big")
    }
    // On the way to a client, path MTU discovery is an ordinary thing where it works.
    let requests = messages.contains { $0.message.error.quoted.destination == service.service.address }
    let told = service.flows.filter { $0.group.facts.contains(.tooBig) }
    if !requests, !told.isEmpty, told.allSatisfy({ $0.group.facts.contains(.tooBigGotOver) }) {
      return .pass("replies that were too big for a client's path got over it")
    }
    return .fail(
      "packets of the service are too big for the path",
      because: "somebody on the path says so; where that is about replies, the message goes to the VIP and so to the"
        + " balancer, not to the backend",
      remedy: "raise the MTU behind the balancer, or lower the MSS on the backends",
      messages.map { service.exhibit($0, expected: "packets that fit the path's MTU") })
  }
}
