import Tables
import Wire

extension Check {
  static let arpAnnounceTooLow = Check(
    id: "HOST004", slug: "arp-announce-too-low", title: "A backend's arp_announce lets it ask ARP in the VIP's name",
    page: Page(
      looksFor: """
        A backend that has the VIP and stands in its network, by an interface whose effective arp_announce, the larger
        one of `all` and the interface, is not 2. With 0 the source of a reply, the VIP, is the sender of the question
        for the client's MAC. With 1 it is so as well where VIP and client share a subnet of that interface, as here.
        With 2 it is another address, unless the VIP is the first one that the interface has in that subnet.
        """,
      whyItMatters: """
        Every host that hears an ARP question notes its sender: it learns that the VIP is at the backend, and its
        requests skip the balancer from then on. It happens at the first reply to a client whose MAC is not known.
        """,
      howToMend: """
        `sysctl -w net.ipv4.conf.all.arp_announce=2` in /etc/sysctl.d, before the VIP is configured, with the VIP on
        the loopback. Or have arptables put another sender in its place:
        `arptables -A OUTPUT -s VIP -j mangle --mangle-ip-s RIP`; where its rules are given (arptables-save) and do so, or
        drop the question, it passes. IPv6 has no such setting, and takes the interface's own address to ask with unless the VIP is on
        the interface.
        """,
      sources: [
        "linux Documentation/networking/ip-sysctl.rst, arp_announce",
        "linux net/ipv4/arp.c, arp_solicit; net/ipv4/devinet.c, inet_select_addr",
      ])
  ) { service in
    let vip = service.service.address
    return service.judgeARP(
      "arp_announce", passing: "arp_announce keeps \(vip) out of its questions",
      remedy: "sysctl -w net.ipv4.conf.all.arp_announce=2",
      packets: { [.sent(by: vip, operation: 1, on: $0)] }
    ) { _, interface, value in
      guard value == 2 else { return "arp_announce \(value) lets \(interface.name) ask with the VIP as sender" }
      let first = interface.addresses.first { $0.scope != "host" && !$0.isWhole && $0.subnet.contains(vip) }
      return first?.address == vip
        ? "the VIP is the first address of \(interface.name) in its subnet, and is asked with" : nil
    }
  }
}

extension ServiceCase {
  /// Judges a setting of ARP on every interface by which a backend stands in the VIP's network. It does no harm where one
  /// of the packets that would, on an interface, is dropped or changed by arptables.
  func judgeARP(
    _ setting: String, passing summary: String, remedy: String, packets: (_ interface: String) -> [ARPRules.Packet],
    fault: (_ host: HostTables, _ interface: HostTables.Interface, _ value: Int) -> String?
  ) -> Finding {
    let vip = service.address
    if vip.version == .v6 { return .notApplicable("IPv6 has no \(setting)") }
    return judgeBackendHosts(passing: summary, remedy: remedy) { backend in
      let host = backend.host
      guard host.texts.contains(.addresses), host.accepts(vip) else { return .none("\(vip) is on no interface") }
      guard host.texts.contains(.settings) else { return .none("its settings are not given (sysctl -a)") }
      let interfaces = host.interfacesInNetwork(of: vip)
      if interfaces.isEmpty { return .none("no interface of it stands in the network of \(vip)") }
      for interface in interfaces {
        guard let effective = host.effective(setting, on: interface.name) else {
          return .open(
            "\(setting) of \(interface.name) is not known", because: "its settings do not tell it",
            next: .giveHostText(.settings, of: host.name))
        }
        guard let fault = fault(host, interface, effective.value) else { continue }
        let actions = host.arpRules.map { rules in packets(interface.name).map { rules.action(on: $0) } } ?? [.accept]
        if actions.contains(.drop) || actions.contains(.newSender) { continue }
        if actions.contains(nil) {
          return .open(
            "\(setting) is \(effective.value) on \(interface.name), and arptables may make up for it",
            because: "its rules look at more than addresses and interfaces",
            next: .captureARP(beside: host.name, for: vip),
            effective.lines.map { Exhibit($0, expected: setting == "arp_ignore" ? "1" : "2", actual: "\($1)") })
        }
        if let filter = host.possibleARPFilter {
          return .open(
            "\(setting) is \(effective.value) on \(interface.name), and nftables may make up for it",
            because: "a table that sees ARP has a rule that may take it",
            next: .captureARP(beside: host.name, for: vip),
            [Exhibit(filter, expected: "no rule on ARP", actual: "a rule that is not read")])
        }
        // Frames alone may take the balancer itself for a backend.
        if interface.has(vip), !backend.isKnown {
          return .open(
            "\(vip) is on \(interface.name)", because: "that is as it should be if the host is the balancer",
            next: tables.ipvs.isEmpty ? .giveIPVSTable : .nameBackends(perhaps: nil))
        }
        return .fail(
          "\(setting) is \(effective.value) on \(interface.name)", because: fault,
          effective.lines.map { line, value in
            Exhibit(line, expected: setting == "arp_ignore" ? "1" : "2", actual: "\(value)")
          })
      }
      return .pass
    }
  }
}
