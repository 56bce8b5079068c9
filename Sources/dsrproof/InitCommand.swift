import ArgumentParser
import Checks
import Platform
import Tables

/// `dsrproof init`: a configuration to begin with.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a commented configuration from a capture.",
    discussion: """
      Names in a configuration are believed over the frames. So those that would change a verdict on this capture are \
      written as comments, to be confirmed by whoever knows the site.

      EXAMPLES
        dsrproof init -r client.pcap
        dsrproof init -r client.pcap --vip 10.1.10.10:80 -o \(ConfigOptions.fileName)
      """)

  @OptionGroup(title: "Input") var input: InputOptions
  @OptionGroup(title: "What is known") var known: PolicyOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  @Flag(help: "Overwrite the file that -o names.")
  var force = false

  func validate() throws {
    try input.requireCapture()
    try input.live.refuseCutting()
  }

  func run() throws {
    if try input.live.tellOnly(input) { return }
    if let path = output.path, path != "-", !force, fileStatus(path)?.kind == .regular {
      throw Failure.usage("\(path): exists already; name another file, or give --force to overwrite it")
    }
    let policy = known.policy(for: input.vip)
    let live = input.live.interfaces.isEmpty ? nil : try LiveRun(input, policy: policy, tables: Tables())
    let output = try Output(path: output.path, besides: input.inputs.map(\.path), keeping: input.live.savePath)
    try live?.run(writing: [output])
    let evidence = try live?.evidence ?? gather(input, within: MemoryOptions.standard)
    let draft = ConfigDraft(policy) { judge(evidence, under: $0) }
    try live?.keep(draft.verdict)
    output.write(draft.text)
    try output.finish()
    if !draft.changed.isEmpty {
      complain(
        "\(counted(draft.changed.count, "service")) would not be judged by name as found, and \(draft.changed.count == 1 ? "stands" : "stand") "
          + "as comments: what is not listed is not judged")
    }
  }
}
