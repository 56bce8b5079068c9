/// What is known beside the traffic: each table with the file that it was read from.
public struct Tables: Sendable {
  public var ipvs: [TableFile<IPVSTable>] = []
  public var hosts: [HostTables] = []
  public var kubernetes: [TableFile<KubernetesObjects>] = []
  public var as3: [TableFile<AS3Declaration>] = []

  public init() {}

  /// Nothing is known beside the traffic.
  public var isEmpty: Bool { ipvs.isEmpty && hosts.isEmpty && kubernetes.isEmpty && as3.isEmpty }
}

/// A table and where it was read from.
public struct TableFile<Table: Sendable>: Sendable {
  /// As it was named; `live` for this host's own.
  public var path: String
  /// The host that it belongs to, where that is known.
  public var host: String?
  public var table: Table

  public init(path: String, host: String? = nil, table: Table) {
    self.path = path
    self.host = host
    self.table = table
  }

  /// A line of it.
  public func line(_ number: Int) -> TableLine { TableLine(path: path, number: number) }
}

/// A place in a table that a reader can look up.
public struct TableLine: Hashable, Sendable {
  /// As it was named.
  public var path: String
  /// Counted from 1; 0 for the table as a whole.
  public var number: Int

  public init(path: String, number: Int) {
    self.path = path
    self.number = number
  }
}
