import Tables
import Wire

extension Check {
  static let ipvsCarriesReplies = Check(
    id: "IPVS006", slug: "ipvs-carries-replies", title: "Outgoing counters of a Route or Tunnel service grow",
    page: Page(
      looksFor: """
        The check looks at the outgoing packets of a destination by Route or Tunnel (ipvsadm -ln --stats or --rate).
        The balancer's own ICMP errors count there too, as for a packet that is too big for the tunnel: at most one
        for each incoming packet, of at most 576 bytes (1,280 for IPv6). The check fails if a rate, or the growth of a
        total between two texts of the table, is more than these errors can be: more packets than came in, or longer
        ones. It also fails if any packet went out while the capture shows replies that cross the balancer. It passes
        if packets came in, and none went out or none more than before. All else is undecided: Linux sums these
        counters every two seconds, so two equal texts say nothing if nothing came in.

        ipvsadm -ln tells how a destination is served, and --stats does not: give both. The check does not judge the
        host itself (127.0.0.1, the VIP, an address of its own).
        """,
      whyItMatters: """
        Apart from the balancer's own ICMP, IPVS counts outgoing packets of such a service only if replies cross it.
        They do not return directly then, whatever the capture shows. The counter tells which backend it is.
        """,
      howToMend: """
        Look at the routes of the backend whose counter grows: its gateway is the balancer. After you have mended it,
        ipvsadm -Z sets the counters to zero.
        """,
      sources: [
        "linux net/netfilter/ipvs/ip_vs_core.c (ip_vs_out_stats)",
        "https://github.com/acassen/keepalived/issues/1827 (replies through the balancer)",
      ])
  ) { service in
    let series = service.ipvs.flatMap { host in service.counterSeries(of: host) }
    guard !series.isEmpty else { return .notApplicable("no table with counters of another host was given") }
    let carrying = series.filter { $0.latest.packetsOut > 0 }
    if carrying.isEmpty {
      return series.contains { $0.latest.packetsIn > 0 }
        ? .pass("no reply is counted") : .notApplicable("no packet is counted")
    }
    let direct = carrying.filter { $0.forwarding?.isDirect ?? false }
    guard let first = direct.first else {
      let open = carrying.filter { $0.forwarding == nil && $0.host.role != .node }
      return open.isEmpty
        ? .notApplicable("only destinations by Masq count replies")
        : .inconclusive(
          "\(open[0].host.text) counts replies",
          because: "that text does not tell whether these are of a service by Route or Tunnel",
          next: .giveIPVSListing,
          open.flatMap { $0.exhibits(expected: "no outgoing packets, if it is Route or Tunnel") })
    }
    let proved = direct.filter(\.growsByReplies)
    if let grown = proved.first {
      return .fail(
        "replies of \(grown.name) cross \(grown.host.name ?? "the balancer")",
        because: "its outgoing counter grows by more than the balancer's own ICMP can be",
        remedy: "on that backend, set a route to the clients that avoids the balancer",
        proved.flatMap { $0.exhibits(expected: "no outgoing packets") })
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
    if let growing = direct.first(where: \.grows) {
      return .inconclusive(
        "outgoing packets of \(growing.name) are counted",
        because: "the balancer's own ICMP, as about packets too big, counts as well, and so few tell no difference",
        remedy: "capture on the balancer: are these replies, or ICMP?", evidence)
    }
    return .inconclusive(
      "outgoing packets of \(first.name) were counted",
      because: "the total may be of before a fault was mended, or be the balancer's own ICMP",
      remedy: "read the counters again while clients ask, more than two seconds later, and give both texts", evidence)
  }
}

/// What was counted in a while, and how far rounding may be off.
private struct Growth {
  var packetsIn: UInt64
  var packetsOut: UInt64
  var bytesOut: UInt64
  var slack: UInt64
  var byteSlack: UInt64

  /// A second's worth, whose fractions are cut off.
  init(rate: IPVSTable.Counters) {
    (packetsIn, packetsOut, bytesOut) = (rate.packetsIn, rate.packetsOut, rate.bytesOut)
    slack = max(1, Self.unit(rate.packetsIn), Self.unit(rate.packetsOut))
    byteSlack = Self.unit(rate.bytesOut)
  }

  /// `nil` where one was zeroed in between.
  init?(from before: IPVSTable.Counters, to after: IPVSTable.Counters) {
    guard after.packetsOut >= before.packetsOut, after.packetsIn >= before.packetsIn, after.bytesOut >= before.bytesOut
    else { return nil }
    packetsIn = after.packetsIn - before.packetsIn
    packetsOut = after.packetsOut - before.packetsOut
    bytesOut = after.bytesOut - before.bytesOut
    let units = [before, after].flatMap { [Self.unit($0.packetsIn), Self.unit($0.packetsOut)] }
    slack = units.reduce(0) { max($0, $1) }
    byteSlack = max(Self.unit(before.bytesOut), Self.unit(after.bytesOut))
  }

  /// Large numbers are rounded to thousands, millions and so on, unless they were asked to be exact; 0 where this is not.
  private static func unit(_ number: UInt64) -> UInt64 {
    var unit: UInt64 = 1
    while number >= 10_000_000, number % (unit * 1000) == 0, unit < 1_000_000_000_000 { unit *= 1000 }
    return unit == 1 ? 0 : unit
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

  private var totals: [IPVSTable.Counters] { texts.map(\.counters).filter { !$0.isRate } }

  /// What it counts now: rates, and what the last two totals differ by. A total that falls was zeroed in between.
  private var growth: [Growth] {
    let rates = texts.map(\.counters).filter(\.isRate).map(Growth.init(rate:))
    let last = Array(totals.suffix(2))
    return rates + (last.count == 2 ? [Growth(from: last[0], to: last[1])].compactMap { $0 } : [])
  }

  var grows: Bool { growth.contains { $0.packetsOut > 0 } }

  /// It counts more than errors about the incoming packets can be.
  var growsByReplies: Bool {
    // Linux sends no longer ones: net/ipv4/icmp.c, __icmp_send; RFC 4443 section 2.4 (c).
    let longest: UInt64 = address.version == .v4 ? 576 : 1280
    return growth.contains { growth in
      guard growth.packetsOut > growth.slack else { return false }
      return growth.packetsOut > growth.packetsIn + growth.slack
        || growth.bytesOut > (growth.packetsOut + growth.slack) * longest + growth.byteSlack
    }
  }

  /// Read at least twice, the same the last two times although packets came in.
  var isAtRest: Bool {
    let last = Array(totals.suffix(2))
    guard last.count == 2, last[0].packetsOut == last[1].packetsOut else { return false }
    return last[1].packetsIn > last[0].packetsIn
  }

  func exhibits(expected: String) -> [Exhibit] { texts.suffix(2).map { $0.destination.exhibit(expected: expected) } }
}

extension ServiceCase {
  /// Without what the host itself serves, whose answers it counts rightly.
  fileprivate func counterSeries(of host: IPVSHost) -> [CounterSeries] {
    struct Key: Hashable {
      var name: IPVSTable.Service.Name
      var endpoint: IPVSTable.Endpoint
    }
    var order: [Key] = []
    var texts: [Key: [(destination: IPVSHost.Destination, counters: IPVSTable.Counters)]] = [:]
    for destination in host.destinations {
      guard let counters = destination.destination.counters else { continue }
      let endpoint = destination.destination.endpoint
      if destination.isOwn || host.forwarding(of: destination) == .local { continue }
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
