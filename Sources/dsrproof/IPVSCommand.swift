import ArgumentParser
import Checks
import Report
import Tables
import Wire

/// `dsrproof ipvs`: a table alone.
struct IPVSCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  static let configuration = CommandConfiguration(
    commandName: "ipvs",
    abstract: "Show an IPVS table, and judge what it says by itself.",
    discussion: """
      Whether replies return directly shows in traffic alone: `dsrproof verify --ipvs FILE` judges both together. The \
      exit status is 0 where nothing in the table speaks against it, 1 for a fault, 3 where it is open.

      EXAMPLES
        dsrproof ipvs
            This host's own table.
        ipvsadm -Sn | dsrproof ipvs - --ipvs-role balancer
        dsrproof ipvs table.txt --vip 10.1.10.10:80
      """)

  @Argument(
    help: ArgumentHelp(
      "The tables, each with the host that it belongs to: lb1=table.txt. Without one, this host's own.",
      valueName: "[host=]file"),
    completion: .file())
  var files: [String] = []

  @Option(
    help: ArgumentHelp("The service to judge; without it, all of the table. Repeat it for several.", valueName: "vip"),
    transform: ServicePattern.init(argument:))
  var vip: [ServicePattern] = []

  @OptionGroup(title: "What is known") var meaning: IPVSOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  @Option(help: ArgumentHelp("How to print the report.", valueName: "format"))
  var format = Format.text

  func run() throws {
    let start = Timestamp.now
    let named = files.isEmpty ? ["live"] : files
    let output = try Output(path: output.path, besides: named.map { TableOptions.named($0).path } + meaning.paths)
    var policy = Policy()
    policy.services = vip
    try meaning.add(to: &policy)
    var tables = Tables()
    for argument in named {
      let (host, path) = TableOptions.named(argument)
      tables.ipvs += try TableOptions.ipvsTables(at: path, host: host)
    }
    let verdict = judge(tables, under: policy)
    switch format {
    case .text: output.write(verdict.textReport(of: tables, color: output.hasColor))
    case .json:
      output.write(verdict.jsonReport(from: RunRecord(since: start, options: policy.deciding)))
    }
    try output.finish()
    throw verdict.outcome.exitCode
  }
}
