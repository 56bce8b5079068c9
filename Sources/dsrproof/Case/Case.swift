import Checks
import Platform
import Tables

/// What lies in a folder, as the options of the command line would name it. docs/cases.md has the rules.
struct Case {
  let folder: CaseFolder
  private(set) var captures: [String] = []
  private(set) var tables = Config.TableFiles()
  /// The configuration, where one lies there.
  private(set) var config: String?
  private(set) var files: [CaseFile] = []

  /// `readsConfig`: no other configuration was asked for.
  init(path: String, readsConfig: Bool) throws(Failure) {
    folder = try CaseFolder(path: path)
    var sorter = CaseSorter(folder, try Self.filesNamed(in: folder, readsConfig: readsConfig))
    sorter.sort()
    (captures, tables, files) = (sorter.captures, sorter.tables, sorter.files)
    if readsConfig, files.contains(where: { $0.path == ConfigOptions.fileName && $0.use == .configuration }) {
      config = folder.place(of: ConfigOptions.fileName)
    }
    files.sort { $0.path < $1.path }
  }

  /// What the configuration in the folder reads, which must not count twice.
  private static func filesNamed(in folder: CaseFolder, readsConfig: Bool) throws(Failure) -> Set<String> {
    guard readsConfig, folder.entries.contains(where: { $0.path == ConfigOptions.fileName && $0.kind == .regular })
    else { return [] }
    let tables = try Config(path: folder.place(of: ConfigOptions.fileName)).tables
    let named = (tables.ipvs + tables.hosts).map { TableOptions.named($0).path } + tables.kubernetes + tables.as3
    return Set((named + tables.firewallMarks).map(\.resolvedPath.absolutePath))
  }
}
