import Wire

/// loxilb's rules: `{"lbAttr": [{"serviceArguments": {…}, "endpoints": […]}]}`, or the list or one rule of it alone.
///
/// Sources: loxilb-io/loxilb `common/common.go` (`LBMode`), `api/swagger.yml`; loxilb-io/loxicmd `pkg/get/get_loadbalancer.go`.
enum LoxiLBList {
  static func table(_ document: DocumentNode) throws(TableError) -> IPVSTable? {
    let rules: [DocumentNode]
    if let list = document["lbAttr"] {
      rules = list.items
    } else if document["serviceArguments"] != nil {
      rules = [document]
    } else if document.items.contains(where: { $0["serviceArguments"] != nil }) {
      rules = document.items
    } else {
      return nil
    }
    var table = IPVSTable(form: .loxilb)
    for rule in rules { try read(rule, into: &table) }
    return table
  }

  private static func read(_ rule: DocumentNode, into table: inout IPVSTable) throws(TableError) {
    guard let service = rule["serviceArguments"] else { throw rule.fault("serviceArguments of a rule of loxilb's") }
    guard let address = service["externalIP"]?.text.flatMap({ IPAddress($0) }) else {
      throw (service["externalIP"] ?? service).fault("externalIP: an IP address")
    }
    let port = try portNumber("port", in: service)
    let last = service["portMax"] == nil ? port : max(port, try portNumber("portMax", in: service))
    let method = Method(rule: service["mode"])
    let endpoints = rule["endpoints"]?.items ?? []
    var destinations: [IPVSTable.Destination] = []
    for endpoint in endpoints {
      guard let target = endpoint["endpointIP"]?.text.flatMap({ IPAddress($0) }) else {
        throw (endpoint["endpointIP"] ?? endpoint).fault("endpointIP: an IP address")
      }
      var destination = IPVSTable.Destination(
        endpoint: IPVSTable.Endpoint(address: target, port: try portNumber("targetPort", in: endpoint)),
        line: endpoint.line)
      (destination.forwarding, destination.method) = (method.forwarding, method.name)
      destination.weight = endpoint["state"]?.text == "inactive" ? 0 : endpoint["weight"]?.int
      destinations.append(destination)
    }
    // Of a wide range the ends alone are listed.
    let ports = Int(last) - Int(port) < IPVSTable.portLimit ? Array(port...last) : [port, last]
    if ports.count == 2, last - port > 1 { table.listsAllServices = false }
    let addresses =
      [address] + (rule["secondaryIPs"]?.items ?? []).compactMap { $0["secondaryIP"]?.text.flatMap { IPAddress($0) } }
    for address in addresses {
      table.services += IPVSTable.services(
        IPVSTable.Transport.all(named: service["protocol"]?.text ?? ""), address, ports: ports, line: rule.line
      ) { port in
        // In a range the port stays what it is.
        ports.count == 1
          ? destinations
          : destinations.map { destination in
            var destination = destination
            if destination.endpoint.port != 0, method.forwarding == .route { destination.endpoint.port = port }
            return destination
          }
      }
    }
  }

  private static func portNumber(_ key: String, in node: DocumentNode) throws(TableError) -> UInt16 {
    guard let value = node[key] else { return 0 }
    guard let port = value.int.flatMap({ UInt16(exactly: $0) }) else { throw value.fault("\(key): a port") }
    return port
  }

  /// How a rule hands requests on: `LBMode`. All but `dsr` translate, and get the replies.
  fileprivate struct Method {
    let forwarding: IPVSTable.Forwarding
    let name: String

    private static let names = ["default", "onearm", "fullnat", "dsr", "fullproxy", "hostonearm"]

    init(rule mode: DocumentNode?) {
      let number = mode?.int ?? (mode == nil ? 0 : -1)
      self.init(Self.names.indices.contains(number) ? Self.names[number] : mode?.text ?? "")
    }

    init(_ word: String) {
      name = "mode \(word)"
      forwarding =
        switch word {
        case "default": .masquerade
        case "dsr": .route
        case _ where Self.names.contains(word): .fullNAT
        default: .other(name)
        }
    }
  }
}

/// What `loxicmd get lb -o wide` prints: cells between strokes, each rule with an endpoint, and further endpoints below it.
///
/// Source: loxilb-io/loxicmd `pkg/get/get_loadbalancer.go`.
enum LoxiLBTable {
  private enum Column: CaseIterable {
    case address, port, transport, mode, endpoint, endpointPort, weight, state, others

    var names: [String] {
      switch self {
      case .address: ["EXT IP", "EXTERNAL IP", "EXTERNALIP"]
      case .port: ["PORT"]
      case .transport: ["PROTO", "PROTOCOL"]
      case .mode: ["MODE"]
      case .endpoint: ["ENDPOINT", "ENDPOINT IP", "ENDPOINTIP"]
      case .endpointPort: ["EPORT", "TARGET PORT", "TARGETPORT"]
      case .weight: ["WEIGHT"]
      case .state: ["STATE"]
      case .others: ["SEC IPS", "SECONDARY IPS"]
      }
    }
  }

  static func isHeading(_ line: TextLine) -> Bool { cells(line).first.map(Column.address.names.contains) ?? false }

  private static func cells(_ line: TextLine) -> [String] {
    guard line.words[0].first == "|" else { return [] }
    let cells = line.text.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
    return cells.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
  }

  static func table(_ lines: [TextLine]) throws(TableError) -> IPVSTable {
    var table = IPVSTable(form: .loxilb)
    var columns: [Column: Int] = [:]
    var method: LoxiLBList.Method?
    var open = 0..<0
    for line in lines {
      let cells = cells(line)
      if isHeading(line) {
        columns = [:]
        for column in Column.allCases { columns[column] = cells.firstIndex { column.names.contains($0) } }
        guard columns[.endpoint] != nil, columns[.endpointPort] != nil, columns[.port] != nil else {
          throw line.fault("endpoints and their ports: loxicmd get lb -o wide, or -o json")
        }
        continue
      }
      guard !columns.isEmpty, !cells.isEmpty, cells.contains(where: { $0.contains { $0 != "-" } }) else { continue }
      func cell(_ column: Column) -> String { columns[column].flatMap { $0 < cells.count ? cells[$0] : nil } ?? "" }
      if !cell(.address).isEmpty {
        // Kubernetes names such an address `llb-10.1.10.10`.
        let texts = [cell(.address)] + cell(.others).split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
        let addresses = texts.compactMap { IPAddress($0) }
        guard addresses.count == texts.count, let port = UInt16(cell(.port)) else {
          throw line.fault("a rule's address and port")
        }
        method = columns[.mode] == nil ? nil : LoxiLBList.Method(cell(.mode))
        let first = table.services.count
        for address in addresses {
          table.services += IPVSTable.services(
            IPVSTable.Transport.all(named: cell(.transport)), address, ports: [port], line: line.number
          ) { _ in [] }
        }
        open = first..<table.services.count
      }
      guard let target = IPAddress(cell(.endpoint)), let port = UInt16(cell(.endpointPort)) else {
        throw line.fault("an endpoint and its port")
      }
      var destination = IPVSTable.Destination(
        endpoint: IPVSTable.Endpoint(address: target, port: port), line: line.number)
      (destination.forwarding, destination.method) = (method?.forwarding, method?.name)
      destination.weight = cell(.state) == "inactive" ? 0 : Int(cell(.weight))
      for index in open { table.services[index].destinations.append(destination) }
    }
    return table
  }
}
