import Checks
import Tables
import Wire

extension Config.TableFiles {
  init(_ node: DocumentNode, folder: String) throws(TableError) {
    let fields = try node.fields(["ipvs", "hosts", "kubernetes", "as3", "fwmarks"])
    for item in try fields["ipvs"]?.list(of: "IPVS tables") ?? [] { try readIPVS(item, folder) }
    for item in try fields["hosts"]?.list(of: "hosts") ?? [] {
      let keys = try item.fields(["name", "folder"])
      let path = try item.required("folder", in: keys).path(in: folder)
      hosts.append(Self.argument(try keys["name"]?.hostName(), path))
    }
    for item in try fields["kubernetes"]?.list(of: "files") ?? [] { kubernetes.append(try item.path(in: folder)) }
    for item in try fields["as3"]?.list(of: "files") ?? [] { as3.append(try item.path(in: folder)) }
    for item in try fields["fwmarks"]?.list(of: "marks") ?? [] { try readMark(item, folder) }
  }

  private mutating func readIPVS(_ node: DocumentNode, _ folder: String) throws(TableError) {
    let fields = try node.fields(["host", "file", "role"])
    let host = try fields["host"]?.hostName()
    ipvs.append(Self.argument(host, try node.required("file", in: fields).path(in: folder)))
    guard let said = fields["role"] else { return }
    let role = IPVSOptions.Role(host: host, role: try said.choice(of: "a role"))
    if let other = roles.first(where: { $0.host == host }), other.role != role.role {
      throw said.fault("one role for \(host ?? "tables without a host")", found: "\(role.role) after \(other.role)")
    }
    roles.append(role)
  }

  /// A file of firewall rules, or a mark and what it stands for.
  private mutating func readMark(_ node: DocumentNode, _ folder: String) throws(TableError) {
    guard node.isMapping else {
      firewallMarks.append(try node.path(in: folder))
      return
    }
    let fields = try node.fields(["mark", "vip"])
    let vip = try node.required("vip", in: fields)
    _ = try vip.service()
    let mapping = try node.required("mark", in: fields).value("a firewall mark like 1481 or 0x5c9") { mark in
      IPVSOptions.mapping("\(mark)=\(vip.text ?? "")").map { "\($0.mark)=\($0.vip)" }
    }
    firewallMarks.append(mapping)
  }

  private static func argument(_ host: String?, _ path: String) -> String { host.map { "\($0)=\(path)" } ?? path }
}

extension DocumentNode {
  /// A path as the options take it, relative to the folder of the configuration; `live` stays what it is.
  fileprivate func path(in folder: String) throws(TableError) -> String {
    let path = try value("a path") { $0.isEmpty ? nil : $0 }
    if path.hasPrefix("/") || path == "live" { return path }
    if !folder.isEmpty { return folder == "/" ? "/\(path)" : "\(folder)/\(path)" }
    // Options take what stands before the sign for a name, and the dash for standard input.
    return path == "-" || path.contains("=") ? "./\(path)" : path
  }

  /// A host's name, as options can carry it.
  fileprivate func hostName() throws(TableError) -> String {
    try value("a host's name, without = and /") { $0.isEmpty || $0.contains { "=/".contains($0) } ? nil : $0 }
  }
}
