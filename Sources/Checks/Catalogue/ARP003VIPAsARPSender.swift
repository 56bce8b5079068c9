import Evidence

extension Check {
  static let vipAsARPSender = Check(
    id: "ARP003", slug: "vip-as-arp-sender",
    title: "Another than the balancer asks ARP with the VIP as its sender address",
    page: Page(
      looksFor: """
        An ARP request for some other address, or a neighbour solicitation, that names the VIP as the asker's own
        address, from a MAC that is not the balancer's.
        """,
      whyItMatters: """
        A host that is asked notes the asker's address: the question itself poisons the neighbour tables of routers and
        clients, and requests then bypass the balancer. It happens minutes after a clean start, when a backend first
        resolves its gateway while it answers a client.
        """,
      howToMend: """
        Set net.ipv4.conf.all.arp_announce=2 on the backend, so that it asks with its own address.
        """,
      sources: [
        "https://www.kernel.org/doc/Documentation/networking/ip-sysctl.rst (arp_announce)",
        "RFC 826 (the receiver merges the sender of any request)",
      ]), reads: .claims
  ) { service in
    switch service.claimsOfOthers({ $0.isSender }) {
    case .none: .notApplicable("nobody was seen to ask with the VIP as its own address")
    case .byBalancer: .pass("only the balancer asks with the VIP as its own address")
    case .unknown(let seen): service.unknownOwner(seen)
    case .byOthers(let seen):
      .fail(
        "\(service.macs(seen)) asks with \(service.service.address) as its own address",
        because: "a question with the VIP as sender changes the neighbours' tables",
        remedy: "on these hosts set net.ipv4.conf.all.arp_announce=2",
        service.exhibits(seen))
    }
  }
}
