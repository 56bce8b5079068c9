import ArgumentParser
import Checks
import Evidence
import Report
import Tables
import Wire

/// `dsrproof watch`: judges all day, and tells each change once.
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Judge services all day, and tell each change of their verdict once.",
    discussion: """
      Judges the last minute again and again. A fault counts once two judgements in a row show it; it is gone once a whole \
      window is free of it. Each change is told on standard error. SIGHUP reads the configuration anew, SIGUSR1 asks for \
      the states, SIGINT and SIGTERM end the run. The exit status is that of verify, for the states at the end.

      EXAMPLES
        dsrproof watch -i eth1 --config site/dsrproof.yaml --log changes.jsonl
        dsrproof watch -i eth1 --vip 10.1.10.10:80 --on-change ./page --keep /var/lib/dsrproof
        dsrproof watch -i eth1 --vip 10.1.10.10:80 --listen 127.0.0.1:9743
            With a page that follows, metrics for Prometheus (/metrics) and health (/healthz).
        dsrproof watch -r /var/capture/ring --vip 10.1.10.10
            Files that tcpdump -G or dumpcap -b writes into this folder.
        ssh lb tcpdump -Uw - host 10.1.10.10 | dsrproof watch -r - --vip 10.1.10.10
      """)

  @OptionGroup(title: "Input") var input: InputOptions
  @OptionGroup(title: "Configuration") var configuration: ConfigOptions
  @OptionGroup(title: "What is known") var known: PolicyOptions
  @OptionGroup(title: "Tables") var tables: TableOptions
  @OptionGroup(title: "Watching") var watching: WatchOptions

  func validate() throws {
    try input.requireCapture()
    let live = input.live
    let needless: [(Bool, String)] = [
      (live.flows != nil, "--flows"), (live.untilVerdict, "--until-verdict"), (live.savePath != nil, "-w"),
      (live.makesTraffic, "--probe and --neighbour-probe"), (input.frameLimit != nil, "-c"),
    ]
    if let (_, name) = needless.first(where: \.0) {
      throw ValidationError("\(name): watch judges all day; use verify.")
    }
  }

  func run() throws {
    let (known, input) = try read()
    if try input.live.tellOnly(input, beside: known.tables, at: known.policy.vantage) { return }
    let watch = try Watch(input, watching, known)
    let states = try watch.run { try read().known }
    throw exitCode(for: states)
  }

  /// What is known of the site, as the files have it now.
  private func read() throws -> (known: Watch.Known, input: InputOptions) {
    let site = try KnownSite(configuration, tables) { known.policy(for: self.input.vip, beside: $0) }
    var input = input
    input.vip = site.policy.services
    let tables = try site.files.read()
    try known.stations.refuseContradictions(in: site.policy)
    return (Watch.Known(policy: site.policy, tables: tables), input)
  }

  private func exitCode(for services: [WatchedService]) -> ExitCode {
    if services.contains(where: { $0.state == .fail }) { return Verdict.Outcome.fail.exitCode }
    let isPass = !services.isEmpty && services.allSatisfy { $0.state == .pass }
    return (isPass ? Verdict.Outcome.pass : .inconclusive).exitCode
  }
}
