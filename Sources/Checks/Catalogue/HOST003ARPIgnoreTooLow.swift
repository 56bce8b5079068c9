import Tables
import Wire

extension Check {
  static let arpIgnoreTooLow = Check(
    id: "HOST003", slug: "arp-ignore-too-low", title: "A backend's arp_ignore lets it answer ARP for the VIP",
    page: Page(
      looksFor: """
        The check looks at each backend that has the VIP and has an interface in the VIP's network. It fails if
        arp_ignore lets that interface answer for the VIP. The effective value is the larger one of `all` and the
        interface that receives the question; `lo` does not matter. 1 and 2 silence a VIP that is on another interface
        (loopback, dummy, tunnel), 3 silences one of scope host, 8 silences every one; all other values let the host
        answer. A macvlan that has the VIP speaks ARP on its parent's network, and neither 1 nor 2 silences it. IPv6
        has no such setting: a host does not answer neighbour solicitations for an address of its loopback.

        The check follows ARP rules (arptables-save), and passes if they silence the host. It does not follow
        nftables' rules on ARP (tables of the families arp, netdev and bridge): it is undecided where such a rule may
        take ARP packets.
        """,
      whyItMatters: """
        A host that asks for the VIP hears the backend as well as the balancer, and believes the first or the last
        answer. Its requests then bypass the balancer: one backend gets them all, in good health or not. This may
        start days later, when a neighbour's entry expires.
        """,
      howToMend: """
        Put `net.ipv4.conf.all.arp_ignore=1` and arp_announce 2 into /etc/sysctl.d before you configure the VIP. 1 is
        not enough if the VIP is on the interface that faces the network: move the VIP to the loopback. In Kubernetes
        set kube-proxy's `strictARP: true`. As another way let arptables drop the questions: `arptables -A INPUT -d
        VIP -j DROP`.
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
