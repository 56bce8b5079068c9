import Tables
import Wire

extension Check {
  static let ingressStatusMissing = Check(
    id: "K8S003", slug: "ingress-status-missing",
    title: "The status of the Service does not say that it is at the VIP",
    page: Page(
      looksFor: """
        The check looks at Services of type LoadBalancer that ask for the VIP. It fails if status.loadBalancer.ingress
        has no address of the VIP's family, or has the VIP with ipMode: Proxy. It is inconclusive for a manifest,
        which has no status.
        """,
      whyItMatters: """
        kube-proxy goes by the status. If the VIP is not in it, kube-proxy makes no rule, and no node takes a request
        to the VIP, whatever the balancer does. With ipMode: Proxy it leaves the VIP alone, for it expects requests to
        the nodes' own addresses. A BIG-IP in front writes no status by itself.
        """,
      howToMend: """
        Write the status: kubectl patch service NAME --subresource=status --type=merge -p
        '{"status":{"loadBalancer":{"ingress":[{"ip":"VIP"}]}}}'. Or run a controller that does.
        """,
      sources: [
        "https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/#ServiceStatus",
        "kubernetes/kubernetes pkg/proxy/serviceport.go (loadBalancerVIPs come from the status; ipMode)",
      ])
  ) { service in
    service.judgeNamedServices { named in
      let (name, vip) = (named.service.name, service.service.address)
      if named.isExternalIP { return .pass("\(name) has \(vip) among its externalIPs, which need no status") }
      guard named.type == .loadBalancer else { return .notApplicable("\(name) is not of type LoadBalancer") }
      let ingress = named.service.ingress.first { $0.ip?.value == vip }
      if let mode = ingress?.proxyMode {
        return .fail(
          "\(name) has \(vip) in its status with ipMode: Proxy",
          because: "kube-proxy makes no rule for such an address, and direct return leaves the VIP as the destination",
          remedy: "set ipMode: VIP in the status, or let the controller do so",
          [named.exhibit(mode.line, expected: "ipMode: VIP, or none", actual: "ipMode: Proxy")])
      }
      if ingress != nil, named.isUntold(.ipMode) { return named.untold("ipMode") }
      if !named.given.isEmpty { return .pass("\(name) has an address in its status") }
      let line = named.exhibit(
        named.service.statusLine, expected: "status.loadBalancer.ingress with ip: \(vip)",
        actual: "no such address")
      if !named.service.isFromCluster {
        return .inconclusive(
          "whether the status of \(name) has \(vip) does not show",
          because: "the file is a manifest, which bears no status",
          remedy: "give what \(name.command) prints", [line])
      }
      return .fail(
        "\(name) has no address in its status",
        because: "kube-proxy makes rules for the addresses of the status, so no node takes requests to \(vip)",
        remedy: "write \(vip) into status.loadBalancer.ingress; `dsrproof explain K8S003` has the command", [line])
    }
  }
}
