import Wire

extension IPVSTable {
  /// Reads the virtual servers of keepalived.conf as the table that keepalived makes of them.
  ///
  /// What stands behind `@id` is not read, nor a block that begins there, and files that are included outside of blocks are named: the table is not whole then. A
  /// `sorry_server` is left out, for keepalived puts it into the table where no other server is left.
  ///
  /// Source: keepalived.conf(5), Virtual server(s); keepalived 2.2.7 `keepalived/check/check_parser.c`.
  static func keepalived(_ lines: [TextLine], files: @escaping IncludedTexts) throws(TableError) -> IPVSTable {
    var reader = KeepalivedReader(lines, files)
    return try reader.table()
  }

  /// Reads the configuration of keepalived, or a file that it includes, whatever its first words are.
  public static func keepalived(
    text: String, files: @escaping IncludedTexts = { _, _ in nil }
  ) throws(TableError) -> IPVSTable {
    try keepalived(pasted: TextLine.all(of: text), files: files)
  }

  static func keepalived(pasted lines: [TextLine], files: @escaping IncludedTexts) throws(TableError) -> IPVSTable {
    let parts = PastedText(lines.filter { !$0.isKeepalivedComment }).parts
    var table = try keepalived(parts.flatMap(\.lines), files: files)
    if parts.contains(where: { !$0.gaps.isEmpty }) {
      table.markPart()
      table.isPartByIncludesAlone = false
    }
    return table
  }

  /// The texts of the files that an `include` names, each with its folder; `nil` where there is none. What a block names is read
  /// in its place; of any other the names alone (`$NAME=value`), for it is a text of its own.
  public typealias IncludedTexts = (_ include: Include, _ isInBlock: Bool) -> [(folder: String, text: String)]?
}

extension TextLine {
  /// A configuration has comments that look like prompts.
  var isKeepalivedComment: Bool { words[0].first == "#" || words[0].first == "!" }

  /// It begins a block of keepalived.conf, perhaps under a condition.
  var beginsKeepalived: Bool {
    guard let keyword = unconditional.first else { return false }
    return [
      "global_defs", "vrrp_instance", "virtual_server", "virtual_server_group", "vrrp_sync_group", "vrrp_script",
      "static_ipaddress",
    ].contains(keyword.prefix { $0 != "{" })
  }

  /// It names another file, or gives a name: keepalived.conf, if that is how the text begins.
  var mayBeginKeepalived: Bool {
    guard let first = unconditional.first else { return false }
    if KeepalivedText.includes.contains(first) { return unconditional.count == 2 }
    return unconditional.prefix(2).joined().prefixMatch(of: /\$[A-Za-z_][A-Za-z0-9_]*=/) != nil
  }

  /// The words behind `@id`.
  private var unconditional: ArraySlice<Substring> {
    words[0].first == "@" && words[0].count > 1 ? words.dropFirst() : words[...]
  }
}

/// Reads blocks of keepalived.conf: a keyword with its words, and perhaps a block in braces.
private struct KeepalivedReader {
  /// A keyword, its words, and what stands in its braces.
  struct Entry {
    var words: [Substring]
    var line: TextLine
    var block: [Entry] = []
    /// It holds under a condition alone, or is not known: its words say no more than where its block begins.
    var isConditional = false
    /// A condition, or another file, may add to it.
    var isPart = false

    var keyword: Substring { words[0] }

    /// What an interface, a script, a file, a process or BFD tells may add to priorities (`track_script` and its kin).
    var tracks: Bool { block.contains { $0.keyword.hasPrefix("track_") } }

    func word(after key: Substring) -> Substring? {
      words.firstIndex(of: key).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
    }
  }

  /// Groups of ranges unfold by the product of their numbers.
  private static let limit = 100_000

  private let lines: [TextLine]
  private let files: IPVSTable.IncludedTexts
  /// Something holds under a condition alone, or is not known.
  private var isPart = false
  private var includes: [IPVSTable.Include] = []
  private var unread: [IPVSTable.UnreadLine] = []

  init(_ lines: [TextLine], _ files: @escaping IPVSTable.IncludedTexts) {
    self.lines = lines
    self.files = files
  }

