import Wire

/// A host's text that could not be read, and its file.
public struct HostFileError: Error, Equatable, Sendable {
  public var path: String
  public var error: TableError

  public init(path: String, error: TableError) {
    self.path = path
    self.error = error
  }
}

extension HostTables {
  /// A file of a host's folder.
  public struct File: Sendable {
    /// Without the folder.
    public var name: String
    public var text: String

    public init(name: String, text: String) {
      self.name = name
      self.text = text
    }
  }

  /// Reads the files that are known by their names; others are left alone. `prefix` stands before all of these names.
  public init(name: String, path: String, prefix: String = "", files: [File]) throws(HostFileError) {
    self.init(name: name, path: path)
    for kind in Text.allCases {
      // Several texts of one kind, such as ipvsadm's and the kernel's, say the same: the first known name counts.
      guard let file = kind.names.lazy.compactMap({ name in files.first { $0.name == name } }).first
      else { continue }
      // The file's own name, with the host's where that stands before it.
      let filePath = "\(path.hasSuffix("/") ? String(path.dropLast()) : path)/\(prefix)\(file.name)"
      do {
        try read(file.text, as: kind, filePath)
      } catch {
        throw HostFileError(path: filePath, error: error)
      }
    }
  }

  /// Reads a text, and notes that it was there if it has all that its kind has.
  mutating func read(_ text: String, as kind: Text, _ path: String) throws(TableError) {
    var isWhole = true
    let lines = try Self.isJSON(text) ? nil : Self.pasted(text, kind)
    switch kind {
    case .addresses:
      if let lines { isWhole = try readInterfaceText(lines, path) } else { try readAddresses(text, path) }
    case .neighbours:
      if let lines { try readNeighbourText(lines, path) } else { try readNeighbours(text, path) }
    case .routes, .routes6:
      let version: IPAddress.Version = kind == .routes ? .v4 : .v6
      if let lines {
        try readRouteText(lines, path, version: version)
      } else {
        try readRoutes(text, path, version: version)
      }
    case .rules, .rules6:
      let version: IPAddress.Version = kind == .rules ? .v4 : .v6
      if let lines {
        try readRuleText(lines, path, version: version)
      } else {
        try readRules(text, path, version: version)
      }
    case .settings: try readSettings(text, path)
    case .arp:
      if let lines, !lines.contains(where: { $0.text.hasPrefix("IP address") }) {
        try readARPText(lines, path)
      } else {
        try readARP(text, path)
      }
    case .iptables, .nftables:
      try InvalidStateRules.check(text)
      firewalls.append(Firewall(path: path, text: text))
    case .arpRules: arpRules = try ARPRules(text: text, path: path)
    case .windowsInterfaces: try readWindowsInterfaces(Self.pasted(text, kind), path)
    case .windowsAddresses: try readWindowsAddresses(Self.pasted(text, kind), path)
    case .ipvs, .counters, .connections:
      ipvs.append(TableFile(path: path, host: name, table: try IPVSTable(text: text)))
    }
    if isWhole { texts.insert(kind) }
  }

  /// `ip -j` prints a list, and nothing at all for none.
  private static func isJSON(_ text: String) -> Bool {
    text.first { !$0.isWhitespace && $0 != "\u{feff}" }.map { "[{".contains($0) } ?? true
  }

  /// The lines that a tool printed. What was left out may be the very line that matters.
  private static func pasted(_ text: String, _ kind: Text) throws(TableError) -> [TextLine] {
    let pasted = PastedText(text)
    if let gap = pasted.parts.lazy.flatMap(\.gaps).first, ![.neighbours, .arp, .settings].contains(kind) {
      throw TableError(line: gap, expected: "all that the command printed", found: "a part that was left out")
    }
    return pasted.parts.flatMap(\.lines)
  }

  /// What stands before the names of a host's files: nothing in a folder of its own. In one that several hosts share, as
  /// `be1.addr.json`, it is the host's name.
  public static func prefix(ofFiles names: [String], host: String) -> String {
    let prefix = host + "."
    return names.contains { $0.hasPrefix(prefix) && isKnown(String($0.dropFirst(prefix.count))) } ? prefix : ""
  }

  /// Whether a file of this name is read.
  public static func isKnown(_ name: String) -> Bool { Text.allCases.contains { $0.names.contains(name) } }
}

extension HostTables.Text {
  /// What a file of it may be called; the first is what `dsrproof collect` writes.
  public var names: [String] {
    switch self {
    case .addresses: ["addr.json", "addr.txt", "addr"]
    case .neighbours: ["neigh.json", "neigh.txt", "neigh"]
    case .routes: ["route.json", "route.txt", "route"]
    case .routes6: ["route6.json", "route6.txt", "route6"]
    case .rules: ["rule.json", "rule.txt", "rule"]
    case .rules6: ["rule6.json", "rule6.txt", "rule6"]
    case .settings: ["sysctl"]
    case .arp: ["arp", "proc_arp"]
    case .arpRules: ["arptables"]
    case .iptables: ["iptables"]
    case .nftables: ["nftables"]
    case .ipvs: ["ipvsadm", "ip_vs", "proc_ip_vs", "ipvsadm-save"]
    case .counters: ["ipvsadm-exact", "ipvsadm-stats"]
    case .connections: ["ip_vs_conn", "proc_ip_vs_conn", "ipvsadm-conn"]
    case .windowsInterfaces: ["netsh-interface"]
    case .windowsAddresses: ["netsh-config"]
    }
  }
}
