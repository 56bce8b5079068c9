import Tables

extension Check {
  static let snatEnabled = Check(
    id: "F5003", slug: "snat-enabled", title: "The virtual server replaces the client's address (SNAT)",
    page: Page(
      looksFor: """
        The check fails if snat of a virtual server of the VIP is not none: auto, which is AS3's default, self, or a
        pool of addresses. allowSNATEnabled false of its pool (tmsh: allow-snat no) forbids SNAT. The check is undecided about SNAT
        with a pool that the text does not have, and where a NAT policy or NAT64 may translate. It does not read iRules.
        """,
      whyItMatters: """
        With SNAT the backend sees an address of BIG-IP in place of the client's, and replies to it. It cannot reply
        straight to a client that it does not know.
        """,
      howToMend: """
        Set "snat": "none" in the Service_L4. The backends then need a route of their own to the clients.
        """,
      sources: [
        "F5Networks/f5-appsvcs-extension src/schema/latest/core-schema.json (Service_Core, snat; Pool, allowSNATEnabled)",
        "https://techdocs.f5.com/kb/en-us/products/big-ip_ltm/manuals/product/ltm-implementations-11-6-0/5.html",
      ])
  ) { service in
    service.judgeVirtuals(passing: "leaves the client's address as it is", remedy: "set snat to none") { found in
      let property = found.virtual.snat
      let evidence = [found.exhibit("snat", property, expected: "none")]
      switch property.value {
      case AS3Declaration.SNAT.none?: return found.passing("the client's address")
      case .auto?, .own?, .pool?:
        if found.poolAllowsSNAT == false { return found.passing("the client's address") }
        guard found.poolAllowsSNAT == true else {
          return .open(
            "\(found.virtual.path) may replace the client's address",
            because: "its pool may forbid that, and the text does not have it",
            remedy: "set snat to none, or give the pool too", evidence)
        }
        return .fail(
          "\(found.virtual.path) replaces the client's address",
          because: "the backend then answers to an address of BIG-IP", evidence)
      case nil:
        return .open(
          "nothing tells whether \(found.virtual.path) replaces the client's address",
          because: property.written.map { "\($0) is no value of snat that is known here" }
            ?? found.absence,
          remedy: "write snat: none in the object itself", evidence)
      }
    }
  }
}
