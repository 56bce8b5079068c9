import ArgumentParser
import Checks
import Report
import Wire

/// `dsrproof audit`: tables alone.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Judge tables alone, without any capture.",
    discussion: """
      Runs every check that reads tables. Where replies return shows in frames alone, so an audit never passes: the exit \
      status is 1 for a fault, 3 where the tables show none, 2 where it could not run.

      EXAMPLES
        dsrproof audit --host be1=be1 --ipvs lb=lb.txt --kubernetes objects.yaml
            The services that the balancer's tables list, or else those of Kubernetes.
        sudo dsrproof audit --host live --vip 10.1.10.10:80
            On a backend: is this very host set up for direct return?
        dsrproof audit --as3 declaration.json --format json
      """)

  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      The service to judge: 10.1.10.10, 10.1.10.10:80, udp://10.1.10.10:53, [fd00:10::10]:443. Repeat it for several; \
      without it, those that the tables list.
      """, valueName: "vip"),
    transform: ServicePattern.init(argument:))
  var vip: [ServicePattern] = []

  @OptionGroup(title: "Configuration") var configuration: ConfigOptions
  @OptionGroup(title: "What is known") var known: StationOptions
  @OptionGroup(title: "Tables") var tables: TableOptions
  @OptionGroup(title: "Output") var output: ReportOptions

  func run() throws {
    let start = Timestamp.now
    let site = try KnownSite(configuration, tables) { known.policy(for: vip, beside: $0) }
    let policy = site.policy
    try known.refuseContradictions(in: policy)
    guard site.files.namesAny else {
      throw Failure.usage("no table is named: give --host, --ipvs, --kubernetes or --as3")
    }
    let tables = try site.files.read()
    let reports = try output.open(besides: site.paths, keeping: nil)
    let verdict = audit(tables, under: policy)
    try reports.write(verdict, from: RunRecord(since: start, options: policy.deciding))
    throw verdict.outcome.exitCode
  }
}
