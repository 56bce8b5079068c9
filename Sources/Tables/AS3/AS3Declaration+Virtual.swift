import Wire

extension AS3Declaration.Virtual {
  /// The classes of virtual servers. Source: f5-appsvcs-extension `src/schema/latest/core-schema.json`.
  private static let kinds: Set<String> = [
    "Service_HTTP", "Service_HTTPS", "Service_TCP", "Service_UDP", "Service_SCTP", "Service_L4", "Service_Generic",
    "Service_Forwarding",
  ]

  static func all(in objects: AS3Objects) -> [AS3Declaration.Virtual] {
    var found: [AS3Declaration.Virtual] = []
    for item in objects.items where kinds.contains(item.kind) && !isInternal(item) {
      let ports = found.count < mostByPort ? ports(item, objects) : [ownPort(item)]
      found += ports.map { AS3Declaration.Virtual(item, objects, port: $0) }
      if !ports.contains(where: { $0.value == 80 }), let redirect = found.last?.redirect(item) {
        found.append(redirect)
      }
    }
    return found
  }

  /// A Service_HTTPS brings a virtual server for port 80 that redirects to it.
  ///
  /// Source: f5-appsvcs-extension `src/lib/map_as3.js`, Service_HTTPS.
  private func redirect(_ item: AS3Objects.Item) -> AS3Declaration.Virtual? {
    let isAsked = item.node.flag("redirect80", default: true)
    guard kind == "Service_HTTPS", isAsked.value == true else { return nil }
    var redirect = self
    let line = isAsked.line
    redirect.path += "-Redirect-"
    redirect.line = line
    redirect.port = AS3Declaration.Property(80, written: isAsked.written == nil ? nil : "80", line: line)
    redirect.translatesAddress = AS3Declaration.Property(true, line: line)
    redirect.translatesPort = AS3Declaration.Property(true, line: line)
    redirect.sourcePort = AS3Declaration.Property(.preserve, line: line)
    redirect.snat = AS3Declaration.Property(.auto, line: line)
    redirect.pool = .none
    return redirect
  }

  /// Other virtual servers hand it their requests, and it has no address: no client reaches it.
  private static func isInternal(_ item: AS3Objects.Item) -> Bool { item.node["virtualType"]?.text == "internal" }

  /// Defaults: f5-appsvcs-extension `src/schema/latest/core-schema.json`, Service_Core and each service's own part.
  private init(_ item: AS3Objects.Item, _ objects: AS3Objects, port: AS3Declaration.Property<UInt16>) {
    let node = item.node
    path = item.place.path
    kind = item.kind
    line = node.line
    tenant = item.place.tenant
    self.port = port
    isEnabled = Self.enabled(item)
    isThere = item.disabledBy == nil && node["enable"]?.bool != false
    addresses = Self.addresses(item, objects)
    if Self.isForSome(node) { for index in addresses.indices { addresses[index].isForSome = true } }
    // A forwarding virtual server by address translates nothing.
    let forwards = item.kind == "Service_Forwarding" && node["forwardingType"]?.text != "l2"
    layer4 = node.property("layer4", default: Self.defaultLayer4(item.kind)) { $0.text }
    translatesAddress = node.flag("translateServerAddress", default: !forwards)
    translatesPort = node.flag("translateServerPort", default: !forwards)
    sourcePort = Self.sourcePort(node)
    snat = Self.snat(node)
    nat = Self.nat(node)
    profile = Self.profile(item, objects)
    pool = AS3Declaration.Pool.named(by: item, objects)
    if let include = node["include"] { forgetWhatMayBeIncluded(include.line) }
  }

  /// Whatever is written in the object, what it includes counts, and that was not found.
  private mutating func forgetWhatMayBeIncluded(_ line: Int) {
    translatesAddress = AS3Declaration.Property(nil, line: line)
    translatesPort = AS3Declaration.Property(nil, line: line)
    sourcePort = AS3Declaration.Property(nil, line: line)
    snat = AS3Declaration.Property(nil, line: line)
    profile = .elsewhere(name: "include", line: line)
    pool = .elsewhere(name: "include", line: line)
    addresses.append(AS3Declaration.Address(subnet: nil, written: "include", line: line))
  }

  /// With so many virtual servers, lists of ports are followed no more.
  private static let mostByPort = 16_384

  private static func ownPort(_ item: AS3Objects.Item) -> AS3Declaration.Property<UInt16> {
    item.node.portNumber("virtualPort", default: defaultPort(item.kind))
  }

