import ArgumentParser
import Checks
import Report

/// `dsrproof verify`: from captures to a verdict.
struct VerifyCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Judge the return path of services.",
    discussion: """
      The exit status is 0 for pass, 1 for fail, 3 for inconclusive; 2 where it could not run. The name of this \
      command may be left out.

      EXAMPLES
        dsrproof verify -r client.pcap --vip 10.1.10.10:80
        dsrproof -r mirror.pcap --balancer-mac 06:1f:8a:6c:8e:d2 --format json
      """)

  @OptionGroup(title: "Input") var input: InputOptions
  @OptionGroup(title: "What is known") var known: PolicyOptions
  @OptionGroup(title: "Tables") var tables: TableOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  @Option(help: ArgumentHelp("How to print the report.", valueName: "format"))
  var format = Format.text

  func run() throws {
    if try input.live.tellOnly(input) { return }
    var policy = known.policy(for: input.vip)
    try tables.meaning.add(to: &policy)
    let tables = try tables.read()
    // What opening an interface needs is given up before a file is opened or a frame is read.
    let live = input.live.interfaces.isEmpty ? nil : try LiveRun(input, policy: policy, tables: tables)
    let output = try Output(path: output.path, besides: input.captures + self.tables.paths)
    try live?.run()
    let evidence = try live?.evidence ?? gather(input)
    var verdict = judge(evidence, beside: tables, under: policy)
    verdict.probes = live?.probeResults ?? []
    try live?.keep(verdict)
    switch format {
    case .text: output.write(verdict.textReport(color: output.hasColor))
    case .json: output.write(try verdict.jsonReport())
    }
    try output.finish()
    throw verdict.outcome.exitCode
  }
}
