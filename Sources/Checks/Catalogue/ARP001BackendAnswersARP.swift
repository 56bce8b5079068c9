import Evidence

extension Check {
  static let backendAnswersARP = Check(
    id: "ARP001", slug: "backend-answers-arp", title: "A MAC that is not the balancer's answers ARP or NDP for the VIP",
    page: Page(
      looksFor: """
        An ARP reply, or a solicited neighbour advertisement, for the VIP from a MAC that is not the balancer's.
        The balancer's virtual and other MACs count as the balancer's.
        """,
      whyItMatters: """
        A host that asks takes the first answer, or the last: sooner or later the table of a router or a client names a
        backend, and all of its traffic bypasses the balancer.
        """,
      howToMend: """
        On the backend set net.ipv4.conf.all.arp_ignore=1 and net.ipv4.conf.all.arp_announce=2. The effective value
        is the maximum of all and of the receiving interface, so setting it on lo does nothing. For kube-proxy in
        IPVS mode set strictARP: true. For IPv6 keep the VIP on lo or a dummy interface with the nodad flag, and
        filter advertisements for it.
        """,
      sources: [
        "https://www.kernel.org/doc/Documentation/networking/ip-sysctl.rst (arp_ignore)",
        "http://www.austintek.com/LVS/LVS-HOWTO/HOWTO/LVS-HOWTO.arp_problem.html",
        "https://github.com/metallb/metallb/issues/153 (strictARP)",
      ]), reads: .claims
  ) { service in
    switch service.claimsOfOthers({ $0.isAnswer }) {
    case .none: .notApplicable("nobody was seen to answer ARP or NDP for the VIP")
    case .byBalancer: .pass("only the balancer answers for the VIP")
    case .unknown(let seen): service.unknownOwner(seen)
    case .byOthers(let seen):
      .fail(
        "\(service.macs(seen)) answers for \(service.service.address)",
        because: "backends have to keep quiet about the VIP",
        remedy: "on these hosts set arp_ignore=1 and arp_announce=2 for all; `dsrproof explain ARP001` has more",
        service.exhibits(seen))
    }
  }
}
