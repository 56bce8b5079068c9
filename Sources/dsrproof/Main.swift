import ArgumentParser
import Platform

@main
enum Main {
  static func main() {
    // A reader that goes away, as head does, must not take the verdict's exit status with it.
    signal(SIGPIPE, SIG_IGN)
    TemporaryFiles.removeOnSignals()
    do {
      let arguments = ExtcapCommand.completed(Array(CommandLine.arguments.dropFirst()))
      try refuseMistypedCommand(arguments.first)
      var command = try DSRProof.parseAsRoot(ProbeOptions.completed(arguments))
      try command.run()
    } catch {
      exit(status(reporting: error))
    }
  }

  /// A word that no command has would be taken for a filter, for the name of verify may be left out. No word with which a
  /// filter begins (pcap-filter(7)) is so near to a command.
  private static func refuseMistypedCommand(_ word: String?) throws(Failure) {
    let names = DSRProof.configuration.subcommands.compactMap { $0.configuration.commandName }
    guard let word, word.count >= 4, word.allSatisfy(\.isLetter), !names.contains(word),
      let name = nearest(to: word, among: names, within: word.count > 4 ? 2 : 1)
    else { return }
    throw .usage("there is no command \(word): did you mean dsrproof \(name)?")
  }

  /// Says on standard error what went wrong, and gives the exit status for it.
  private static func status(reporting error: any Error) -> Int32 {
    switch error {
    case let status as ExitCode: return status.rawValue
    case let failure as Failure:
      complain(failure.message)
      return failure.status
    default:
      let code = DSRProof.exitCode(for: error)
      // Help, version and completion scripts are asked for by throwing as well.
      if code.isSuccess { DSRProof.exit(withError: error) }
      complain(DSRProof.message(for: error))
      return code.rawValue
    }
  }
}
