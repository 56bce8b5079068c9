import Evidence
import Tables

extension Check {
  static let strictTCPState = Check(
    id: "F5004", slug: "strict-tcp-state",
    title: "BIG-IP watches the state of TCP connections of which it sees one half",
    page: Page(
      looksFor: """
        The check finds the L4 profile of the VIP's virtual server by its name. It fails unless looseInitialization
        and looseClose are true and resetOnTimeout is false. AS3's defaults, and the built-in profile (basic,
        /Common/fastL4), are the opposite. It fails for Service_TCP, Service_HTTP and Service_HTTPS, which end TCP on
        BIG-IP itself. It does not judge UDP.
        """,
      whyItMatters: """
        BIG-IP never sees the replies. A strict profile rejects packets of connections whose start it missed, as after
        a failover. It keeps closed connections until they time out, and then resets them towards the client. A full
        proxy answers the client itself, and the backend's own reply fits no connection.
        """,
      howToMend: """
        Use a Service_L4 with "profileL4": {"use": "NAME"}. Declare NAME as an L4_Profile with "looseInitialization":
        true, "looseClose": true and "resetOnTimeout": false.
        """,
      sources: [
        "https://clouddocs.f5.com/products/extensions/f5-appsvcs-extension/latest/refguide/schemaref/L4_Profile.schema.json.html",
        "https://clouddocs.f5.com/cli/tmsh-reference/latest/modules/ltm/ltm_profile_fastl4.html",
        "https://techdocs.f5.com/kb/en-us/products/big-ip_ltm/manuals/product/ltm-implementations-11-6-0/5.html",
        "F5 K11116",
      ])
  ) { service in
    if service.service.transport == .udp, !service.tables.as3.isEmpty {
      return .notApplicable("UDP has no state to watch")
    }
    let remedy = "use an L4_Profile with looseInitialization and looseClose true, and resetOnTimeout false"
    return service.judgeVirtuals(passing: "watches no state of TCP", remedy: remedy) { found in
      let virtual = found.virtual
      guard found.mayCarry(.tcp) else { return .none("\(virtual.path) carries no TCP") }
      if found.isFullProxy {
        return .fail(
          "\(virtual.path) is a full proxy",
          because: "BIG-IP ends TCP itself, so the backend's replies have to come to it",
          [found.kindExhibit])
      }
      switch virtual.profile {
      case .none:
        return .open(
          "nothing tells how \(virtual.path) watches TCP",
          because: "a \(virtual.kind) without profileL4 is not known here",
          remedy: "use a Service_L4 with an L4_Profile",
          [found.kindExhibit])
      case .elsewhere(let name, let line):
        return .open(
          "the L4 profile of \(virtual.path) is not in the declaration",
          because: "\(name) stands elsewhere, or there is no such L4_Profile",
          remedy: "look it up on BIG-IP (tmsh list ltm profile fastl4), or declare an L4_Profile",
          [Exhibit(found.line(line), expected: "an L4_Profile of the declaration", actual: name)])
      case .declared(let profile):
        return found.judge(profile)
      }
    }
  }
}

extension BigIPVirtual {
  fileprivate func judge(_ profile: AS3Declaration.L4Profile) -> PartFinding {
    let settings = [
      ("looseInitialization", profile.looseInitialization, true), ("looseClose", profile.looseClose, true),
      ("resetOnTimeout", profile.resetOnTimeout, false),
    ]
    let wrong = settings.filter { $0.1.value == !$0.2 }
    let open = settings.filter { $0.1.value == nil }
    if !wrong.isEmpty {
      let names = wrong.map { "\($0.0) \(!$0.2)" }.joined(separator: ", ")
      return .fail(
        "\(virtual.path) watches the state of TCP: \(names)",
        because: "its L4 profile is \(profile.name), and BIG-IP sees one half of each connection",
        wrong.map { exhibit($0.0, $0.1, expected: "\($0.2)") })
    }
    if let first = open.first {
      return .open(
        "nothing tells \(first.0) of \(profile.name)", because: absence,
        remedy: "write \(first.0) in the object itself", open.map { exhibit($0.0, $0.1, expected: "\($0.2)") })
    }
    return .pass
  }
}
