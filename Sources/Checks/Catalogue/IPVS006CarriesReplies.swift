import Tables
import Wire

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
    let series = service.ipvs.flatMap { host in service.counterSeries(of: host) }
    guard !series.isEmpty else { return .notApplicable("no table with counters was given") }
    let carrying = series.filter { $0.latest.packetsOut > 0 }
    if carrying.isEmpty { return .pass("no reply is counted") }
    let direct = carrying.filter { $0.forwarding?.isDirect ?? false }
    guard let first = direct.first else {
      let open = carrying.filter { $0.forwarding == nil && $0.host.role != .node }
      return open.isEmpty
        ? .notApplicable("only destinations by Masq count replies")
        : .inconclusive(
          "\(open[0].host.text) counts replies",
          because: "that text does not tell whether these are of a service by Route or Tunnel",
          remedy: "give what ipvsadm -ln prints as well: --ipvs FILE --ipvs FILE",
          open.flatMap { $0.exhibits(expected: "no outgoing packets, if it is Route or Tunnel") })
    }
    let growing = direct.filter(\.grows)
    if let grown = growing.first {
      return .fail(
        "replies of \(grown.name) cross \(grown.host.name ?? "the balancer")", because: "its outgoing counter grows",
        remedy: "on that backend, set a route to the clients that avoids the balancer",
        growing.flatMap { $0.exhibits(expected: "no outgoing packets") })
    }
    let evidence = direct.flatMap { $0.exhibits(expected: "no outgoing packets") }
    if service.counts.viaBalancer > 0 {
      let seen = direct.filter { !service.macs(of: $0.address).isDisjoint(with: service.answerersViaBalancer) }
      return .fail(
        "replies of \(seen.isEmpty ? "a destination" : seen.map(\.name).joined(separator: ", ")) cross "
          + (first.host.name ?? "the balancer"),
        because: "an outgoing counter is above 0, and the capture shows such replies",
        remedy: "on that backend, set a route to the clients that avoids the balancer", evidence)
    }
    if direct.allSatisfy(\.isAtRest) { return .pass("outgoing counters do not grow from one text to the next") }
    return .inconclusive(
      "\(first.name) has carried replies", because: "the total may be of before the fault was mended",
      remedy: "read the counters again and give both texts, or give ipvsadm -ln --rate", evidence)
  }
}

/// The counters of one destination, in the order in which the texts were named.
private struct CounterSeries {
  let host: IPVSHost
  let forwarding: IPVSTable.Forwarding?
  let texts: [(destination: IPVSHost.Destination, counters: IPVSTable.Counters)]
  let latest: IPVSTable.Counters

  var name: String { texts.last?.destination.destination.endpoint.text ?? "" }
  var address: IPAddress { texts.last?.destination.destination.endpoint.address ?? IPAddress(v4: 0) }

  private var totals: [UInt64] { texts.map(\.counters).filter { !$0.isRate }.map(\.packetsOut) }

  /// It counts replies now: a rate, or the last two totals. A total that falls was zeroed in between.
  var grows: Bool {
    if texts.contains(where: { $0.counters.isRate && $0.counters.packetsOut > 0 }) { return true }
    let last = totals.suffix(2)
    guard last.count == 2, let before = last.first, let after = last.last else { return false }
    // Large ones are rounded to thousands, millions and so on, unless they were asked to be exact.
    var unit: UInt64 = 1
    while before >= 10_000_000, before % (unit * 1000) == 0, unit < 1_000_000_000_000 { unit *= 1000 }
    return after > before && after - before >= unit
  }

  /// Read at least twice, and the same the last two times.
  var isAtRest: Bool { totals.count > 1 && totals.suffix(2).first == totals.last }

  func exhibits(expected: String) -> [Exhibit] { texts.suffix(2).map { $0.destination.exhibit(expected: expected) } }
}

extension ServiceCase {
  /// Without what the host itself serves, whose answers it counts rightly.
  fileprivate func counterSeries(of host: IPVSHost) -> [CounterSeries] {
    struct Key: Hashable {
      var name: IPVSTable.Service.Name
      var endpoint: IPVSTable.Endpoint
    }
    let own = tables.hosts.first { $0.name == host.name }
    var order: [Key] = []
    var texts: [Key: [(destination: IPVSHost.Destination, counters: IPVSTable.Counters)]] = [:]
    for destination in host.destinations {
      guard let counters = destination.destination.counters else { continue }
      let endpoint = destination.destination.endpoint
      if own?.owns(endpoint.address) ?? false { continue }
      let key = Key(name: destination.listed.service.name, endpoint: endpoint)
      if texts[key] == nil { order.append(key) }
      texts[key, default: []].append((destination, counters))
    }
    return order.compactMap { key in
      guard let found = texts[key], let last = found.last else { return nil }
      return CounterSeries(
        host: host, forwarding: host.forwarding(of: last.destination), texts: found, latest: last.counters)
    }
  }

  /// The MACs of those who answered flows whose replies cross the balancer, where that leg was seen.
  fileprivate var answerersViaBalancer: Set<MACAddress> {
    flows.reduce(into: []) { found, judged in
      guard case .viaBalancer = judged.fate else { return }
      for journey in judged.group.journeys {
        found.formUnion(journey.replies.macs(from: journey.replies.origins.filter { !roles.isBalancer($0) }))
      }
    }
  }
}
