extension AS3Declaration.Pool {
  /// The pool of a virtual server.
  static func named(
    by item: AS3Objects.Item, _ objects: AS3Objects
  ) -> AS3Declaration.Reference<AS3Declaration.Pool> {
    guard let named = item.node["pool"] else { return .none }
    guard let pointer = named.pointer, let found = objects.find(pointer, ofClass: "Pool", from: item.place) else {
      return .elsewhere(name: named.pointedName, line: named.line)
    }
    return .declared(AS3Declaration.Pool(found, objects))
  }

  private init(_ item: AS3Objects.Item, _ objects: AS3Objects) {
    (tenant, application, name) = (item.place.tenant, item.place.application, item.place.name)
    line = item.node.line
    allowsSNAT = item.node.flag("allowSNATEnabled", default: true)
    members = (item.node["members"]?.items ?? []).filter(\.isMapping).map {
      AS3Declaration.Member($0, item.place, objects)
    }
  }
}

extension AS3Declaration.Member {
  fileprivate init(_ node: DocumentNode, _ place: AS3Objects.Place, _ objects: AS3Objects) {
    line = node.line
    port = node.portNumber("servicePort", default: nil)
    let discovery = node["addressDiscovery"]
    discoversPorts = Self.bringsPorts(node, discovery, place, objects)
    isEmpty =
      (node["serverAddresses"].map { $0.isSequence && $0.items.isEmpty } ?? false)
      && (node["servers"]?.items.isEmpty ?? true) && node["bigip"] == nil
      && (discovery == nil || discovery?.text == "static")
    takesConnections = node["enable"]?.bool != false && !["disable", "offline"].contains(node["adminState"]?.text)
  }

  /// Who posts addresses to an `event` may post a port with each, and a query of Consul may ask for one.
  ///
  /// Source: AS3 user guide, "Event-Driven Service Discovery" and "Using Service Discovery to find Consul ports".
  private static func bringsPorts(
    _ node: DocumentNode, _ discovery: DocumentNode?, _ place: AS3Objects.Place, _ objects: AS3Objects
  ) -> Bool {
    guard let discovery else { return false }
    if bringsPorts(node) { return true }
    guard !discovery.isSequence, discovery.text == nil else { return false }
    // Several pools may share what one object discovers.
    guard let pointer = discovery.pointer, let named = objects.find(pointer, ofClass: "Address_Discovery", from: place)
    else { return true }
    return bringsPorts(named.node)
  }

  private static func bringsPorts(_ node: DocumentNode) -> Bool {
    guard node["addressDiscovery"]?.text != "event" else { return true }
    return node["jmesPathQuery"].map { $0.text?.lowercased().contains("port") ?? true } ?? false
  }
}
