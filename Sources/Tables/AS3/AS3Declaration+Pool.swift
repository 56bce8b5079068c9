extension AS3Declaration.Pool {
  /// The pool of a virtual server.
  static func named(
    by item: AS3Objects.Item, _ objects: AS3Objects
  ) -> AS3Declaration.Reference<AS3Declaration.Pool> {
    guard let named = item.node["pool"] else { return .none }
    guard let pointer = named.pointer, let found = objects.find(pointer, ofClass: "Pool", from: item.place) else {
      return .elsewhere(name: named.pointedName, line: named.line)
    }
    return .declared(AS3Declaration.Pool(found))
  }

  private init(_ item: AS3Objects.Item) {
    (tenant, application, name) = (item.place.tenant, item.place.application, item.place.name)
    line = item.node.line
    allowsSNAT = item.node.flag("allowSNATEnabled", default: true)
    members = (item.node["members"]?.items ?? []).filter(\.isMapping).map { AS3Declaration.Member($0) }
  }
}

extension AS3Declaration.Member {
  fileprivate init(_ node: DocumentNode) {
    line = node.line
    port = node.portNumber("servicePort", default: nil)
    let discovery = node["addressDiscovery"]
    isEmpty =
      (node["serverAddresses"].map { $0.isSequence && $0.items.isEmpty } ?? false)
      && (node["servers"]?.items.isEmpty ?? true) && node["bigip"] == nil
      && (discovery == nil || discovery?.text == "static")
    takesConnections = node["enable"]?.bool != false && !["disable", "offline"].contains(node["adminState"]?.text)
  }
}
