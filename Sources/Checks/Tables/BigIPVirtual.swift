import Evidence
import Tables
import Wire

/// A virtual server of an AS3 declaration, with the file that declares it. `docs/big-ip.md` states the rules.
/// A class, for it is large and handed from list to list.
final class BigIPVirtual: Sendable {
  let path: String
  let origin: AS3Declaration.Origin
  let virtual: AS3Declaration.Virtual

  init(path: String, origin: AS3Declaration.Origin, virtual: AS3Declaration.Virtual) {
    (self.path, self.origin, self.virtual) = (path, origin, virtual)
  }

  /// BIG-IP ends TCP at such a one and opens a connection of its own.
  var isFullProxy: Bool { ["Service_HTTP", "Service_HTTPS", "Service_TCP"].contains(virtual.kind) }

  /// It balances nothing: packets go where the routes lead.
  var isForwarding: Bool { virtual.kind == "Service_Forwarding" }

  /// Whether its pool lets SNAT replace the client's address; `nil` where the pool, or what it says, is not known.
  var poolAllowsSNAT: Bool? {
    switch virtual.pool {
    case .none: true
    case .elsewhere: nil
    case .declared(let pool): pool.allowsSNAT.value
    }
  }

  /// What passes by the virtual server itself, which decides nothing where a NAT policy or NAT64 may translate all the same.
  func passing(_ what: String) -> PartFinding {
    guard let nat = virtual.nat, let name = nat.value else { return .pass }
    return .open(
      "nothing tells whether \(virtual.path) keeps \(what)", because: "\(name) may translate it, and is not read",
      remedy: "leave out \(name), or look on BIG-IP what it translates",
      [Exhibit(line(nat.line), expected: "no \(name)", actual: "\(name): \(nat.written ?? "")")])
  }

  /// What is found about it, which decides nothing where it may not run like this.
  func doubted(_ finding: PartFinding) -> PartFinding {
    guard let doubt = virtual.doubt else { return finding }
    if case .none = finding { return finding }
    return .open(
      "\(virtual.path) may not run as it is declared", because: doubt.text,
      remedy: "give what BIG-IP has now, such as tmsh's list",
      [
        Exhibit(line(virtual.line), expected: "one declaration that runs", actual: "class: \(virtual.kind)")
      ])
  }

  func line(_ number: Int) -> TableLine { TableLine(path: path, number: number) }

  /// A property as evidence, by the name that it has in the text.
  func exhibit<Value>(_ key: String, _ property: AS3Declaration.Property<Value>, expected: String) -> Exhibit {
    switch origin {
    case .as3:
      return Exhibit(
        line(property.line), expected: "\(key): \(expected)",
        actual: property.written.map { "\(key): \($0)" }
          ?? (property.value == nil ? "no \(key) that is known" : "no \(key), so AS3's default counts"))
    case .tmsh:
      let key = Self.tmshNames[key] ?? key
      return Exhibit(
        line(property.line), expected: "\(key) \(Self.tmshValues[expected] ?? expected)",
        actual: property.written.map { "\(key) \($0)" }
          ?? (property.value == nil ? "no \(key)" : "no \(key), so BIG-IP's default counts"))
    }
  }

  /// Why a property that is not written is not known.
  var absence: String {
    switch origin {
    case .as3: "what it includes, or a template of BIG-IQ, may say so"
    case .tmsh: "the text does not have it"
    }
  }

  /// What the virtual server is, as evidence.
  var kindExhibit: Exhibit {
    switch origin {
    case .as3: Exhibit(line(virtual.line), expected: "class: Service_L4", actual: "class: \(virtual.kind)")
    case .tmsh: Exhibit(line(virtual.line), expected: "a fastl4 profile", actual: "none among its profiles")
    }
  }

