import Wire

extension AS3Declaration {
  /// Reads what `tmsh list ltm virtual`, `ltm pool`, `ltm profile fastl4` and `ltm virtual-address` print, one below the other, or a
  /// `bigip.conf`. `nil` for any other text.
  ///
  /// Source: tmsh reference, ltm virtual, ltm pool, ltm profile fastl4, ltm virtual-address: properties and defaults.
  init?(tmsh text: String) throws(TableError) {
    guard TextLine.all(of: String(text.prefix(16384))).contains(where: \.beginsTMSHObject) else { return nil }
    self.init()
    origin = .tmsh
    let objects = TMSHObjects(try TMSHObject.all(in: text))
    virtuals = objects.all.filter { $0.kind == "ltm virtual" }.map { Virtual($0, objects) }
    guard !virtuals.isEmpty else {
      throw TableError(
        line: 0,
        expected: "a virtual server (tmsh list ltm virtual), and its pool, profile and virtual address beside it",
        found: objects.all.first.map { "\($0.kind) alone" } ?? "other objects")
    }
  }
}

/// The objects of a text, by kind and name.
private struct TMSHObjects {
  let all: [TMSHObject]
  private let byName: [String: TMSHObject]
  /// The first one of each.
  private let virtualAddresses: [IPAddress: TMSHObject]

  init(_ all: [TMSHObject]) {
    self.all = all
    byName = Dictionary(all.map { ("\($0.kind) \($0.name)", $0) }) { _, last in last }
    let addresses = all.filter { $0.kind == "ltm virtual-address" }.compactMap { object in
      object.body.word("address").flatMap { TMSHEnd.host($0.text) }.map { ($0, object) }
    }
    virtualAddresses = Dictionary(addresses) { first, _ in first }
  }

  func virtualAddress(_ address: IPAddress) -> TMSHObject? { virtualAddresses[address] }

  func find(_ kind: String, _ name: Substring) -> TMSHObject? { byName["\(kind) \(TMSHObject.plain(name))"] }
}

extension AS3Declaration.Virtual {
  fileprivate init(_ object: TMSHObject, _ objects: TMSHObjects) {
    let body = object.body
    path = object.name.hasPrefix("/") ? object.name : "/Common/\(object.name)"
    line = object.line
    let profiles = body.block("profiles")?.entries ?? []
    (kind, profile) = Self.kind(of: body, profiles, objects, line)
    isEnabled = AS3Declaration.Property(
      !body.has("disabled"), written: body.has("disabled") ? "disabled" : nil, line: line)
    let destination = body.word("destination")
    let ends = destination.map { TMSHEnd($0.text) }
    port = AS3Declaration.Property(
      ends?.port, written: destination.map { String($0.text) }, line: destination?.line ?? line)
    addresses = [Self.address(ends, mask: body.word("mask")?.text, destination, objects, line)]
    addresses[0].isForSome = Self.isForSome(body)
    let transport = body.word("ip-protocol")
    layer4 = AS3Declaration.Property(
      transport.map { String($0.text) } ?? "any", written: transport.map { String($0.text) },
      line: transport?.line ?? line)
    // tmsh prints both always: without them the text is a part.
    translatesAddress = Self.flag("translate-address", body, line, default: nil)
    translatesPort = Self.flag("translate-port", body, line, default: nil)
    let kept = body.word("source-port")
    sourcePort = AS3Declaration.Property(
      kept.map { AS3Declaration.SourcePort(rawValue: String($0.text)) } ?? .preserve,
      written: kept.map { String($0.text) }, line: kept?.line ?? line)
    snat = Self.snat(body, line)
    nat = Self.nat(body)
    pool = Self.pool(body, objects)
  }

  static func flag(
    _ key: Substring, _ body: TMSHBlock, _ line: Int, default value: Bool?
  ) -> AS3Declaration.Property<Bool> {
    guard let found = body.word(key) else { return AS3Declaration.Property(value, line: line) }
    let flags: [Substring: Bool] = ["enabled": true, "disabled": false]
    return AS3Declaration.Property(flags[found.text], written: String(found.text), line: found.line)
  }

