import Tables

extension Check {
  static let virtualPortDiffersFromServicePort = Check(
    id: "F5006", slug: "virtual-port-differs-from-service-port",
    title: "Pool members have another port than the virtual server",
    page: Page(
      looksFor: """
        The check finds the virtual server's pool by its name. It fails if a member's servicePort differs from
        virtualPort. Port 0 means every port. Members that are disabled or offline do not count. CIS replaces the ports of a pool that it fills by those of the Service's
        endpoints: the check is undecided about a difference there. It is undecided too about members whose ports are discovered.
        """,
      whyItMatters: """
        Without translation requests reach the backend with the virtual server's port, whatever the member's port is.
        BIG-IP's health checks ask the member's port, and may succeed while nobody listens where the requests arrive.
        """,
      howToMend: """
        Let the backends listen on virtualPort. Write the same number into servicePort.
        """,
      sources: [
        "F5Networks/f5-appsvcs-extension src/schema/latest/core-schema.json (Service_Core, Pool_Member)",
        "F5Networks/k8s-bigip-ctlr pkg/appmanager/as3Manager.go (updatePoolMembers replaces servicePort)",
      ])
  ) { service in
    service.judgeVirtuals(
      passing: "and its pool have the same port", remedy: "give virtual server and members the same port"
    ) { found in
      let virtual = found.virtual
      let pool: AS3Declaration.Pool
      switch virtual.pool {
      case .none: return .none("\(virtual.path) has no pool")
      case .elsewhere(let name, let line):
        return .open(
          "the pool of \(virtual.path) is not in the declaration",
          because: "\(name) stands elsewhere, or there is no such Pool",
          remedy: "look its members' ports up on BIG-IP (tmsh list ltm pool), or declare the Pool",
          [Exhibit(found.line(line), expected: "a Pool of the declaration", actual: name)])
      case .declared(let declared): pool = declared
      }
      guard virtual.port.value != 0 else { return .none("\(virtual.path) listens to every port") }
      let members = pool.members.filter(\.takesConnections)
      if members.isEmpty { return .none("\(pool.path) has no member\(pool.members.isEmpty ? "" : " in use")") }
      let unknown = members.filter { !$0.discoversPorts && $0.port.value == nil }
      guard let port = virtual.port.value, unknown.isEmpty else {
        let property = virtual.port.value == nil ? virtual.port : unknown.first?.port ?? virtual.port
        return .open(
          "nothing tells the ports of \(virtual.path) and \(pool.path)", because: "one is not written where it belongs",
          remedy: "write virtualPort and servicePort in the objects themselves",
          [found.exhibit(virtual.port.value == nil ? "virtualPort" : "servicePort", property, expected: "a port")])
      }
      let others = members.filter { !$0.discoversPorts && $0.port.value != 0 && $0.port.value != port }
      guard let first = others.first else {
        guard let discovered = members.first(where: \.discoversPorts) else { return .pass }
        return .open(
          "nothing tells the ports of \(pool.path)", because: "its members are discovered, and may bring their own",
          remedy: "look the members' ports up on BIG-IP (tmsh list ltm pool)",
          [Exhibit(found.line(discovered.line), expected: "members with port \(port)", actual: "addressDiscovery")])
      }
      let summary = { (member: AS3Declaration.Member) in
        "\(virtual.path) has port \(port), a member of \(pool.path) \(member.port.value ?? 0)"
      }
      let exhibits = { (members: [AS3Declaration.Member]) in
        members.map { found.exhibit("servicePort", $0.port, expected: "\(port)") }
      }
      // CIS fills the first member, and replaces its port.
      let sure = pool.isFilledByCIS ? others.filter { $0 != pool.members.first } : others
      guard let wrong = sure.first else {
        return .open(
          summary(first), because: "CIS writes the port of the Service's endpoints in its place",
          remedy: "write \(port) there, which is right with CIS and without", exhibits(others))
      }
      return .fail(summary(wrong), because: "direct return cannot translate ports", exhibits(sure))
    }
  }
}
