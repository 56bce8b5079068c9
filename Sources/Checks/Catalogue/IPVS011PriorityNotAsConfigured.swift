import Evidence
import Tables
import Wire

extension Check {
  static let priorityNotAsConfigured = Check(
    id: "IPVS011", slug: "vrrp-priority-not-as-configured",
    title: "VRRP advertisements carry another priority than the configuration gives",
    page: Page(
      looksFor: """
        The priority of each VRRP advertisement that lists the VIP is held against the vrrp_instances that have it and the
        same virtual_router_id. Where mcast_src_ip, unicast_src_ip or the tables of a host tell which node sent it, that
        node's instance alone counts. Priority 0 says that a node steps down, and is not held against anything. The check
        does not judge an instance that tracks something (track_script and its kin), or whose group does, for that moves the
        priority; nor one without a priority, or of which a part was not read. It is undecided where the priority is another,
        and never fails: a configuration that does not run is no fault of the return path.
        """,
      whyItMatters: """
        The node with the highest priority becomes master. With another priority than in the file another node may own the
        VIP than the file says: it was not reloaded, or another file runs.
        """,
      howToMend: """
        Compare the file with what the speaker runs, reload keepalived there, and give the files of all nodes.
        """,
      sources: [
        "RFC 9568 section 5.2.4", "keepalived.conf(5), priority, track_script",
        "acassen/keepalived keepalived/vrrp/vrrp_track.c (a tracked object adds its weight to the priority)",
      ])
  ) { service in
    let address = service.service.address
    let announcers = service.announcers
    guard !announcers.isEmpty else { return .notApplicable("no vrrp_instance with the VIP was given") }
    let said = service.claims.filter { seen in
      seen.claim.kind == .vrrp && !seen.claim.isPartlyTold && seen.claim.priority ?? 0 > 0
    }
    guard !said.isEmpty else { return .notApplicable("no VRRP advertisement of the VIP with a priority was seen") }
    var isHeld = false
    for seen in said {
      let speakers = service.instances(speaking: seen.claim, among: announcers)
      if speakers.isEmpty { continue }
      if speakers.contains(where: { $0.router.isPriorityOpen }) { continue }
      isHeld = true
      guard !speakers.contains(where: { $0.router.priority == seen.claim.priority }) else { continue }
      let given = Set(speakers.map(\.router.priority)).sorted().map(String.init).joined(separator: ", or ")
      let evidence =
        [service.exhibit(seen, expected: "priority \(given)", actual: "priority \(seen.claim.priority ?? 0)")]
        + speakers.map {
          Exhibit(
            $0.line($0.router.priorityLine ?? $0.router.line), expected: "what the frames show",
            actual: "priority \($0.router.priority)")
        }
      return .inconclusive(
        "VRRP advertisements of \(address) carry priority \(seen.claim.priority ?? 0), and the configuration gives \(given)",
        because: "the file may not be what runs, or a node speaks whose file was not given",
        remedy: "give the keepalived.conf that every node runs, or reload keepalived", evidence)
    }
    return isHeld
      ? .pass("VRRP advertisements carry the priorities of the configuration")
      : .notApplicable("nothing tells the priorities of the instances for certain")
  }
}

extension ServiceCase {
  /// The instances that may have sent an advertisement: those of its virtual router; of these the one of the node that
  /// owns the address it came from, where that is known.
  fileprivate func instances(speaking claim: Claim, among announcers: [ListedRouter]) -> [ListedRouter] {
    let possible = announcers.filter {
      claim.virtualMAC != nil && $0.router.virtualMAC(address.version) == claim.virtualMAC
    }
    guard let speaker = claim.speaker else { return possible }
    let own = possible.filter { listed in
      listed.router.source == speaker || tables.hosts.contains { $0.name == listed.host && $0.owns(speaker) }
    }
    if !own.isEmpty { return own }
    // One that is known to speak from elsewhere is none.
    return possible.filter { $0.router.source == nil }
  }

  private var address: IPAddress { service.address }
}

extension VirtualRouter {
  /// What its priority is at a time is not known.
  fileprivate var isPriorityOpen: Bool { isPart || movesPriority || priorityLine == nil }
}
