import Tables

extension Check {
  static let translatesServerPort = Check(
    id: "F5002", slug: "translates-server-port", title: "The virtual server translates the destination port",
    page: Page(
      looksFor: """
        A virtual server of the VIP whose translateServerPort is true, which is AS3's default where the property is
        absent. It counts even where virtual server and members have the same port today: nPath asks for a virtual
        server that translates nothing.
        """,
      whyItMatters: """
        A reply that does not pass BIG-IP is not translated back. As soon as a member has another port, its replies
        come from a port that the client did not ask.
        """,
      howToMend: """
        Set "translateServerPort": false in the Service_L4, and let the backends listen on the virtual server's port.
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
