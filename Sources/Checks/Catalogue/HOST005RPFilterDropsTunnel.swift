import Tables
import Wire

extension Check {
  static let rpFilterDropsTunnel = Check(
    id: "HOST005", slug: "rp-filter-drops-tunnel", title: "A backend's rp_filter drops what comes out of the tunnel",
    page: Page(
      looksFor: """
        The check looks at each backend that gets its requests in a tunnel, as a table or the frames tell. It fails if
        the effective rp_filter of the tunnel's interface, the larger one of `all` and the interface, drops them. 1
        requires that the route back to the client leads into the tunnel; with direct return it never does. 2 requires
        any route, but is as strict as 1 if the interface has no IPv4 address. The check passes if the backend was
        seen to answer. IPv6 has no such setting.
        """,
      whyItMatters: """
        The tunnel's packets arrive, the kernel unpacks them and drops them. No common counter shows it: tcpdump shows
        the SYN and no SYN-ACK. Distributions set 1 or 2 by default.
        """,
      howToMend: """
        Put `net.ipv4.conf.tunl0.rp_filter=0` (or the tunnel's interface) and, because the larger value counts,
        `net.ipv4.conf.all.rp_filter=0` into /etc/sysctl.d. 2 is enough if the tunnel's interface has an address, such
        as the VIP.
        """,
      sources: [
        "linux net/ipv4/fib_frontend.c, __fib_validate_source",
        "linux Documentation/networking/ip-sysctl.rst, rp_filter", "RFC 3704",
        "https://github.com/facebookincubator/katran/issues/24",
      ])
  ) { service in
    if service.service.address.version == .v6 { return .notApplicable("IPv6 has no rp_filter") }
    return service.judgeBackendHosts(
      passing: "rp_filter lets the tunnel's packets in",
      remedy: "sysctl -w net.ipv4.conf.all.rp_filter=0, and the same for the tunnel's interface"
    ) { backend in
      let host = backend.host
      guard backend.getsTunnels else { return .none("no tunnel leads to it") }
      guard host.texts.contains(.addresses) else { return .none("its addresses are not given (ip -j addr)") }
      guard host.texts.contains(.settings) else { return .none("its settings are not given (sysctl -a)") }
      // Whatever its settings are: they let the requests in.
      if service.answers(backend.macs) { return .pass }
      // Which of several unpacks the requests does not show, unless one has the VIP: each has to let them in, or none.
      let layers = service.tunnels(to: host)
      let up = host.interfaces.filter { interface in
        guard interface.flags.contains("UP") else { return false }
        guard let end = interface.tunnel, !layers.isEmpty else { return layers.isEmpty && interface.isTunnel }
        return layers.contains { end.kind.opens($0) && end.mismatch($0) == nil }
      }
      let bearing = up.filter { $0.has(service.service.address) }
      let ends = bearing.isEmpty ? up : bearing
      if ends.isEmpty { return .none("no end of a tunnel is up") }
      let judged = ends.map { service.judgeTunnelEnd($0, of: host) }
      let fails = judged.filter { if case .fail = $0 { true } else { false } }
      if let first = fails.first {
        if fails.count == judged.count { return first }
        return .open(
          "rp_filter drops what comes out of one of its \(judged.count) tunnels",
          because: "which one brings the requests does not show",
          remedy: "take down the interfaces that are not used, or give the VIP to the right one alone")
      }
      return judged.first { if case .open = $0 { true } else { false } } ?? .pass
    }
  }
}

extension ServiceCase {
  /// Whether rp_filter lets in what comes out of the end of a tunnel.
  func judgeTunnelEnd(_ end: HostTables.Interface, of host: HostTables) -> PartFinding {
    guard let effective = host.effective("rp_filter", on: end.name) else {
      return .open(
        "rp_filter of \(end.name) is not known", because: "its settings do not tell it",
        next: .giveHostText(.settings, of: host.name))
    }
    let hasAddress = end.addresses.contains { $0.address.version == .v4 }
    if effective.value == 0 || effective.value != 1 && hasAddress { return .pass }
    guard host.texts.contains(.routes) else {
      return .open(
        "rp_filter is \(effective.value) on \(end.name)", because: "where its routes lead is not given",
        next: .giveHostText(.routes, of: host.name))
    }
    // A route into the tunnel would satisfy it; then the replies would not return directly.
    let isInto = { (hops: [RouteTable.Hop]) in hops.contains { $0.device == end.name } }
    let v4 = clients.filter { $0.version == .v4 }
    if v4.isEmpty {
      if host.routes.routes.contains(where: { isInto($0.hops) }) { return .none("no client was seen") }
    } else if v4.allSatisfy({ host.reply(from: service.address, to: $0).route.map { isInto($0.hops) } ?? false }) {
      return .pass
    }
    let why =
      effective.value == 1
      ? "the route to the clients does not lead into \(end.name)"
      : "\(end.name) has no IPv4 address, which makes \(effective.value) as strict as 1"
    return .fail(
      "rp_filter is \(effective.value) on \(end.name)", because: why,
      effective.lines.map { line, value in Exhibit(line, expected: "0", actual: "\(value)") })
  }
}
