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
      let told = parts.filter { !$0.lines.isEmpty }
      if let one = told.first(where: \.isInside), told.contains(where: { !$0.isInside }) {
        throw TableError(
          line: one.commandLine, expected: "what one host printed",
          found: "what \(one.host ?? "another") printed beside what the host around it printed")
      }
      let found = try Self.texts(in: parts, &passedOver)
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
  private static func texts(
    in parts: [PastedText.Part], _ passedOver: inout [(line: Int, command: String)]
  ) throws(TableError) -> [Text: [TextLine]] {
    var found: [Text: [TextLine]] = [:]
    // Of what one command printed twice the later holds; of counters both count.
    let latest = Dictionary(
      parts.enumerated().compactMap { index, part in
        part.lines.isEmpty || part.command?.first == "ipvsadm" ? nil : part.command.map { ($0, index) }
      }, uniquingKeysWith: { _, last in last })
    for (index, part) in parts.enumerated() {
      if let command = part.command, let last = latest[command], last != index { continue }
      let said = part.command.flatMap(Self.kind(ofCommand:))
      if case .partial? = said { continue }
      let part = part.namingSettings
      var current: Text?
      var isOther = false
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
          // Somebody asked for something else there.
          if let command = part.command {
            if !isOther { passedOver.append((part.commandLine, command.joined(separator: " "))) }
            isOther = true
            continue
          }
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
    let isPickedOut = PastedText.Part(command: words).isPickedOut
    switch words.first {
    // What a file says need not hold now.
    case "cat", "less", "more", "head", "tail", "grep", "vi", "vim", "nano":
      return rest.contains { $0.hasPrefix("/etc/") || $0.contains("/sysctl.d/") } ? .partial : nil
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
    case "arptables", "arptables-save": return isPickedOut ? .partial : .kind(.arpRules)
    case "iptables", "iptables-save", "ip6tables", "ip6tables-save": return isPickedOut ? .partial : .kind(.iptables)
    case "nft":
      let isAll = rest.drop { $0.hasPrefix("-") }.prefix(3).elementsEqual(["list", "ruleset"])
      return isPickedOut || !isAll ? .partial : .kind(.nftables)
    case "route", "netstat": return isPickedOut ? .partial : nil
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
    if line.beginsRouteTable { return .routes }
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

extension PastedText.Part {
  /// What the kernel's own files say, as sysctl says it: `/proc/sys/net/ipv4/conf/all/arp_ignore:1`, and behind `cat` the numbers alone.
  fileprivate var namingSettings: Self {
    var part = self
    let readers: Set<Substring> = ["cat", "head", "tail", "more", "grep"]
    let isReader = command?.first.map(readers.contains) ?? false
    let paths = isReader ? (command ?? []).filter { $0.hasPrefix(Self.root) } : []
    let areNumbers = paths.count == lines.count && lines.allSatisfy { $0.words.count == 1 && Int($0.words[0]) != nil }
    for (index, line) in lines.enumerated() {
      if let named = line.setting {
        part.lines[index] = named
      } else if areNumbers, let key = TextLine.settingName(paths[index]) {
        part.lines[index] = TextLine(
          number: line.number, text: "\(key) = \(line.words[0])", words: [key, "=", line.words[0]])
      }
    }
    return part
  }

  fileprivate static var root: String { "/proc/sys/" }
}

extension TextLine {
  /// `/proc/sys/net/ipv4/conf/all/arp_ignore:1`
  fileprivate var setting: TextLine? {
    guard words.count == 1, let colon = words[0].lastIndex(of: ":"), let key = Self.settingName(words[0][..<colon])
    else { return nil }
    let value = words[0][words[0].index(after: colon)...]
    return TextLine(number: number, text: "\(key) = \(value)", words: [key, "=", value])
  }

  /// sysctl(8) writes a dot in an interface's name as a slash.
  fileprivate static func settingName(_ path: Substring) -> Substring? {
    guard path.hasPrefix(PastedText.Part.root), !path.contains("*") else { return nil }
    let parts = path.dropFirst(PastedText.Part.root.count).split(separator: "/")
    return parts.map { $0.replacing(".", with: "/") }.joined(separator: ".")[...]
  }
}
