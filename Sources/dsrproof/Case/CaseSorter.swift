import Checks
import Platform
import Tables

/// Tells what each file of a case is: by its content, and what `dsrproof collect` writes by its name.
struct CaseSorter {
  private(set) var captures: [String] = []
  private(set) var tables = Config.TableFiles()
  private(set) var files: [CaseFile] = []
  private let folder: CaseFolder
  /// Files and folders that the configuration names.
  private let named: Set<String>
  /// Names of hosts that are taken.
  private var hosts: Set<String> = []
  /// Firewalls that set marks: whose they are decides whether all of them are believed.
  private var marks: [(file: Int, path: String, marks: FirewallMarks)] = []

  init(_ folder: CaseFolder, _ named: Set<String>) { (self.folder, self.named) = (folder, named) }

  mutating func sort() {
    for (place, entries) in Dictionary(grouping: folder.entries, by: \.folder).sorted(by: { $0.key < $1.key }) {
      sort(entries, of: place)
    }
    keepMarks()
  }

  private mutating func sort(_ entries: [CaseFolder.Entry], of place: String) {
    var rest: [CaseFolder.Entry] = []
    for entry in entries {
      let path = folder.place(of: entry.path)
      if entry.kind != .regular {
        leaveOut(entry, entry.kind == nil ? "is a link, or cannot be looked at" : "is no regular file")
      } else if place.isEmpty, entry.name == ConfigOptions.fileName {
        files.append(CaseFile(path: entry.path, use: .configuration))
      } else if named.contains(path.resolvedPath.absolutePath)
        || named.contains(path.resolvedPath.absolutePath.parentPath)
      {
        leaveOut(entry, "\(ConfigOptions.fileName) names it already", mayMatter: false)
      } else {
        rest.append(entry)
      }
    }
    let taken = takeHosts(of: place, rest)
    let host = taken.host
    let sights = taken.rest.map { ($0, CaseSight(path: folder.place(of: $0.path))) }
    // One text of a host makes the folder that host's, which no collected file did.
    let pasted = sights.filter { $0.1.isHost }
    let owner = host ?? (pasted.count == 1 && !place.isEmpty ? newName(place.lastPathComponent) : nil)
    let owned = sights.map { entry, sight in
      let named = taken.prefixes.first { entry.name.hasPrefix("\($0).") }
      return (entry, sight, owner: named ?? owner, isCollected: named != nil || host != nil)
    }
    for (entry, sight, owner, isCollected) in owned {
      let isOnlyCapture = owned.count { $0.1.isCapture && $0.owner == owner } == 1
      take(entry, sight, of: owner, isCollected: isCollected, isOnlyCapture: isOnlyCapture)
    }
  }

  // MARK: Hosts

  /// What is left of a folder once its hosts' files are taken.
  private struct Hosts {
    /// Whose files have no name before theirs.
    var host: String?
    /// Hosts that stand before the names of their files.
    var prefixes: [String] = []
    var rest: [CaseFolder.Entry] = []
  }

  /// Takes what `collect` writes, or names like it.
  private mutating func takeHosts(of place: String, _ entries: [CaseFolder.Entry]) -> Hosts {
    var taken = Hosts()
    let path = place.isEmpty ? folder.path : folder.place(of: place)
    var own: [CaseFolder.Entry] = []
    var prefixed: [String: [CaseFolder.Entry]] = [:]
    for entry in entries {
      if HostTables.isKnown(entry.name) || entry.name == CollectedHost.noteName {
        own.append(entry)
      } else if let prefix = Self.host(inName: entry.name) {
        prefixed[prefix, default: []].append(entry)
      } else {
        taken.rest.append(entry)
      }
    }
    for (host, entries) in prefixed.sorted(by: { $0.key < $1.key }) {
      // The name is the one that stands before the files' own: another would find none.
      guard hosts.insert(host).inserted else {
        for entry in entries { leaveOut(entry, "host \(host) has files elsewhere in the folder") }
        continue
      }
      tables.hosts.append("\(host)=\(path)")
      take(entries, as: host)
      taken.prefixes.append(host)
    }
    if own.contains(where: { HostTables.isKnown($0.name) }) {
      let said = hostName(inFolder: path, names: own.map(\.name))
      let name = newName(said ?? path.absolutePath.lastPathComponent, else: path.absolutePath.lastPathComponent)
      taken.host = name
      tables.hosts.append("\(name)=\(path)")
      take(own, as: name)
    } else {
      taken.rest += own
    }
    return taken
  }

