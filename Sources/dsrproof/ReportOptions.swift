import ArgumentParser
import Checks
import Report

/// How a verdict is printed, and where to.
struct ReportOptions: ParsableArguments {
  @Option(
    name: .customLong("format"),
    help: ArgumentHelp(
      "How to print the report. (default: what the name of -o says, as in report.html; else text)",
      valueName: "format"))
  var chosenFormat: ReportFormat?

  @Option(
    name: .customShort("o", allowingJoined: true),
    help: ArgumentHelp(
      """
      Write the report to this file, whole or not at all. With a format before it, as in -o junit=out.xml, it is written \
      besides; repeat it for several.
      """, valueName: "[format=]file"),
    completion: .file(), transform: Target.init(argument:))
  var targets: [Target] = []

  @Flag(help: "Draw and write the text report in ASCII alone, but for names that come from the captures.")
  var ascii = false

  @Flag(help: "In text, show every service and every finding in full, also where there are more than eight services.")
  var all = false

  @Flag(help: "In junit, github and tap, let what is inconclusive count as failed.")
  var strict = false

  /// A file, and the format that it was given.
  struct Target {
    var format: ReportFormat?
    var path: String

    /// Reads `out.txt` or `json=out.json`.
    init(argument: String) throws {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      // What stands before the sign is a folder's name where it has a slash.
      guard parts.count == 2, !parts[0].contains("/") else {
        path = argument
        return
      }
      guard let format = ReportFormat(rawValue: parts[0]), !parts[1].isEmpty else {
        let formats = ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("Expected a format before = (\(formats)). A file of that name is ./\(argument).")
      }
      self.format = format
      path = parts[1]
    }
  }

  /// The format of the report.
  private var format: ReportFormat {
    chosenFormat ?? targets.first { $0.format == nil }.flatMap { ReportFormat(fileName: $0.path) } ?? .text
  }

  func validate() throws {
    if targets.count(where: { $0.format == nil }) > 1 {
      throw ValidationError("One -o takes the report. Name the format of the others, as in -o json=out.json.")
    }
    if targets.count(where: { $0.path == "-" }) > 1 {
      throw ValidationError("One report goes to standard output. Name files for the others.")
    }
  }

  /// Whether one of the reports shows a flow frame by frame.
  var showsFrames: Bool { targets.contains { ($0.format ?? format) == .html } || writesMain && format == .html }

  /// Whether standard output has the report that no target takes: what is written besides leaves it to who runs it.
  private var writesMain: Bool { !targets.contains { $0.format == nil || $0.path == "-" } }

  /// Opens everything that the report is written to, before the work begins. Inputs, and the capture that a live run keeps,
  /// are named so that none is overwritten.
  func open(besides inputs: [String], keeping saved: String?) throws -> Reports {
    var outputs: [Reports.Place] = writesMain ? [(format, try Output())] : []
    for target in targets {
      outputs.append((target.format ?? format, try Output(path: target.path, besides: inputs, keeping: saved)))
    }
    for (index, (_, output)) in outputs.enumerated() {
      if outputs[..<index].contains(where: { $0.output.isSame(as: output) }) {
        throw Failure.usage("-o names one file twice: \(output.name)")
      }
    }
    return Reports(outputs, options: self)
  }
}

/// The reports of one run.
struct Reports {
  typealias Place = (format: ReportFormat, output: Output)
  private let outputs: [Place]
  private let options: ReportOptions

  init(_ outputs: [Place], options: ReportOptions) {
    self.outputs = outputs
    self.options = options
  }

  var files: [Output] { outputs.map(\.output) }

  /// Writes every one of them, and puts them in their places when all could be written.
  func write(_ verdict: Verdict, from run: RunRecord? = nil, isVerbose: Bool = false) throws {
    for (format, output) in outputs {
      var output = output
      format.write(
        verdict, from: run, to: &output, options: options, isVerbose: isVerbose, color: output.hasColor)
    }
    for (_, output) in outputs { try output.flush() }
    for (_, output) in outputs { try output.finish() }
  }
}
