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
      texts.insert(kind)
    }
  }

  private mutating func read(_ text: String, as kind: Text, _ path: String) throws(TableError) {
    switch kind {
    case .addresses: try readAddresses(text, path)
    case .neighbours: try readNeighbours(text, path)
    case .routes: try readRoutes(text, path, version: .v4)
    case .routes6: try readRoutes(text, path, version: .v6)
    case .rules: try readRules(text, path, version: .v4)
    case .rules6: try readRules(text, path, version: .v6)
    case .settings: try readSettings(text, path)
    case .arp: try readARP(text, path)
    case .iptables, .nftables: firewalls.append(Firewall(path: path, text: text))
    case .arpRules: arpRules = try ARPRules(text: text, path: path)
    case .ipvs, .counters, .connections:
      ipvs.append(TableFile(path: path, host: name, table: try IPVSTable(text: text)))
    }
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
    case .addresses: ["addr.json"]
    case .neighbours: ["neigh.json"]
    case .routes: ["route.json"]
    case .routes6: ["route6.json"]
    case .rules: ["rule.json"]
    case .rules6: ["rule6.json"]
    case .settings: ["sysctl"]
    case .arp: ["arp", "proc_arp"]
    case .arpRules: ["arptables"]
    case .iptables: ["iptables"]
    case .nftables: ["nftables"]
    case .ipvs: ["ipvsadm", "ip_vs", "proc_ip_vs", "ipvsadm-save"]
    case .counters: ["ipvsadm-exact", "ipvsadm-stats"]
    case .connections: ["ip_vs_conn", "proc_ip_vs_conn", "ipvsadm-conn"]
    }
  }
}
