import ArgumentParser
import Checks
import Platform
import Report
import Tables

/// `dsrproof diff`: what changed between two reports, or over several days.
struct DiffCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, markdown }

  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Say what changed between two JSON reports, or over the days of several.",
    discussion: """
      Two files are compared as they are named, the earlier one first. Three or more are put in order of the time that \
      they cover: it says when each service went wrong, at which backend, and what else changed then. A file is a report \
      or evidence, which is judged as verify does it.

      The exit status is 1 where something changed for the worse, from the first to the last; 0 otherwise; 2 where it could \
      not run. What counts as worse is in docs/diff.md.

      EXAMPLES
        dsrproof diff before.json after.json
        dsrproof -r client.pcap --format json | dsrproof diff last-night.json -
        dsrproof diff --vip 10.1.10.10:80 /var/lib/dsrproof/be1-eth1-*.evidence
            When did it begin?
      """)

  @Argument(
    help: ArgumentHelp(
      "A report, as verify --format json wrote it, or evidence; - is standard input.", valueName: "file"),
    completion: .file())
  var files: [String]

  @OptionGroup(title: "Evidence") var evidence: DiffEvidenceOptions

  @OptionGroup(title: "Output") var output: OutputOptions

  @Option(help: ArgumentHelp("How to print the changes.", valueName: "format"))
  var format = Format.text

  func validate() throws {
    if files.count < 2 { throw ValidationError("What is \(files[0]) to be compared with? Name two files or more.") }
    if files.count(where: { $0 == "-" }) > 1 {
      throw ValidationError("One report comes from standard input. Name a file for the other.")
    }
    // Two may be one file: then nothing changed.
    guard files.count > 2 else { return }
    for (place, path) in files.enumerated() {
      guard let status = fileStatus(path) else { continue }
      if let same = files[..<place].first(where: { fileStatus($0)?.isSame(as: status) ?? false }) {
        throw ValidationError("\(path) is the same file as \(same): name each once.")
      }
    }
  }

  func run() throws {
    let output = try Output(path: output.path, besides: files + evidence.paths)
    let input = DiffInput(evidence, outputPath: self.output.path)
    let named = try files.map { try input.read($0) }
    if !input.hasJudged { try evidence.refuseAny() }
    let isWorse = try named.count > 2 ? writeHistory(of: named, to: output) : writeDiff(of: named, to: output)
    try output.finish()
    if isWorse { throw ExitCode.failure }
  }

  private func writeDiff(of named: [History.Named], to output: Output) -> Bool {
    let diff = ReportDiff(from: named[0].report, to: named[1].report)
    switch format {
    case .text: output.write(diff.text(color: output.hasColor))
    case .json: output.write(diff.json())
    case .markdown: output.write(diff.markdown())
    }
    return diff.isWorse
  }

  private func writeHistory(of named: [History.Named], to output: Output) throws(Failure) -> Bool {
    let history: History
    do throws(History.Fault) {
      history = try History(named)
    } catch {
      throw .cannotRun("\(error)")
    }
    if let warning = history.overlapWarning { complain(warning) }
    switch format {
    case .text: output.write(history.text(color: output.hasColor))
    case .json: output.write(history.json())
    case .markdown: output.write(history.markdown())
    }
    return history.isWorse
  }
}

/// How evidence is judged. A report keeps what it was made with.
struct DiffEvidenceOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      Of evidence: the service to look at, as for verify. Repeat it for several; without it, services are found.
      """, valueName: "vip"),
    transform: ServicePattern.init(argument:))
  var vip: [ServicePattern] = []

  @OptionGroup var configuration: ConfigOptions

  @OptionGroup var stations: StationOptions

  /// What may be read beside the files that are compared.
  var paths: [String] { configuration.noConfig ? [] : [configuration.config ?? ConfigOptions.fileName] }

  /// What `verify` would know of the site.
  func site(besides output: String?) throws -> (policy: Policy, tables: Tables) {
    var known = try PolicyOptions.parse([])
    known.stations = stations
    let site = try KnownSite(configuration, try TableOptions.parse([])) { known.policy(for: vip, beside: $0) }
    if let output { try Output.refuse("-o", output, overwriting: site.paths) }
    try stations.refuseContradictions(in: site.policy)
    return (site.policy, try site.files.read())
  }

  /// For files among which there is no evidence.
  func refuseAny() throws(Failure) {
    guard configuration.config == nil, vip.isEmpty, stations.balancerMAC.isEmpty, stations.backend.isEmpty else {
      throw .usage(
        "--vip, --config, --balancer-mac and --backend are for evidence, and none of these files is evidence: a report "
          + "keeps what it was made with")
    }
  }
}
