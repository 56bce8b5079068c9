extension AS3Declaration.Pool {
  /// The pool of a virtual server.
  static func named(
    by item: AS3Objects.Item, _ objects: AS3Objects
  ) throws(TableError) -> AS3Declaration.Reference<AS3Declaration.Pool> {
    guard let named = item.node["pool"] else {
      return item.node["include"] == nil ? .none : .elsewhere(name: "include", line: item.node.line)
    }
    guard let pointer = named.pointer, let found = objects.find(pointer, ofClass: "Pool", from: item.place) else {
      return .elsewhere(name: named.pointedName, line: named.line)
    }
    return .declared(try AS3Declaration.Pool(found))
  }

  private init(_ item: AS3Objects.Item) throws(TableError) {
    (tenant, application, name) = (item.place.tenant, item.place.application, item.place.name)
    line = item.node.line
    members = []
    guard let list = item.node["members"] else { return }
    guard list.isSequence else { throw list.fault("members: a list") }
    for member in list.items {
      guard member.isMapping else { throw member.fault("a member of a pool, which is an object") }
      members.append(try AS3Declaration.Member(member))
    }
  }
}

extension AS3Declaration.Member {
  fileprivate init(_ node: DocumentNode) throws(TableError) {
    line = node.line
    port = try node.portNumber("servicePort", default: nil)
    let addresses = node["serverAddresses"]
    if let addresses, !addresses.isSequence { throw addresses.fault("serverAddresses: a list") }
    let discovery = node["addressDiscovery"]
    isEmpty =
      (addresses?.items.isEmpty ?? false) && (node["servers"]?.items.isEmpty ?? true) && node["bigip"] == nil
      && (discovery == nil || discovery?.text == "static")
  }
}
