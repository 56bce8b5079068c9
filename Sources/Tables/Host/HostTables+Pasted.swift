import Wire

extension HostTables {
  /// Reads what somebody pasted of a host into one file: the texts of several commands, with or without the prompts before
  /// them.
  public init(name: String?, pasted text: String, path: String, fallback: String) throws(HostFileError) {
    let parts = PastedText(text).parts
    let hosts = Set(parts.compactMap(\.host))
    self.init(name: name ?? (hosts.count == 1 ? hosts.first : nil) ?? fallback, path: path)
    do throws(TableError) {
      if hosts.count > 1 {
        throw TableError(
          line: 0, expected: "what one host printed", found: "the prompts of \(hosts.sorted().joined(separator: ", "))")
      }
      let found = try Self.texts(in: parts)
      guard !found.isEmpty else {
        throw TableError(
          line: 0,
          expected: "what ip addr, ip neigh, ip route, ip rule, ifconfig, arp -n, sysctl -a, arptables-save, "
            + "iptables-save, nft list ruleset, ipvsadm -ln or netsh prints", found: "nothing")
      }
      for (kind, lines) in found.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        try read(Self.text(of: lines), as: kind, path)
      }
    } catch {
      throw HostFileError(path: path, error: error)
    }
  }

  /// The lines of each kind of text, in their order.
  private static func texts(in parts: [PastedText.Part]) throws(TableError) -> [Text: [TextLine]] {
    var found: [Text: [TextLine]] = [:]
    for part in parts {
      let said = part.command.flatMap(Self.kind(ofCommand:))
      if case .partial? = said { continue }
      var current: Text?
      if case .kind(let kind)? = said { current = kind }
      // What was left out belongs to the text in which it was.
      let cuts = part.gaps.map { TextLine(number: $0, text: "...", words: ["..."]) }
      for line in (part.lines + cuts).sorted(by: { $0.number < $1.number }) {
        if line.words == ["..."] {
          if let current { found[current, default: []].append(line) }
          continue
        }
        if case .kind? = said {} else { current = kind(of: line, after: current) ?? current }
        guard let kind = current else {
          throw TableError(
            line: line.number,
            expected:
              "what ip, ifconfig, arp, sysctl, arptables-save, iptables-save, nft, ipvsadm -ln or netsh prints, or the command "
              + "before it",
            found: String(line.text), isOfNoForm: true)
        }
        found[kind, default: []].append(line)
      }
    }
    return found.mapValues { $0.sorted { $0.number < $1.number } }
  }

  /// The text of lines, each where it stands in the file.
  private static func text(of lines: [TextLine]) -> String {
    var text = ""
    var number = 1
    for line in lines {
      while number < line.number {
        text += "\n"
        number += 1
      }
      text += line.text
    }
    return text
  }

  private enum Said {
    case kind(Text)
    /// It asks for a part of what there is, which tells nothing of the rest.
    case partial
  }

  /// `nil` for a command that does not tell: what stands below it does.
  private static func kind(ofCommand words: [Substring]) -> Said? {
    var rest = words.dropFirst()
    switch words.first {
    case "ip":
      var isV6 = false
      while let option = rest.first, option.hasPrefix("-") {
        if option == "-6" { isV6 = true }
        rest = rest.dropFirst()
      }
      guard let object = rest.popFirst() else { return nil }
      if let verb = rest.first, ["show", "list", "ls", "lst", "s", "sh"].contains(verb) { rest = rest.dropFirst() }
      let isAll = rest.isEmpty || rest.starts(with: ["table", "all"]) || rest.starts(with: ["table", "main"])
      if object.hasPrefix("a") || object.hasPrefix("l") { return rest.isEmpty ? nil : .partial }
      if object.hasPrefix("n") { return .kind(.neighbours) }
      if object.hasPrefix("ru") { return isAll ? .kind(isV6 ? .rules6 : .rules) : .partial }
      // `table all` has both versions.
      return isAll ? isV6 ? .kind(.routes6) : nil : .partial
    case "arptables", "arptables-save": return .kind(.arpRules)
    case "iptables", "iptables-save", "ip6tables", "ip6tables-save": return .kind(.iptables)
    case "nft": return .kind(.nftables)
    case "arp": return .kind(.arp)
    case "sysctl": return .kind(.settings)
    default: return nil
    }
  }

  /// The kind of text that a line begins; `nil` where it goes on with what stands before it.
  static func kind(of line: TextLine, after current: Text? = nil) -> Text? {
    let (first, second) = (line.words[0], line.words.dropFirst().first ?? "")
    if line.beginsWindowsInterface { return .windowsInterfaces }
    if line.beginsWindowsConfiguration { return .windowsAddresses }
    if line.beginsIfconfig || line.isBriefAddress { return .addresses }
    if first.last == ":", UInt32(first.dropLast()) != nil {
      return second == "from" || second == "not" ? .rules : .addresses
    }
    if first.hasPrefix("net."), line.text.contains("=") { return .settings }
    if line.text.hasPrefix("IP Virtual Server") || first == "Prot" || first == "IPVS" { return .ipvs }
    if line.text.hasPrefix("IP address") || line.text.hasPrefix("Address ") || first == "Interface:" { return .arp }
    if second.first == "(", line.words.contains("at") { return .arp }
    if first == "table", line.words.contains("{") { return .nftables }
    // iptables has a heading of columns below it; arptables has none, and is told by its command.
    if first == "Chain", current != .arpRules { return .iptables }
    if first.hasPrefix("*"), line.words.count == 1 { return .iptables }
    if line.text.hasPrefix("# Generated by arptables-save") { return .arpRules }
    if line.text.hasPrefix("# Generated by ip") { return .iptables }
    if current == .nftables || current == .iptables || current == .arpRules { return nil }
    if second == "dev", let last = line.words.last, neighbourStates.contains(last) { return .neighbours }
    if first == "default" || line.words.contains("dev") && (line.words.contains("proto") || line.words.contains("via"))
    {
      return line.words.contains { IPAddress(String($0.prefix { $0 != "/" }))?.version == .v6 } ? .routes6 : .routes
    }
    return nil
  }

  private static let neighbourStates: Set<Substring> = [
    "REACHABLE", "STALE", "DELAY", "PROBE", "PERMANENT", "FAILED", "INCOMPLETE", "NOARP",
  ]
}
