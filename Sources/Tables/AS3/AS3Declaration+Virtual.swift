import Wire

extension AS3Declaration.Virtual {
  static func all(in objects: AS3Objects) throws(TableError) -> [AS3Declaration.Virtual] {
    var found: [AS3Declaration.Virtual] = []
    for item in objects.items where item.kind.hasPrefix("Service_") && item.kind != "Service_Address" {
      found.append(try AS3Declaration.Virtual(item, objects))
    }
    return found
  }

  /// Defaults: f5-appsvcs-extension `src/schema/latest/core-schema.json`, Service_Core and each service's own part.
  private init(_ item: AS3Objects.Item, _ objects: AS3Objects) throws(TableError) {
    let node = item.node
    path = item.place.path
    kind = item.kind
    line = node.line
    isEnabled = try Self.enabled(item)
    addresses = try Self.addresses(item, objects)
    // A forwarding virtual server by address translates nothing.
    let forwards = item.kind == "Service_Forwarding" && node["forwardingType"]?.text != "l2"
    port = try node.portNumber("virtualPort", default: Self.defaultPort(item.kind))
    layer4 = try node.property("layer4", default: Self.defaultLayer4(item.kind)) { $0.text }
    translatesAddress = try node.flag("translateServerAddress", default: !forwards)
    translatesPort = try node.flag("translateServerPort", default: !forwards)
    sourcePort = try Self.sourcePort(node)
    snat = try Self.snat(node)
    profile = try Self.profile(item, objects)
    pool = try AS3Declaration.Pool.named(by: item, objects)
  }

  private static func defaultPort(_ kind: String) -> UInt16? {
    switch kind {
    case "Service_HTTP": 80
    case "Service_HTTPS": 443
    case "Service_Generic", "Service_Forwarding": 0
    // Required.
    default: nil
    }
  }

  private static func defaultLayer4(_ kind: String) -> String? {
    switch kind {
    case "Service_HTTP", "Service_HTTPS", "Service_TCP", "Service_L4": "tcp"
    case "Service_UDP": "udp"
    case "Service_SCTP": "sctp"
    case "Service_Generic", "Service_Forwarding": "any"
    default: nil
    }
  }

  private static func enabled(_ item: AS3Objects.Item) throws(TableError) -> AS3Declaration.Property<Bool> {
    if let node = item.disabledBy { return AS3Declaration.Property(false, written: node.text, line: node.line) }
    if let node = item.node["adminState"], node.text == "disable" {
      return AS3Declaration.Property(false, written: node.text, line: node.line)
    }
    return try item.node.flag("enable", default: true)
  }

  // MARK: Addresses

  private static func addresses(
    _ item: AS3Objects.Item, _ objects: AS3Objects
  ) throws(TableError) -> [AS3Declaration.Address] {
    guard let list = item.node["virtualAddresses"] else { return [] }
    guard list.isSequence else { throw list.fault("virtualAddresses: a list") }
    var found: [AS3Declaration.Address] = []
    for entry in list.items {
      // With a second member, that is where clients have to come from.
      guard let node = entry.isSequence ? entry.items.first : entry else {
        throw entry.fault("an address, and the clients' network")
      }
      found.append(try address(node, item, objects))
    }
    return found
  }

  private static func address(
    _ node: DocumentNode, _ item: AS3Objects.Item, _ objects: AS3Objects
  ) throws(TableError) -> AS3Declaration.Address {
    if let text = node.text {
      return AS3Declaration.Address(subnet: try subnet(text, node), written: text, line: node.line)
    }
    guard node.isMapping else { throw node.fault("an address, or {\"use\": name}") }
    guard let pointer = node.pointer, let named = objects.find(pointer, ofClass: "Service_Address", from: item.place),
      let address = named.node["virtualAddress"], let text = address.text
    else {
      return AS3Declaration.Address(subnet: nil, written: node.pointedName, line: node.line)
    }
    return AS3Declaration.Address(subnet: try subnet(text, address), written: text, line: address.line)
  }

