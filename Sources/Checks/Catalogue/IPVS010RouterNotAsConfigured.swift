import Evidence
import Tables
import Wire

extension Check {
  static let routerNotAsConfigured = Check(
    id: "IPVS010", slug: "vrrp-not-as-configured",
    title: "VRRP frames for the VIP are none of the given configuration's",
    page: Page(
      looksFor: """
        VRRP advertisements that list the VIP are held against the vrrp_instances that have it: the virtual_router_id, and
        whether they come from the MAC of the virtual router, as they do with use_vmac unless there is
        vmac_xmit_base or a unicast_peer. Where no instance is as the frames are, the check is undecided, and it never
        fails: a configuration that does not run is no fault of the return path.
        """,
      whyItMatters: """
        What the other checks take from this configuration may not hold: another file runs, it was not reloaded, or a
        third node speaks for the VIP.
        """,
      howToMend: """
        Compare the file with what the speaker runs, reload keepalived there, and give the files of all nodes.
        """,
      sources: ["RFC 9568 sections 5.2.3 and 7.3", "keepalived.conf(5), use_vmac, vmac_xmit_base, unicast_peer"])
  ) { service in
    let address = service.service.address
    let said = service.claims.filter { $0.claim.kind == .vrrp && !$0.claim.isPartlyTold }
    let announcers = service.announcers
    guard !announcers.isEmpty else { return .notApplicable("no vrrp_instance with the VIP was given") }
    // Excluded addresses stand in no advertisement.
    guard !said.isEmpty else { return .notApplicable("no VRRP advertisement of the VIP was seen") }
    if announcers.contains(where: { $0.router.isPart || $0.router.id == nil }) {
      return .notApplicable("the configuration is a part of what the node runs")
    }
    let others = said.filter { seen in
      !announcers.contains { $0.router.isSpoken(by: seen.claim, address.version) }
    }
    guard let other = others.first else {
      return .pass("VRRP advertisements are those of the configuration")
    }
    let listed = announcers.map {
      "virtual_router_id \($0.router.id ?? 0)" + ($0.router.usesVirtualMAC ? " with use_vmac" : "")
    }
    let evidence =
      [
        service.exhibit(
          other, expected: Set(listed).sorted().joined(separator: ", or "),
          actual: "\(other.claim.virtualMAC.map { "virtual router \($0.octets[5])" } ?? "VRRP") from \(other.claim.mac)"
        )
      ]
      + announcers.map {
        Exhibit(
          $0.line($0.router.line), expected: "what the frames show", actual: "virtual_router_id \($0.router.id ?? 0)")
      }
    return .inconclusive(
      "VRRP advertisements of \(address) are none of the given configuration's",
      because: "the file may not be what runs, or a node speaks whose file was not given",
      remedy: "give the keepalived.conf that every node runs, or reload keepalived", evidence)
  }
}

extension VirtualRouter {
  /// Whether an advertisement is as this instance sends it.
  fileprivate func isSpoken(by claim: Claim, _ version: IPAddress.Version) -> Bool {
    guard let virtual = virtualMAC(version), claim.virtualMAC == virtual else { return false }
    // Of unicast ones the MAC depends on keepalived's version.
    if !peers.isEmpty { return true }
    return (claim.mac == virtual) == (usesVirtualMAC && !advertisesFromInterface)
  }
}
