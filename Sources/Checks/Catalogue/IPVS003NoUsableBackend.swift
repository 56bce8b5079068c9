import Tables

extension Check {
  static let ipvsNoUsableBackend = Check(
    id: "IPVS003", slug: "ipvs-no-usable-backend", title: "The IPVS service has no destination, or all have weight 0",
    page: Page(
      looksFor: """
        The check fails if a service of the VIP has no destination, or if all its destinations have weight 0. It is
        undecided in a node's table: a node without a local endpoint has no destination, and the balancer may know it.
        It is also undecided if the capture shows answers, unless the user says that the table is the balancer's: the
        table may be of another time, or its host does not balance now.
        """,
      whyItMatters: """
        The kernel drops new connections, or rejects them with ICMP port unreachable. Existing connections go on, so
        the fault shows late.
        """,
      howToMend: """
        Look for what removes destinations: health checks that fail at the backend's own address, a drained
        deployment, endpoints that are not ready. ipvsadm -e … -w 1 sets a weight by hand.
        """,
      sources: [
        "linux net/netfilter/ipvs/ip_vs_core.c (ip_vs_schedule, ip_vs_leave)",
        "ipvsadm(8), weight (0 takes no new connection)",
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
    if let part = empty.first(where: { !$0.listed.service.listsAllDestinations }) {
      return .inconclusive(
        "\(part.host.text) shows no usable destination for \(service.service.text)",
        because: "a part of its text was left out, where more may stand",
        remedy: "give the whole of what ipvsadm -ln prints", evidence)
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
        next: .readIPVSTableMeanwhile, evidence)
    case .balancer, nil:
      return .fail(
        summary, because: "IPVS drops or rejects new connections to it",
        remedy: "find what took the destinations out: health checks, a drain, endpoints that are not ready", evidence)
    }
  }
}
