import Tables
import Wire

extension Check {
  static let vipMaskTooWide = Check(
    id: "HOST002", slug: "vip-mask-too-wide", title: "The VIP stands on a backend's loopback with more than itself",
    page: Page(
      looksFor: """
        The check fails if the VIP is on a backend's loopback with a prefix shorter than 32 bits (128 for IPv6), or if
        another address there has a prefix that contains the VIP. On a dummy interface or a tunnel's end it fails only
        if the backend's first route to that prefix leads there. An address that makes no route (noprefixroute) does
        no harm.
        """,
      whyItMatters: """
        Linux takes every address of a prefix on the loopback for its own, and reaches every address of a prefix on a
        dummy interface there. If that prefix is the clients' network, the backend talks to itself in their place: its
        replies, and those to the balancer's health checks, never leave it.
        """,
      howToMend: """
        Replace the address by the VIP as a whole address: `ip addr del 10.1.10.10/24 dev lo`, then `ip addr add
        10.1.10.10/32 dev lo` (`/128` for IPv6). Change the network configuration in the same way.
        """,
      sources: [
        "linux net/ipv4/fib_frontend.c, fib_add_ifaddr", "linux net/ipv6/addrconf.c, inet6_addr_add",
        "https://www.keepalived.org/manpage.html",
      ])
  ) { service in
    let vip = service.service.address
    return service.judgeBackendHosts(
      passing: "\(vip) stands alone",
      remedy: "put \(vip)/\(vip.bitWidth) in its place"
    ) { backend in
      let host = backend.host
      guard host.texts.contains(.addresses) else { return .none("its addresses are not given (ip -j addr)") }
      var isThere = false
      for interface in host.interfaces where interface.isLoopback || interface.flags.contains("NOARP") {
        for own in interface.addresses where own.subnet.contains(vip) {
          isThere = true
          guard !own.isWhole, !own.hasNoPrefixRoute else { continue }
          let table = if case .vrf(let vrf) = host.domain(of: interface) { vrf.table } else { "main" }
          let first = host.routes.route(to: own.subnet.address, in: table)
          let isRoute =
            first?.destination == own.subnet && first?.hops.contains { $0.device == interface.name } ?? false
          guard interface.isLoopback || isRoute else { continue }
          let text = "\(own.address)/\(own.prefixLength) on \(interface.name)"
          return .fail(
            "\(text) takes more than the VIP",
            because: "the backend takes \(own.subnet.address)/\(own.prefixLength) for what \(interface.name) leads to",
            [Exhibit(own.line, expected: "\(vip)/\(vip.bitWidth)", actual: text)])
        }
      }
      return isThere ? .pass : .none("\(vip) is on no loopback, dummy or tunnel")
    }
  }
}
