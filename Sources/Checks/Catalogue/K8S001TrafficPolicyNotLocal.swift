import Tables
import Wire

extension Check {
  static let trafficPolicyNotLocal = Check(
    id: "K8S001", slug: "traffic-policy-not-local",
    title: "The Service at the VIP does not have externalTrafficPolicy: Local",
    page: Page(
      looksFor: """
        The check fails if a Service that is exposed at the VIP has externalTrafficPolicy: Cluster, which is the
        default. It does not judge a Service that asks kube-router (kube-router.io/service.dsr: tunnel) or Cilium
        (service.cilium.io/forwarding-mode: dsr) to return directly.
        """,
      whyItMatters: """
        With Cluster a node also hands requests to pods of other nodes, with its own address in place of the client's.
        The pod never sees the client, and its reply goes back through the first node. That is no direct return, and a
        second node that may fail.
        """,
      howToMend: """
        Set spec.externalTrafficPolicy: Local. Let the balancer send requests only to nodes that have a ready pod of
        the Service: its healthCheckNodePort tells which.
        """,
      sources: [
        "https://kubernetes.io/docs/tutorials/services/source-ip/",
        "kubernetes/kubernetes pkg/proxy/ipvs/proxier.go (KUBE-LOAD-BALANCER is masqueraded, KUBE-LOAD-BALANCER-LOCAL not)",
      ])
  ) { service in
    service.judgeNamedServices { named in
      let name = named.service.name
      guard named.isExposed else { return .notApplicable("\(name) is not exposed at \(service.service.address)") }
      if named.returnsByItself { return .notApplicable("\(name) has another proxy return directly") }
      if named.isUntold(.externalTrafficPolicy) { return named.untold("externalTrafficPolicy") }
      let policy = named.service.externalTrafficPolicy
      if policy?.value == .local { return .pass("\(name) has externalTrafficPolicy: Local") }
      let evidence = [
        named.exhibit(
          policy?.line ?? named.service.specLine, expected: "externalTrafficPolicy: Local",
          actual: policy == nil ? "no externalTrafficPolicy, which means Cluster" : "externalTrafficPolicy: Cluster")
      ]
      if named.mayBeCiliums {
        return .inconclusive(
          "\(name) has externalTrafficPolicy: Cluster",
          because: "it has annotations of Cilium's, which in its mode DSR returns directly all the same",
          remedy: "set service.cilium.io/forwarding-mode: dsr where Cilium does so, else externalTrafficPolicy: Local",
          evidence)
      }
      return .fail(
        "\(name) has externalTrafficPolicy: Cluster",
        because: "nodes put their own address in the client's place and may send requests on to other nodes, through"
          + " which the replies come back",
        remedy: "set spec.externalTrafficPolicy: Local", evidence)
    }
  }
}