  /// Source: tmsh reference, ltm virtual, ltm profile fastl4, ltm virtual-address.
  private static let tmshNames = [
    "translateServerAddress": "translate-address", "translateServerPort": "translate-port",
    "snat": "source-address-translation type", "translateClientPort": "source-port",
    "looseInitialization": "loose-initialization", "looseClose": "loose-close", "resetOnTimeout": "reset-on-timeout",
    "arpEnabled": "arp", "virtualPort": "destination", "servicePort": "member",
  ]
  static func tmshName(of key: String) -> String { tmshNames[key] ?? key }
  private static let tmshValues = ["true": "enabled", "false": "disabled"]

  /// How many leading bits of its address the VIP was found by; `nil` where it has another one.
  func length(matching vip: IPAddress) -> Int? {
    virtual.addresses.compactMap(\.subnet).filter { $0.contains(vip) }.map(\.length).max()
  }

  /// Enabled, and it balances.
  var takesRequests: Bool { !isForwarding && virtual.isEnabled.value != false }

  /// Those that take the packets of an address and port, of several that might. One that only forwards, or is disabled, keeps
  /// its packets from those behind it. One for some clients alone leaves the other clients to the next.
  ///
  /// Source: F5 K14800 (order of precedence: the more specific address, then the port); tmsh reference, sys db
  /// tm.continuematching, which is false.
  static func first(of all: [BigIPVirtual], for vip: IPAddress, port: UInt16?) -> [BigIPVirtual] {
    let lengths = all.map { $0.length(matching: vip) ?? 0 }
    var chosen: [BigIPVirtual] = []
    // Route domains of those that keep their packets and do not balance: to others they may be in another network.
    var keepers: Set<String> = []
    for length in Set(lengths).sorted(by: >) {
      let nearest = all.indices.compactMap { lengths[$0] == length ? all[$0] : nil }
        .filter { !keepers.contains($0.routeDomain(of: vip, length)) }
      let exact = nearest.filter { $0.virtual.port.value == port }
      let whole = exact.filter { $0.isForAll(vip, length) }
      let taking = nearest.filter { found in
        whole.isEmpty || found.virtual.port.value == port
          || !found.isForAll(vip, length) && found.virtual.port.value != nil
      }
      chosen += taking
      let keeping = taking.filter { $0.virtual.port.value != nil && $0.isForAll(vip, length) }
      if keeping.contains(where: \.takesRequests) { break }
      keepers.formUnion(keeping.map { $0.routeDomain(of: vip, length) })
    }
    return chosen.filter(\.takesRequests)
  }

  /// The number behind the `%` of the address by which it was found; empty where none is written.
  private func routeDomain(of vip: IPAddress, _ length: Int) -> String {
    let address = virtual.addresses.first { $0.subnet.map { $0.contains(vip) && $0.length == length } ?? false }
    guard let written = address?.written, let mark = written.firstIndex(of: "%") else { return "" }
    return String(written[written.index(after: mark)...].prefix { $0.isNumber })
  }

  /// Every client's packets come to it.
  private func isForAll(_ vip: IPAddress, _ length: Int) -> Bool {
    virtual.isEnabled.value != nil
      && virtual.addresses.contains { address in
        !address.isForSome && address.subnet.map { $0.contains(vip) && $0.length == length } ?? false
      }
  }

  /// As far as protocol and port tell, packets of the service may be for it.
  func mayTake(_ service: ServicePattern) -> Bool {
    if let port = service.port, let own = virtual.port.value, own != 0, own != port { return false }
    return mayCarry(service.transport)
  }

  func mayCarry(_ transport: TransportProtocol?) -> Bool {
    guard let transport, let own = virtual.layer4.value, own != "any" else { return true }
    return own == transport.name
  }
}

extension AS3Declaration.Doubt {
  /// Why nothing follows, for messages.
  var text: String {
    switch self {
    case .refused: "AS3 answers with an error, so what runs is not known"
    case .changed: "another text or file changes its tenant, and what comes of that is not followed"
    case .oneOfSeveral: "several tasks are listed, and nothing tells which was the last"
    }
  }
}

extension Tables {
  /// All of them, in the order of the files.
  var bigIPVirtuals: [BigIPVirtual] {
    as3.indices.flatMap { index in
      let file = as3[index]
      let others = as3.indices.filter { $0 != index }.map { as3[$0].table }
      return file.table.virtuals(beside: others).map {
        BigIPVirtual(path: file.path, origin: file.table.origin, virtual: $0)
      }
    }
  }
}

