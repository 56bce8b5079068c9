import Tables

extension Check {
  static let ipvsPortTranslated = Check(
    id: "IPVS004", slug: "ipvs-port-translated", title: "Route or Tunnel to another port than the service's",
    page: Page(
      looksFor: """
        The check fails if a destination by Route or Tunnel has another port than the service. It does not judge Masq,
        which rewrites ports, and services of every port (0) or of a mark, whose destinations' ports mean nothing.
        """,
      whyItMatters: """
        Route and Tunnel do not change the packet. It reaches the backend with the service's port, where nobody
        listens, while health checks of the other port pass.
        """,
      howToMend: """
        Let the backend listen on the service's port, or redirect that port on the backend itself.
        """,
      sources: [
        "linux net/netfilter/ipvs/ip_vs_xmit.c (ip_vs_dr_xmit changes no port)",
        "loxilb pkg/loxinet/rules.go (DSR needs equal ports)",
      ])
  ) { service in
    let direct = service.ipvs.flatMap { host in
      host.destinations.filter { host.listedForwarding(of: $0)?.keepsPort ?? false }
    }
    guard !direct.isEmpty else { return .notApplicable("no destination gets requests by Route or Tunnel") }
    let translated = direct.filter { destination in
      guard let port = destination.servicePort else { return false }
      return destination.destination.endpoint.port != port && destination.destination.endpoint.port != 0
    }
    guard let first = translated.first else { return .pass("every destination has the service's port") }
    return .fail(
      "\(first.destination.endpoint.text) has another port than \(service.service.text)",
      because: "Route and Tunnel cannot translate ports",
      remedy: "let the backends listen on the service's port",
      translated.map { destination in
        destination.exhibit(expected: "port \(destination.servicePort ?? 0)")
      })
  }
}
