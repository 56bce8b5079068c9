import Evidence
import Tables

extension Check {
  static let nodesDisagree = Check(
    id: "IPVS009", slug: "vrrp-nodes-disagree",
    title: "Of two nodes of one virtual router one does not announce the VIP",
    page: Page(
      looksFor: """
        Two configurations of keepalived's, of two nodes, have a vrrp_instance with the same virtual_router_id and an
        address in common. The check fails if one of them has the VIP, in virtual_ipaddress or
        virtual_ipaddress_excluded, and no instance of the other's has it, and nothing that was not read may add it. Files
        without the names of their nodes leave it open: one may be an older file of the other's. Two instances
        without an address in common are two virtual routers on two networks.
        """,
      whyItMatters: """
        Once the other node is master, nobody answers for the VIP. Where the numbers of announced addresses differ,
        keepalived also drops what the other says, and both are master at once.
        """,
      howToMend: """
        Give both nodes the same addresses in virtual_ipaddress, and reload both.
        """,
      sources: [
        "keepalived.conf(5), VRRP instance(s)", "RFC 9568 section 7.1 (advertisements with other addresses)",
        "acassen/keepalived keepalived/vrrp/vrrp.c (vrrp_check_packet)",
      ])
  ) { service in
    let address = service.service.address
    let announcers = service.announcers
    guard !announcers.isEmpty else { return .notApplicable("no vrrp_instance with the VIP was given") }
    let pairs = announcers.flatMap { own in
      service.routers.filter { other in
        other.isElsewhere(than: own) && other.router.id == own.router.id && own.router.id != nil
          && other.router.addresses.contains { own.router.announces($0.address) }
      }.map { (own: own, other: $0) }
    }
    guard !pairs.isEmpty else { return .notApplicable("one node's vrrp_instance alone was given") }
    // Another instance of that node may have it, of another family or network.
    let disagreeing = pairs.filter { pair in
      !announcers.contains { $0.path == pair.other.path || $0.host != nil && $0.host == pair.other.host }
    }
    guard let (own, other) = disagreeing.first else {
      let isTied = pairs.contains { $0.own.router.priority == $0.other.router.priority }
      return .pass(
        isTied
          ? "the nodes announce the VIP with one priority: the one with the higher address becomes master"
          : "all nodes of the virtual router announce the VIP")
    }
    let evidence = [
      Exhibit(
        other.line(other.router.line), expected: "\(address), as \(own.node) announces it",
        actual: "virtual_router_id \(own.router.id ?? 0) without it"),
      Exhibit(
        own.line(own.router.addresses.first { $0.address == address }?.line ?? own.router.line),
        expected: "the same on \(other.node)", actual: "\(address)"),
    ]
    let remedy = "give both nodes the same virtual_ipaddress"
    if other.router.isPart {
      return .inconclusive(
        "\(other.node) does not announce \(address)", because: "a condition, or a file that was not read, may add it",
        remedy: remedy, evidence)
    }
    guard own.host != nil, other.host != nil else {
      return .inconclusive(
        "\(other.node) does not announce \(address), which \(own.node) does",
        because: "nothing tells that they are of two nodes: one may be an older file of the other's",
        remedy: "give each file with the name of its node; \(remedy)", evidence)
    }
    return .fail(
      "\(other.node) does not announce \(address), which \(own.node) does",
      because: "once it is master of their virtual router, nobody answers for the VIP", remedy: remedy, evidence)
  }
}