  /// Reads `10.1.10.10`, `10.1.10.0/24`, `10.1.10.10%2/32` with a route domain; 0.0.0.0 and :: stand for every address.
  private static func subnet(_ text: String, _ node: DocumentNode) throws(TableError) -> Subnet {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let host = (parts.first ?? "").split(separator: "%", omittingEmptySubsequences: false)
    guard parts.count <= 2, host.count <= 2, let address = host.first.flatMap({ IPAddress(String($0)) }) else {
      throw node.fault("an address, as 10.1.10.10, 10.1.10.0/24 or 10.1.10.10%1")
    }
    guard parts.count == 2 else {
      let isAny = address.high == 0 && address.low == 0
      return Subnet(address, length: isAny ? 0 : address.bitWidth)
    }
    guard let length = UInt8(parts[1]), length <= address.bitWidth else {
      throw node.fault("a prefix length from 0 to \(address.bitWidth)")
    }
    return Subnet(address, length: Int(length))
  }

  // MARK: What becomes of the client's address and port

  /// `translateClientPort` is AS3's name; the article "How to setup DSR in Kubernetes with BIG-IP" writes
  /// `sourcePortAction`.
  private static func sourcePort(
    _ node: DocumentNode
  ) throws(TableError) -> AS3Declaration.Property<AS3Declaration.SourcePort> {
    let key = ["translateClientPort", "sourcePortAction", "sourcePort"].first { node[$0] != nil }
    return try node.property(key ?? "", default: .preserve) { value in
      if let flag = value.bool { return flag ? .change : .preserve }
      return value.text.flatMap { AS3Declaration.SourcePort(rawValue: $0) }
    }
  }

  private static func snat(_ node: DocumentNode) throws(TableError) -> AS3Declaration.Property<AS3Declaration.SNAT> {
    try node.property("snat", default: .auto) { value throws(TableError) in
      switch value.text {
      case "none": return AS3Declaration.SNAT.none
      case "auto": return .auto
      case "self": return .own
      case .some: return nil
      case nil:
        guard value.isMapping, !value.pointedName.isEmpty else {
          throw value.fault("snat: none, auto, self, or {\"use\": name}")
        }
        return .pool(value.pointedName)
      }
    }
  }

  // MARK: The profile

  private static func profile(
    _ item: AS3Objects.Item, _ objects: AS3Objects
  ) throws(TableError) -> AS3Declaration.Reference<AS3Declaration.L4Profile> {
    let node = item.node
    guard let named = node["profileL4"] else {
      guard item.kind == "Service_L4" else { return .none }
      return node["include"] == nil
        ? .declared(.builtIn(line: node.line)) : .elsewhere(name: "include", line: node.line)
    }
    if named.text == "basic" || named["bigip"]?.text == "/Common/fastL4" {
      return .declared(.builtIn(line: named.line))
    }
    guard let pointer = named.pointer, let found = objects.find(pointer, ofClass: "L4_Profile", from: item.place) else {
      return .elsewhere(name: named.pointedName, line: named.line)
    }
    return .declared(try AS3Declaration.L4Profile(found))
  }
}

extension AS3Declaration.L4Profile {
  /// AS3's defaults are those of the profile that BIG-IP has built in.
  ///
  /// Source: f5-appsvcs-extension test/integration/property/L4_Profile: disabled, disabled, enabled.
  fileprivate init(_ item: AS3Objects.Item) throws(TableError) {
    name = item.place.path
    looseInitialization = try item.node.flag("looseInitialization", default: false)
    looseClose = try item.node.flag("looseClose", default: false)
    resetOnTimeout = try item.node.flag("resetOnTimeout", default: true)
  }

  /// fastL4 as BIG-IP brings it. Source: tmsh reference, ltm profile fastl4.
  fileprivate static func builtIn(line: Int) -> AS3Declaration.L4Profile {
    AS3Declaration.L4Profile(
      name: "basic", looseInitialization: AS3Declaration.Property(false, line: line),
      looseClose: AS3Declaration.Property(false, line: line), resetOnTimeout: AS3Declaration.Property(true, line: line))
  }
}
