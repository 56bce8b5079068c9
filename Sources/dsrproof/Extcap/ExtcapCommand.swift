import ArgumentParser
import Capture
import Report

/// What Wireshark asks of a program in its folder for extcap: it lists "DSR proof of eth1" as an interface, and opens the frames that
/// prove a verdict, with their comments.
///
/// Source: https://www.wireshark.org/docs/man-pages/extcap.html
struct ExtcapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extcap", abstract: "Answer Wireshark, which calls this by itself.", shouldDisplay: false)

  @Flag(help: "List the interfaces.") var extcapInterfaces = false
  @Flag(help: "List the link types of an interface.") var extcapDlts = false
  @Flag(help: "List what can be set for an interface.") var extcapConfig = false
  @Flag(help: "Capture, and write what proves the verdict.") var capture = false
  @Option(help: "The version of who asks.") var extcapVersion: String?
  @Option(help: "The interface.") var extcapInterface: String?
  @Option(help: "The capture filter.") var extcapCaptureFilter: String?
  @Option(help: "Where the frames go.") var fifo: String?

  // What is set in Wireshark's dialog, as `verify` takes it.
  @Option(help: "The service.") var vip: String?
  @Option(help: "The balancer's MAC.") var balancerMac: String?
  @Option(help: "How long to capture at most.") var duration: String?

  private static let prefix = "dsrproof-"
  private static let longest = "60s"

  /// With the name of the command, where Wireshark asks: it gives options alone.
  static func completed(_ arguments: [String]) -> [String] {
    let isAsked = arguments.contains { $0.hasPrefix("--extcap-") }
    return isAsked ? ["extcap"] + arguments : arguments
  }

  func run() throws {
    if extcapInterfaces { return try tell(Self.interfaces()) }
    guard let name = extcapInterface, name.hasPrefix(Self.prefix) else {
      throw Failure.usage("--extcap-interface: expected one of --extcap-interfaces, as dsrproof-eth1")
    }
    if extcapDlts { return try tell("dlt {number=1}{name=EN10MB}{display=Ethernet}\n") }
    if extcapConfig { return try tell(Self.settings) }
    guard capture, let fifo else { throw Failure.usage("--extcap-interface \(name): --capture needs --fifo") }
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
    var arguments = ["verify", "-i", interface, "--until-verdict", "--duration", duration ?? Self.longest, "-w", fifo]
    for (option, value) in [("--vip", vip), ("--balancer-mac", balancerMac)] {
      if let value, !value.isEmpty { arguments += [option, value] }
    }
    arguments += ["--no-config"]
    if let filter = extcapCaptureFilter, !filter.isEmpty { arguments.append(filter) }
    var command = try DSRProof.parseAsRoot(arguments)
    do {
      try command.run()
    } catch let status as ExitCode where [0, 1, 3].contains(status.rawValue) {
    }
  }
}
