import ArgumentParser
import Checks
import Tables

/// What to read beside the captures.
struct TableOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      An IPVS table: what ipvsadm -ln, -Sn or -lnc prints, or /proc/net/ip_vs; - is standard input. Repeat it for \
      several, with the host that each belongs to: lb1=table.txt.
      """, valueName: "[host=]file"),
    completion: .file())
  var ipvs: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Kubernetes objects: what kubectl get svc,endpointslices,nodes -o yaml (or json) prints, and kube-proxy's ConfigMap; \
      - is standard input. Repeat it for several.
      """, valueName: "file"),
    completion: .file())
  var kubernetes: [String] = []

  /// Reads all of them.
  func read() throws(Failure) -> Tables {
    var tables = Tables()
    for argument in ipvs {
      let (host, path) = Self.named(argument)
      tables.ipvs.append(TableFile(path: path, host: host, table: try Self.table(at: path, IPVSTable.init(text:))))
    }
    for path in kubernetes {
      tables.kubernetes.append(TableFile(path: path, table: try Self.table(at: path, KubernetesObjects.init(text:))))
    }
    return tables
  }

  /// The files, for whoever must not overwrite them.
  var paths: [String] { ipvs.map { Self.named($0).path } + kubernetes }

  /// Reads `lb1=table.txt`, or `table.txt`.
  private static func named(_ argument: String) -> (host: String?, path: String) {
    guard let sign = argument.firstIndex(of: "="), !argument[..<sign].contains("/") else { return (nil, argument) }
    return (String(argument[..<sign]), String(argument[argument.index(after: sign)...]))
  }

  private static func table<Table>(
    at path: String, _ read: (String) throws(TableError) -> Table
  ) throws(Failure) -> Table {
    let text = try tableText(at: path)
    do {
      return try read(text)
    } catch {
      throw Failure(error, in: path)
    }
  }
}
