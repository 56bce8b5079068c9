import ArgumentParser
import Capture
import Report

/// What Wireshark asks of a program in its folder for extcap: it lists "DSR proof of eth1" as an interface, and opens the frames that
/// prove a verdict, with their comments. Its arguments are read here, and by no `ParsableCommand`, for each option of one costs every
/// start of the program.
///
/// Source: https://www.wireshark.org/docs/man-pages/extcap.html
struct Extcap {
  /// What it asks for, and what it says of that.
  private var asked: Set<String> = []
  private var said: [String: String] = [:]

  private static let flags = ["--extcap-interfaces", "--extcap-dlts", "--extcap-config", "--capture"]
  /// The last three are those that `settings` names.
  private static let options = [
    "--extcap-version", "--extcap-interface", "--extcap-capture-filter", "--fifo", "--vip", "--balancer-mac",
    "--duration",
  ]
  private static let prefix = "dsrproof-"
  private static let longest = "60s"

  /// `nil` where somebody else calls: Wireshark gives options alone, one of its own among them.
  init?(_ arguments: [String]) throws(Failure) {
    guard arguments.contains(where: { $0.hasPrefix("--extcap-") }) else { return nil }
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      if Self.flags.contains(argument) {
        asked.insert(argument)
      } else if Self.options.contains(parts[0]), let value = parts.count > 1 ? parts[1] : rest.popFirst() {
        said[parts[0]] = value
      } else {
        throw .usage("\(argument): expected an option that Wireshark gives to an extcap program, with its value")
      }
    }
  }

  func run() throws {
    if asked.contains("--extcap-interfaces") { return try tell(Self.interfaces()) }
    guard let name = said["--extcap-interface"], name.hasPrefix(Self.prefix) else {
      throw Failure.usage("--extcap-interface: expected one of --extcap-interfaces, as dsrproof-eth1")
    }
    if asked.contains("--extcap-dlts") { return try tell("dlt {number=1}{name=EN10MB}{display=Ethernet}\n") }
    if asked.contains("--extcap-config") { return try tell(Self.settings) }
    guard asked.contains("--capture"), let fifo = said["--fifo"] else {
      throw Failure.usage("--extcap-interface \(name): --capture needs --fifo")
    }
    try prove(on: String(name.dropFirst(Self.prefix.count)), into: fifo)
  }

  private func tell(_ text: String) throws {
    let output = try Output()
    output.write(text)
    try output.finish()
  }

  private static func interfaces() throws -> String {
    let all: [InterfaceDescription]
    do throws(LiveCaptureError) { all = try InterfaceDescription.all() } catch { throw Failure(error) }
    let lines = all.filter(\.isUp).map { interface in
      let name = interface.name.withoutControls
      return "interface {value=\(prefix)\(name)}{display=DSR proof of \(name)}\n"
    }
    return "extcap {version=\(DSRProof.version)}{display=Direct Server Return}\n" + lines.joined()
  }

  private static let settings = """
    arg {number=0}{call=--vip}{display=VIP}{tooltip=The service, as 10.1.10.10:80; without one, services are found}{type=string}
    arg {number=1}{call=--balancer-mac}{display=Balancer}{tooltip=A MAC of the balancer's}{type=string}
    arg {number=2}{call=--duration}{display=At most}{tooltip=The frames are shown when a verdict stands, or this time is over}{type=string}{default=\(longest)}

    """

  /// Verifies, and writes what proves the verdict. Whatever it is, Wireshark has its frames: only a run that could not be is an error
  /// to it.
  private func prove(on interface: String, into fifo: String) throws {
    var arguments = [
      "verify", "-i", interface, "--until-verdict", "--duration", said["--duration"] ?? Self.longest, "-w", fifo,
    ]
    for option in ["--vip", "--balancer-mac"] {
      if let value = said[option], !value.isEmpty { arguments += [option, value] }
    }
    arguments += ["--no-config"]
    if let filter = said["--extcap-capture-filter"], !filter.isEmpty { arguments.append(filter) }
    var command = try DSRProof.parseAsRoot(arguments)
    do {
      try command.run()
    } catch let status as ExitCode where [0, 1, 3].contains(status.rawValue) {
    }
  }
}
