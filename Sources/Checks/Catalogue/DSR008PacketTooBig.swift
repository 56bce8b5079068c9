import Evidence
import Wire

extension Check {
  static let packetTooBig = Check(
    id: "DSR008", slug: "packet-too-big", title: "ICMP fragmentation-needed or Packet Too Big about the VIP's flows",
    page: Page(
      looksFor: """
        ICMP type 3 code 4 or ICMPv6 type 2 that quotes a packet of a captured flow of the service, with a sequence
        number that the flow sent. The check passes where path MTU discovery works: after a message about a reply the
        client acknowledges what was too big; after one about a request the server acknowledges all that the client
        sent. Of UDP it stays undecided.
        """,
      whyItMatters: """
        A tunnel to the backend takes 20 to 60 bytes of the path's MTU. Routers send a message about a reply to the VIP,
        so it reaches the balancer and not the backend that has to send smaller packets: small requests work, large
        transfers hang.
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
    let finding = found(service)
    guard finding.outcome == .pass,
      service.flows.contains(where: {
        $0.group.facts.contains(.perhapsTooBig) && !$0.group.facts.contains(.tooBigGotOver)
      })
    else { return finding }
    return .inconclusive(
      "not all messages about packets that are too big were kept",
      because: "the captures hold more different ICMP errors than there is room for",
      remedy: "find out who floods the service with ICMP errors, and capture again")
  }

  private static func found(_ service: ServiceCase) -> Finding {
    let messages = service.errors.filter { $0.message.error.kind == .packetTooBig }
    let untold = service.run.errors.untoldErrors(perhapsAbout: service.service.address).filter {
      $0.message.error.kind == .packetTooBig
    }
    if !untold.isEmpty {
      return .inconclusive(
        "a packet was said to be too big for the path",
        because: "the text does not tell whether it was one of these flows'", next: .printBytes,
        untold.map { service.exhibit($0, expected: "packets that fit the path's MTU") })
    }
    guard !messages.isEmpty else {
      return service.flows.isEmpty
        ? .notApplicable("no flow was captured") : .pass("no packet was said to be too big")
    }
    let told = service.flows.filter { !$0.group.facts.isDisjoint(with: [.tooBig, .requestTooBig]) }
    if told.isEmpty { return .pass("no packet of a captured flow was said to be too big") }
    if told.allSatisfy({ $0.group.facts.contains(.tooBigGotOver) }) {
      return .pass("packets that were too big for the path got over it")
    }
    if told.allSatisfy({ $0.group.facts.contains(.tooBigGotOver) || $0.group.exemplar.flow.transport == .udp }) {
      return .inconclusive(
        "packets of the service were too big for the path",
        because: "nobody acknowledges a datagram: whether smaller ones came through does not show",
        next: service.capturing(at: [.client], toSee: .reply),
        messages.map { service.exhibit($0, expected: "packets that fit the path's MTU") })
    }
    let open = told.filter { !$0.group.facts.contains(.tooBigGotOver) }
    if open.allSatisfy({ $0.group.facts.contains(.perhapsGetsOver) }) {
      return .inconclusive(
        "packets of the service were too big for the path",
        because: "the capture ends too early to tell whether smaller ones came through, or its numbers do not tell",
        next: .captureMore,
        messages.map { service.exhibit($0, expected: "packets that fit the path's MTU") })
    }
    return .fail(
      "packets of the service are too big for the path",
      because: "somebody on the path says so; where that is about replies, the message goes to the VIP and so to the"
        + " balancer, not to the backend",
      remedy: "raise the MTU behind the balancer, or lower the MSS on the backends"
        + (fittingMSS(messages).map { " to \($0)" } ?? ""),
      messages.map { service.exhibit($0, expected: "packets that fit the path's MTU") })
  }

  /// The smallest MTU that is told, without the headers of IP and TCP (RFC 9293 section 3.7.1, RFC 8200 section 8.3).
  private static func fittingMSS(_ messages: [ErrorIndex.Seen]) -> UInt32? {
    messages.map(\.message.error).filter { $0.mtu > 60 }.map { error in
      error.mtu - (error.quoted.source.version == .v4 ? 40 : 60)
    }.min()
  }
}
