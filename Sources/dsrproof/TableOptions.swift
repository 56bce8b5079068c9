import ArgumentParser
import Checks
import Evidence
import Tables
import Wire

/// What to read beside the captures.
struct TableOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      An IPVS table: what ipvsadm -ln, -Sn or -lnc prints, also with --stats or --rate, or /proc/net/ip_vs; - is \
      standard input, live is this host's own; or the list of Cilium, Katran, loxilb or nftlb. Repeat it for several \
      texts, with the host that each belongs to: lb1=table.txt.
      """, valueName: "[host=]file"),
    completion: .file())
  var ipvs: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      A host's tables and settings: a folder as dsrproof collect writes it, a file with what ip addr, ip route and the \
      like printed, or live for this very host. Repeat it for several, with the name of each: be1=folder.
      """, valueName: "[name=]folder|file"),
    completion: .file())
  var host: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Kubernetes objects: what kubectl get svc,endpointslices,nodes -o yaml (or json) prints, and kube-proxy's ConfigMap; \
      or, which tells less, the text of kubectl get svc and kubectl describe svc; - is standard input, live asks the cluster \
      as kubectl would. Repeat it for several.
      """, valueName: "file"),
    completion: .file())
  var kubernetes: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      A BIG-IP's AS3 declaration in JSON, the Kubernetes ConfigMap that carries it, or what tmsh list ltm virtual, ltm \
      pool, ltm profile fastl4 and ltm virtual-address print; - is standard input. Repeat it for several.
      """, valueName: "file"),
    completion: .file())
  var as3: [String] = []

  @OptionGroup var meaning: IPVSOptions

  /// Reads all of them.
  func read() throws(Failure) -> Tables {
    var tables = Tables()
    for argument in ipvs {
      let (host, path) = Self.named(argument)
      tables.ipvs += try Self.ipvsTables(at: path, host: host)
    }
    for argument in host {
      let found = try dsrproof.host(argument: argument)
      if tables.hosts.contains(where: { $0.name == found.name }) {
        throw .usage(
          "--host \(argument): \(found.name) is named twice: give each host a name of its own, as be1=folder")
      }
      tables.ipvs += found.ipvs
      tables.hosts.append(found)
    }
    for path in kubernetes {
      if path == "live" {
        tables.kubernetes.append(TableFile(path: path, table: try ClusterAPI(ClusterAccess()).objects()))
        continue
      }
      tables.kubernetes.append(
        TableFile(path: path, table: try Self.table(at: path, for: .kubernetes, KubernetesObjects.init(text:))))
    }
    for path in as3 {
      tables.as3.append(TableFile(path: path, table: try Self.table(at: path, for: .as3, AS3Declaration.init(text:))))
    }
    return tables
  }

  /// One is named at least.
  var namesAny: Bool { ![ipvs, host, kubernetes, as3].allSatisfy(\.isEmpty) }

  /// The files, for whoever must not overwrite them.
  var paths: [String] {
    ipvs.map { Self.named($0).path } + host.flatMap { hostFiles(argument: $0) } + kubernetes + as3 + meaning.paths
  }

  static func ipvsTables(at path: String, host: String?) throws(Failure) -> [TableFile<IPVSTable>] {
    if path == "live" {
      #if os(Linux)
        return try liveIPVSTables(host: host)
      #else
        throw .usage("--ipvs live reads the kernel's own table, and only Linux has one")
      #endif
    }
    let included = IncludedFiles(of: path)
    let found = try table(at: path, for: .ipvs) { text throws(TableError) in
      try IPVSTable.all(in: text, files: included.texts)
    }
    // One name would make one table of what stands below the prompts of several hosts.
    if let host, found.contains(where: { $0.host != nil }) {
      let hosts = Set(found.compactMap(\.host)).sorted().joined(separator: ", ")
      throw .cannotRun("\(path): expected the tables of \(host) alone, found the prompts of \(hosts)")
    }
    var files: [TableFile<IPVSTable>] = []
    for (said, table) in found {
      var main = TableFile(path: path, host: host ?? said, table: table)
      let included = IncludedFiles(of: path)
      included.tellUnread(of: main)
      let others = included.read(for: &main)
      files += [main] + others
    }
    return files
  }

  /// Reads `lb1=table.txt`, or `table.txt`.
  static func named(_ argument: String) -> (host: String?, path: String) {
    guard let sign = argument.firstIndex(of: "="), !argument[..<sign].contains("/") else { return (nil, argument) }
    return (String(argument[..<sign]), String(argument[argument.index(after: sign)...]))
  }

  static func table<Table>(
    at path: String, for reader: TableForm.Reader, _ read: (String) throws(TableError) -> Table
  ) throws(Failure) -> Table {
    let text = try inputText(at: path, kind: "table")
    do {
      return try read(text)
    } catch {
      throw Failure(error, in: path, text, for: reader)
    }
  }
}