  private static func ports(_ item: AS3Objects.Item, _ objects: AS3Objects) -> [AS3Declaration.Property<UInt16>] {
    let own = ownPort(item)
    guard let node = item.node["virtualPort"], node.isMapping, let ports = objects.ports(listedBy: node, item.place),
      !ports.isEmpty
    else { return [own] }
    return ports.map { AS3Declaration.Property($0, written: "\($0)", line: node.line) }
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

  private static func enabled(_ item: AS3Objects.Item) -> AS3Declaration.Property<Bool> {
    if let node = item.disabledBy { return AS3Declaration.Property(false, written: node.text, line: node.line) }
    if let node = item.node["adminState"], node.text == "disable" {
      return AS3Declaration.Property(false, written: node.text, line: node.line)
    }
    return item.node.flag("enable", default: true)
  }

  // MARK: Addresses

  private static func addresses(_ item: AS3Objects.Item, _ objects: AS3Objects) -> [AS3Declaration.Address] {
    guard let list = item.node["virtualAddresses"] else { return [] }
    guard list.isSequence else { return objects.addresses(of: list, item.place) }
    return list.items.flatMap { entry in
      guard entry.isSequence, let first = entry.items.first else { return objects.addresses(of: entry, item.place) }
      // With a second member, that is where clients have to come from.
      let isForSome = entry.items.dropFirst().contains { !isEverywhere($0) }
      return objects.addresses(of: first, item.place).map { found in
        var found = found
        found.isForSome = isForSome
        return found
      }
    }
  }

  private static func isForSome(_ node: DocumentNode) -> Bool {
    if let source = node["sourceAddress"], !isEverywhere(source) { return true }
    return ["allowVlans", "rejectVlans"].compactMap { node[$0] }.contains { !$0.isSequence || !$0.items.isEmpty }
  }

  /// Every client's address.
  private static func isEverywhere(_ node: DocumentNode) -> Bool {
    guard let text = node.text else { return false }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let address = parts[0].split(separator: "%").first
    return ["any", "any6", "0.0.0.0", "::"].contains(address) && (parts.count < 2 || parts[1] == "0")
  }

  // MARK: What becomes of the client's address and port

  /// `translateClientPort` is AS3's name; the article "How to setup DSR in Kubernetes with BIG-IP" writes
  /// `sourcePortAction`.
  private static func sourcePort(
    _ node: DocumentNode
  ) -> AS3Declaration.Property<AS3Declaration.SourcePort> {
    let key = ["translateClientPort", "sourcePortAction", "sourcePort"].first { node[$0] != nil }
    return node.property(key ?? "", default: .preserve) { value in
      if let flag = value.bool { return flag ? .change : .preserve }
      return value.text.flatMap { AS3Declaration.SourcePort(rawValue: $0) }
    }
  }

  private static func snat(_ node: DocumentNode) -> AS3Declaration.Property<AS3Declaration.SNAT> {
    node.property("snat", default: .auto) { value in
      switch value.text {
      case "none": return AS3Declaration.SNAT.none
      case "auto": return .auto
      case "self": return .own
      case .some: return nil
      case nil: return value.isMapping && !value.pointedName.isEmpty ? .pool(value.pointedName) : nil
      }
    }
  }

  /// Their rules may translate what the virtual server itself leaves as it is.
  ///
  /// Source: f5-appsvcs-extension `src/schema/latest/core-schema.json`, policyNAT and nat64Enabled.
  private static func nat(_ node: DocumentNode) -> AS3Declaration.Property<String>? {
    if let policy = node["policyNAT"] {
      return AS3Declaration.Property("policyNAT", written: policy.written, line: policy.line)
    }
    guard let flag = node["nat64Enabled"], flag.bool != false else { return nil }
    return AS3Declaration.Property("nat64Enabled", written: flag.written, line: flag.line)
  }

  // MARK: The profile

  private static func profile(
    _ item: AS3Objects.Item, _ objects: AS3Objects
  ) -> AS3Declaration.Reference<AS3Declaration.L4Profile> {
    let node = item.node
    guard let named = node["profileL4"] else {
      if let template = node["schemaOverlay"] { return .elsewhere(name: "schemaOverlay", line: template.line) }
      return item.kind == "Service_L4" ? .declared(.builtIn(line: node.line)) : .none
    }
    if named.text == "basic" || named["bigip"]?.text == "/Common/fastL4" {
      return .declared(.builtIn(line: named.line))
    }
    // AS3 knows no other text here than basic.
    guard named.isMapping, let pointer = named.pointer,
      let found = objects.find(pointer, ofClass: "L4_Profile", from: item.place)
    else {
      return .elsewhere(name: named.pointedName, line: named.line)
    }
    return .declared(AS3Declaration.L4Profile(found))
  }
}

extension AS3Declaration.L4Profile {
  /// AS3's defaults are those of the profile that BIG-IP has built in.
  ///
  /// Source: f5-appsvcs-extension test/integration/property/L4_Profile: disabled, disabled, enabled.
  fileprivate init(_ item: AS3Objects.Item) {
    name = item.place.path
    looseInitialization = item.node.flag("looseInitialization", default: false)
    looseClose = item.node.flag("looseClose", default: false)
    resetOnTimeout = item.node.flag("resetOnTimeout", default: true)
  }

  /// fastL4 as BIG-IP brings it. Source: tmsh reference, ltm profile fastl4.
  static func builtIn(line: Int) -> AS3Declaration.L4Profile {
    AS3Declaration.L4Profile(
      name: "basic", looseInitialization: AS3Declaration.Property(false, line: line),
      looseClose: AS3Declaration.Property(false, line: line), resetOnTimeout: AS3Declaration.Property(true, line: line))
  }
}
