import Evidence

extension Check {
  static let backendAnnouncesVIP = Check(
    id: "ARP002", slug: "backend-announces-vip",
    title: "Gratuitous ARP or unsolicited advertisement of the VIP from another than the balancer",
    page: Page(
      looksFor: """
        A gratuitous ARP request or reply, or an unsolicited neighbour advertisement, that gives the VIP to a MAC
        that is not the balancer's.
        """,
      whyItMatters: """
        Every host on the network believes it at once: the tables of all clients and routers then name the announcer,
        and requests bypass the balancer.
        """,
      howToMend: """
        Find what announces the VIP: arping -U, a network manager that probes for duplicates when it adds an address, a
        keepalived or MetalLB speaker on a backend. Keep that tool from handling the VIP on backends, and set
        arp_announce=2.
        """,
      sources: [
        "RFC 5227 section 3 (announcements), RFC 4861 section 7.2.6",
        "metallb internal/layer2/arp.go (announces as request and as reply)",
      ]), reads: .claims
  ) { service in
    switch service.claimsOfOthers({ $0.isAnnouncement }) {
    case .none: .notApplicable("nobody was seen to announce the VIP")
    case .byBalancer: .pass("only the balancer announces the VIP")
    case .unknown(let seen): service.unknownOwner(seen)
    case .byOthers(let seen):
      .fail(
        "\(service.macs(seen)) announces \(service.service.address)",
        because: "an announcement moves every neighbour at once",
        remedy: "stop the announcement on these hosts, then clear the neighbours' tables",
        service.exhibits(seen))
    }
  }
}