/// What an IPVS table does not tell about itself.
struct IPVSOptions: ParsableArguments {
  /// `balancer`, or `lb1=balancer`.
  struct Role: ExpressibleByArgument {
    var host: String?
    var role: IPVSRole

    init(host: String?, role: IPVSRole) { (self.host, self.role) = (host, role) }

    init?(argument: String) {
      let (host, word) = TableOptions.named(argument)
      guard let role = IPVSRole(rawValue: word) else { return nil }
      self.init(host: host, role: role)
    }
  }

  @Option(
    help: ArgumentHelp(
      "Whose the IPVS tables are: balancer or node; with a host, that host's alone. Without it, that is inferred.",
      valueName: "[host=]role"))
  var ipvsRole: [Role] = []

  @Option(
    help: ArgumentHelp(
      """
      What a firewall mark of an IPVS table stands for, as 1481=10.1.10.10:80; or a file with what iptables-save or nft \
      list ruleset prints. Repeat it for several.
      """, valueName: "mark=vip|file"),
    completion: .file())
  var fwmark: [String] = []

  /// The files, for whoever must not overwrite them.
  var paths: [String] { fwmark.filter { Self.mapping($0) == nil } }

  /// Adds to what the user knows.
  func add(to policy: inout Policy) throws {
    for said in ipvsRole { policy.ipvsRoles[said.host] = said.role }
    for argument in fwmark {
      if let (mark, vip) = Self.mapping(argument) {
        policy.firewallMarks[mark, default: []].append(try ServicePattern(argument: vip))
      } else {
        let marks = try TableOptions.table(at: argument, for: .host, FirewallMarks.init(text:))
        for rule in marks.unread {
          complain("\(argument): line \(rule.line): this rule sets a mark, and what it marks is not read: \(rule.text)")
        }
        for (mark, targets) in marks.targets {
          policy.firewallMarks[mark, default: []] += targets.compactMap(ServicePattern.init)
        }
      }
    }
  }

  /// The two sides of `1481=10.1.10.10` or `0x5c9=10.1.10.10`; `nil` for a file.
  static func mapping(_ argument: String) -> (mark: UInt32, vip: String)? {
    guard let sign = argument.firstIndex(of: "=") else { return nil }
    let number = argument[..<sign]
    guard let mark = number.hasPrefix("0x") ? UInt32(number.dropFirst(2), radix: 16) : UInt32(number) else {
      return nil
    }
    return (mark, String(argument[argument.index(after: sign)...]))
  }
}

extension ServicePattern {
  /// What a rule of a firewall marks; `nil` for a protocol that is not judged.
  fileprivate init?(_ target: FirewallMarks.Target) {
    switch target.transport {
    case .sctp?: return nil
    case .tcp?: self.init(address: target.address, transport: .tcp, port: target.port)
    case .udp?: self.init(address: target.address, transport: .udp, port: target.port)
    case nil: self.init(address: target.address, port: target.port)
    }
  }
}
