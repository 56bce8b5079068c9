import ArgumentParser
import Checks
import Evidence
import Report
import Wire

/// `dsrproof verify`: from captures to a verdict.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Judge the return path of services.",
    discussion: """
      The exit status is 0 for pass, 1 for fail, 3 for inconclusive; 2 where it could not run. The name of this \
      command may be left out.

      EXAMPLES
        dsrproof verify -r client.pcap --vip 10.1.10.10:80
        dsrproof -r client.pcap --config site/dsrproof.yaml
        dsrproof -r mirror.pcap --balancer-mac 06:1f:8a:6c:8e:d2 --format json
        dsrproof verify --case ticket-4711 --bundle ticket-4711.tar.gz
            Whatever lies in that folder, and one file for a vendor.
      """)

  @OptionGroup(title: "Input") var input: InputOptions
  @OptionGroup(title: "Case") var cases: CaseOptions
  @OptionGroup(title: "Configuration") var configuration: ConfigOptions
  @OptionGroup(title: "What is known") var known: PolicyOptions
  @OptionGroup(title: "Tables") var tables: TableOptions
  @OptionGroup(title: "Output") var output: ReportOptions

  func validate() throws {
    if !cases.unread.isEmpty, cases.bundle != nil || input.live.savePath != nil {
      throw ValidationError("--unread is of what is judged, and neither --bundle nor -w can keep that.")
    }
    guard cases.path != nil else { return try input.requireCapture() }
    if !input.live.interfaces.isEmpty {
      throw ValidationError("A folder is judged (--case), or what an interface shows (-i), not both at once.")
    }
  }

  func run() throws {
    let start = Timestamp.now
    let (found, site) = try readSite()
    let policy = site.policy
    var input = input
    input.vip = policy.services
    if let found {
      input.captures = found.captures + input.captures
      if input.captures.isEmpty {
        throw Failure.cannotRun(
          "\(found.folder.path): no file in this folder is a capture; dsrproof audit judges tables alone")
      }
    }
    let tables = try site.files.read()
    if try input.live.tellOnly(input, beside: tables, at: policy.vantage) { return }
    try known.stations.refuseContradictions(in: policy)
    let inputs = try input.inputs.map(\.path) + site.paths + (found?.paths ?? [])
    let bundle = try cases.open(found)
    if let saved = input.live.savePath { try Output.refuse("-w", saved, overwriting: inputs) }
    // What opening an interface needs is given up before a frame is read.
    let live =
      input.live.interfaces.isEmpty
      ? nil : try LiveRun(input, policy: policy, tables: tables, showsFrames: output.showsFrames)
    let reports = try output.open(besides: inputs, keeping: input.live.savePath)
    if let bundle, reports.files.contains(where: bundle.isSame) {
      throw Failure.usage("-o and --bundle name one file: \(bundle.name)")
    }
    try live?.run(writing: reports.files)
    let files = live == nil ? try gatherFiles(input, within: MemoryOptions.standard) : []
    var verdict =
      try live?.verdict ?? judge(Evidence.united(files.parts(for: input.vip)), beside: tables, under: policy)
    verdict.take((found?.files ?? []) + cases.unreadFiles)
    let run = RunRecord(since: start, options: input.deciding + policy.deciding)
    try live?.keep(verdict)
    if live == nil, let saved = input.live.savePath {
      try input.cut(verdict, to: saved) { again in
        try judge(gather(again, within: MemoryOptions.standard), beside: tables, under: policy)
      }
    }
    if output.showsFrames || bundle != nil {
      verdict = Exemplars.shown(
        in: verdict, from: try live?.sources ?? input.sources, limit: input.frameLimit ?? .max,
        tunnelPorts: input.tunnelPorts)
    }
    if let bundle, let found {
      let archive = try CaseBundle(bundle)
      if let anonymiser = try cases.anonymiser {
        try found.pack(into: archive, anonymised: files, beside: tables, by: anonymiser, policy, verdict)
      } else {
        try found.pack(into: archive, verdict)
      }
    }
    try reports.write(verdict, from: run, isVerbose: input.live.verbose)
    throw verdict.outcome.exitCode
  }

  /// What the folder holds, and what is known of the site.
  private func readSite() throws -> (Case?, KnownSite) {
    let found = try cases.read(beside: configuration)
    var (configuration, tables) = (configuration, tables)
    if let found {
      tables.add(found.tables)
      configuration.config = configuration.config ?? found.config
    }
    let site = try KnownSite(configuration, tables) { known.policy(for: self.input.vip, beside: $0) }
    return (found, site)
  }
}
