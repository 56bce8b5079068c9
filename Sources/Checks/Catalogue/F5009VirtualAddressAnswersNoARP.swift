import Evidence
import Tables
import Wire

extension Check {
  static let virtualAddressAnswersNoARP = Check(
    id: "F5009", slug: "virtual-address-answers-no-arp", title: "BIG-IP is told not to answer ARP for the VIP",
    page: Page(
      looksFor: """
        The check reads arpEnabled of the Service_Address that the VIP's virtual server names. If it is false, the check
        fails where hosts ask for the VIP by ARP or neighbour discovery and nobody answers. It is undecided where
        somebody does answer. If nobody asks, the VIP may be routed to BIG-IP, and the check does not apply.
        """,
      whyItMatters: """
        A client or router in the VIP's own network finds BIG-IP by ARP. Without an answer no request leaves it. An
        answer that BIG-IP is told not to give comes from another host, or from a BIG-IP with another configuration.
        """,
      howToMend: """
        Set "arpEnabled": true in the Service_Address, or leave it out. Otherwise route the VIP to an address of BIG-IP.
        """,
      sources: [
        "F5Networks/f5-appsvcs-extension src/schema/latest/core-schema.json (Service_Address, arpEnabled)",
        "https://clouddocs.f5.com/cli/tmsh-reference/latest/modules/ltm/ltm_virtual-address.html",
      ])
  ) { service in
    let vip = service.service.address
    return service.judgeVirtuals(passing: "answers ARP for the VIP", remedy: "set arpEnabled to true") { found in
      let settings = found.virtual.addresses.filter { $0.subnet?.contains(vip) ?? false }.compactMap(\.answersARP)
      guard let property = settings.first(where: { $0.value != true }) ?? settings.first else {
        return .none("\(found.virtual.path) names no Service_Address")
      }
      let evidence = [found.exhibit("arpEnabled", property, expected: "true")]
      switch property.value {
      case true?: return .pass
      case nil:
        return .open(
          "nothing tells whether \(found.virtual.path) answers ARP for \(vip)",
          because: property.written.map { "\($0) is no value of arpEnabled" }
            ?? found.absence,
          remedy: "write arpEnabled in the object itself", evidence)
      case false?:
        if service.claimIndex.questions(for: vip).isEmpty { return .none("nobody was seen to ask for the VIP") }
        if service.claims.isEmpty, service.flows.isEmpty {
          return .fail(
            "\(found.virtual.path) answers no ARP for \(vip)", because: "hosts ask for it, and nobody answers", evidence
          )
        }
        return .open(
          "\(found.virtual.path) is told to answer no ARP for \(vip), and hosts find it",
          because: "another host answers, or BIG-IP has another configuration than this one",
          remedy: "compare with BIG-IP (tmsh list ltm virtual-address), and see who answers", evidence)
      }
    }
  }
}
