import ArgumentParser
import Checks
import EvidenceFile
import Platform

/// A folder that stands for the options that its files would be given with.
struct CaseOptions: ParsableArguments {
  @Option(
    name: .customLong("case"),
    help: ArgumentHelp(
      """
      Judge whatever lies in this folder: captures, text of tcpdump's, evidence, tables, what dsrproof collect wrote, \
      YAML and JSON, told by content. The report says what each file was taken for. Other options add to it.
      """, valueName: "folder"),
    completion: .directory)
  var path: String?

  @Option(
    help: ArgumentHelp(
      """
      Pack the files of --case and the report, as text, JSON and HTML, into this file, .tar.gz or .tgz: whole or not at \
      all, and the same for the same folder.
      """, valueName: "file"),
    completion: .file())
  var bundle: String?

  @Flag(
    help: """
      In --bundle, change all IP and MAC addresses, so that the verdict of the captures stays: they become evidence, and \
      the report is that of them alone. What cannot be changed is left out, and named on standard error.
      """)
  var anonymise = false

  @Option(
    name: .customLong("key"),
    help: ArgumentHelp(
      "Anonymise with this key, 32 bytes or 64 hexadecimal digits. (default: a new one, which is not kept)",
      valueName: "file"),
    completion: .file())
  var keyPath: String?

  @Option(
    help: ArgumentHelp(
      """
      A capture that belongs to these and could not be read: the report names it, and nothing passes beside it. Repeat \
      it for several.
      """, valueName: "capture"))
  var unread: [String] = []

  func validate() throws {
    if bundle != nil, path == nil {
      throw ValidationError("--bundle packs a folder: put the files into one, and name it with --case.")
    }
    if anonymise, bundle == nil { throw ValidationError("--anonymise is for --bundle; dsrproof evidence has its own.") }
    if keyPath != nil, !anonymise { throw ValidationError("--key is for --anonymise.") }
    if let bundle, !CaseBundle.extensions.contains(where: bundle.lowercased().hasSuffix) {
      throw ValidationError(
        "--bundle \(bundle): expected a name that ends in \(CaseBundle.extensions.joined(separator: " or ")).")
    }
  }

  /// What lies in the folder; `nil` without one.
  func read(beside configuration: ConfigOptions) throws(Failure) -> Case? {
    guard let path else { return nil }
    return try Case(path: path, readsConfig: configuration.config == nil && !configuration.noConfig)
  }

  /// What could not be read, as a report names it.
  var unreadFiles: [CaseFile] {
    unread.map { CaseFile(path: $0, use: .leftOut, reason: "it could not be read", mayMatter: true) }
  }

  /// The archive, opened before the work begins; `nil` where none is asked for.
  func open(_ found: Case?) throws(Failure) -> Output? {
    guard let bundle, let found else { return nil }
    var place = bundle.resolvedPath.absolutePath
    while place != place.parentPath {
      place = place.parentPath
      if let folder = fileStatus(found.folder.path), fileStatus(place)?.isSame(as: folder) ?? false {
        throw .usage("--bundle \(bundle): lies in the folder that it packs: name another place")
      }
    }
    try Output.refuse("--bundle", bundle, overwriting: found.paths + [keyPath].compactMap(\.self))
    return try Output(path: bundle)
  }

  var anonymiser: Anonymiser? {
    get throws(Failure) { anonymise ? try Anonymiser.keyed(byFileAt: keyPath) : nil }
  }
}