  /// `source-address-translation { type automap }`; before 11.3 `snat automap`.
  private static func snat(_ body: TMSHBlock, _ line: Int) -> AS3Declaration.Property<AS3Declaration.SNAT> {
    let block = body.block("source-address-translation")
    guard let found = block?.word("type") ?? body.word("snat") else {
      return AS3Declaration.Property(block == nil ? AS3Declaration.SNAT.none : nil, line: line)
    }
    let pool = block?.word("pool") ?? body.word("snatpool")
    let value: AS3Declaration.SNAT? =
      switch found.text {
      case "none": AS3Declaration.SNAT.none
      case "automap": .auto
      case "snat": .pool(pool.map { String($0.text) } ?? "")
      default: nil
      }
    return AS3Declaration.Property(value, written: String(found.text), line: found.line)
  }

  /// Source: tmsh reference, ltm virtual, nat64 and security-nat-policy.
  private static func nat(_ body: TMSHBlock) -> AS3Declaration.Property<String>? {
    if let flag = body.word("nat64"), flag.text != "disabled" {
      return AS3Declaration.Property("nat64", written: String(flag.text), line: flag.line)
    }
    guard let block = body.block("security-nat-policy") else { return nil }
    let inherited = ["use-device-policy", "use-route-domain-policy"].compactMap { block.word($0) }
    let named = block.word("policy").flatMap { $0.text == "none" ? nil : $0 } ?? inherited.first { $0.text != "no" }
    return named.map {
      AS3Declaration.Property("security-nat-policy", written: String($0.text), line: $0.line)
    }
  }

  // MARK: Address and port

  /// Where only some clients, or some VLANs, come to it.
  private static func isForSome(_ body: TMSHBlock) -> Bool {
    if let source = body.word("source"), !["0.0.0.0/0", "::/0", "any", "any6"].contains(source.text) {
      let parts = source.text.split(separator: "/")
      if parts.count != 2 || parts[1] != "0" { return true }
    }
    return body.has("vlans-enabled") || body.block("vlans") != nil
  }

  private static func address(
    _ end: TMSHEnd?, mask: Substring?, _ destination: (text: Substring, line: Int)?, _ objects: TMSHObjects, _ line: Int
  ) -> AS3Declaration.Address {
    let length = end?.address.flatMap { address in TMSHEnd.length(ofMask: mask, for: address) }
    var found = AS3Declaration.Address(
      subnet: end?.address.flatMap { address in length.map { Subnet(address, length: $0) } },
      written: destination.map { String($0.text) } ?? "no destination", line: destination?.line ?? line)
    let own = end?.address.flatMap(objects.virtualAddress)
    if let own { found.answersARP = flag("arp", own.body, own.line, default: true) }
    return found
  }

  // MARK: Profile and pool

  private static func kind(
    of body: TMSHBlock, _ profiles: [(name: Substring, line: Int, block: TMSHBlock?)], _ objects: TMSHObjects,
    _ line: Int
  ) -> (String, AS3Declaration.Reference<AS3Declaration.L4Profile>) {
    // These hand nothing to a pool.
    if ["ip-forward", "l2-forward", "reject", "internal", "dhcp-relay"].contains(where: { body.has($0) }) {
      return ("Service_Forwarding", .none)
    }
    for profile in profiles {
      if let found = AS3Declaration.L4Profile.reference(to: profile.name, objects, line: profile.line) {
        return ("Service_L4", found)
      }
    }
    let names = profiles.map { TMSHObject.plain($0.name) }
    if names.contains(where: { $0 == "udp" || $0.hasPrefix("udp_") }) { return ("Service_UDP", .none) }
    if names.contains(where: { $0.hasPrefix("tcp") || $0.hasPrefix("http") || $0.hasSuffix("ssl") }) {
      return ("Service_TCP", .none)
    }
    // A profile of one's own may be of any kind.
    guard let first = profiles.first else { return ("a virtual server", .none) }
    return ("Service_L4", .elsewhere(name: TMSHObject.plain(first.name), line: first.line))
  }

  private static func pool(
    _ body: TMSHBlock, _ objects: TMSHObjects
  ) -> AS3Declaration.Reference<AS3Declaration.Pool> {
    guard let named = body.word("pool"), named.text != "none" else { return .none }
    guard let found = objects.find("ltm pool", named.text) else {
      return .elsewhere(name: TMSHObject.plain(named.text), line: named.line)
    }
    let members = (found.body.block("members")?.entries ?? []).map { entry in
      let state = [entry.block?.word("session"), entry.block?.word("state")].compactMap { $0.map { String($0.text) } }
      return AS3Declaration.Member(
        port: AS3Declaration.Property(TMSHEnd(entry.name).port, written: String(entry.name), line: entry.line),
        isEmpty: false, takesConnections: !state.contains { $0.hasPrefix("user-d") }, line: entry.line)
    }
    let allowed = found.body.word("allow-snat")
    return .declared(
      AS3Declaration.Pool(
        tenant: "", application: "Common", name: found.name, line: found.line, members: members,
        allowsSNAT: AS3Declaration.Property(
          allowed.map { ["yes": true, "no": false][$0.text] } ?? true, written: allowed.map { String($0.text) },
          line: allowed?.line ?? found.line)))
  }
}

