import Evidence
import Tables
import Wire

extension Check {
  static let vipNotAnnounced = Check(
    id: "IPVS008", slug: "vip-not-announced", title: "No vrrp_instance announces the VIP of a virtual_server",
    page: Page(
      looksFor: """
        A keepalived.conf has the VIP as a virtual_server, and it has instances of VRRP, and none of them has the VIP in
        virtual_ipaddress or virtual_ipaddress_excluded. The check fails where a host asks for the VIP again and again and gets
        no answer, as it does for other addresses, and nobody claims the VIP or got a request for it. It passes where somebody does, for the VIP may be put there in another way, and where
        static_ipaddress has it, unless it is asked for in vain. It is undecided without frames that tell.
        """,
      whyItMatters: """
        keepalived puts no address of a virtual_server on an interface. Without an instance that has it nobody answers for
        the VIP, and the service is unreachable although IPVS has it.
        """,
      howToMend: """
        Put the VIP into virtual_ipaddress of an instance, or into virtual_ipaddress_excluded, on every node. Where a
        routing daemon or a static address brings the VIP, leave it, and capture where requests come.
        """,
      sources: ["keepalived.conf(5), VRRP instance(s) and Virtual server(s)"])
  ) { service in
    let address = service.service.address
    let lists = service.tables.ipvs.filter { $0.table.form == .keepalived }
    let listed = service.ipvs.flatMap(\.services).filter { listed in
      lists.contains { $0.path == listed.path } && listed.service.address == address
    }
    guard let first = listed.first else { return .notApplicable("no keepalived.conf has the VIP as a virtual_server") }
    let routers = service.routers
    guard !routers.isEmpty else { return .notApplicable("no vrrp_instance was given") }
    if !service.announcers.isEmpty { return .pass("a vrrp_instance announces the VIP") }
    if !service.claims.isEmpty || !service.flows.isEmpty {
      return .pass("no vrrp_instance announces the VIP, and frames show an owner: it is put there in another way")
    }
    let owner = service.tables.hosts.first { $0.owns(address) && lists.map(\.host).contains($0.name) }
    if let owner { return .pass("no vrrp_instance announces the VIP, and \(owner.name) has it in another way") }
    let fixed = lists.first { $0.table.staticAddresses.contains { $0.address == address } }
    let isWhole = lists.allSatisfy { $0.table.listsAllServices } && routers.allSatisfy { !$0.router.isPart }
    let isAskedInVain = service.wouldShowAnswers(
      toAny: service.claimIndex.questions(for: address).filter(\.tally.isAskedInVain))
    if fixed != nil, !isAskedInVain { return .pass("no vrrp_instance announces the VIP, and static_ipaddress has it") }
    let evidence = [
      Exhibit(
        first.line(first.service.line), expected: "a vrrp_instance with \(address)",
        actual: "\(counted(routers.count, "vrrp_instance")) without it")
    ]
    let remedy = "put \(address) into virtual_ipaddress of a vrrp_instance, on every node"
    if let fixed {
      return .inconclusive(
        "no vrrp_instance announces \(address), and nobody answers for it",
        because: "static_ipaddress of \(fixed.path) puts it on an interface, and it is asked for in vain",
        remedy: remedy,
        evidence)
    }
    guard isWhole, isAskedInVain else {
      return .inconclusive(
        "no vrrp_instance announces \(address)",
        because: isWhole
          ? "no frame shows that nobody owns it: an answer goes to the asker alone"
          : "the configuration names what was not read, which may announce it",
        remedy: remedy, evidence)
    }
    return .fail(
      "no vrrp_instance announces \(address)",
      because: "it is asked for, nobody claims it, and keepalived puts no address of a virtual_server on an interface",
      remedy: remedy, evidence)
  }
}

extension IPVSTable.Service {
  /// `nil` of a firewall mark.
  fileprivate var address: IPAddress? {
    guard case .endpoint(_, let endpoint) = name else { return nil }
    return endpoint.address
  }
}
