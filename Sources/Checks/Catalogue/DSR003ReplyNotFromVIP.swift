import Evidence

extension Check {
  static let replyNotFromVIP = Check(
    id: "DSR003", slug: "reply-not-from-vip", title: "A backend answers from its own address",
    page: Page(
      looksFor: """
        An answer to a client that waits for the VIP, on the same port, but from another source address or, of TCP, from
        another port of the VIP. That is a SYN-ACK that acknowledges this client's SYN, from a host or from another VIP; after the handshake, a segment
        that acknowledges what the client sent to the VIP, or a reset with the number that the client acknowledged; or,
        with UDP, a datagram from the service's port within ten seconds.
        """,
      whyItMatters: """
        The client asked the VIP. It drops, or resets, an answer from another address, so the service looks dead
        although the backend serves.
        """,
      howToMend: """
        A UDP server that is bound to 0.0.0.0 answers from the address of the outgoing interface: bind it to the VIP,
        or have it set the source of each answer (IP_PKTINFO). For TCP, look for a translation on the backend that
        changes the destination on the way in and is not undone on the way out.
        """,
      sources: [
        "https://github.com/cilium/cilium/issues/26407", "https://github.com/cilium/cilium/issues/27730",
        "ip(7), IP_PKTINFO",
      ])
  ) { service in
    // On its way to the balancer an answer may bear the backend's address: the balancer puts the VIP in its place.
    let replies = service.foreignReplies.filter {
      !service.roles.isBalancer(service.links.destination(of: $0.record.link))
    }
    guard let first = replies.first else {
      return service.flows.isEmpty
        ? .notApplicable("no flow was captured") : .pass("no answer came from another address than the VIP")
    }
    let isOtherPort = first.from.address == service.service.address
    let (from, asked) =
      isOtherPort
      ? ("port \(first.from.port)", "port \(first.flow.server.port)")
      : ("\(first.from.address)", "\(service.service.address)")
    if service.policy.services.isEmpty, !replies.contains(where: \.isBeyondTranslation) {
      return .inconclusive(
        "\(service.service.address) was asked and \(first.from.address) answered",
        because: "where a balancer translates addresses, the one that answers is the VIP",
        next: .nameVIP)
    }
    return .fail(
      "\(counted(Set(replies.map(\.flow)).count, "flow")) answered from \(from) in place of \(isOtherPort ? asked : "the VIP")",
      because: "the client waits for an answer from \(asked) and takes no other",
      remedy: isOtherPort
        ? "let the backend listen on \(asked), or undo the translation of the port on the way back"
        : "bind the server to the VIP, or undo the translation on the backend",
      replies.map {
        service.exhibit(
          $0.record, of: $0.flow, expected: "an answer from \(service.service.address) port \($0.flow.server.port)",
          actual: "an answer from \($0.from.address) port \($0.from.port), \(service.links[$0.record.link].text)")
      })
  }
}
