import Wire

extension KubernetesObjects.Name {
  init(_ metadata: DocumentNode?) throws(TableError) {
    self.init(
      namespace: try metadata?.string("namespace")?.value ?? "default",
      name: try metadata?.string("name")?.value ?? "(without a name)")
  }
}

extension KubernetesObjects.Service {
  /// Where MetalLB, kube-vip and Cilium are asked for addresses, separated by commas.
  ///
  /// Sources: https://metallb.io/usage/#requesting-specific-ips, kube-vip/kube-vip#528, https://docs.cilium.io
  /// (LB IPAM).
  static let addressAnnotations = [
    "metallb.io/loadBalancerIPs", "metallb.universe.tf/loadBalancerIPs", "kube-vip.io/loadbalancerIPs",
    "lbipam.cilium.io/ips", "io.cilium/lb-ipam-ips",
  ]

  init(_ object: DocumentNode) throws(TableError) {
    let metadata = try object.mapping("metadata")
    self.init(name: try KubernetesObjects.Name(metadata), line: object.line)
    labels = try metadata?.texts("labels") ?? [:]
    annotations = try metadata?.texts("annotations") ?? [:]
    readAddressAnnotations()
    let status = try object.mapping("status")
    // `kubectl create --dry-run` and generators write a status that has nothing in it, and that nothing was created.
    let isNeverCreated = metadata?.entries.contains { $0.key == "creationTimestamp" && $0.value.isNothing } ?? false
    let isStatus = status.map { $0.hasContent || !isNeverCreated } ?? false
    isFromCluster = isStatus || metadata?["uid"] != nil || metadata?["resourceVersion"] != nil
    if let spec = try object.mapping("spec") { try read(spec: spec) }
    if let status { try read(status: status) }
  }

  mutating func readAddressAnnotations() {
    for key in Self.addressAnnotations {
      guard let fact = annotations[key] else { continue }
      // "dhcp" and the like are no addresses, and name none.
      annotatedIPs += fact.value.split(separator: ",").compactMap { word in
        IPAddress(String(word.filter { !$0.isWhitespace })).map { KubernetesObjects.Fact($0, line: fact.line) }
      }
    }
  }

  private mutating func read(spec: DocumentNode) throws(TableError) {
    specLine = spec.line
    type = try spec.word("type")
    if let fact = try spec.string("loadBalancerIP") {
      guard let address = IPAddress(fact.value) else {
        throw TableError(line: fact.line, expected: "loadBalancerIP: an IP address", found: fact.value)
      }
      loadBalancerIP = KubernetesObjects.Fact(address, line: fact.line)
    }
    for item in try spec.list("externalIPs") {
      guard let address = item.text.flatMap({ IPAddress($0) }) else {
        throw item.fault("externalIPs: IP addresses")
      }
      externalIPs.append(KubernetesObjects.Fact(address, line: item.line))
    }
    externalTrafficPolicy = try spec.word("externalTrafficPolicy")
    for item in try spec.mappings("ports") { ports.append(try KubernetesObjects.Port(item)) }
  }

  private mutating func read(status: DocumentNode) throws(TableError) {
    statusLine = status.line
    guard let balancer = try status.mapping("loadBalancer") else { return }
    statusLine = balancer.line
    for item in try balancer.mappings("ingress") {
      var ingress = KubernetesObjects.Ingress(line: item.line)
      if let fact = try item.string("ip") {
        guard let address = IPAddress(fact.value) else {
          throw TableError(line: fact.line, expected: "ip: an IP address", found: fact.value)
        }
        ingress.ip = KubernetesObjects.Fact(address, line: fact.line)
      }
      if let mode = try item.string("ipMode"), mode.value == "Proxy" { ingress.proxyMode = mode }
      self.ingress.append(ingress)
    }
  }
}

extension DocumentNode {
  /// Something is said in it: `loadBalancer: {}` says nothing.
  fileprivate var hasContent: Bool {
    if isMapping { return entries.contains { $0.value.hasContent } }
    return isSequence ? items.contains(where: \.hasContent) : !isNothing
  }
}

extension KubernetesObjects.Port {
  init(_ item: DocumentNode) throws(TableError) {
    guard let port = try item.port("port") else { throw item.fault("ports: each with a port, from 1 to 65535") }
    self.init(
      name: try item.string("name")?.value ?? "", transport: try item.word("protocol")?.value ?? .tcp, port: port,
      nodePort: try item.port("nodePort"), targetPort: nil)
    guard let target = item["targetPort"] else { return }
    guard let text = target.text, !text.isEmpty else { throw target.fault("targetPort: a port or its name") }
    if let number = Int(text) {
      guard let port = UInt16(exactly: number) else { throw target.fault("targetPort: a port, from 1 to 65535") }
      if port > 0 { targetPort = KubernetesObjects.Fact(.number(port), line: target.line) }
    } else {
      targetPort = KubernetesObjects.Fact(.name(text), line: target.line)
    }
  }
}
