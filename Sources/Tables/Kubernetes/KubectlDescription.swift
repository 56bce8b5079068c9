import Wire

/// A Service as `kubectl describe service` prints it.
///
/// Source: kubernetes `staging/src/k8s.io/kubectl/pkg/describe/describe.go` (`describeService`).
struct KubectlDescription {
  private let first: TextLine
  private var fields: [Field] = []

  /// A name at the left, and what stands beside and below it.
  private struct Field {
    let name: Substring
    let line: TextLine
    /// Where the value begins in its line.
    let column: Int
    let value: Substring
    /// The lines below that begin in the same column.
    var more: [TextLine] = []

    var words: [Substring] { value.split(whereSeparator: \.isWhitespace) }
    var all: [(text: Substring, line: Int)] {
      ([(value, line.number)] + more.map { ($0.text.drop(while: \.isWhitespace), $0.number) }).filter {
        $0.0 != "<none>"
      }
    }
  }

  /// `nil` where the line does not begin a description.
  init?(first line: TextLine) {
    guard line.words.count == 2, line.words[0] == "Name:" else { return nil }
    first = line
  }

  /// It describes a Service, and no other object.
  var isOfService: Bool { self["Type"] != nil && self["Port"] != nil && self["Namespace"] != nil }

  private subscript(name: Substring) -> Field? { fields.first { $0.name == name } }

  private var indentation: Int { first.text.prefix(while: \.isWhitespace).count }

  mutating func add(_ line: TextLine) {
    let column = line.text.prefix(while: \.isWhitespace).count
    if column <= indentation, let colon = line.text.firstIndex(of: ":") {
      let rest = line.text[line.text.index(after: colon)...]
      let value = rest.drop(while: \.isWhitespace)
      fields.append(
        Field(
          name: line.text[..<colon].drop(while: \.isWhitespace), line: line,
          column: line.text.distance(from: line.text.startIndex, to: value.startIndex), value: value))
    } else if let last = fields.indices.last, column == fields[last].column {
      fields[last].more.append(line)
    }
  }

  /// Adds the Service, and its endpoints where all are told.
  func read(into objects: inout KubernetesObjects) throws(TableError) {
    let name = KubernetesObjects.Name(
      namespace: String(self["Namespace"]?.value ?? ""), name: String(first.words[1]))
    var service = KubernetesObjects.Service(name: name, line: first.number)
    service.isFromCluster = true
    service.labels = texts("Labels", separator: "=")
    service.annotations = texts("Annotations", separator: ":")
    service.readAddressAnnotations()
    service.type = try word("Type")
    service.externalTrafficPolicy = try word("External Traffic Policy")
    service.externalIPs = try addresses(fields.filter { $0.name == "External IPs" })
    // Older ones call it `IP`, as the cluster's own that stands before it.
    let asked = fields.filter { $0.name == "Desired LoadBalancer IP" } + fields.filter { $0.name == "IP" }.dropFirst()
    service.loadBalancerIP = try addresses(asked).first
    if let given = self["LoadBalancer Ingress"] { read(given, into: &service) }
    var slice = KubernetesObjects.EndpointSlice(line: first.number, service: name)
    let listsAll = try readPorts(&service, &slice)
    objects.services.append(service)
    if listsAll { objects.endpointSlices.append(slice) }
  }

  /// Labels are `key=value`, annotations `key: value`; a long value stands in a line of its own, further to the right.
  private func texts(_ name: Substring, separator: Character) -> [String: KubernetesObjects.Fact<String>] {
    let facts = (self[name]?.all ?? []).compactMap { text, line -> (String, KubernetesObjects.Fact<String>)? in
      guard let end = text.firstIndex(of: separator) else { return nil }
      let value = text[text.index(after: end)...].drop(while: \.isWhitespace)
      return (String(text[..<end]), KubernetesObjects.Fact(String(value), line: line))
    }
    return Dictionary(facts) { first, _ in first }
  }

  private func word<Word: RawRepresentable<String> & CaseIterable & Sendable & Equatable>(
    _ name: Substring
  ) throws(TableError) -> KubernetesObjects.Fact<Word>? {
    guard let field = self[name] else { return nil }
    guard let first = field.words.first, let word = Word(rawValue: String(first)) else {
      let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
      throw field.line.fault("\(name): one of \(words)", field.value)
    }
    return KubernetesObjects.Fact(word, line: field.line.number)
  }

  private func addresses(_ fields: [Field]) throws(TableError) -> [KubernetesObjects.Fact<IPAddress>] {
    var found: [KubernetesObjects.Fact<IPAddress>] = []
    for field in fields {
      for word in field.value.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
        guard let address = IPAddress(String(word)) else { throw field.line.fault("\(field.name): IP addresses", word) }
        found.append(KubernetesObjects.Fact(address, line: field.line.number))
      }
    }
    return found
  }

  /// `10.1.10.10 (VIP), web.example`: the mode stands there since kubernetes#125117 (2024).
  private func read(_ given: Field, into service: inout KubernetesObjects.Service) {
    let line = given.line.number
    service.statusLine = line
    for part in given.value.split(separator: ",") {
      let words = part.split(whereSeparator: \.isWhitespace)
      guard let address = words.first.flatMap({ IPAddress(String($0)) }) else { continue }
      var ingress = KubernetesObjects.Ingress(line: line, ip: KubernetesObjects.Fact(address, line: line))
      if words.count < 2 { service.untold.insert(.ipMode) }
      if words.dropFirst().first == "(Proxy)" { ingress.proxyMode = KubernetesObjects.Fact("Proxy", line: line) }
      service.ingress.append(ingress)
    }
  }

  /// Each port with what stands below it; `false` where not all endpoints are listed.
  private func readPorts(
    _ service: inout KubernetesObjects.Service, _ slice: inout KubernetesObjects.EndpointSlice
  ) throws(TableError) -> Bool {
    var listsAll = self["Endpoints"] != nil
    for field in fields {
      let last = field.words.last ?? ""
      switch field.name {
      case "Port":
        var port = try KubernetesObjects.Port(kubectl: last, in: field.line)
        if field.words.count == 2, field.words[0] != "<unset>" { port.name = String(field.words[0]) }
        service.ports.append(port)
      case "TargetPort":
        guard let index = service.ports.indices.last, let text = last.split(separator: "/").first else { continue }
        let target: KubernetesObjects.TargetPort = UInt16(text).map { .number($0) } ?? .name(String(text))
        // 0 stands for the port's own.
        if target != .number(0) {
          service.ports[index].targetPort = KubernetesObjects.Fact(target, line: field.line.number)
        }
      case "NodePort":
        guard let index = service.ports.indices.last else { continue }
        service.ports[index].nodePort = try KubernetesObjects.Port(kubectl: last, in: field.line).port
      case "Endpoints":
        guard let port = service.ports.last else { continue }
        guard let found = try KubernetesObjects.endpoints(in: field.value, field.line) else {
          listsAll = false
          continue
        }
        for (endpoint, number) in found {
          if !slice.endpoints.contains(where: { $0.addresses == endpoint.addresses }) {
            slice.endpoints.append(endpoint)
          }
          guard let number else { continue }
          let told = KubernetesObjects.EndpointPort(
            name: port.name, transport: port.transport, port: KubernetesObjects.Fact(number, line: field.line.number))
          if !slice.ports.contains(told) { slice.ports.append(told) }
        }
      default: break
      }
    }
    return listsAll
  }
}
