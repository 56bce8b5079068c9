#if os(Linux)
  import Platform
  import Tables

  /// The IPVS tables of the network namespace that this process runs in, as the kernel prints them.
  func liveIPVSTables(host: String?) throws(Failure) -> [TableFile<IPVSTable>] {
    let table = "/proc/net/ip_vs"
    guard fileStatus(table) != nil else {
      throw .cannotRun("this kernel has no IPVS: there is no \(table) (modprobe ip_vs loads it)")
    }
    let connections = "/proc/net/ip_vs_conn"
    let paths = [table] + (fileStatus(connections) != nil ? [connections] : [])
    var tables: [TableFile<IPVSTable>] = []
    for path in paths {
      tables.append(
        TableFile(path: path, host: host, table: try TableOptions.table(at: path, for: .ipvs, IPVSTable.init(text:))))
    }
    return tables
  }
#endif
