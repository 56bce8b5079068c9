import ArgumentParser
import Platform

@main
enum Main {
  static func main() {
    // A reader that goes away, as head does, must not take the verdict's exit status with it.
    signal(SIGPIPE, SIG_IGN)
    TemporaryFiles.removeOnSignals()
    do {
      var command = try DSRProof.parseAsRoot(ProbeOptions.completed(Array(CommandLine.arguments.dropFirst())))
      try command.run()
    } catch {
      exit(status(reporting: error))
    }
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
