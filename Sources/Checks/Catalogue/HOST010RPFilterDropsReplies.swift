import Evidence
import Tables
import Wire

extension Check {
  static let rpFilterDropsReplies = Check(
    id: "HOST010", slug: "rp-filter-drops-replies",
    title: "A host on the way back drops replies for their source, the VIP",
    page: Page(
      looksFor: """
        The check looks at each host whose tables are given and that receives replies from the VIP which no client
        acknowledged and which no frame shows to leave it: a node, a router, a balancer. It fails if the effective
        rp_filter of the receiving interface, the larger one of `all` and the interface, drops them: 1 drops them if
        the host's route to the VIP leads elsewhere, 2 if it has no route. A host that has the VIP itself drops them
        with any rp_filter, unless accept_local is 1 there. The check is undecided if that interface has an XDP
        program, which may take the replies first. IPv6 has no such setting.
        """,
      whyItMatters: """
        The backend answers, and the next host drops the answer as a martian source. The kernel logs it only if
        log_martians is 1. The wire shows only the service's SYNs.
        """,
      howToMend: """
        Set `net.ipv4.conf.all.rp_filter=0` and the same for that interface, or 2 if it has a route to the VIP. If the
        host has the VIP, send the replies another way: this way crosses the balancer.
        """,
      sources: [
        "linux net/ipv4/fib_frontend.c, __fib_validate_source",
        "linux Documentation/networking/ip-sysctl.rst, rp_filter and accept_local",
      ])
  ) { service in
    if service.service.address.version == .v6 { return .notApplicable("IPv6 has no rp_filter") }
    if service.tables.hosts.isEmpty { return .notApplicable("no host's tables are given") }
    var findings = PartFindings()
    for host in service.tables.hosts { findings.add(service.judgePassage(through: host), about: host.name) }
    return findings.finding(
      remedy: "set rp_filter 0 on that interface and for all, or send the replies another way",
      failing: { failures in "\(failures.map(\.part).joined(separator: ", ")): \(failures.first?.summary ?? "")" },
      passing: { "\($0.joined(separator: ", ")): replies that come to it may pass" },
      none: "no reply is seen to come to a host that is given")
  }
}

extension ServiceCase {
  fileprivate func judgePassage(through host: HostTables) -> PartFinding {
    let lost = lostReplies(at: host)
    guard !lost.isEmpty else { return .none("no reply is seen to end at a host that is given") }
    guard host.texts.contains(.settings) else { return .none("its settings are not given (sysctl -a)") }
    var open: PartFinding?
    for (interface, client) in lost {
      if interface.hasXDP {
        open = .open(
          "replies come to \(interface.name) of \(host.name) and end there", because: "an XDP program may take them",
          remedy: "capture where they should leave \(host.name)")
        continue
      }
      guard let effective = host.effective("rp_filter", on: interface.name) else {
        open = .open(
          "rp_filter of \(interface.name) on \(host.name) is not known, where replies end",
          because: "its settings do not tell it",
          next: .giveHostText(.settings, of: host.name))
        continue
      }
      let summary = "replies come to \(interface.name) and end there"
      if host.accepts(service.address) {
        let accept = host.effective("accept_local", on: interface.name)
        if accept.map({ $0.value != 0 }) ?? false { continue }
        guard let line = host.acceptance(of: service.address) else { continue }
        return .fail(
          summary, because: "it has \(service.address) itself, and takes no packet from an address of its own",
          [Exhibit(line, expected: "no \(service.address)", actual: "\(service.address)")])
      }
      if effective.value == 0 { continue }
      guard host.texts.contains(.routes) else { return .none("its routes are not given (ip -j route)") }
      // The way back is looked up as if it answered.
      let back = host.reply(from: client, to: service.address, by: interface).route
      let leadsBack = back.map { route in route.hops.contains { $0.device == interface.name } } ?? false
      if leadsBack || effective.value == 2 && back != nil { continue }
      let way = back.flatMap { $0.hops.first?.device }.map { "leads to \($0)" } ?? "does not exist"
      return .fail(
        summary,
        because: "rp_filter is \(effective.value) on \(interface.name), and its route to \(service.address) \(way)",
        effective.lines.map { line, value in Exhibit(line, expected: "0", actual: "\(value)") })
    }
    return open ?? .pass
  }

  /// Interfaces of a host that replies came to, that nobody acknowledged and that were not seen to leave it, each with the
  /// client that waits.
  private func lostReplies(at host: HostTables) -> [(interface: HostTables.Interface, client: IPAddress)] {
    let macs = identities.macs(of: host.name)
    let devices = Set(macs.map(site.devices.device(of:)))
    var found: [(interface: HostTables.Interface, client: IPAddress)] = []
    for judged in flows where !judged.group.facts.contains(.clientHeardServer) {
      let client = judged.group.exemplar.flow.client.address
      let legs = judged.group.journeys.flatMap(\.replies.legs)
      guard client.version == .v4, !host.owns(client),
        !legs.contains(where: { $0.from.map(devices.contains) ?? false })
      else { continue }
      for leg in legs {
        guard let mac = leg.link.destination, macs.contains(mac),
          let interface = host.interfaces.first(where: { $0.mac == mac && $0.speaksARP }),
          !found.contains(where: { $0.interface.name == interface.name })
        else { continue }
        found.append((interface, client))
      }
    }
    return found.sorted { ($0.interface.name, $0.client) < ($1.interface.name, $1.client) }
  }
}
