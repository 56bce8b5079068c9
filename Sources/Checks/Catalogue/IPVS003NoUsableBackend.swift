import Tables

extension Check {
  static let ipvsNoUsableBackend = Check(
    id: "IPVS003", slug: "ipvs-no-usable-backend", title: "The IPVS service has no destination, or all have weight 0",
    page: Page(
      looksFor: """
        A service of the VIP without a destination, or of which every destination has weight 0. Undecided in a node's
        table, which is empty rightly where the node has no local endpoint and the balancer knows it; and while the
        capture shows answers, unless --ipvs-role says that it is the balancer's: then it was read at another time or is
        a host's that does not balance now.
        """,
      whyItMatters: """
        New connections are dropped, or rejected with ICMP port unreachable. Those that exist go on, so that it shows
        late.
        """,
      howToMend: """
        Look at what removes destinations: health checks that fail against the backend's own address, a drained
        deployment, endpoints that are not ready. ipvsadm -e … -w 1 sets a weight by hand.
        """,
      sources: [
        "linux net/netfilter/ipvs/ip_vs_core.c (ip_vs_schedule, ip_vs_leave)",
        "ipvsadm(8), --weight (0 takes no new connection)",
      ])
  ) { service in
    let listed = service.ipvs.flatMap { host in host.services.map { (host: host, listed: $0) } }
    guard !listed.isEmpty else { return .notApplicable("no table has the VIP") }
    // A text without weights tells no more than that there are destinations.
    let empty = listed.filter { $0.listed.service.destinations.allSatisfy { $0.weight == 0 } }
    guard let first = empty.first else {
      return listed.allSatisfy { $0.listed.service.destinations.contains { $0.weight ?? 0 > 0 } }
        ? .pass("every service of the VIP has a destination that takes connections")
        : .pass("every service of the VIP has a destination")
    }
    let summary =
      first.listed.service.destinations.isEmpty
      ? "\(first.host.text) has no destination for \(service.service.text)"
      : "every destination of \(service.service.text) in \(first.host.text) has weight 0"
    let evidence = empty.map { host, listed in
      Exhibit(
        listed.line(listed.service.line), expected: "a destination with a weight above 0",
        actual: listed.service.destinations.isEmpty ? "no destination" : "weight 0 in each")
    }
    let answered = service.counts.total - service.counts.unanswered - service.counts.undecided
    let isSaid = empty.contains { service.policy.ipvsRoles[$0.host.name] ?? service.policy.ipvsRoles[nil] != nil }
    switch empty.compactMap(\.host.role).first {
    case .node:
      return .inconclusive(
        summary, because: "a node without a local endpoint is right where the balancer sends it nothing",
        remedy: "look whether this node is in the balancer's pool", evidence)
    case .balancer where answered > 0 && !isSaid, nil where answered > 0:
      return .inconclusive(
        summary, because: "yet \(counted(answered, "flow")) got an answer: it was read at another time, or elsewhere",
        remedy: "read the table while the capture runs, and say whose it is: --ipvs-role", evidence)
    case .balancer, nil:
      return .fail(
        summary, because: "IPVS drops or rejects new connections to it",
        remedy: "find what took the destinations out: health checks, a drain, endpoints that are not ready", evidence)
    }
  }
}
