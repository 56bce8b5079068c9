import Evidence
import Tables
import Wire

extension Check {
  static let portMismatch = Check(
    id: "K8S006", slug: "port-mismatch", title: "The ports of the Service are not those of the traffic or the table",
    page: Page(
      looksFor: """
        The check fails if no Service at the VIP has the service's port, even if a Service has it as its node port. It
        also fails if a node's IPVS table has a pod under another port than the Service's targetPort, or than its
        endpoints'. A targetPort that differs from port is right: a node translates for its pods.
        """,
      whyItMatters: """
        Direct return keeps the port of a request, so the Service must have the VIP's own port. A node port needs a
        balancer that translates, and the replies must then cross it. A table that has pods under another port sends
        requests where nobody listens.
        """,
      howToMend: """
        Give the Service the port that clients use at the VIP, and the targetPort that the pods listen on. Let the
        balancer translate neither address nor port.
        """,
      sources: [
        "https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
        "kubernetes/kubernetes pkg/proxy/ipvs/proxier.go", "https://my.f5.com/manage/s/article/K11116",
      ])
  ) { service in
    let all = service.servicesAtVIP
    if !all.isEmpty, service.namedServices.isEmpty {
      return .inconclusive(
        "no Service was given at \(service.service.address) that has this port",
        because: "Services share the address, and another may have it",
        remedy: "give all Services: kubectl get services -A -o yaml",
        all.map { $0.exhibit($0.service.specLine, expected: service.portText, actual: $0.portText) })
    }
    return service.judgeNamedServices { named in
      let name = named.service.name
      guard !named.service.ports.isEmpty else { return .notApplicable("\(name) has no port") }
      let ports = named.service.ports.filter { $0.serves(service.service) }
      guard ports.isEmpty else { return service.compare(ports, of: named) }
      let nodePort = named.service.ports.first { $0.nodePort?.value == service.service.port }
      let line = nodePort?.nodePort?.line ?? named.service.ports.first?.port.line ?? named.service.specLine
      return .fail(
        "\(name) does not have \(service.portText), but \(named.portText)",
        because: nodePort == nil
          ? "nodes take requests to the VIP at the Service's own ports alone"
          : "\(service.portText) is its node port, which nodes take at their own addresses, not at the VIP",
        remedy: "give \(name) the port that clients use",
        [named.exhibit(line, expected: "port: \(service.service.port ?? 0)", actual: named.portText)])
    }
  }
}

extension NamedService {
  fileprivate var portText: String {
    service.ports.map { "\($0.transport.rawValue) \($0.port.value)" }.joined(separator: ", ")
  }
}

extension ServiceCase {
  fileprivate var portText: String {
    let transport = service.transport.map { $0.name.uppercased() + " " } ?? ""
    return transport + (service.port.map { "\($0)" } ?? "any port")
  }

  /// Holds the pods of IPVS tables against the ports that they should have.
  fileprivate func compare(_ ports: [KubernetesObjects.Port], of named: NamedService) -> Finding {
    var wrong: [Exhibit] = []
    for port in ports {
      let expected = named.podPorts(of: port, in: tables)
      guard !expected.ports.isEmpty else { continue }
      for pod in pods(of: port, of: named) where !expected.ports.contains(pod.endpoint.port) {
        wrong.append(
          Exhibit(
            expected.line,
            expected: "pods at the port of the table, \(pod.endpoint.address):\(pod.endpoint.port) in \(pod.path)",
            actual: "pods at " + expected.ports.sorted().map(\.description).joined(separator: ", ")))
      }
    }
    guard wrong.isEmpty else {
      return .fail(
        "\(named.service.name) has its pods at another port than the IPVS table",
        because: "the node sends requests where the pods do not listen",
        remedy: "mend targetPort, or take table and objects at the same time", wrong)
    }
    return .pass("\(named.service.name) has the port")
  }

  /// What the tables of nodes send requests to that port on to. Pods are known by the endpoints of the Service; without
  /// them, where replies return directly, by an address outside of the VIP's own network that is no node's: a balancer
  /// that translates sends to nodes, and gets the replies.
  private func pods(
    of port: KubernetesObjects.Port, of named: NamedService
  ) -> [(endpoint: IPVSTable.Endpoint, path: String)] {
    let endpoints = Set(named.slices(in: tables).flatMap { $0.endpoints.flatMap(\.addresses) })
    let nodes = Set(tables.kubernetes.flatMap { $0.table.nodes.flatMap(\.addresses) } + policy.backends.map(\.address))
      .union(backends().flatMap(\.addresses))
    var found: [(endpoint: IPVSTable.Endpoint, path: String)] = []
    for file in tables.ipvs where file.table.form.balancer == nil {
      for entry in file.table.services {
        guard case .endpoint(let transport, let virtual) = entry.name, virtual.address == service.address,
          virtual.port == port.port.value, transport.rawValue.uppercased() == port.transport.rawValue
        else { continue }
        for destination in entry.destinations where destination.forwarding == .masquerade {
          let address = destination.endpoint.address
          let isPod =
            endpoints.isEmpty
            ? !nodes.contains(address) && !address.isNear(service.address) : endpoints.contains(address)
          if isPod { found.append((destination.endpoint, file.path)) }
        }
      }
    }
    return found
  }
}

extension NamedService {
  /// The slices of the Service, from all files.
  func slices(in tables: Tables) -> [KubernetesObjects.EndpointSlice] {
    placedSlices(in: tables).map(\.slice)
  }

  private func placedSlices(
    in tables: Tables
  ) -> [(file: TableFile<KubernetesObjects>, slice: KubernetesObjects.EndpointSlice)] {
    tables.kubernetes.flatMap { file in
      file.table.endpointSlices.filter { $0.service == service.name }.map { (file, $0) }
    }
  }

  /// The ports of the pods: as the endpoints say, else as the Service does where it says a number.
  fileprivate func podPorts(
    of port: KubernetesObjects.Port, in tables: Tables
  ) -> (ports: Set<UInt16>, line: TableLine) {
    var (ports, line): (Set<UInt16>, TableLine?) = ([], nil)
    for (file, slice) in placedSlices(in: tables) {
      for told in slice.ports where told.name == port.name && told.transport == port.transport {
        ports.insert(told.port.value)
        line = line ?? file.line(told.port.line)
      }
    }
    if let line { return (ports, line) }
    switch port.targetPort?.value {
    case .number(let number): ports = [number]
    case .name: break
    case nil: ports = isUntold(.targetPort) ? [] : [port.port.value]
    }
    return (ports, file.line(port.targetPort?.line ?? port.port.line))
  }
}

extension IPAddress {
  /// In the same /24, or /64 for IPv6.
  fileprivate func isNear(_ other: IPAddress) -> Bool {
    guard version == other.version else { return false }
    return version == .v4 ? low >> 8 == other.low >> 8 : high == other.high
  }
}
