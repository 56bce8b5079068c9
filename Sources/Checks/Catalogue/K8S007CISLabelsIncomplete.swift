import Tables

extension Check {
  static let cisLabelsIncomplete = Check(
    id: "K8S007", slug: "cis-labels-incomplete",
    title: "The Service lacks one of the labels by which BIG-IP's controller finds it",
    page: Page(
      looksFor: """
        F5 Container Ingress Services uses the labels cis.f5.com/as3-tenant, cis.f5.com/as3-app and
        cis.f5.com/as3-pool. The check fails if a Service has any of them, as a label or by mistake as an annotation,
        and does not have all three as labels.
        """,
      whyItMatters: """
        The controller looks for Services by all three labels together, with the names of tenant, application and pool
        in the AS3 declaration. If one is missing, it finds no Service, and the pool stays empty: the VIP has no
        member to send requests to.
        """,
      howToMend: """
        Label the Service with all three: kubectl label service NAME cis.f5.com/as3-tenant=… cis.f5.com/as3-app=…
        cis.f5.com/as3-pool=…, with the names that the declaration has. No two Services may have the same three.
        """,
      sources: [
        "https://clouddocs.f5.com/containers/latest/userguide/config-options/as3-configmap.html",
        "F5Networks/k8s-bigip-ctlr pkg/as3/configMap.go (getSelector)",
      ])
  ) { service in
    service.judgeNamedServices { named in
      let name = named.service.name
      let prefix = "cis.f5.com/as3-"
      let keys = ["tenant", "app", "pool"].map { prefix + $0 }
      if named.isUntold(.labels) { return .notApplicable("the text does not tell the labels of \(name)") }
      let labels = named.service.labels.filter { $0.key.hasPrefix(prefix) }
      let misplaced = named.service.annotations.filter { keys.contains($0.key) && labels[$0.key] == nil }
      guard let line = (labels.values.map(\.line) + misplaced.values.map(\.line)).min() else {
        return .notApplicable("\(name) has no label of F5 Container Ingress Services")
      }
      let missing = keys.filter { labels[$0]?.value.isEmpty ?? true }
      guard !missing.isEmpty else { return .pass("\(name) has all three labels") }
      return .fail(
        "\(name) has no label " + missing.joined(separator: ", "),
        because: "BIG-IP's controller looks for Services by all three labels, and leaves the pool empty",
        remedy: "add the label, with the name that the AS3 declaration has",
        missing.map { key in
          let actual = misplaced[key] != nil ? "an annotation" : labels[key] != nil ? "an empty label" : "no such label"
          return named.exhibit(
            misplaced[key]?.line ?? labels[key]?.line ?? line, expected: "a label \(key)", actual: actual)
        })
    }
  }
}
