import ArgumentParser
import Checks
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
      """)

  @OptionGroup(title: "Input") var input: InputOptions
  @OptionGroup(title: "Configuration") var configuration: ConfigOptions
  @OptionGroup(title: "What is known") var known: PolicyOptions
  @OptionGroup(title: "Tables") var tables: TableOptions
  @OptionGroup(title: "Output") var output: ReportOptions

  func run() throws {
    let start = Timestamp.now
    let site = try KnownSite(configuration, tables) { known.policy(for: self.input.vip, beside: $0) }
    let policy = site.policy
    var input = input
    input.vip = policy.services
    let tables = try site.files.read()
    if try input.live.tellOnly(input, beside: tables, at: policy.vantage) { return }
    try known.stations.refuseContradictions(in: policy)
    let inputs = try input.inputs.map(\.path) + site.paths
    if let saved = input.live.savePath { try Output.refuse("-w", saved, overwriting: inputs) }
    // What opening an interface needs is given up before a frame is read.
    let live =
      input.live.interfaces.isEmpty
      ? nil : try LiveRun(input, policy: policy, tables: tables, showsFrames: output.showsFrames)
    let reports = try output.open(besides: inputs, keeping: input.live.savePath)
    try live?.run(writing: reports.files)
    var verdict =
      try live?.verdict ?? judge(gather(input, within: MemoryOptions.standard), beside: tables, under: policy)
    let run = RunRecord(since: start, options: input.deciding + policy.deciding)
    try live?.keep(verdict)
    if output.showsFrames {
      verdict = Exemplars.shown(
        in: verdict, from: try live?.sources ?? input.sources, limit: input.frameLimit ?? .max,
        tunnelPorts: input.tunnelPorts)
    }
    try reports.write(verdict, from: run, isVerbose: input.live.verbose)
    throw verdict.outcome.exitCode
  }
}
