import ArgumentParser
import Platform

@main
enum Main {
  static func main() {
    // A reader that goes away, as head does, must not take the verdict's exit status with it.
    signal(SIGPIPE, SIG_IGN)
    TemporaryFiles.removeOnSignals()
    do {
      let arguments = Array(CommandLine.arguments.dropFirst())
      if let wireshark = try Extcap(arguments) { return try wireshark.run() }
      try refuseMistypedCommand(arguments.first)
      try refuseRing(arguments)
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

  /// tcpdump's options that make a ring of files. Who gives them captures all day on a disk that does not fill, with files to be had
  /// while that goes on. What `-w` writes bears the comments of the verdict, so it is there at the end, of all frames at once: cut
  /// in pieces it would be neither smaller nor earlier. `watch` is for all day, and judges the ring that tcpdump makes. Looked for
  /// here, for each option that is declared costs every start.
  private static func refuseRing(_ arguments: [String]) throws(Failure) {
    guard let option = arguments.lazy.map({ $0.prefix(2) }).first(where: { ["-G", "-C", "-W"].contains($0) }) else {
      return
    }
    throw .usage(
      """
      \(option) makes a ring of files, and -w is one, with the comments of a verdict that is known at the end. To keep files all day: \
      dsrproof watch --keep FOLDER, the frames of each change; watch --evidence FOLDER, the evidence of each hour; or tcpdump \
      -G 60 -w 'ring/%s.pcap' …, and dsrproof watch -r ring judges each as it comes.
      """)
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
