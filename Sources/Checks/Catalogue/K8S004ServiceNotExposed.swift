import Tables
import Wire

extension Check {
  static let serviceNotExposed = Check(
    id: "K8S004", slug: "service-not-exposed", title: "The type of the Service does not expose it at the VIP",
    page: Page(
      looksFor: """
        The check fails if a Service names the VIP as its load balancer's address, but is not of type LoadBalancer and
        does not have the VIP among its externalIPs.
        """,
      whyItMatters: """
        Only the cluster reaches a ClusterIP. Clients reach a NodePort at the nodes' own addresses and at another
        port. Direct return keeps the VIP and its port in the packet, and then no node takes it.
        """,
      howToMend: """
        Set spec.type: LoadBalancer and write the VIP into the status, or name the VIP among spec.externalIPs.
        """,
      sources: [
        "https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types",
        "kubernetes/kubernetes pkg/registry/core/service/strategy.go (other types lose spec.loadBalancerIP and the status)",
      ])
  ) { service in
    service.judgeNamedServices { named in
      let (name, vip) = (named.service.name, service.service.address)
      if named.isExposed { return .pass("\(name) is exposed at \(vip)") }
      let evidence = [
        named.exhibit(
          named.typeLine, expected: "type: LoadBalancer, or \(vip) among externalIPs",
          actual: named.service.type == nil ? "no type, which means ClusterIP" : "type: \(named.type.rawValue)")
      ]
      // Where the node bears the VIP itself, requests to a node port there are requests to one of its addresses.
      let nodePort = named.service.ports.first { $0.nodePort?.value == service.service.port }
      if named.type == .nodePort, nodePort != nil {
        return .inconclusive(
          "\(name) is reached at \(vip) only if the nodes bear it themselves",
          because: "its type is NodePort, and \(service.service) is that port",
          remedy: "set type: LoadBalancer, or give the addresses of the nodes", evidence)
      }
      return .fail(
        "\(name) is of type \(named.type.rawValue) and so not exposed at \(vip)",
        because: "nodes take requests to \(vip) for a Service of type LoadBalancer, or one that has it among its"
          + " externalIPs",
        remedy: "set spec.type: LoadBalancer", evidence)
    }
  }
}
