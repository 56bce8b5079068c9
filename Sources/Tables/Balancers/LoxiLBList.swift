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
  private struct Method {
    let forwarding: IPVSTable.Forwarding
    let name: String

    init(rule mode: DocumentNode?) {
      switch mode?.int ?? (mode == nil ? 0 : -1) {
      case 0: (forwarding, name) = (.masquerade, "mode default")
      case 1: (forwarding, name) = (.fullNAT, "mode onearm")
      case 2: (forwarding, name) = (.fullNAT, "mode fullnat")
      case 3: (forwarding, name) = (.route, "mode dsr")
      case 4: (forwarding, name) = (.fullNAT, "mode fullproxy")
      case 5: (forwarding, name) = (.fullNAT, "mode hostonearm")
      default:
        name = "mode \(mode?.text ?? "")"
        forwarding = .other(name)
      }
    }
  }
}
