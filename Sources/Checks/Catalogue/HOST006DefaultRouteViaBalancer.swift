import Evidence
import Tables
import Wire

extension Check {
  static let defaultRouteViaBalancer = Check(
    id: "HOST006", slug: "default-route-via-balancer", title: "A backend's route to the clients leads to the balancer",
    page: Page(
      looksFor: """
        The check looks at each backend's route to each client that was seen, or at its default route if none was
        seen. It fails if the route's gateway is the balancer: the gateway is an address of the balancer's host, or
        has the balancer's MAC. The check uses the table that the backend's rules (ip rule) choose for packets from
        the VIP, and its longest prefix. Without these rules it uses the main table, and then fails only if replies
        cross the balancer. It passes if a client is reached without a gateway, or if frames show that replies to such
        a client avoid the balancer.
        """,
      whyItMatters: """
        The balancer receives the backend's replies. It forwards them, and there is no direct return, or it drops them
        because they bear an address of its own. A set-up that used Masq stays like this if only the balancer's table
        is changed.
        """,
      howToMend: """
        Make the router the backends' gateway: `ip route replace default via ROUTER`, and change the network
        configuration. If the backend needs the balancer as gateway for something else, give the VIP's packets a table
        of their own: `ip rule add from VIP lookup 100`, `ip route add default via ROUTER table 100`.
        """,
      sources: [
        "https://github.com/acassen/keepalived/issues/1827",
        "LVS-HOWTO, LVS-DR: http://www.austintek.com/LVS/LVS-HOWTO/", "ip-route(8), ip-rule(8)",
      ])
  ) { service in
    let balancers = service.balancerAddresses()
    return service.judgeBackendHosts(
      passing: "no route to a client leads to the balancer",
      remedy: "make the router the backend's gateway, not the balancer"
    ) { service.judgeRoutes(of: $0, balancers) }
  }
}

/// What is known of the balancer that a gateway may be told by.
private struct BalancerAddresses {
  var addresses: Set<IPAddress> = []
  var macs: Set<MACAddress> = []
  /// All of its addresses are known.
  var areAllKnown = false
}

extension ServiceCase {
  fileprivate func balancerAddresses() -> BalancerAddresses {
    var known = BalancerAddresses()
    let hosts = balancerHosts()
    for host in hosts {
      known.macs.formUnion(identities.macs(of: host.name))
      for interface in host.interfaces where !interface.isLoopback {
        known.addresses.formUnion(interface.addresses.map(\.address))
      }
    }
    // What frames take for the balancer may be a backend that leaks, where a table tells better.
    let backends = Set(backendHosts().flatMap(\.macs))
    known.macs.formUnion(roles.balancerMACs.keys.filter { !backends.contains($0) })
    known.areAllKnown =
      !hosts.isEmpty && hosts.allSatisfy { $0.texts.contains(.addresses) }
      && roles.balancerMACs.keys.allSatisfy { mac in identities.host(of: mac) != nil }
    return known
  }

  fileprivate func judgeRoutes(of backend: BackendHost, _ balancer: BalancerAddresses) -> PartFinding {
    let host = backend.host
    let version = service.address.version
    guard host.texts.contains(version == .v4 ? .routes : .routes6) else {
      return .none("its routes are not given (ip -j route)")
    }
    if balancer.macs.isEmpty, balancer.addresses.isEmpty { return .none("the balancer is not known") }
    var led: (route: RouteTable.Route, gateway: IPAddress, clients: Set<IPAddress>, isSure: Bool)?
    var unknown: (gateway: IPAddress, clients: Set<IPAddress>)?
    var known: [IPAddress: Bool?] = [:]
    let ends = clients.filter { $0.version == version }.sorted()
    // Where nobody was seen, what stands for clients is all that no narrower route leads to.
    for client in ends.isEmpty ? [nil] : ends.map(Optional.some) {
      let reply = host.reply(from: service.address, to: client)
      if reply.lacksTable, !answersDirectly(backend.macs, Set(ends)) {
        return .open(
          "\(service.address) is in a VRF", because: "the routes of its table are not given",
          next: .giveRulesOrCapture(on: host.name))
      }
      guard let route = reply.route, route.type == "unicast" else { continue }
      let seen = Set([client].compactMap { $0 })
      for gateway in route.hops.compactMap(\.gateway) {
        let answer = known[gateway] ?? isBalancer(gateway, of: host, balancer)
        known[gateway] = .some(answer)
        switch answer {
        case true?: led = (route, gateway, (led?.clients ?? []).union(seen), reply.isSure && led?.isSure ?? true)
        case false?: break
        case nil: unknown = (gateway, (unknown?.clients ?? []).union(seen))
        }
      }
    }
    if let led {
      if answersDirectly(backend.macs, led.clients) { return .pass }
      let target = led.route.destination.length == 0 ? "default" : "\(led.route.destination)"
      let summary =
        (led.clients.isEmpty ? "its default route" : "its route to \(counted(led.clients.count, "client"))")
        + " leads to the balancer (\(led.gateway))"
      let evidence = [
        Exhibit(
          led.route.line, expected: "a gateway that is not the balancer", actual: "\(target) via \(led.gateway)")
      ]
      // Rules may send what comes from the VIP by another table, which is how some set direct return up.
      if self.counts.viaBalancer > 0 {
        return .fail(summary, because: "\(led.gateway) is the balancer's, and replies cross it", evidence)
      }
      if led.isSure {
        return .fail(
          summary, because: "\(led.gateway) is the balancer's, and no rule leads replies of the VIP another way",
          evidence)
      }
      return .open(
        summary, because: "ip rule may lead replies of the VIP another way, and no captured reply tells",
        next: .giveRulesOrCapture(on: host.name), evidence)
    }
    if let unknown, !answersDirectly(backend.macs, unknown.clients) {
      return .open(
        "its gateway is \(unknown.gateway)", because: "whether that is the balancer does not show",
        next: .giveBalancersHost)
    }
    if ends.isEmpty, host.reply(from: service.address, to: nil).route == nil { return .none("no client was seen") }
    return .pass
  }

  /// Whether a gateway is the balancer; `nil` where nothing tells.
  private func isBalancer(_ gateway: IPAddress, of host: HostTables, _ balancer: BalancerAddresses) -> Bool? {
    if balancer.addresses.contains(gateway) { return true }
    // The backend's own word comes first: it is what its packets go to.
    let own = Set(host.neighbours.filter { $0.address == gateway }.map(\.mac))
    let claimed = Set(claimIndex.claims(on: gateway).map(\.claim.mac))
    let macs = !own.isEmpty ? own : identities.mac(of: gateway).map { [$0] } ?? claimed
    if !macs.isDisjoint(with: balancer.macs) { return true }
    // The balancer may have another interface, unless the gateway's MAC is another host's.
    let isAnothers = !macs.isEmpty && macs.allSatisfy { identities.host(of: $0) != nil }
    return balancer.areAllKnown || isAnothers ? false : nil
  }

  /// Whether flows of these MACs with one of these clients were proved direct. At the balancer no reply passes.
  private func answersDirectly(_ macs: Set<MACAddress>, _ clients: Set<IPAddress>) -> Bool {
    let devices = Set(macs.map(site.devices.device(of:)))
    return flows.contains { judged in
      guard judged.fate.isDirect, clients.contains(judged.group.exemplar.flow.client.address) else {
        return false
      }
      return judged.group.journeys.contains { journey in
        !(journey.replies.legs.isEmpty ? journey.requests.targets : journey.replies.origins).isDisjoint(with: devices)
      }
    }
  }
}
