import Tables
import Wire

extension Check {
  static let loadBalancerIPMismatch = Check(
    id: "K8S002", slug: "load-balancer-ip-mismatch",
    title: "The load balancer address of the Service, that of its status and the VIP differ",
    page: Page(
      looksFor: """
        The check compares the address that a Service asks for (spec.loadBalancerIP, or the annotations of MetalLB and
        kube-vip) with the one that its status gives (status.loadBalancer.ingress[].ip). It fails if one is the VIP
        and the other is not. It is inconclusive if no Service names a VIP that the user named.
        """,
      whyItMatters: """
        kube-proxy takes requests for the addresses of the status and for no others. The controller that writes the
        status goes by what the Service asks for. If the two differ, nodes do not take requests to the VIP now, or
        will not once the controller writes the status again.
        """,
      howToMend: """
        Write the VIP in both places: spec.loadBalancerIP, or the annotation, and status.loadBalancer.ingress (if no
        controller writes it, kubectl patch … --subresource=status).
        """,
      sources: [
        "https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/",
        "kubernetes/kubernetes pkg/proxy/serviceport.go (loadBalancerVIPs come from the status)",
        "https://metallb.io/usage/#requesting-specific-ips",
      ])
  ) { service in
    if !service.givenServices.isEmpty, service.servicesAtVIP.isEmpty { return service.withoutAnyService }
    return service.judgeNamedServices { named in
      let (name, vip) = (named.service.name, service.service.address)
      let isAsked = named.asked.contains { $0.value == vip }
      let isGiven = named.given.contains { $0.value == vip }
      if named.isExternalIP { return .pass("\(name) has \(vip) among its externalIPs") }
      if named.given.isEmpty { return .notApplicable("\(name) has no address in its status to compare with") }
      if named.isUntold(.addressesAskedFor) { return named.untold("the address that is asked for") }
      let given = Set(named.given.map(\.value))
      // What is asked for beside the VIP and given as well is another address of the Service.
      let wrong = isGiven ? isAsked ? [] : named.asked.filter { !given.contains($0.value) } : named.given
      guard let fault = wrong.first else { return .pass("\(name) is asked to be at \(vip), and is") }
      return .fail(
        isGiven
          ? "\(name) is asked to be at \(fault.value), and its status says \(vip)"
          : "\(name) is asked to be at \(vip), and its status says \(fault.value)",
        because: isGiven
          ? "whoever assigns the addresses goes by what is asked, and will take the VIP away"
          : "kube-proxy takes requests for the addresses of the status, and \(vip) is not among them",
        remedy: "name \(vip) in both",
        wrong.map { named.exhibit($0.line, expected: "\(vip)", actual: "\($0.value)") })
    }
  }
}

extension ServiceCase {
  /// Nothing says which Service was meant, so nothing is a mismatch yet.
  fileprivate var withoutAnyService: Finding {
    let vip = service.address
    guard policy.namesServices, policy.services.contains(service) else {
      return .notApplicable("no Service was given that names \(vip)")
    }
    let candidates = givenServices.filter { given in
      given.service.type?.value == .loadBalancer && given.service.ports.contains { $0.serves(service) }
    }
    let names = candidates.prefix(Finding.exhibitLimit).map { "\($0.service.name) (\($0.service.addressText))" }
    return .inconclusive(
      "no Service was given that names \(vip)",
      because: names.isEmpty
        ? "none is of type LoadBalancer and has its port"
        : "it may be meant for \(names.joined(separator: " or "))",
      remedy: "give the Service of \(vip), or name \(vip) in its spec.loadBalancerIP and its status",
      candidates.map {
        Exhibit($0.file.line($0.service.line), expected: "a Service that names \(vip)", actual: $0.service.addressText)
      })
  }
}
