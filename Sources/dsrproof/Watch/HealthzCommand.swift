import ArgumentParser
import CCurl

/// `dsrproof healthz`: asks a run of `watch` how it is, for a container's probe, where there is no other program to ask with.
struct HealthzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "healthz", abstract: "Ask a dsrproof watch --listen whether it does its work.",
    discussion: "EXIT STATUS\n  0 it does   1 it does not   2 nobody answers   64 wrong usage")

  @Argument(
    help: ArgumentHelp("Where it listens: its --listen.", valueName: "address:port"),
    transform: ListenAddress.init(argument:))
  var address: ListenAddress

  @Option(
    help: ArgumentHelp("The word that it wants: its --token-file.", valueName: "file"), completion: .file())
  var tokenFile: String?

  /// In seconds: the probe of a container has its own patience.
  private static let patience = 5

  func run() throws {
    let url = "http://\(address.host):\(address.port)/healthz"
    guard let curl = CurlLibrary(), let handle = unsafe curl.begin() else {
      throw Failure.cannotRun("healthz needs libcurl, which is missing: install libcurl4")
    }
    defer { unsafe curl.end(handle) }
    unsafe curl.set(CURLOPT_URL, url, on: handle)
    // No shell variable may lead it elsewhere.
    unsafe curl.set(CURLOPT_PROXY, "", on: handle)
    unsafe curl.set(CURLOPT_NOSIGNAL, 1, on: handle)
    unsafe curl.set(CURLOPT_TIMEOUT, Self.patience, on: handle)
    if let tokenFile { unsafe curl.setBearer(try readToken(tokenFile), on: handle) }
    let (code, body) = unsafe curl.answer(of: handle, atMost: 1 << 16)
    guard code == CURLE_OK else { throw Failure.cannotRun("\(url): \(curl.message(code))") }
    let output = try Output()
    output.write(String(decoding: body, as: UTF8.self))
    try output.finish()
    if unsafe curl.number(CURLINFO_RESPONSE_CODE, of: handle) != 200 { throw ExitCode(1) }
  }
}
