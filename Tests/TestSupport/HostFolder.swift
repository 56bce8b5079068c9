import Foundation
public import Tables

/// A host's folder among the fixtures, as `--host NAME=DIR` reads it.
public enum HostFolder {
  /// `path` is inside `fixtures/`.
  public static func read(_ name: String, _ path: String) throws -> HostTables {
    let files = try files(name, path)
    return try HostTables(name: name, path: path, prefix: files.prefix, files: files.files)
  }

  public static func files(_ name: String, _ path: String) throws -> (prefix: String, files: [HostTables.File]) {
    let folder = Repository.fixtures.appending(path: path)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let prefix = HostTables.prefix(ofFiles: names, host: name)
    let files = try names.filter { $0.hasPrefix(prefix) && HostTables.isKnown(String($0.dropFirst(prefix.count))) }
      .map { file in
        HostTables.File(
          name: String(file.dropFirst(prefix.count)),
          text: try String(contentsOf: folder.appending(path: file), encoding: .utf8))
      }
    return (prefix, files)
  }

  /// The hosts of a scenario of the lab.
  public static func names(in path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: Repository.fixtures.appending(path: path).path)
      .filter { $0.hasSuffix(".addr.json") }.map { String($0.dropLast(".addr.json".count)) }.sorted()
  }

  /// All tables of some hosts, each host's IPVS too.
  public static func tables(_ hosts: [(name: String, path: String)]) throws -> Tables {
    var tables = Tables()
    for host in hosts {
      let read = try read(host.name, host.path)
      tables.ipvs += read.ipvs
      tables.hosts.append(read)
    }
    return tables
  }
}
