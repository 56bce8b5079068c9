import Tables

extension Check {
  static let translatesServerAddress = Check(
    id: "F5001", slug: "translates-server-address", title: "The virtual server translates the destination address",
    page: Page(
      looksFor: """
        The check fails if translateServerAddress is true for a virtual server of the VIP. True is AS3's default. The
        check leaves out virtual servers that are disabled, and those that only forward.
        """,
      whyItMatters: """
        With translation the backend gets requests for its own address and answers from it. The reply must then cross
        BIG-IP to bear the VIP again. nPath, F5's direct server return, keeps the VIP as the destination.
        """,
      howToMend: """
        Set "translateServerAddress": false in the Service_L4. Give every backend the VIP on an interface that does
        not answer ARP for it.
        """,
      sources: [
        "F5Networks/f5-appsvcs-extension src/schema/latest/core-schema.json (Service_Core)",
        "https://techdocs.f5.com/kb/en-us/products/big-ip_ltm/manuals/product/ltm-implementations-11-6-0/5.html",
        "F5 K11116",
      ])
  ) { service in
    service.judgeTranslation(
      "translateServerAddress", \.translatesAddress, of: "address",
      because: "the backend then answers from its own address, and BIG-IP has to translate the reply")
  }
}