  private mutating func take(_ entries: [CaseFolder.Entry], as host: String) {
    for entry in entries {
      files.append(CaseFile(path: entry.path, use: .host, host: host))
      guard entry.name.hasSuffix("iptables") || entry.name.hasSuffix("nftables") else { continue }
      if let found = CaseSight(path: folder.place(of: entry.path)).marks { note(found, of: entry) }
    }
  }

  /// The host in `be1.addr.json`.
  private static func host(inName name: String) -> String? {
    for dot in name.indices where name[dot] == "." && dot != name.startIndex {
      let host = name[..<dot]
      if HostTables.isKnown(String(name[name.index(after: dot)...])), isName(host) { return String(host) }
    }
    return nil
  }

  /// What options can carry.
  private static func isName(_ name: some StringProtocol) -> Bool {
    !name.isEmpty && !name.contains { "=/".contains($0) }
  }

  /// The first of these that no other host has, and options can carry; else one with a number behind it.
  private mutating func newName(_ name: String, else other: String? = nil) -> String {
    let plain = Self.isName(name) ? name : String(name.map { "=/".contains($0) ? "_" : $0 })
    for candidate in [plain, other ?? plain] where Self.isName(candidate) && hosts.insert(candidate).inserted {
      return candidate
    }
    var number = 2
    while !hosts.insert("\(plain)-\(number)").inserted { number += 1 }
    return "\(plain)-\(number)"
  }

  // MARK: Other files

  private mutating func take(
    _ entry: CaseFolder.Entry, _ sight: CaseSight, of owner: String?, isCollected: Bool,
    isOnlyCapture: Bool
  ) {
    let path = folder.place(of: entry.path)
    let named = owner.map { "\($0)=\(path)" } ?? path
    var file = CaseFile(path: entry.path, use: .leftOut, host: owner)
    switch sight {
    case .capture(let use):
      file.use = use
      // Files with one name are parts of one capture, and several beside each other need not be that.
      captures.append(isOnlyCapture ? named : path)
    case .ipvs(let hosts):
      file.use = .ipvs
      // Texts with the prompts of several hosts tell whose they are.
      tables.ipvs.append(hosts > 1 ? path : named)
      if hosts > 1 { file.host = nil }
    case .kubernetes:
      (file.use, file.host) = (.kubernetes, nil)
      tables.kubernetes.append(path)
    case .as3:
      (file.use, file.host) = (.as3, nil)
      tables.as3.append(path)
    case .as3AndKubernetes:
      (file.use, file.host) = (.as3, nil)
      tables.as3.append(path)
      tables.kubernetes.append(path)
    case .host(let said) where !isCollected:
      file.use = .host
      file.host = owner ?? newName(said)
      tables.hosts.append("\(file.host ?? said)=\(path)")
    case .host:
      file.reason = "\(owner ?? "the host") has files of its own names beside it: name it as dsrproof collect does"
      file.mayMatter = true
    case .firewall(let found):
      file.host = owner
      if let found {
        files.append(file)
        note(found, of: entry)
        return
      }
      file.reason = "sets no firewall mark; in a host's folder it is read by the name iptables, nftables or arptables"
      file.mayMatter = true
    case .nothing(let reason):
      file.reason = reason
      file.mayMatter = true
    case .note(let reason):
      file.reason = reason
    }
    files.append(file)
  }

  private mutating func leaveOut(_ entry: CaseFolder.Entry, _ reason: String, mayMatter: Bool = true) {
    files.append(CaseFile(path: entry.path, use: .leftOut, reason: reason, mayMatter: mayMatter))
  }

  // MARK: Firewall marks

  private mutating func note(_ found: FirewallMarks, of entry: CaseFolder.Entry) {
    guard let file = files.firstIndex(where: { $0.path == entry.path }) else { return }
    marks.append((file, folder.place(of: entry.path), found))
  }

  /// A mark means something on its own host alone. Where two firewalls use one for different services, none is believed.
  private mutating func keepMarks() {
    var meanings: [UInt32: Set<FirewallMarks.Target>] = [:]
    var doubtful: UInt32?
    for (_, _, found) in marks {
      for (mark, targets) in found.targets.sorted(by: { $0.key < $1.key }) {
        if meanings[mark, default: Set(targets)] != Set(targets) { doubtful = doubtful ?? mark }
        meanings[mark] = Set(targets)
      }
    }
    for (file, path, _) in marks {
      if doubtful == nil { tables.firewallMarks.append(path) }
      guard files[file].use == .leftOut else { continue }
      if let doubtful {
        files[file].mayMatter = true
        files[file].reason =
          "mark \(doubtful) stands for other services in another firewall: say what it means with --fwmark"
      } else {
        files[file].use = .firewallMarks
      }
    }
  }
}