  mutating func table() throws(TableError) -> IPVSTable {
    let entries = try entries()
    var groups: [Substring: Entry] = [:]
    for entry in entries where entry.keyword == "virtual_server_group" && entry.words.count > 1 {
      groups[entry.words[1]] = entry
    }
    var table = IPVSTable(form: .keepalived)
    for entry in entries where entry.keyword == "virtual_server" {
      if isOpen(entry) { continue }
      for name in try names(of: entry, groups) { table.services.append(try service(name, entry)) }
      guard table.services.count <= Self.limit else {
        throw entry.line.fault("at most \(Self.limit) virtual servers")
      }
    }
    // What a group tracks moves the priorities of its members.
    let tracks = entries.contains { $0.keyword == "vrrp_sync_group" && $0.tracks }
    for entry in entries where entry.keyword == "vrrp_instance" {
      var router = try router(entry)
      router.movesPriority = router.movesPriority || tracks
      table.routers.append(router)
    }
    for entry in entries where entry.keyword == "static_ipaddress" {
      table.staticAddresses += try addresses(entry, isExcluded: false)
    }
    table.includes = includes
    table.unread = unread
    if isPart || !includes.isEmpty {
      table.markPart()
      table.isPartByIncludesAlone = !isPart
    }
    return table
  }

  // MARK: Blocks

  private mutating func entries() throws(TableError) -> [Entry] {
    let text = try KeepalivedText(lines, files: files)
    unread = text.unread
    // Open blocks, the outermost first.
    var open: [Entry] = []
    var found: [Entry] = []
    func add(_ entry: Entry) {
      if open.isEmpty { found.append(entry) } else { open[open.count - 1].block.append(entry) }
    }
    func markPart() {
      isPart = true
      if let last = open.indices.last { open[last].isPart = true }
    }
    for statement in text.statements {
      let line = statement.line
      if statement.isPart { markPart() }
      switch statement.kind {
      case .include(let include): includes.append(include)
      case .words(let words):
        if !statement.isPart, words[0].first == "$" {
          markPart()
          note(words, line)
        }
        add(Entry(words: words, line: line, isConditional: statement.isPart))
      case .open:
        // The brace may stand in a line of its own.
        guard let last = open.isEmpty ? found.popLast() : open[open.count - 1].block.popLast() else {
          throw line.fault("a keyword before {")
        }
        open.append(last)
        if statement.isPart { open[open.count - 1].isPart = true }
        if open.count > 16 { throw line.fault("blocks at most 16 levels deep") }
      case .close:
        guard var last = open.popLast() else { throw line.fault("a { before this }") }
        last.block.removeAll(where: \.isConditional)
        add(last)
      }
    }
    if let last = open.last { throw last.line.fault("a } that closes this block") }
    // What a condition decides may stand in the place of another.
    let conditional = Set(found.filter(\.isConditional).map(\.words))
    found.removeAll(where: \.isConditional)
    for index in found.indices where conditional.contains(found[index].words) { found[index].isPart = true }
    return found
  }

  /// Whether a name stands in it that is not known: another file, or a condition, says what it is. It is left out then.
  private mutating func isOpen(_ entry: Entry) -> Bool {
    guard entry.words.contains(where: { $0.contains("$") }) else { return false }
    // It was noted where its block was read.
    if entry.keyword.first != "$" { note(entry.words, entry.line) }
    isPart = true
    return true
  }

  private mutating func note(_ words: [Substring], _ line: TextLine) {
    unread.append(IPVSTable.UnreadLine(line: line.number, text: words.joined(separator: " ")))
  }

  // MARK: Virtual routers

  private mutating func router(_ entry: Entry) throws(TableError) -> VirtualRouter {
    var router = VirtualRouter(name: entry.words.dropFirst().first.map(String.init) ?? "", line: entry.line.number)
    router.isPart = entry.isPart || isPart
    router.movesPriority = entry.tracks
    for part in entry.block {
      let value = part.words.dropFirst().first
      switch part.keyword {
      case "interface": router.interface = value.map(String.init)
      case "virtual_router_id":
        if isOpen(part) {
          router.isPart = true
          continue
        }
        guard let id = value.flatMap({ UInt8($0) }), id > 0 else { throw part.line.fault("a number from 1 to 255") }
        router.id = id
      case "priority":
        if isOpen(part) {
          router.movesPriority = true
          continue
        }
        guard let priority = value.flatMap({ UInt8($0) }) else { throw part.line.fault("a number from 0 to 255") }
        router.priority = priority
        router.priorityLine = part.line.number
      case "use_vmac": router.usesVirtualMAC = true
      case "vmac_xmit_base": router.advertisesFromInterface = true
      case "mcast_src_ip", "unicast_src_ip": router.source = value.flatMap { IPAddress(String($0)) }
      case "virtual_ipaddress", "virtual_ipaddress_excluded":
        if part.isPart { router.isPart = true }
        let isExcluded = part.keyword == "virtual_ipaddress_excluded"
        let found = try addresses(part, isExcluded: isExcluded)
        if found.count < part.block.count { router.isPart = true }
        router.addresses += found
      case "unicast_peer":
        for member in part.block where !isOpen(member) { router.peers.append(try address(member)) }
      default: break
      }
    }
    return router
  }

