import Wire

/// A table as `kubectl get` prints it: a heading in capitals, then a line for each object.
///
/// Source: kubernetes `pkg/printers/internalversion/printers.go` (`printService`, `printEndpoints`, `printNode`).
struct KubectlTable {
  enum Kind { case services, endpoints, nodes }

  /// `nil` for a table of other objects.
  let kind: Kind?
  let heading: TextLine
  var rows: [TextLine] = []

  /// `nil` where the line is no heading.
  init?(heading line: TextLine) {
    guard line.words.count > 1, line.words.allSatisfy({ $0.allSatisfy { $0.isUppercase || "-()".contains($0) } }),
      let first = line.words.first, ["NAMESPACE", "NAME", "LAST"].contains(first)
    else { return nil }
    heading = line
    let columns = Set(line.words)
    kind =
      if columns.isSuperset(of: ["CLUSTER-IP", "PORT(S)"]) {
        .services
      } else if columns.contains("ENDPOINTS"), !columns.contains("ADDRESSTYPE") {
        .endpoints
      } else if columns.isSuperset(of: ["STATUS", "ROLES", "VERSION"]) {
        .nodes
      } else {
        nil
      }
  }

  /// What stands in each column of a row. No cell of these tables has a blank in it but the endpoints, and the last
  /// columns of nodes, which nothing asks for.
  private func cells(of row: TextLine) throws(TableError) -> [Substring: Substring] {
    var words = row.words
    if kind == .endpoints, words.count > heading.words.count, let column = heading.words.firstIndex(of: "ENDPOINTS") {
      // `10.0.0.1:80,10.0.0.2:80 + 3 more...`
      let last = words.count - (heading.words.count - column)
      words.replaceSubrange(column...last, with: [words[column...last].joined(separator: " ")[...]])
    }
    guard words.count == heading.words.count || kind == .nodes && words.count > heading.words.count else {
      throw row.fault("a cell for each of \(heading.words.joined(separator: " "))")
    }
    return Dictionary(zip(heading.words, words)) { first, _ in first }
  }

  /// Adds what its rows say.
  func read(into objects: inout KubernetesObjects) throws(TableError) {
    for row in rows {
      switch kind {
      case .services: objects.services.append(try service(row))
      case .endpoints: if let slice = try endpoints(row) { objects.endpointSlices.append(slice) }
      case .nodes: objects.nodes.append(try node(row))
      case nil: break
      }
    }
  }

  private func name(_ cells: [Substring: Substring]) -> KubernetesObjects.Name {
    // Of several kinds kubectl puts the kind before the name: `service/web`.
    let name = (cells["NAME"] ?? "").split(separator: "/").last ?? ""
    return KubernetesObjects.Name(namespace: String(cells["NAMESPACE"] ?? ""), name: String(name))
  }

  private func service(_ row: TextLine) throws(TableError) -> KubernetesObjects.Service {
    let cells = try cells(of: row)
    guard let word = cells["TYPE"] else {
      throw heading.fault("the columns of kubectl get services: NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE")
    }
    guard let type = KubernetesObjects.ServiceType(rawValue: String(word)) else {
      let words = KubernetesObjects.ServiceType.allCases.map(\.rawValue).joined(separator: ", ")
      throw row.fault("TYPE: one of \(words)", word)
    }
    var service = KubernetesObjects.Service(name: name(cells), line: row.number)
    service.isFromCluster = true
    service.untold = Set(KubernetesObjects.Field.allCases)
    service.type = KubernetesObjects.Fact(type, line: row.number)
    // Host names, `<none>` and `<pending>` are no addresses. An address that an old kubectl cut (`10.1.10.1...`) is none.
    let addresses = (cells["EXTERNAL-IP"] ?? "").split(separator: ",").compactMap { IPAddress(String($0)) }
      .map { KubernetesObjects.Fact($0, line: row.number) }
    switch type {
    case .loadBalancer:
      // Its externalIPs stand behind those of its status, and nothing tells which is which.
      service.ingress = addresses.map { KubernetesObjects.Ingress(line: row.number, ip: $0) }
    case .clusterIP, .nodePort: service.externalIPs = addresses
    case .externalName: break
    }
    for port in (cells["PORT(S)"] ?? "").split(separator: ",") where port != "<none>" {
      service.ports.append(try KubernetesObjects.Port(kubectl: port, in: row))
    }
    return service
  }

  /// `nil` where not all endpoints are listed.
  private func endpoints(_ row: TextLine) throws(TableError) -> KubernetesObjects.EndpointSlice? {
    let cells = try cells(of: row)
    var slice = KubernetesObjects.EndpointSlice(line: row.number, service: name(cells))
    guard let endpoints = try KubernetesObjects.endpoints(in: cells["ENDPOINTS"] ?? "", row) else { return nil }
    slice.endpoints = endpoints.map(\.endpoint)
    return slice
  }

  private func node(_ row: TextLine) throws(TableError) -> KubernetesObjects.Node {
    let cells = try cells(of: row)
    var node = KubernetesObjects.Node(name: name(cells).name, line: row.number)
    node.addresses = ["INTERNAL-IP", "EXTERNAL-IP"].compactMap { cells[$0] }.compactMap { IPAddress(String($0)) }
    return node
  }
}

extension KubernetesObjects.Port {
  /// Reads `80:31380/TCP` or `80/TCP`.
  init(kubectl word: Substring, in line: TextLine) throws(TableError) {
    let parts = word.split(separator: "/", omittingEmptySubsequences: false)
    let numbers = parts[0].split(separator: ":", omittingEmptySubsequences: false).map { UInt16($0) }
    guard parts.count == 2, let transport = KubernetesObjects.Transport(rawValue: String(parts[1])),
      numbers.count <= 2, let port = numbers[0], port > 0, let nodePort = numbers[numbers.count - 1]
    else { throw line.fault("a port as 80:31380/TCP or 80/TCP", word) }
    self.init(
      name: "", transport: transport, port: KubernetesObjects.Fact(port, line: line.number),
      nodePort: numbers.count == 2 ? KubernetesObjects.Fact(nodePort, line: line.number) : nil, targetPort: nil)
  }
}

extension KubernetesObjects {
  /// Reads `10.0.0.1:8080,[fd00::1]:8080`; `nil` where kubectl lists the first of them alone (`… + 3 more...`). The text does
  /// not tell their nodes.
  static func endpoints(
    in text: Substring, _ line: TextLine
  ) throws(TableError) -> [(endpoint: Endpoint, port: UInt16?)]? {
    if text.hasSuffix("more...") { return nil }
    var found: [(endpoint: Endpoint, port: UInt16?)] = []
    for word in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) where word != "<none>" && word != "<unset>"
    {
      guard let (address, port) = addressAndPort(word) else {
        throw line.fault("endpoints as 10.0.0.1:8080 or [fd00::1]:8080", word)
      }
      found.append(
        (Endpoint(line: line.number, addresses: [address], isUsable: Fact(true, line: line.number)), port))
    }
    return found
  }

  private static func addressAndPort(_ word: Substring) -> (IPAddress, UInt16?)? {
    if let address = IPAddress(String(word)) { return (address, nil) }
    guard let colon = word.lastIndex(of: ":"), let port = UInt16(word[word.index(after: colon)...]) else { return nil }
    var host = word[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    return IPAddress(String(host)).map { ($0, port) }
  }
}
