import Evidence
import Wire

extension Check {
  static let connectionRefused = Check(
    id: "DSR005", slug: "connection-refused", title: "A backend resets the handshake, or ICMP says unreachable",
    page: Page(
      looksFor: """
        A reset that answers a SYN: RST and ACK with sequence number 0, or nothing but resets to a client that sent
        nothing but SYNs. Or an ICMP unreachable message that quotes a request to the service.
        """,
      whyItMatters: """
        The request reached a host that has no such service: a backend without a listener on that port, or a balancer
        without a usable backend. The MAC of the frame tells which.
        """,
      howToMend: """
        Start the listener on the backend that resets, on the service's own port (DSR cannot translate ports), bound to
        the VIP or to every address. Where the balancer itself answers, give the service a usable backend.
        """,
      sources: ["RFC 9293 section 3.5.2", "RFC 792, RFC 4443 section 3.1", "loxilb pkg/loxinet/rules.go (equal ports)"])
  ) { service in
    var refused = 0
    var isUnreachable = false
    var evidence: [Exhibit] = []
    var refuser: MACAddress?
    for judged in service.flows {
      guard case .unanswered(let silence) = judged.fate, silence == .refused || silence == .unreachable else {
        continue
      }
      // That is the tunnel's fault, and not the service's: DSR012.
      if service.tunnelFault(of: judged) != nil { continue }
      refused += judged.group.flows
      if silence == .unreachable { isUnreachable = true }
      let observed = judged.group.exemplar
      guard let reset = observed.replies.first(where: { $0.kinds.contains(.rst) }) else { continue }
      refuser = refuser ?? service.links.source(of: reset.link)
      evidence.append(
        service.exhibit(reset, of: observed.flow, expected: "SYN-ACK", actual: "RST, \(service.links[reset.link].text)")
      )
    }
    // A message about a flow that was answered all the same does not count.
    let unreachable =
      !isUnreachable
      ? []
      : service.errors.filter {
        $0.message.error.kind == .unreachable && $0.message.error.quoted.destination == service.service.address
      }
    evidence += unreachable.map { service.exhibit($0, expected: "an answer") }
    if refused > 0 || !unreachable.isEmpty {
      return .fail(
        refused > 0
          ? "\(refused) of \(counted(service.counts.total, "flow")) refused"
          : "ICMP says that the service cannot be reached",
        because: "the host at the end of the request has no such service, or says that it cannot pass it on",
        next: service.step(forRefusalBy: refuser, orICMPFrom: unreachable.first?.message.from), evidence)
    }
    guard service.flows.contains(where: { $0.group.facts.contains(.requestSeen) }) else {
      return .notApplicable("no request was captured")
    }
    return .pass("no connection was refused")
  }
}

extension ServiceCase {
  /// An ICMP error as evidence.
  func exhibit(_ error: (message: ErrorMessage, tally: Tally), expected: String) -> Exhibit {
    let message = error.message
    let mtu = message.error.mtu > 0 ? ", MTU \(message.error.mtu)" : ""
    let quoted = message.error.quoted
    let isRequest = quoted.destination == service.address
    let flow = TransportProtocol(rawValue: quoted.protocolNumber).map { transport in
      let from = Endpoint(address: quoted.source, port: quoted.sourcePort)
      let to = Endpoint(address: quoted.destination, port: quoted.destinationPort)
      return Flow(transport: transport, client: isRequest ? from : to, server: isRequest ? to : from)
    }
    return Exhibit(
      frame(error.tally.firstFrame, at: message.point, error.tally.firstTime, of: flow),
      expected: expected,
      actual: "ICMP type \(message.error.type) code \(message.error.code)\(mtu) from \(message.from)"
        + (message.source.map { " (\($0))" } ?? "") + ", \(counted(Int(clamping: error.tally.frames), "time"))")
  }
}