  /// Those of a block; what is not known is left out.
  private mutating func addresses(
    _ entry: Entry, isExcluded: Bool
  ) throws(TableError) -> [VirtualRouter.Address] {
    var found: [VirtualRouter.Address] = []
    for member in entry.block where !isOpen(member) {
      found.append(
        VirtualRouter.Address(address: try address(member), line: member.line.number, isExcluded: isExcluded))
    }
    return found
  }

  /// `10.1.10.10/32 dev eth1 label eth1:1`.
  private func address(_ entry: Entry) throws(TableError) -> IPAddress {
    guard let address = IPAddress(String(entry.keyword.prefix { $0 != "/" })) else {
      throw entry.line.fault("an address in numbers, as 10.1.10.10/32", entry.keyword)
    }
    return address
  }

  // MARK: Virtual servers

  private mutating func names(
    of entry: Entry, _ groups: [Substring: Entry]
  ) throws(TableError) -> [IPVSTable.Service.Name] {
    guard entry.words.count > 1 else { throw entry.line.fault("virtual_server with an address, a mark or a group") }
    let isIPv6 = entry.block.contains { $0.words == ["ip_family", "inet6"] }
    if entry.words[1] == "group" {
      guard entry.words.count > 2, let group = groups[entry.words[2]] else {
        if isPart { return [] }
        throw entry.line.fault("the name of a virtual_server_group in this file")
      }
      var found: [IPVSTable.Service.Name] = []
      for member in group.block where found.count <= Self.limit && !isOpen(member) {
        found += try names(member.words, member.line, entry, isIPv6: isIPv6)
      }
      return found
    }
    return try names(Array(entry.words.dropFirst()), entry.line, entry, isIPv6: isIPv6)
  }

  /// `10.1.10.10 80`, `10.1.10.10-20 80` or `fwmark 5`.
  private func names(
    _ words: [Substring], _ line: TextLine, _ entry: Entry, isIPv6: Bool
  ) throws(TableError) -> [IPVSTable.Service.Name] {
    if words[0] == "fwmark" {
      guard words.count > 1, let mark = UInt32(words[1]) else { throw line.fault("a firewall mark") }
      return [.firewallMark(mark, isIPv6: isIPv6)]
    }
    // What may say the protocol is not known.
    if entry.isPart, !entry.block.contains(where: { $0.keyword == "protocol" }) { return [] }
    let transport = try transport(of: entry)
    let ends = words[0].split(separator: "-", maxSplits: 1)
    let first = try endpoint(Array(ends.prefix(1)) + words.dropFirst(), in: line)
    guard ends.count == 2 else { return [.endpoint(transport, first)] }
    let isV4 = first.address.version == .v4
    let lastOctet = UInt8(truncatingIfNeeded: first.address.low)
    guard isV4, let end = UInt8(ends[1]), end >= lastOctet else {
      throw line.fault("a range as 10.1.10.10-20", words[0])
    }
    return (lastOctet...end).map { octet in
      let address = IPAddress(v4: UInt32(truncatingIfNeeded: first.address.low) & ~0xff | UInt32(octet))
      return .endpoint(transport, IPVSTable.Endpoint(address: address, port: first.port))
    }
  }

  /// Without a protocol keepalived takes UDP.
  private func transport(of entry: Entry) throws(TableError) -> IPVSTable.Transport {
    guard let said = entry.block.last(where: { $0.keyword == "protocol" }) else { return .udp }
    guard said.words.count > 1, let transport = IPVSTable.Transport(rawValue: said.words[1].lowercased()) else {
      throw said.line.fault("TCP, UDP or SCTP")
    }
    return transport
  }

