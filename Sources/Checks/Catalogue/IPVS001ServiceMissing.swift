import Tables

extension Check {
  static let ipvsServiceMissing = Check(
    id: "IPVS001", slug: "ipvs-service-missing", title: "The VIP is not in the IPVS table",
    page: Page(
      looksFor: """
        The check looks in each host's table for a service of the VIP, protocol and port: by address and port, by port
        0 (every port), or by a firewall mark that the user maps to the VIP. It fails if no table has one. It is
        undecided if the table has a mark that nobody maps, if the text is a part of a table, or if only one of several
        tables lacks the VIP. It judges only services that the user names, not those that it finds in the traffic.
        """,
      whyItMatters: """
        A balancer without the service forwards nothing: it answers itself, or refuses. A node without it does not
        deliver what the balancer sends it.
        """,
      howToMend: """
        Look for what should have made the service: keepalived's configuration, a Kubernetes Service whose
        status.loadBalancer.ingress lacks the VIP, another network namespace. Run `ipvsadm -ln` on the right host.
        """,
      sources: [
        "linux net/netfilter/ipvs/ip_vs_ctl.c (ip_vs_service_find: mark, then address and port, then port 0)",
        "https://github.com/cloudnativelabs/kube-router/issues/1169 (one VIP by address and by mark)",
      ])
  ) { service in
    let hosts = service.ipvs.filter(\.listsServices)
    guard !hosts.isEmpty else { return .notApplicable("no IPVS table was given") }
    // A table that came with a host's other tables need not be there for the VIP.
    let missing = hosts.filter { host in
      guard host.services.isEmpty else { return false }
      let isHosts = service.tables.hosts.contains { $0.name == host.name }
      return !isHosts || service.policy.ipvsRoles[host.name] != nil || service.isBalancer(host.name) == true
    }
    if missing.isEmpty { return .pass("the VIP is in \(hosts.count == 1 ? "the table" : "every table")") }
    if !service.policy.namesServices {
      return .notApplicable("nobody named it, and no table has it")
    }
    let evidence = missing.flatMap { host in
      host.files.map {
        Exhibit(
          TableLine(path: $0, number: 0), expected: "a service for \(service.service.text)", actual: "none")
      }
    }
    if let host = missing.first(where: { !$0.unknownMarks.isEmpty }), let mark = host.unknownMarks.first {
      return .inconclusive(
        "\(service.service.text) is not in \(host.text), which has a service for firewall mark \(mark)",
        because: "nothing tells which packets bear that mark",
        next: .tellMark(mark, of: service.service.address), evidence)
    }
    if let host = missing.first(where: { !$0.listsAllServices }) {
      return .inconclusive(
        "\(service.service.text) is not in \(host.text), which is not whole",
        because: "a part was left out, or one service alone was asked for, and the rest may have it",
        remedy: "give the whole of what ipvsadm -ln prints", evidence)
    }
    if missing.count < hosts.count, let host = missing.first(where: { service.policy.ipvsRoles[$0.name] == nil }) {
      return .inconclusive(
        "\(service.service.text) is not in \(host.text)", because: "other tables have it, and this one may need none",
        next: .leaveOutTable(host: host.name ?? ""), evidence)
    }
    return .fail(
      "\(service.service.text) is not in \(missing.map(\.text).joined(separator: ", "))",
      because: "IPVS hands on only what it has a service for",
      remedy: "find what should have made the service, or the host and network namespace that has it", evidence)
  }
}
