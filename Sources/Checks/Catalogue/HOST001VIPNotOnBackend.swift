import Evidence
import Tables
import Wire

extension Check {
  static let vipNotOnBackend = Check(
    id: "HOST001", slug: "vip-not-on-backend", title: "A backend does not have the VIP",
    page: Page(
      looksFor: """
        The check looks at each backend whose tables are given. It fails if no interface of the backend has the VIP
        and the backend does not forward packets. It is undecided if the backend forwards packets: rules (kube-proxy
        in its iptables or nftables mode) or an IPVS of its own may take the VIP. An IPv6 VIP receives nothing while
        the kernel looks for a duplicate (`tentative`) or after it has found one (`dadfailed`): the check counts it as
        missing. It passes if the frames show that the backend answers.
        """,
      whyItMatters: """
        With Direct Server Return the backend receives packets to the VIP. A host without the VIP drops them or sends
        them on. Health checks of the backend's own address still succeed, so the balancer keeps sending it
        connections that nobody answers.
        """,
      howToMend: """
        Silence the backend for ARP (arp_ignore 1, arp_announce 2). Then give it the VIP as a whole address on its
        loopback or on a dummy interface: `ip addr add 10.1.10.10/32 dev lo`. Write both into the system's network
        configuration, so that they survive a restart.
        """,
      sources: [
        "https://github.com/google/seesaw/issues/25", "LVS-HOWTO, LVS-DR: http://www.austintek.com/LVS/LVS-HOWTO/",
        "ip-address(8)",
      ])
  ) { service in
    let vip = service.service.address
    return service.judgeBackendHosts(
      passing: "\(vip) is taken for the host's own",
      remedy: "give the backend the VIP: ip addr add \(vip)/\(vip.bitWidth) dev lo"
    ) { backend in
      let host = backend.host
      guard host.texts.contains(.addresses) else { return .none("its addresses are not given (ip -j addr)") }
      if service.answers(backend.macs) { return .pass }
      let arrivals = service.arrivals(at: host)
      let domain = host.domain(of: vip)
      if host.accepts(vip), arrivals.isEmpty || arrivals.contains(where: { host.finds(domain, for: $0) }) {
        return .pass
      }
      let (summary, exhibit) = host.accepts(vip) ? host.lack(of: vip, inVRFOf: arrivals) : host.lack(of: vip)
      if service.hasOwnService(host) {
        return .open(
          summary, because: "its own IPVS has the service, and what brings the packets to that does not show",
          next: .captureOnHost(host.name), [exhibit])
      }
      switch host.forwards(vip.version) {
      case false?:
        return .fail(
          summary,
          because: "it does not forward packets, so it drops those to the VIP"
            + (service.isSilent(backend.macs) ? ", and requests to it were seen to go without an answer" : ""),
          [exhibit])
      case true?:
        return .open(
          summary, because: "it forwards packets, so rules may take the VIP, as kube-proxy's do",
          next: .captureOnHost(host.name), [exhibit])
      case nil:
        return .open(
          summary, because: "whether it forwards packets, so that rules may take the VIP, is not given",
          next: .giveHostText(.settings, of: host.name), [exhibit])
      }
    }
  }
}

extension ServiceCase {
  /// The interfaces of a host that requests were seen to come to bare. What comes in a tunnel comes by the end of that one.
  fileprivate func arrivals(at host: HostTables) -> [HostTables.Interface] {
    let legs = flows.flatMap(\.group.journeys).flatMap(\.requests.legs).filter { $0.link.encapsulation.isEmpty }
    let macs = Set(legs.compactMap(\.link.destination))
    return host.interfaces.filter { $0.speaksARP && $0.mac.map(macs.contains) ?? false }
  }
}

extension HostTables {
  /// That the VIP is in a VRF to which none of these interfaces belongs.
  fileprivate func lack(of vip: IPAddress, inVRFOf arrivals: [Interface]) -> (String, Exhibit) {
    let bearer = interfaces.first { $0.has(vip) }
    let line = bearer?.addresses.first { $0.address == vip }?.line ?? TableLine(path: path, number: 0)
    let names = arrivals.map(\.name).joined(separator: ", ")
    return (
      "\(vip) is in a VRF, and requests come by \(names), outside of it",
      Exhibit(line, expected: "\(vip) where \(names) finds it", actual: "\(vip) on \(bearer?.name ?? "")")
    )
  }

  /// That it takes nothing for the VIP, in words and as evidence.
  fileprivate func lack(of vip: IPAddress) -> (String, Exhibit) {
    for interface in interfaces {
      guard let own = interface.addresses.first(where: { $0.address == vip }) else { continue }
      let (word, why) =
        own.duplicateCheck == .failed
        ? ("dadfailed", "another host has it, so that it receives nothing")
        : ("tentative", "it receives nothing until it is known that no other host has it")
      return (
        "\(vip) on \(interface.name) is \(word): \(why)",
        Exhibit(own.line, expected: "\(vip), whole and usable", actual: "\(vip) on \(interface.name), \(word)")
      )
    }
    let line = TableLine(path: interfaces.first?.line.path ?? path, number: 0)
    return (
      "\(vip) is on no interface",
      Exhibit(line, expected: "\(vip) on an interface", actual: addressText(vip.version))
    )
  }

  /// Its addresses of one version, for evidence.
  fileprivate func addressText(_ version: IPAddress.Version) -> String {
    let all = interfaces.flatMap { interface in
      interface.addresses.filter { $0.address.version == version && !$0.address.isLinkLocal }
        .map { "\($0.address)/\($0.prefixLength) on \(interface.name)" }
    }
    let some = all.prefix(8).joined(separator: ", ") + (all.count > 8 ? ", …" : "")
    return all.isEmpty ? "no address" : some
  }
}
