import ArgumentParser
import Platform
import Report

/// `dsrproof diff`: what changed between two reports.
struct DiffCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, markdown }

  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Say what changed between two JSON reports.",
    discussion: """
      The exit status is 1 where something changed for the worse, 0 otherwise; 2 where it could not run. What counts \
      as worse is in docs/diff.md.

      EXAMPLES
        dsrproof diff before.json after.json
        dsrproof -r client.pcap --format json | dsrproof diff last-night.json -
      """)

  @Argument(
    help: ArgumentHelp(
      "The earlier report, as verify --format json wrote it; - is standard input.", valueName: "before"),
    completion: .file())
  var before: String

  @Argument(help: ArgumentHelp("The later one.", valueName: "after"), completion: .file())
  var after: String

  @OptionGroup(title: "Output") var output: OutputOptions

  @Option(help: ArgumentHelp("How to print the changes.", valueName: "format"))
  var format = Format.text

  func validate() throws {
    if before == "-", after == "-" {
      throw ValidationError("One report comes from standard input. Name a file for the other.")
    }
  }

  func run() throws {
    let output = try Output(path: output.path, besides: [before, after])
    let diff = ReportDiff(from: try Self.report(at: before), to: try Self.report(at: after))
    switch format {
    case .text: output.write(diff.text(color: output.hasColor))
    case .json: output.write(diff.json())
    case .markdown: output.write(diff.markdown())
    }
    try output.finish()
    if diff.isWorse { throw ExitCode.failure }
  }

  private static func report(at path: String) throws(Failure) -> SavedReport {
    let text = try inputText(at: path, kind: "report")
    do throws(SavedReport.Fault) {
      return try SavedReport(json: text.utf8)
    } catch {
      throw .cannotRun("\(path == "-" ? "standard input" : path): \(error)")
    }
  }
}
