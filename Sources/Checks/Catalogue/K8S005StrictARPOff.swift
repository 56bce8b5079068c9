import Tables
import Wire

extension Check {
  static let strictARPOff = Check(
    id: "K8S005", slug: "strict-arp-off", title: "kube-proxy is in IPVS mode and its strict ARP is off",
    page: Page(
      looksFor: """
        The check fails if kube-proxy's configuration has mode: ipvs without ipvs.strictARP: true, and a Service puts
        the VIP on the nodes. It passes in the modes iptables and nftables, where no node has the VIP. It does not
        judge IPv6: a node answers neighbour discovery only for addresses of the interface that was asked.
        """,
      whyItMatters: """
        In IPVS mode every node has the VIP on its interface kube-ipvs0, and Linux answers ARP for the addresses of
        all its interfaces. strictARP sets arp_ignore to 1 and arp_announce to 2. Without it every node answers for
        the VIP, and clients bypass the balancer and ask the node that answered last.
        """,
      howToMend: """
        Set ipvs.strictARP: true in the ConfigMap kube-proxy of kube-system (kubectl edit configmap -n kube-system
        kube-proxy). Restart kube-proxy's pods. The check does not see an arp_ignore that somebody set by hand, and
        such a value does not last.
        """,
      sources: [
        "https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/ (strictARP, mode)",
        "kubernetes/kubernetes pkg/proxy/ipvs/proxier.go (strictARP sets arp_ignore and arp_announce)",
        "https://github.com/metallb/metallb/issues/153",
        "linux net/ipv6/ndisc.c (ndisc_recv_ns asks for the interface)",
      ])
  ) { service in
    let given = service.tables.kubernetes.flatMap { file in file.table.proxyConfigurations.map { (file, $0) } }
    guard !given.isEmpty else { return .notApplicable("no configuration of kube-proxy was given") }
    guard service.service.address.version == .v4 else {
      return .notApplicable("\(service.service.address) needs no ARP")
    }
    return Finding.joined(given.map { service.judge($0.1, in: $0.0) })
      ?? .notApplicable("no configuration of kube-proxy was given")
  }
}

extension ServiceCase {
  fileprivate func judge(
    _ proxy: KubernetesObjects.ProxyConfiguration, in file: TableFile<KubernetesObjects>
  ) -> Finding {
    let vip = service.address
    switch proxy.mode?.value ?? "" {
    case "ipvs": return proxy.strictARP?.value == true ? .pass("strict ARP is on") : withoutStrictARP(proxy, in: file)
    case let mode where ["", "iptables", "nftables"].contains(mode):
      let words = mode.isEmpty ? "its default mode, iptables," : "\(mode) mode"
      guard isInTheTableOfANode else {
        return .pass("kube-proxy is in \(words) and translates requests to the VIP without bearing it")
      }
      return .inconclusive(
        "whether nodes answer ARP for \(vip) does not show",
        because: "kube-proxy's configuration says \(words) but an IPVS table masquerades \(vip), as its IPVS mode does",
        remedy: "give the ConfigMap that the nodes run with, of the same time as the table",
        [
          Exhibit(
            file.line(proxy.mode?.line ?? proxy.line), expected: "mode: ipvs, as the table shows",
            actual: mode.isEmpty ? "no mode, which means iptables" : "mode: \(mode)")
        ])
    case let mode:
      return .inconclusive(
        "whether nodes answer ARP for \(vip) does not show", because: "kube-proxy's mode \(mode) is not known here",
        next: .captureARP(beside: "a node", for: vip),
        [Exhibit(file.line(proxy.mode?.line ?? proxy.line), expected: "mode: ipvs, iptables or nftables", actual: mode)]
      )
    }
  }

  private func withoutStrictARP(
    _ proxy: KubernetesObjects.ProxyConfiguration, in file: TableFile<KubernetesObjects>
  ) -> Finding {
    let vip = service.address
    let line = Exhibit(
      file.line(proxy.strictARP?.line ?? proxy.ipvsLine ?? proxy.line), expected: "strictARP: true",
      actual: proxy.strictARP == nil ? "no strictARP, which means false" : "strictARP: false")
    if namedServices.contains(where: \.isExposed) || isInTheTableOfANode {
      return .fail(
        "kube-proxy is in IPVS mode and its strict ARP is off",
        because: "every node bears \(vip) on kube-ipvs0 and answers ARP for it",
        remedy: "set ipvs.strictARP: true and restart kube-proxy", [line])
    }
    guard givenServices.isEmpty else { return .notApplicable("no Service was given that puts \(vip) on the nodes") }
    return .inconclusive(
      "kube-proxy's strict ARP is off, and whether nodes bear \(vip) does not show",
      because: "no Service was given", remedy: "give the Services too: kubectl get services -A -o yaml", [line])
  }

  /// An IPVS table masquerades the VIP, as kube-proxy has it: the balancer's own does not where there is direct return.
  private var isInTheTableOfANode: Bool {
    counts.direct > 0
      && tables.ipvs.contains { file in
        file.table.form.balancer == nil
          && file.table.services.contains { entry in
            guard case .endpoint(_, let endpoint) = entry.name, endpoint.address == service.address else {
              return false
            }
            return entry.destinations.contains { $0.forwarding == .masquerade }
          }
      }
  }
}