extension ServiceCase {
  /// The virtual servers that take the service's requests, by protocol and port. Several in one group take the same ones,
  /// as in other route domains or for other clients, and nothing tells which.
  func bigIPVirtuals() -> [[BigIPVirtual]] {
    let vip = service.address
    let all = tables.bigIPVirtuals.filter {
      $0.virtual.isThere && $0.mayTake(service) && $0.length(matching: vip) != nil
    }
    if service.port != nil {
      let chosen = BigIPVirtual.first(of: all, for: vip, port: service.port)
      return chosen.isEmpty ? [] : [chosen]
    }
    struct Key: Hashable {
      var port: UInt16?
      var layer4: String?
      init(_ found: BigIPVirtual) { (port, layer4) = (found.virtual.port.value, found.virtual.layer4.value) }
    }
    var seen: Set<Key> = []
    return all.filter(\.takesRequests).compactMap { found in
      let key = Key(found)
      guard seen.insert(key).inserted else { return nil }
      let same = all.filter { other in
        let (port, layer4) = (other.virtual.port.value, other.virtual.layer4.value)
        return (port == key.port || port == 0) && (layer4 == key.layer4 || layer4 == "any")
      }
      let chosen = BigIPVirtual.first(of: same, for: vip, port: key.port)
      return chosen.contains { Key($0) == key } ? chosen : nil
    }
  }

  /// Judges every virtual server of the service. One that fails fails the service, unless another may take the same
  /// packets in its place.
  func judgeVirtuals(
    passing summary: String, remedy: String, _ judge: (BigIPVirtual) -> PartFinding
  ) -> Finding {
    if tables.as3.isEmpty { return .notApplicable("no AS3 declaration was given") }
    let groups = bigIPVirtuals()
    if groups.isEmpty { return .notApplicable("no virtual server that is declared takes \(service.text)") }
    var findings = PartFindings()
    for group in groups {
      let judged = group.map { (path: $0.virtual.path, finding: $0.doubted(judge($0))) }
      let failed = judged.compactMap { _, finding -> (summary: String, evidence: [Exhibit])? in
        guard case .fail(let summary, _, let evidence) = finding else { return nil }
        return (summary, evidence)
      }
      let isDisputed = failed.count < group.count
      for (path, finding) in judged {
        if isDisputed, case .fail = finding { continue }
        findings.add(finding, about: path)
      }
      if isDisputed, let first = failed.first {
        findings.add(
          .open(
            first.summary,
            because: "\(group.count) virtual servers take the same packets, and others have no such fault",
            remedy: "leave out the declaration that is not in use", failed.flatMap(\.evidence)),
          about: group[0].virtual.path)
      }
    }
    return findings.finding(
      remedy: remedy, failing: { $0.first?.summary ?? "" }, passing: { "\($0.first ?? "") \(summary)" },
      none: "no virtual server has what this looks at")
  }

  /// Judges a property that has to be false of every virtual server: `what` it then translates.
  func judgeTranslation(
    _ key: String, _ property: (AS3Declaration.Virtual) -> AS3Declaration.Property<Bool>, of what: String,
    because reason: String
  ) -> Finding {
    judgeVirtuals(
      passing: "leaves the destination \(what) as it is",
      remedy: "set \(key) to false (tmsh: \(BigIPVirtual.tmshName(of: key)) disabled)"
    ) { found in
      let property = property(found.virtual)
      let evidence = [found.exhibit(key, property, expected: "false")]
      switch property.value {
      case false?: return found.passing("the destination \(what)")
      case true?: return .fail("\(found.virtual.path) translates the destination \(what)", because: reason, evidence)
      case nil:
        return .open(
          "nothing tells whether \(found.virtual.path) translates the destination \(what)",
          because: property.written.map { "\($0) is no value of \(key)" }
            ?? found.absence,
          remedy: "write \(key) in the object itself", evidence)
      }
    }
  }
}
