import Tables
import Wire

extension Check {
  static let arpIgnoreTooLow = Check(
    id: "HOST003", slug: "arp-ignore-too-low", title: "A backend's arp_ignore lets it answer ARP for the VIP",
    page: Page(
      looksFor: """
        A backend that has the VIP and stands in its network, by an interface whose effective arp_ignore lets it
        answer when the VIP is asked for. The effective value is the larger one of `all` and the interface that the
        question comes by, whatever `lo` says: 1 and 2 silence a VIP that stands on another interface (loopback, dummy,
        tunnel), 3 one of scope host, 8 every one; 0 and all else answer. A macvlan that bears the VIP speaks ARP itself,
        on the wire of its parent: neither 1 nor 2 silences it. IPv6 has no such setting: a host does not
        answer neighbour solicitations for an address of its loopback.
        """,
      whyItMatters: """
        Whoever asks for the VIP hears the backend beside the balancer, and the last or first answer wins: requests
        skip the balancer, one backend gets them all, and its health does not count. It may show only days later, when a
        neighbour's entry has expired.
        """,
      howToMend: """
        `sysctl -w net.ipv4.conf.all.arp_ignore=1`, together with arp_announce 2, in /etc/sysctl.d before the VIP is
        configured. With the VIP on the very interface that faces the network 1 does not do: move it to the loopback.
        In Kubernetes set kube-proxy's `strictARP: true`. Or have arptables drop the questions:
        `arptables -A INPUT -d VIP -j DROP`. Where these rules are given (arptables-save), a host that they silence
        passes. The check does not read nftables' own rules on ARP (tables of the families arp, netdev and bridge):
        where such a rule may take ARP packets, it is undecided.
        """,
      sources: [
        "linux Documentation/networking/ip-sysctl.rst, arp_ignore", "linux net/ipv4/arp.c, arp_ignore and arp_process",
        "https://github.com/metallb/metallb/issues/153",
      ])
  ) { service in
    let vip = service.service.address
    return service.judgeARP(
      "arp_ignore", passing: "arp_ignore keeps it silent about \(vip)",
      remedy: "sysctl -w net.ipv4.conf.all.arp_ignore=1, with the VIP on the loopback",
      packets: { [.question(for: vip, by: $0), .sent(by: vip, operation: 2, on: $0)] }
    ) { host, interface, value in
      switch value {
      case 1, 2:
        return interface.has(vip)
          ? "arp_ignore \(value) lets \(interface.name) answer for an address of its own" : nil
      case 3:
        let isAnnounced = host.interfaces.contains { other in
          other.addresses.contains { $0.address == vip && $0.scope != "host" }
        }
        return isAnnounced ? "arp_ignore 3 silences addresses of scope host alone" : nil
      case 8: return nil
      default: return "arp_ignore \(value) lets \(interface.name) answer for every address of the host"
      }
    }
  }
}
