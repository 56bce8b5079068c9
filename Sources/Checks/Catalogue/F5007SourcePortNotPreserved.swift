import Tables

extension Check {
  static let sourcePortNotPreserved = Check(
    id: "F5007", slug: "source-port-not-preserved", title: "The virtual server changes the client's port",
    page: Page(
      looksFor: """
        The check fails if translateClientPort of a virtual server of the VIP is true or "change". "preserve-strict"
        always keeps the port. "preserve" (false, AS3's default) keeps it unless a SNAT's port is in use, so it is
        right if snat is none, or the pool forbids SNAT. The check reads sourcePortAction and sourcePort, as the article and tmsh have them, in
        the same way.
        """,
      whyItMatters: """
        The backend answers to the port that the request came from. BIG-IP cannot translate a reply that does not
        cross it: the reply reaches a client's port where nothing waits, and the client resets it.
        """,
      howToMend: """
        Set "translateClientPort": "preserve-strict" (AS3 3.19 or later), or leave it out and set "snat": "none".
        """,
      sources: [
        "F5Networks/f5-appsvcs-extension src/schema/latest/core-schema.json (Service_Core, translateClientPort)",
        "https://clouddocs.f5.com/api/icontrol-soap/Common__SourcePortBehavior.html",
      ])
  ) { service in
    service.judgeVirtuals(
      passing: "keeps the client's port", remedy: "set translateClientPort to preserve-strict"
    ) { found in
      let property = found.virtual.sourcePort
      let evidence = [found.exhibit("translateClientPort", property, expected: "preserve-strict")]
      switch property.value {
      case .preserveStrict?: return found.passing("the client's port")
      case .preserve? where found.virtual.snat.value == AS3Declaration.SNAT.none || found.poolAllowsSNAT == false:
        return found.passing("the client's port")
      case .preserve?:
        return .open(
          "\(found.virtual.path) may change the client's port", because: "with SNAT that port may be in use already",
          remedy: "set snat to none, or translateClientPort to preserve-strict", evidence)
      case .change?:
        return .fail(
          "\(found.virtual.path) changes the client's port",
          because: "a reply that does not pass BIG-IP goes to a port that the client did not ask from", evidence)
      case nil:
        return .open(
          "nothing tells whether \(found.virtual.path) keeps the client's port",
          because: property.written.map { "\($0) is no value that is known here" }
            ?? found.absence,
          remedy: "write translateClientPort in the object itself", evidence)
      }
    }
  }
}
