import Wire

extension KubernetesObjects.EndpointSlice {
  /// `nil` for a slice that belongs to no Service.
  init?(_ object: DocumentNode) throws(TableError) {
    let metadata = try object.mapping("metadata")
    let labels = try metadata?.texts("labels") ?? [:]
    guard let service = labels["kubernetes.io/service-name"] else { return nil }
    var name = try KubernetesObjects.Name(metadata)
    name.name = service.value
    self.init(line: object.line, service: name)
    // FQDN has host names in place of addresses, of which kube-proxy makes no use.
    let hasAddresses = try object.string("addressType")?.value != "FQDN"
    for item in hasAddresses ? try object.mappings("endpoints") : [] {
      endpoints.append(try KubernetesObjects.Endpoint(slice: item))
    }
    for item in try object.mappings("ports") {
      if let port = try KubernetesObjects.EndpointPort(item) { ports.append(port) }
    }
  }

  /// The subsets of an Endpoints object, which EndpointSlices took the place of.
  static func all(ofEndpoints object: DocumentNode) throws(TableError) -> [Self] {
    let name = try KubernetesObjects.Name(try object.mapping("metadata"))
    var slices: [Self] = []
    for subset in try object.mappings("subsets") {
      var slice = Self(line: subset.line, service: name)
      for (key, isReady) in [("addresses", true), ("notReadyAddresses", false)] {
        for item in try subset.mappings(key) {
          guard let ip = item["ip"], let address = ip.text.flatMap({ IPAddress($0) }) else {
            throw (item["ip"] ?? item).fault("ip: an IP address")
          }
          slice.endpoints.append(
            KubernetesObjects.Endpoint(
              line: item.line, addresses: [address], nodeName: try item.string("nodeName")?.value,
              isUsable: KubernetesObjects.Fact(isReady, line: item.line)))
        }
      }
      for item in try subset.mappings("ports") {
        if let port = try KubernetesObjects.EndpointPort(item) { slice.ports.append(port) }
      }
      slices.append(slice)
    }
    // It says that there are none, which is something else than saying nothing.
    return slices.isEmpty ? [Self(line: object.line, service: name)] : slices
  }
}

extension KubernetesObjects.Endpoint {
  fileprivate init(slice item: DocumentNode) throws(TableError) {
    self.init(
      line: item.line, addresses: [], nodeName: try item.string("nodeName")?.value,
      isUsable: KubernetesObjects.Fact(true, line: item.line))
    for address in try item.list("addresses") {
      guard let read = address.text.flatMap({ IPAddress($0) }) else { throw address.fault("addresses: IP addresses") }
      addresses.append(read)
    }
    // discovery.k8s.io/v1beta1 has it among the labels of the topology.
    if nodeName == nil { nodeName = try item.mapping("topology")?.string("kubernetes.io/hostname")?.value }
    guard let conditions = try item.mapping("conditions") else { return }
    // Unknown counts as ready. An endpoint that ends is used as long as it serves and there is none better.
    let ready = try conditions.boolean("ready")
    let isReady = ready?.value ?? true
    let isServing = try conditions.boolean("serving")?.value ?? isReady
    let isTerminating = try conditions.boolean("terminating")?.value ?? false
    isUsable = KubernetesObjects.Fact(isReady || isServing && isTerminating, line: ready?.line ?? item.line)
  }
}

extension KubernetesObjects.EndpointPort {
  /// `nil` for one that stands for every port.
  fileprivate init?(_ item: DocumentNode) throws(TableError) {
    guard let port = try item.port("port") else { return nil }
    self.init(
      name: try item.string("name")?.value ?? "", transport: try item.word("protocol")?.value ?? .tcp, port: port)
  }
}
