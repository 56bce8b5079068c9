import Wire

/// nftlb's farms: its configuration file, or what its API answers to `GET /farms`.
///
/// Source: relianoid/nftlb `README.md`, `include/config.h`, `tests/config_exec`.
enum NFTLBFarms {
  static func table(_ document: DocumentNode) throws(TableError) -> IPVSTable? {
    guard let farms = document["farms"], farms.isSequence else { return nil }
    var table = IPVSTable(form: .nftlb)
    // One that is down, or off, has no rules.
    for farm in farms.items where farm["state"]?.text ?? "up" == "up" { try read(farm, into: &table) }
    return table
  }

  private static func read(_ farm: DocumentNode, into table: inout IPVSTable) throws(TableError) {
    let mode = farm["mode"]?.text ?? "snat"
    // Newer ones have a list of addresses, each with ports and a protocol of its own.
    let listens = (farm["addresses"]?.items ?? []) + [farm].filter { $0["virtual-addr"] != nil }
    for listen in listens {
      guard let node = listen["virtual-addr"] ?? listen["ip-addr"] else { continue }
      guard let address = node.text.flatMap({ IPAddress($0) }) else { throw node.fault("virtual-addr: an IP address") }
      let ports = try ports(listen["virtual-ports"] ?? listen["ports"], &table)
      let transports = IPVSTable.Transport.all(named: listen["protocol"]?.text ?? farm["protocol"]?.text ?? "tcp")
      let backends = try (farm["backends"]?.items ?? []).map { backend throws(TableError) in
        try destination(backend, mode)
      }
      table.services += IPVSTable.services(transports, address, ports: ports, line: farm.line) { port in
        backends.map { backend in
          var backend = backend
          if backend.endpoint.port == 0 { backend.endpoint.port = port }
          return backend
        }
      }
    }
  }

  private static func destination(_ backend: DocumentNode, _ mode: String) throws(TableError) -> IPVSTable.Destination {
    guard let address = backend["ip-addr"]?.text.flatMap({ IPAddress($0) }) else {
      throw (backend["ip-addr"] ?? backend).fault("ip-addr: an IP address")
    }
    let port = backend["port"]?.text.flatMap { UInt16($0) } ?? 0
    var destination = IPVSTable.Destination(
      endpoint: IPVSTable.Endpoint(address: address, port: port), line: backend.line)
    destination.method = "mode \(mode)"
    destination.weight = backend["state"]?.text ?? "up" == "up" ? backend["weight"]?.int : 0
    destination.forwarding =
      switch mode {
      case "dsr": .route
      // Without states nftlb rewrites the replies as well, which have to come back.
      case "dnat", "stlsdnat": .masquerade
      case "snat": .fullNAT
      case "local": .local
      default: .other("mode \(mode)")
      }
    return destination
  }

  /// `80`, `80,443`, `8000-8010`; none and `*` stand for every port.
  private static func ports(_ node: DocumentNode?, _ table: inout IPVSTable) throws(TableError) -> [UInt16] {
    guard let node, let text = node.text, !text.isEmpty, text != "*" else { return [0] }
    var found: [UInt16] = []
    for part in text.split(separator: ",") {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
        UInt16($0.filter { !$0.isWhitespace })
      }
      guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first <= last else {
        throw node.fault("virtual-ports: as 80,443 or 8000-8010")
      }
      if Int(last) - Int(first) < IPVSTable.portLimit {
        found += first...last
      } else {
        found += [first, last]
        table.listsAllServices = false
      }
    }
    return found
  }
}
