import Wire

extension KubernetesObjects.Node {
  init(_ object: DocumentNode) throws(TableError) {
    self.init(name: try KubernetesObjects.Name(try object.mapping("metadata")).name, line: object.line)
    for item in try object.mapping("status")?.mappings("addresses") ?? [] {
      guard let type = try item.string("type")?.value, ["InternalIP", "ExternalIP"].contains(type) else { continue }
      guard let address = item["address"], let read = address.text.flatMap({ IPAddress($0) }) else {
        throw (item["address"] ?? item).fault("address: an IP address")
      }
      addresses.append(read)
    }
  }
}

extension KubernetesObjects.ProxyConfiguration {
  init(_ object: DocumentNode) throws(TableError) {
    let ipvs = try object.mapping("ipvs")
    self.init(
      line: object.line, mode: try object.string("mode"), ipvsLine: ipvs?.line,
      strictARP: try ipvs?.boolean("strictARP"))
  }

  /// kubeadm's ConfigMap holds it as `config.conf`; other ConfigMaps hold none.
  static func all(inConfigMap object: DocumentNode) throws(TableError) -> [Self] {
    let metadata = try object.mapping("metadata")
    guard metadata?["name"]?.text == "kube-proxy", (metadata?["namespace"]?.text ?? "kube-system") == "kube-system",
      let text = try object.mapping("data")?["config.conf"]
    else { return [] }
    var found: [Self] = []
    for document in try text.documentsInText() {
      guard document.isMapping else { throw document.fault("config.conf: a KubeProxyConfiguration") }
      found.append(try Self(document))
    }
    return found
  }
}
