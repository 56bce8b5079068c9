import Tables

extension Check {
  static let ipvsCarriesReplies = Check(
    id: "IPVS006", slug: "ipvs-carries-replies", title: "Outgoing counters of a Route or Tunnel service grow",
    page: Page(
      looksFor: """
        Outgoing packets of a destination by Route or Tunnel (ipvsadm -ln --stats or --rate). A rate above 0, or a total
        that grows from one text of the table to the next, is a fault, and so is a total while the capture shows replies
        that cross the balancer. One total alone is undecided: it may be of before the fault was mended. How a
        destination is served stands in ipvsadm -ln, not in --stats: give both.
        """,
      whyItMatters: """
        IPVS counts outgoing packets of such a service only where replies pass it: then they are not returned directly,
        whatever the capture at hand shows. The counter tells which backend it is.
        """,
      howToMend: """
        Look at the route of the backend whose counter grows: its gateway is the balancer. ipvsadm -Z zeroes the
        counters once it is mended.
        """,
      sources: [
        "linux net/netfilter/ipvs/ip_vs_core.c (ip_vs_out_stats)",
        "https://github.com/acassen/keepalived/issues/1827 (replies through the balancer)",
      ])
  ) { service in
    let hosts = service.ipvs.filter { $0.destinations.contains { $0.destination.counters != nil } }
    guard !hosts.isEmpty else { return .notApplicable("no table with counters was given") }
    let counted = hosts.flatMap { host in
      host.destinations.filter { $0.destination.counters != nil }.map { (host: host, destination: $0) }
    }
    let carrying = counted.filter { ($0.destination.destination.counters?.packetsOut ?? 0) > 0 }
    if carrying.isEmpty {
      return .pass("no reply is counted in \(hosts.map(\.text).joined(separator: ", "))")
    }
    let direct = carrying.filter { $0.host.forwarding(of: $0.destination)?.isDirect ?? false }
    guard let first = direct.first else {
      let isOpen = carrying.contains { $0.host.forwarding(of: $0.destination) == nil && $0.host.role != .node }
      return isOpen
        ? .inconclusive(
          "\(carrying.first?.host.text ?? "the table") counts replies",
          because: "that text does not tell whether these are of a service by Route or Tunnel",
          remedy: "give what ipvsadm -ln prints as well: --ipvs FILE --ipvs FILE",
          carrying.map { $0.destination.exhibit(expected: "no outgoing packets, if it is Route or Tunnel") })
        : .notApplicable("only destinations by Masq count replies")
    }
    let evidence = direct.map { $0.destination.exhibit(expected: "no outgoing packets") }
    let growing = direct.filter {
      $0.destination.destination.counters?.isRate ?? false || $0.host.grows($0.destination)
    }
    if let grown = growing.first ?? (service.counts.viaBalancer > 0 ? first : nil) {
      return .fail(
        "replies of \(grown.destination.destination.endpoint.text) cross \(grown.host.name ?? "the balancer")",
        because: growing.isEmpty
          ? "its outgoing counter is above 0, and the capture shows such replies"
          : "its outgoing counter grows",
        remedy: "on that backend, set the route to the clients past the balancer", evidence)
    }
    if direct.allSatisfy({ $0.host.isAtRest($0.destination) }) {
      return .pass("outgoing counters do not grow from one text to the next")
    }
    return .inconclusive(
      "\(first.destination.destination.endpoint.text) has carried replies",
      because: "the total may be of before the fault was mended",
      remedy: "read the counters again and give both texts, or give ipvsadm -ln --rate", evidence)
  }
}

extension IPVSHost {
  /// The totals of a destination, in the order in which the texts were named.
  private func totals(_ destination: Destination) -> [UInt64] {
    destinations.filter {
      $0.listed.service.name == destination.listed.service.name
        && $0.destination.endpoint == destination.destination.endpoint
    }
    .compactMap { $0.destination.counters }.filter { !$0.isRate }.map(\.packetsOut)
  }

  fileprivate func grows(_ destination: Destination) -> Bool {
    let totals = totals(destination)
    return zip(totals, totals.dropFirst()).contains { $0 != $1 }
  }

  /// Read at least twice, and the same each time.
  fileprivate func isAtRest(_ destination: Destination) -> Bool {
    totals(destination).count > 1 && !grows(destination)
  }
}
