import Tables
import Wire

extension Check {
  static let strongHostDropsVIP = Check(
    id: "HOST011", slug: "strong-host-drops-vip",
    title: "A Windows backend keeps the VIP to the loopback adapter that has it",
    page: Page(
      looksFor: """
        IPv4. The check looks at a backend that runs Windows, by what netsh says of its interfaces, with the VIP on a
        loopback adapter: an interface that has the word loopback in its name. It fails if weakhostsend is disabled
        there, or if weakhostreceive is disabled on every other interface that has an address. If some of several have
        it enabled, the check is undecided, for which of them requests come to does not show.
        """,
      whyItMatters: """
        Since Vista Windows is a strong host: an interface takes packets for its own addresses alone, and sends from
        them alone. Requests for a VIP that another interface has are dropped without a word, and so are replies from
        it.
        """,
      howToMend: """
        For the interface that requests come to: `netsh interface ipv4 set interface "Ethernet"
        weakhostreceive=enabled`. For the loopback adapter: `netsh interface ipv4 set interface "Loopback"
        weakhostreceive=enabled weakhostsend=enabled`.
        """,
      sources: [
        "http://technet.microsoft.com/en-us/magazine/2007.09.cableguy.aspx (strong and weak host models)",
        "RFC 1122 section 3.3.4.2 (strong and weak hosts)",
        "http://cainetworks.com/support/training/strong-weak-host-oop.html",
      ])
  ) { service in
    let vip = service.service.address
    if vip.version == .v6, !service.tables.hosts.isEmpty { return .notApplicable("\(vip) is not judged") }
    return service.judgeBackendHosts(
      passing: "requests for \(vip) and its replies pass other interfaces",
      remedy:
        "enable weakhostreceive where requests come in, and weakhostsend and weakhostreceive on the loopback adapter"
    ) { backend in
      let interfaces = backend.host.interfaces
      guard let bearer = interfaces.first(where: { $0.has(vip) && $0.linkType == "windows" }) else {
        return .none("no text of Windows says that it has \(vip)")
      }
      guard bearer.flags.contains("NOARP") else { return .none("\(vip) is on \(bearer.name), which is no loopback") }
      guard let sends = bearer.weakHost?.sends else {
        return .open(
          "nothing tells weakhostsend of \(bearer.name)", because: "what netsh says of its settings is not given",
          remedy: "give what netsh interface ipv4 show interface level=verbose prints",
          [Exhibit(bearer.line, expected: "Weak Host Sends: enabled", actual: "not given")])
      }
      guard sends.isEnabled else {
        return .fail(
          "replies from \(vip) do not leave \(bearer.name)",
          because: "weakhostsend is disabled there, so that Windows sends from its addresses by that interface alone",
          [Exhibit(sends.line, expected: "Weak Host Sends: enabled", actual: "Weak Host Sends: disabled")])
      }
      return judgeReceiving(interfaces.filter { $0.name != bearer.name && $0.isOnAWire }, of: vip)
    }
  }

  private static func judgeReceiving(_ others: [HostTables.Interface], of vip: IPAddress) -> PartFinding {
    let flags = others.compactMap { interface in interface.weakHost?.receives.map { (interface, $0) } }
    let exhibits = flags.filter { !$0.1.isEnabled }.map { _, flag in
      Exhibit(flag.line, expected: "Weak Host Receives: enabled", actual: "Weak Host Receives: disabled")
    }
    if !others.isEmpty, flags.count == others.count {
      if exhibits.isEmpty { return .pass }
      if exhibits.count == others.count {
        return .fail(
          "requests for \(vip) are dropped by \(others.map(\.name).joined(separator: ", "))",
          because: "weakhostreceive is disabled there, so that Windows takes packets for its own addresses alone",
          exhibits
        )
      }
    }
    return .open(
      "which interface requests for \(vip) come to, or whether it takes them, does not show",
      because: others.isEmpty
        ? "no other interface with an address is given"
        : "weakhostreceive is not enabled on each of them, as far as it is told",
      remedy: "enable weakhostreceive on the interface that requests come to", exhibits)
  }
}

extension HostTables.Interface {
  /// It may be what requests come to: no loopback, and with an address of its own.
  fileprivate var isOnAWire: Bool {
    !flags.contains("NOARP") && addresses.contains { !$0.address.isLoopback }
  }
}
