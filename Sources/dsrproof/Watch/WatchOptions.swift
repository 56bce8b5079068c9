import ArgumentParser

/// How a service is watched, and who is told of a change.
struct WatchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Judge what came in the last so long. (default: 60s)", valueName: "time"),
    transform: Duration.init(argument:))
  var window = Duration.seconds(60)

  @Option(
    help: ArgumentHelp("Judge so many times in a window. (default: 6)", valueName: "count"),
    transform: positive(argument:))
  var steps = 6

  @Option(
    help: ArgumentHelp(
      "Append each change to this file, a line of JSON each; SIGHUP opens it anew.", valueName: "file"),
    completion: .file())
  var log: String?

  @Option(
    help: ArgumentHelp(
      """
      Run this program at each change, without a shell: its arguments are the service, the new state, the one before, and \
      the reason; its standard input is the line of JSON.
      """, valueName: "command"))
  var onChange: String?

  @Option(
    help: ArgumentHelp(
      "Keep the frames that show each change in this folder, as pcapng with comments.", valueName: "folder"),
    completion: .directory)
  var keep: String?

  @Option(
    help: ArgumentHelp(
      "Keep so many of these files; the oldest go first. (default: 100)", valueName: "count"),
    transform: positive(argument:))
  var keepFiles = 100

  @Option(
    help: ArgumentHelp(
      "Write the evidence of each hour into this folder, to be merged with that of other hosts.", valueName: "folder"),
    completion: .directory)
  var evidence: String?

  @Option(
    help: ArgumentHelp(
      """
      Serve a page that follows the services, and metrics for Prometheus, at this address and port, like 127.0.0.1:9743; \
      0 is a free port. An address that others reach needs --token-file.
      """, valueName: "address:port"),
    transform: ListenAddress.init(argument:))
  var listen: ListenAddress?

  @Option(
    help: ArgumentHelp(
      "Serve only those who send the word in this file, as a bearer token or as the password to any name.",
      valueName: "file"), completion: .file())
  var tokenFile: String?

  func validate() throws {
    if let listen, !listen.isLoopback, tokenFile == nil {
      throw ValidationError("--listen \(listen.host):\(listen.port) is reached by others: it needs --token-file.")
    }
    if tokenFile != nil, listen == nil { throw ValidationError("--token-file needs --listen.") }
    guard window >= .seconds(1) else { throw ValidationError("A window of --window is a second at least.") }
    guard steps <= 60 else { throw ValidationError("A window has 60 steps at most.") }
    guard window / .seconds(steps) >= 0.1 else {
      throw ValidationError("A step of a window is a tenth of a second at least.")
    }
  }
}
