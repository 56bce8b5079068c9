import Evidence
import Tables
import Wire

extension Check {
  static let conntrackDropsHalfFlows = Check(
    id: "HOST009", slug: "conntrack-drops-half-flows",
    title: "A balancer's firewall drops packets of connections of which it sees one half",
    page: Page(
      looksFor: """
        The check looks at each host whose own IPVS hands the service on by Route or Tunnel. It fails if the host's
        firewall (iptables-save, nft list ruleset) drops TCP packets of state INVALID before they reach IPVS. The host
        sees no SYN-ACK, so connection tracking gives the client's acknowledgment the state INVALID; neither
        nf_conntrack_tcp_loose nor nf_conntrack_tcp_be_liberal changes that.

        The check is undecided if a rule before it matches more than state, address and port, or takes packets out of
        connection tracking; if the host is a backend's gateway, which may see both halves; and if
        nf_conntrack_tcp_loose is 0 and no firewall is given. It passes if flows of the service were proved direct.
        """,
      whyItMatters: """
        The SYN passes, and the backend answers it. The host drops everything that the client sends after that: both
        sides repeat the handshake, and the connection hangs. Health checks from the balancer itself work.
        """,
      howToMend: """
        Accept the VIP's packets before that rule, or do not track them: `iptables -t raw -A PREROUTING -d VIP -p tcp
        --dport PORT -j CT --notrack`, or in nftables `ip daddr VIP tcp dport PORT notrack` in a chain of priority
        raw. firewalld and ufw bring such a rule by default.
        """,
      sources: [
        "https://github.com/metallb/metallb/issues/297", "linux net/netfilter/nf_conntrack_proto_tcp.c, tcp_conntracks",
        "linux net/netfilter/ipvs/ip_vs_core.c, ip_vs_ops (behind the filter's input)",
      ])
  ) { service in
    if service.tables.hosts.isEmpty { return .notApplicable("no host's tables are given") }
    if service.service.transport == .udp { return .notApplicable("UDP has no state to be invalid") }
    let directors = service.directors()
    // Other balancers than IPVS take requests before netfilter sees them: by XDP, tc or an ingress hook.
    let balancers = service.tables.hosts.filter { host in
      directors.contains(host.name) && service.ipvs.contains { $0.name == host.name && $0.balancer == nil }
    }
    let gateways = service.gatewayHosts().filter { !directors.contains($0.name) }
    if balancers.isEmpty, gateways.isEmpty { return .notApplicable("no host that is given balances or is a gateway") }
    var findings = PartFindings()
    for host in balancers { findings.add(service.judgeFirewall(of: host, isGateway: false), about: host.name) }
    for host in gateways { findings.add(service.judgeFirewall(of: host, isGateway: true), about: host.name) }
    return findings.finding(
      remedy: "let the VIP's packets pass before that rule, or take them out of connection tracking",
      failing: { failures in "\(failures.map(\.part).joined(separator: ", ")): \(failures.first?.summary ?? "")" },
      passing: { "\($0.joined(separator: ", ")): nothing drops what is seen of half a connection" },
      none: "no firewall is given")
  }
}

extension ServiceCase {
  /// Hosts that are given and that a backend's way to the clients leads to.
  fileprivate func gatewayHosts() -> [HostTables] {
    let backends = backendHosts().map(\.host)
    let gateways = backends.flatMap { host in
      (clients.isEmpty ? [nil] : clients.map(Optional.some)).flatMap { client in
        host.reply(from: service.address, to: client).route?.hops.compactMap(\.gateway) ?? []
      }
    }
    return tables.hosts.filter { host in
      gateways.contains { host.owns($0) } && !backends.contains { $0.name == host.name }
    }
  }

  fileprivate func judgeFirewall(of host: HostTables, isGateway: Bool) -> PartFinding {
    if counts.direct > 0 { return .pass }
    let hooks: [InvalidStateRules.Hook] = isGateway ? [.prerouting, .forward] : [.prerouting, .input]
    let rules = host.firewalls.map {
      (path: $0.path, rules: InvalidStateRules(text: $0.text, vip: service.address, port: service.port))
    }
    let fates = rules.map { (path: $0.path, fate: $0.rules.fate(at: hooks)) }
    for case (let path, .dropped(let line)) in fates {
      let exhibit = Exhibit(
        TableLine(path: path, number: line), expected: "packets to \(service.text) pass", actual: "drops state INVALID")
      if isGateway {
        return .open(
          "\(host.name)'s firewall drops packets of state INVALID",
          because: "it is a backend's gateway, and whether it sees both halves of a connection does not show",
          remedy: "capture on \(host.name), or let the VIP's packets pass before that rule", [exhibit])
      }
      return .fail(
        "its firewall drops packets of state INVALID",
        because: "it sees no SYN-ACK of what returns directly, so the client's acknowledgment is INVALID", [exhibit])
    }
    for case (let path, .unknown(let line)) in fates {
      return .open(
        "whether \(host.name)'s firewall drops packets of state INVALID does not show",
        because: "its rules look at more than state, address and port, or take packets out of connection tracking",
        remedy: "capture on \(host.name) while a client asks: does its acknowledgment leave again?",
        [
          Exhibit(
            TableLine(path: path, number: line), expected: "a rule on state, address and port alone",
            actual: "a rule that is not read")
        ])
    }
    if let part = rules.first, !rules.contains(where: \.rules.isWhole) {
      return .open(
        "whether another table of \(host.name)'s firewall drops packets of state INVALID does not show",
        because: "the text has one table of iptables, or a part of one",
        next: .giveHostText(.firewall, of: host.name),
        [
          Exhibit(
            TableLine(path: part.path, number: 1), expected: "all tables, as iptables-save prints them",
            actual: "a part of them")
        ])
    }
    if !fates.isEmpty { return .pass }
    let loose = host.settings["net.netfilter.nf_conntrack_tcp_loose"]
    if let loose, loose.value == 0 {
      return .open(
        "nf_conntrack_tcp_loose is 0 on \(host.name)",
        because:
          "connections that began elsewhere are INVALID there, and whether its firewall drops those is not given",
        next: .giveHostText(.firewall, of: host.name),
        [Exhibit(loose.line, expected: "1", actual: "0")])
    }
    return .none("no firewall of \(host.name) is given (nft list ruleset, iptables-save)")
  }
}
