import Tables
import Wire

extension Check {
  static let ipvsUnlistedBackend = Check(
    id: "IPVS005", slug: "ipvs-unlisted-backend", title: "A backend that answers is not in the balancer's IPVS table",
    page: Page(
      looksFor: """
        The check fails if a MAC answers for the VIP, gets its requests from the balancer, and belongs to none of the
        listed destinations, whose MACs are all known. ARP and NDP in the captures, the user, and hosts' tables tell
        whose a MAC is. The check is undecided if the capture does not show that the balancer hands it requests, for a
        destination may answer by another of its interfaces. It is also undecided if there are several balancers. It
        does not judge a MAC that gets requests in a tunnel: that may be a router on their way.
        """,
      whyItMatters: """
        A host serves the VIP, and the balancer does not know it. It may be a backend that was taken out and still
        gets traffic, or another balancer may send to it, or the table may be of the wrong host.
        """,
      howToMend: """
        Find the host by its MAC. If it should serve, list it; if not, take the VIP off it. If another balancer sends
        it requests, give that one's table as well.
        """,
      sources: ["ipvsadm(8), add-server", "docs/ipvs.md (how MACs and destinations are joined)"])
  ) { service in
    let listed = service.ipvs.filter { $0.role == .balancer }.flatMap(\.destinations)
    let answering = service.directAnswerers
    guard !listed.isEmpty, !answering.isEmpty else {
      return .notApplicable("no balancer's table, or no backend that was seen to answer")
    }
    guard listed.allSatisfy(\.listed.service.listsAllDestinations) else {
      return .notApplicable("a part of the table was left out, where more destinations may stand")
    }
    let addresses = Set(listed.map(\.destination.endpoint.address))
    let unlisted = answering.filter { mac in
      !service.getsTunnels([mac]) && service.addresses(of: mac).allSatisfy { !addresses.contains($0) }
        && !addresses.contains { service.isOfSameHost(mac, $0) }
    }
    if unlisted.isEmpty { return .pass("every backend that answers is listed") }
    let macs = addresses.map { service.macs(of: $0) }
    guard macs.allSatisfy({ !$0.isEmpty }) else {
      return .notApplicable("nothing tells which destination has which MAC")
    }
    let strangers = unlisted.filter { mac in macs.allSatisfy { !$0.contains(mac) } }.sorted()
    guard let first = strangers.first else { return .pass("every backend that answers is listed") }
    let evidence = service.ipvs.filter { $0.role == .balancer }.flatMap(\.services).map { listed in
      Exhibit(
        listed.line(listed.service.line), expected: "a destination with the MAC \(first)",
        actual: listed.service.destinations.map(\.endpoint.text).joined(separator: ", "))
    }
    let isHandedRequests = strangers.contains { service.getsRequestsFromBalancer($0) }
    guard isHandedRequests, service.roles.balancers.count == 1 else {
      return .inconclusive(
        "\(first) answers for the VIP and is no listed destination's MAC",
        because: isHandedRequests
          ? "there are several balancers, and another one's table may list it"
          : "a destination may answer by another of its interfaces",
        next: isHandedRequests ? .giveTablesOfAllBalancers : .giveUnlistedHost,
        evidence)
    }
    return .fail(
      "\(strangers.map(\.description).joined(separator: ", ")) serves \(service.service.text) and is not listed",
      because: "the balancer hands it requests, and its MAC is none of the listed destinations'",
      remedy: "find the host by its MAC, and the balancer that lists it", evidence)
  }
}
