import Tables

extension Check {
  static let translatesServerPort = Check(
    id: "F5002", slug: "translates-server-port", title: "The virtual server translates the destination port",
    page: Page(
      looksFor: """
        The check fails if translateServerPort is true for a virtual server of the VIP. True is AS3's default. It
        fails even if the virtual server and its members have the same port today: nPath needs a virtual server that
        translates nothing.
        """,
      whyItMatters: """
        BIG-IP cannot translate a reply that does not cross it. As soon as a member has another port, its replies come
        from a port that the client did not ask.
        """,
      howToMend: """
        Set "translateServerPort": false in the Service_L4. Let the backends listen on the virtual server's port.
        """,
      sources: [
        "F5Networks/f5-appsvcs-extension src/schema/latest/core-schema.json (Service_Core)",
        "https://techdocs.f5.com/kb/en-us/products/big-ip_ltm/manuals/product/ltm-implementations-11-6-0/5.html",
      ])
  ) { service in
    service.judgeTranslation(
      "translateServerPort", \.translatesPort, of: "port",
      because: "a reply that does not pass BIG-IP is not translated back")
  }
}
