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
        Everybody on the network takes it over at once: all clients' and routers' tables then name the announcer,
        and requests skip the balancer.
        """,
      howToMend: """
        Find what announces: an address that was added with arping -U or by a network manager that probes for
        duplicates, a keepalived or MetalLB speaker on a backend. Set arp_announce=2, and take the VIP out of that
        tool's hands on backends.
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