  /// An address and its port; without a port, every one.
  private func endpoint(_ words: [Substring], in line: TextLine) throws(TableError) -> IPVSTable.Endpoint {
    guard let word = words.first, let address = IPAddress(String(word)) else {
      throw line.fault("an address in numbers and a port, as 10.1.10.10 80", words.first)
    }
    guard words.count > 1 else { return IPVSTable.Endpoint(address: address, port: 0) }
    guard let port = UInt16(words[1]) else { throw line.fault("a port in numbers", words[1]) }
    return IPVSTable.Endpoint(address: address, port: port)
  }

  private mutating func service(_ name: IPVSTable.Service.Name, _ entry: Entry) throws(TableError) -> IPVSTable.Service
  {
    var service = IPVSTable.Service(name: name, line: entry.line.number)
    var method: (IPVSTable.Forwarding, IPVSTable.Tunnel?)?
    for part in entry.block {
      switch part.keyword {
      case "lb_algo", "lvs_sched": service.scheduler = part.words.dropFirst().first.map(String.init)
      case "lb_kind", "lvs_method": method = try forwarding(part)
      case "persistence_timeout":
        // Without a number keepalived takes 360 seconds.
        let seconds = part.words.dropFirst().first.flatMap { UInt32($0) } ?? 360
        if seconds > 0 { service.persistence = IPVSTable.Persistence(seconds: seconds) }
      case "ops": service.isOnePacket = true
      // DPVS's.
      case "syn_proxy": service.answersHandshakes = true
      default: break
      }
    }
    if let mask = entry.block.last(where: { $0.keyword == "persistence_granularity" })?.words.dropFirst().first {
      service.persistence?.prefixLength = IPVSTable.prefixLength(mask)
    }
    var known: Set<IPVSTable.Endpoint> = []
    if entry.isPart { method = Self.saidElsewhere }
    for part in entry.block where part.keyword == "real_server" {
      if isOpen(part) || part.block.contains(where: { $0.keyword == "weight" && isOpen($0) }) { continue }
      let destination = try destination(part, method)
      // keepalived leaves out the second of two alike.
      if known.insert(destination.endpoint).inserted { service.destinations.append(destination) }
    }
    return service
  }

  private func destination(
    _ entry: Entry, _ inherited: (IPVSTable.Forwarding, IPVSTable.Tunnel?)?
  ) throws(TableError) -> IPVSTable.Destination {
    var destination = IPVSTable.Destination(
      endpoint: try endpoint(Array(entry.words.dropFirst()), in: entry.line), line: entry.line.number)
    destination.weight = 1
    var method = inherited
    for part in entry.block {
      switch part.keyword {
      case "weight":
        guard part.words.count > 1, let weight = Int(part.words[1]) else { throw part.line.fault("a weight") }
        destination.weight = weight
      case "lvs_method": method = try forwarding(part)
      default: break
      }
    }
    if entry.isPart {
      method = Self.saidElsewhere
      destination.weight = nil
    }
    // Without a method keepalived sets NAT, and says so in its log alone.
    (destination.forwarding, destination.tunnel) = (method?.0 ?? .masquerade, method?.1)
    return destination
  }

  /// A condition, or a file that was not read, may say it, whatever stands here.
  private static let saidElsewhere: (IPVSTable.Forwarding, IPVSTable.Tunnel?)? = (.other("said elsewhere"), nil)

  /// `DR`, `NAT`, or `TUN type gue port 6080`; DPVS has `FNAT` too.
  private func forwarding(_ entry: Entry) throws(TableError) -> (IPVSTable.Forwarding, IPVSTable.Tunnel?) {
    guard entry.words.count > 1 else { throw entry.line.fault("DR, TUN or NAT") }
    switch entry.words[1] {
    case "DR": return (.route, nil)
    case "NAT": return (.masquerade, nil)
    case "FNAT": return (.fullNAT, nil)
    case "TUN":
      guard let type = entry.word(after: "type").flatMap({ IPVSTable.TunnelType(rawValue: String($0)) }) else {
        return (.tunnel, nil)
      }
      let port = entry.word(after: "port").flatMap { UInt16($0) }
      return (.tunnel, IPVSTable.Tunnel(type: type, port: type == .gue ? port : nil))
    default: return (.other(String(entry.words[1])), nil)
    }
  }
}
