import ArgumentParser
import Checks
import Evidence
import Report
import Tables

/// `dsrproof flows`: the raw material, for people and scripts.
struct FlowsCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, csv }

  static let configuration = CommandConfiguration(
    commandName: "flows",
    abstract: "Print every flow with the MACs it passed, without judgement.",
    discussion: """
      EXAMPLES
        dsrproof flows -r c.pcap --vip 10.1.10.10:80
        dsrproof flows -r c.pcap --format csv | cut -d, -f8 | sort | uniq -c
      """)

  @OptionGroup(title: "Input") var input: InputOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  @Option(help: ArgumentHelp("How to print the flows; csv has one row a link.", valueName: "format"))
  var format = Format.text

  func validate() throws {
    try input.requireCapture()
    try input.live.refuseCutting()
  }

  func run() throws {
    if try input.live.tellOnly(input) { return }
    var policy = Policy()
    policy.services = input.vip
    let live = input.live.interfaces.isEmpty ? nil : try LiveRun(input, policy: policy, tables: Tables())
    var output = try Output(path: output.path, besides: input.inputs.map(\.path), keeping: input.live.savePath)
    try live?.run(writing: [output])
    let evidence = try live?.evidence ?? gather(input)
    try live?.keep(judge(evidence, under: policy))
    let captures = evidence.captureSummaries
    for capture in captures {
      if let words = capture.breakWords { complain("\(capture.path): \(words); the flows are those of all before it") }
    }
    let report = FlowReport(evidence.flowTraces(of: input.vip), points: evidence.points, captures: captures)
    switch format {
    case .text: report.writeText(to: &output)
    case .json: report.writeJSON(to: &output)
    case .csv: report.writeCSV(to: &output)
    }
    try output.finish()
  }
}
