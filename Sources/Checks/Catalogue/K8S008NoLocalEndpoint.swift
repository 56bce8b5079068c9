import Tables
import Wire

extension Check {
  static let noLocalEndpoint = Check(
    id: "K8S008", slug: "no-local-endpoint", title: "A node in the traffic has no ready endpoint of the Service",
    page: Page(
      looksFor: """
        The check looks at Services with externalTrafficPolicy: Local. It fails if a backend of the traffic is a node
        (its address is among a Node's status.addresses) and none of the Service's EndpointSlices has a ready endpoint
        on it. An endpoint that ends but still serves counts as ready.
        """,
      whyItMatters: """
        With the policy Local a node drops requests if it has no pod for them. A balancer that does not ask for the
        healthCheckNodePort keeps sending it a share of the clients.
        """,
      howToMend: """
        Let the balancer's monitor ask for spec.healthCheckNodePort, which answers 200 only if the node has a ready
        pod. Or run a pod on every node that the balancer knows (a DaemonSet).
        """,
      sources: [
        "https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy",
        "https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/",
      ])
  ) { service in
    service.judgeNamedServices { named in
      let name = named.service.name
      if named.isUntold(.externalTrafficPolicy) {
        return .notApplicable("the text does not tell externalTrafficPolicy of \(name)")
      }
      guard named.isExposed, named.service.externalTrafficPolicy?.value == .local, !named.returnsByItself else {
        return .notApplicable("\(name) may have its pods on any node")
      }
      let slices = named.slices(in: service.tables)
      guard !slices.isEmpty else { return .notApplicable("no EndpointSlice of \(name) was given") }
      let nodes = service.nodesInTraffic
      guard !nodes.isEmpty else {
        return .notApplicable(
          "no backend is known to be a node: give the Nodes, and name the backends where no ARP was captured")
      }
      let version = service.service.address.version
      let endpoints = slices.flatMap(\.endpoints).filter { $0.addresses.contains { $0.version == version } }
      let missing = nodes.filter { node in
        !endpoints.contains { $0.isUsable.value && $0.nodeName == node.node.name }
      }
      guard !missing.isEmpty else { return .pass("every node in the traffic has a ready endpoint of \(name)") }
      // An endpoint without a node's name may be anywhere.
      if let unplaced = endpoints.first(where: { $0.isUsable.value && $0.nodeName == nil }) {
        return .inconclusive(
          "whether every node has a ready endpoint of \(name) does not show",
          because: "the endpoint at line \(unplaced.line) does not tell its node",
          remedy: "give the EndpointSlices as the cluster has them: kubectl get endpointslices -A -o yaml")
      }
      return .fail(
        "\(missing.map(\.node.name).joined(separator: ", ")) gets requests and has no ready endpoint of \(name)",
        because: "with externalTrafficPolicy: Local a node drops what it has no pod for",
        remedy: "let the balancer ask for the Service's healthCheckNodePort, or run a pod there",
        missing.map { service.exhibit($0, name) })
    }
  }
}

extension ServiceCase {
  /// A node that stands in the traffic as a backend.
  fileprivate struct TrafficNode {
    var file: TableFile<KubernetesObjects>
    var node: KubernetesObjects.Node
    var mac: MACAddress
  }

  fileprivate var nodesInTraffic: [TrafficNode] {
    let stations = backends()
    return tables.kubernetes.flatMap { file in
      file.table.nodes.compactMap { node in
        stations.first { !$0.addresses.filter(node.addresses.contains).isEmpty }
          .map { TrafficNode(file: file, node: node, mac: $0.mac) }
      }
    }
  }

  /// The endpoint there that is not ready, or the Node where there is none at all.
  fileprivate func exhibit(_ found: TrafficNode, _ name: KubernetesObjects.Name) -> Exhibit {
    let expected = "a ready endpoint of \(name) on \(found.node.name) (\(found.mac))"
    for file in tables.kubernetes {
      let endpoints = file.table.endpointSlices.filter { $0.service == name }.flatMap(\.endpoints)
      if let endpoint = endpoints.first(where: { $0.nodeName == found.node.name }) {
        return Exhibit(file.line(endpoint.isUsable.line), expected: expected, actual: "an endpoint that is not ready")
      }
    }
    return Exhibit(found.file.line(found.node.line), expected: expected, actual: "none")
  }
}
