import Foundation
public import Tables
import Wire

/// What reads the text of a table. The tests of damaged tables, and the fuzzer, go through all of them; a test holds this
/// file to what `Sources/Tables` can read.
public enum TableReader: String, CaseIterable, Sendable, CustomStringConvertible {
  case ipvs, firewall, hosts, pasted, kubernetes, as3

  public var description: String { rawValue }

  /// It reads YAML and JSON.
  public var isDocument: Bool { self == .kubernetes || self == .as3 }
  /// A text without anything in it is refused. A host's files may be empty: `ip -j` prints nothing for nothing.
  public var refusesNothing: Bool { self != .hosts }

  /// Reads a text, and all that is read of it later on. Whatever it throws is a `TableError` or a `HostFileError`.
  public func read(_ text: String) throws -> Tables {
    var tables = Tables()
    switch self {
    case .ipvs:
      _ = TableForm.nearest(to: text, for: .ipvs)
      _ = try? IPVSTable(text: text)
      _ = try? IPVSTable.keepalived(text: text)
      tables.ipvs = try IPVSTable.all(in: text).map { TableFile(path: "table", host: $0.host, table: $0.table) }
    case .firewall:
      for vip in Self.vips { _ = InvalidStateRules(text: text, vip: vip, port: 80).fate(at: [.prerouting, .input]) }
      _ = try FirewallMarks(text: text)
    case .hosts: tables.hosts = [try HostTables(name: "be1", path: "be1", files: Self.files(in: text))]
    case .pasted: tables.hosts = [try HostTables(name: nil, pasted: text, path: "be1", fallback: "be1")]
    case .kubernetes:
      if let (cluster, user) = try? Kubeconfig(text: text, folder: "/etc").current() {
        _ = user.exec?.info(for: cluster, authority: nil)
      }
      // A program's answer is short.
      if text.utf8.count <= 1 << 16 { _ = try? ExecCredential(answer: text, version: .v1) }
      if let answer = try? KubernetesAnswer(text: text) {
        tables.kubernetes = [TableFile(path: "live", table: answer.objects)]
      }
      tables.kubernetes += [TableFile(path: "objects", table: try KubernetesObjects(text: text))]
    case .as3: tables.as3 = [TableFile(path: "declaration", table: try AS3Declaration(text: text))]
    }
    tables.ipvs += tables.hosts.flatMap(\.ipvs)
    return tables
  }

  private static let vips = ["10.1.10.10", "fd00:10::10"].compactMap { IPAddress($0) }

  /// The files of a host's folder in one text: the name of each, in a line of its own, stands before it.
  private static let mark = "=== "

  private static func files(in text: String) -> [HostTables.File] {
    text.components(separatedBy: "\n\(mark)").map { part in
      let lines = part.trimmingPrefix(mark).split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
      return HostTables.File(name: String(lines[0]), text: lines.count > 1 ? String(lines[1]) : "")
    }
  }

  /// The folders of such texts. Other balancers' lists are read where an IPVS table is.
  private var folders: [String] { self == .ipvs ? ["ipvs", "balancers", "keepalived"] : [rawValue] }

  /// What the fixtures have of such texts.
  public var fixtures: [String] {
    get throws {
      guard self == .hosts else {
        return try folders.flatMap { name in
          let folder = Repository.fixtures.appending(path: "tables/\(name)")
          return try Self.names(in: folder).map { try String(contentsOf: folder.appending(path: $0), encoding: .utf8) }
        }
      }
      let hosts = try Self.names(in: Repository.fixtures.appending(path: "tables/hosts")).filter {
        $0.hasSuffix("-bad")
      }.flatMap { name in
        try HostFolder.names(in: "tables/hosts/\(name)").map { host in
          try HostFolder.files(host, "tables/hosts/\(name)").files
        }
      }
      let odd = try Self.oddTexts.sorted { $0.key < $1.key }.map { name, path in
        HostTables.File(
          name: name,
          text: try String(contentsOf: Repository.fixtures.appending(path: "tables/\(path)"), encoding: .utf8))
      }
      return (hosts + [odd]).map { files in
        files.map { "\(Self.mark)\($0.name)\n\($0.text)" }.joined(separator: "\n")
      }
    }
  }

  /// Texts that no host among the fixtures has, by the names that they have in a host's folder.
  private static let oddTexts = [
    "arptables": "pasted/arptables-save", "nftables": "firewall/nft-ruleset", "rule.json": "pasted/rule.json",
    "rule6.json": "pasted/rule6.json", "route6.json": "pasted/route6.json", "proc_ip_vs_conn": "ipvs/proc_ip_vs_conn",
    "ipvsadm-exact": "ipvs/exact",
    "proc_arp": "pasted/arp-n", "netsh-interface": "hosts/strong-host-drops-vip-bad/be1.netsh-interface",
    "netsh-config": "hosts/strong-host-drops-vip-bad/be1.netsh-config",
  ]

  private static func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }
}