extension AS3Declaration.L4Profile {
  private static let depthLimit = 8

  /// The profile of that name, if it is a FastL4 profile: the one that BIG-IP has built in, or one of the text. `nil` for one of
  /// another kind.
  fileprivate static func reference(
    to name: Substring, _ objects: TMSHObjects, line: Int, depth: Int = 0
  ) -> AS3Declaration.Reference<AS3Declaration.L4Profile>? {
    let isBuiltIn = TMSHObject.plain(name).lowercased() == "fastl4"
    guard let object = objects.find("ltm profile fastl4", name) else {
      return isBuiltIn ? .declared(.builtIn(line: line)) : nil
    }
    var parent = AS3Declaration.L4Profile.builtIn(line: object.line)
    if !isBuiltIn, let named = object.body.word("defaults-from"), named.text != "none" {
      guard depth < depthLimit,
        case .declared(let found)? = reference(to: named.text, objects, line: named.line, depth: depth + 1)
      else { return .elsewhere(name: TMSHObject.plain(named.text), line: named.line) }
      parent = found
    }
    return .declared(
      AS3Declaration.L4Profile(
        name: object.name, looseInitialization: own("loose-initialization", object, parent.looseInitialization),
        looseClose: own("loose-close", object, parent.looseClose),
        resetOnTimeout: own("reset-on-timeout", object, parent.resetOnTimeout)))
  }

  private static func own(
    _ key: Substring, _ object: TMSHObject, _ inherited: AS3Declaration.Property<Bool>
  ) -> AS3Declaration.Property<Bool> {
    object.body.has(key) ? AS3Declaration.Virtual.flag(key, object.body, object.line, default: nil) : inherited
  }
}

/// `10.1.10.10:80`, `10.1.10.10%1:http`, `fd00::10.80`, with a partition before it or not.
private struct TMSHEnd {
  var address: IPAddress?
  /// 0 stands for every port; `nil` where it is a name that is not known.
  var port: UInt16?

  init(_ text: Substring) {
    let text = text.split(separator: "/").last ?? text
    // Behind an IPv6 address stands a dot, for colons are taken.
    let isV6 = text.count { $0 == ":" } > 1 || text.hasPrefix("any6.")
    guard let sign = text.lastIndex(of: isV6 ? "." : ":") else {
      address = Self.host(text)
      return
    }
    address = Self.host(text[..<sign])
    let name = text[text.index(after: sign)...]
    port = UInt16(name) ?? Self.ports[name]
  }

  static func host(_ text: Substring) -> IPAddress? {
    let host = (text.split(separator: "/").last ?? text).prefix { $0 != "%" }
    switch host {
    case "any": return IPAddress(v4: 0)
    case "any6": return IPAddress("::")
    default: return IPAddress(String(host))
    }
  }

  /// How many bits are the network's: all without a mask; `nil` for a mask that is none.
  static func length(ofMask mask: Substring?, for address: IPAddress) -> Int? {
    guard let mask else { return address.isUnspecified ? 0 : address.bitWidth }
    if mask == "any" || mask == "any6" { return 0 }
    guard let bits = IPAddress(String(mask)), bits.version == address.version else { return nil }
    let number = UInt128(bits.high) << 64 | UInt128(bits.low)
    let all = bits.version == .v4 ? number << 96 : number
    let length = (~all).leadingZeroBitCount
    return all == (length == 0 ? 0 : UInt128.max << UInt128(128 - length)) ? length : nil
  }

  /// As BIG-IP prints the ports that DSR is for; it knows many more.
  private static let ports: [Substring: UInt16] = [
    "any": 0, "*": 0, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "tacacs": 49, "domain": 53, "http": 80,
    "pop3": 110,
    "ntp": 123, "imap": 143, "snmp": 161, "ldap": 389, "https": 443, "syslog": 514, "ldaps": 636, "imaps": 993,
    "pop3s": 995, "ms-sql-s": 1433, "radius": 1812, "mysql": 3306, "ms-wbt-server": 3389, "sip": 5060,
    "postgresql": 5432,
    "webcache": 8080,
  ]
}
