import Tables
import Wire

extension Check {
  static let arpAnnounceTooLow = Check(
    id: "HOST004", slug: "arp-announce-too-low", title: "A backend's arp_announce lets it ask ARP in the VIP's name",
    page: Page(
      looksFor: """
        The check looks at the same backends and interfaces as HOST003. It fails if the effective arp_announce, the
        larger one of `all` and the interface, is not 2. With 0 the host asks for the client's MAC with the source of
        its reply, the VIP, as sender. With 1 it does so too if the VIP and the client share a subnet of that
        interface, as they do here. With 2 it uses another address, unless the VIP is the interface's first address in
        that subnet.

        The check follows ARP rules (arptables-save), and passes if they replace the sender or drop the question. IPv6
        has no such setting: a host asks with an address of the interface, which is not the VIP unless the interface
        has it.
        """,
      whyItMatters: """
        Every host that hears an ARP question notes its sender. It learns that the VIP is at the backend, and its
        requests bypass the balancer from then on. The backend asks when it replies to a client whose MAC it does not
        know.
        """,
      howToMend: """
        Put `net.ipv4.conf.all.arp_announce=2` into /etc/sysctl.d before you configure the VIP, and the VIP on the
        loopback. As another way let arptables replace the sender: `arptables -A OUTPUT -s VIP -j mangle --mangle-ip-s
        RIP`.
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
            effective.lines.map { Exhibit($0, expected: setting == "arp_ignore" ? "1" : "2", actual: "\($1)") }
              + unread(packets(interface.name), host.arpRules))
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

  /// The rules that decide about these packets and are not read.
  private func unread(_ packets: [ARPRules.Packet], _ rules: ARPRules?) -> [Exhibit] {
    let lines = packets.filter { rules?.action(on: $0) == nil }.compactMap { rules?.lineDeciding(on: $0) }
    return Set(lines).sorted { $0.number < $1.number }.map {
      Exhibit($0, expected: "a rule on addresses and interfaces alone", actual: "a rule that is not read")
    }
  }
}
