import Checks
import Tables
import Wire

extension Config {
  /// Reads YAML, or JSON. Values are taken as they are written, for YAML reads some MACs and addresses as numbers.
  /// `folder` is where the file stands, which its paths are relative to.
  init(text: String, folder: String) throws(TableError) {
    let documents = try DocumentNode.all(of: text)
    guard let root = documents.first else { return }
    if documents.count > 1 { throw documents[1].fault("one document", found: "another") }
    let fields = try root.fields(["services", "balancers", "backends", "tables", "policy"])
    try fields["services"].map { (node) throws(TableError) in try readServices(node) }
    try fields["balancers"].map { (node) throws(TableError) in try readBalancers(node) }
    try fields["backends"].map { (node) throws(TableError) in try readBackends(node) }
    try fields["tables"].map { (node) throws(TableError) in tables = try TableFiles(node, folder: folder) }
    try fields["policy"].map { (node) throws(TableError) in try readPolicy(node) }
  }

  private mutating func readServices(_ node: DocumentNode) throws(TableError) {
    var known: Set<ServicePattern> = []
    for item in try node.list(of: "services") {
      var vip = item
      var (name, minimum, proof): (String?, Int?, ServiceVerdict.Proof?)
      if item.isMapping {
        let fields = try item.fields(["vip", "name", "min-flows", "proof"])
        vip = try item.required("vip", in: fields)
        name = try fields["name"]?.value("a name") { $0 }
        minimum = try fields["min-flows"]?.flowCount()
        proof = try fields["proof"]?.choice(of: "a proof")
      }
      let service = try vip.service()
      guard known.insert(service).inserted else {
        throw vip.fault("each service once", found: "\(vip.text ?? "") again")
      }
      services.append(service)
      names[service] = name
      minimumFlowsOfServices[service] = minimum
      minimumProofOfServices[service] = proof
    }
  }

  private mutating func readBalancers(_ node: DocumentNode) throws(TableError) {
    var known: Set<MACAddress> = []
    for item in try node.list(of: "balancers") {
      var (name, macs) = (String?.none, [item])
      if item.isMapping {
        let fields = try item.fields(["name", "macs"])
        name = try fields["name"]?.value("a name") { $0 }
        macs = try item.required("macs", in: fields).list(of: "MACs")
      }
      for node in macs {
        let mac = try node.mac()
        stationNames.byMAC[mac] = name
        guard known.insert(mac).inserted else { throw node.fault("each MAC once", found: "\(mac) again") }
        balancerMACs.append(mac)
      }
    }
  }

  private mutating func readBackends(_ node: DocumentNode) throws(TableError) {
    var known: Set<Policy.Backend> = []
    for item in try node.list(of: "backends") {
      let backend: Policy.Backend
      if item.isMapping {
        let fields = try item.fields(["name", "address", "mac"])
        backend = Policy.Backend(
          address: try item.required("address", in: fields).address(), mac: try fields["mac"]?.mac())
        let name: String? = try fields["name"]?.value("a name") { $0 }
        stationNames.byAddress[backend.address] = name
        if let mac = backend.mac { stationNames.byMAC[mac] = name }
      } else {
        backend = try item.value(Expected.backend) {
          try? Policy.Backend(argument: $0)
        }
      }
      guard known.insert(backend).inserted else {
        throw item.fault("each backend once", found: "\(backend.address) again")
      }
      backends.append(backend)
    }
  }

  private mutating func readPolicy(_ node: DocumentNode) throws(TableError) {
    let fields = try node.fields(["min-flows", "proof", "max-drops", "background", "vantage", "checks", "waivers"])
    minimumFlows = try fields["min-flows"]?.flowCount()
    minimumProof = try fields["proof"]?.choice(of: "a proof")
    maximumDrops = try fields["max-drops"]?.value(Expected.percent) {
      try? percent(argument: $0)
    }
    maximumBackground = try fields["background"]?.value(Expected.percent) {
      try? percent(argument: $0)
    }
    vantage = try fields["vantage"]?.choice(of: "a vantage")
    if let checks = fields["checks"] {
      guard checks.isMapping else { throw checks.fault("checks with their severities, like ARP004: warning") }
      for (name, severity) in checks.members {
        let check = try name.check()
        if severities[check.id] != nil { throw name.fault("each check once", found: "\(check.id) again") }
        severities[check.id] = try severity.choice(of: "a severity")
      }
    }
    let listed = Dictionary(grouping: services, by: \.address)
    for item in try fields["waivers"]?.list(of: "waivers") ?? [] { waivers.append(try waiver(item, listed)) }
  }

  private func waiver(
    _ node: DocumentNode, _ listed: [IPAddress: [ServicePattern]]
  ) throws(TableError) -> Waiver {
    let fields = try node.fields(["check", "service", "reason", "until"])
    let check = try node.required("check", in: fields).check()
    let service = try fields["service"]?.service()
    // A waiver for what is never judged is a slip of the pen.
    if let service, let named = fields["service"], !listed.isEmpty,
      !(listed[service.address] ?? []).contains(where: service.covers)
    {
      throw named.fault("a service that is listed under services")
    }
    let reason = try node.required("reason", in: fields).value("a reason") { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
    let until = try node.required("until", in: fields).value("the last day, like 2026-12-31") { Day($0) }
    return Waiver(check: check.id, service: service, reason: reason, until: until)
  }
}

extension DocumentNode {
  fileprivate func mac() throws(TableError) -> MACAddress {
    try value(Expected.mac) { try? unicastMAC(argument: $0) }
  }

  fileprivate func address() throws(TableError) -> IPAddress {
    try value("an address like 10.1.10.20") { IPAddress($0) }
  }

  func service() throws(TableError) -> ServicePattern {
    try value("\(Expected.vip); one in brackets needs quotes") {
      ServicePattern(text: $0)
    }
  }

  fileprivate func flowCount() throws(TableError) -> Int {
    try value(Expected.count) { try? positive(argument: $0) }
  }

  /// A check by its id or its slug.
  fileprivate func check() throws(TableError) -> Check {
    try value(
      "a check, by its id or slug\(nearest(text, Check.all.flatMap { [$0.slug, $0.id] })); dsrproof checks lists them"
    ) { name in
      Check.all.first { $0.id == name || $0.slug == name }
    }
  }
}
