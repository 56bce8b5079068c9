import ArgumentParser
import Capture
import Platform

/// How to capture live: tcpdump's letters mean what they mean there.
struct LiveOptions: ParsableArguments {
  @Option(
    name: .customShort("i", allowingJoined: true),
    help: ArgumentHelp(
      "Capture on this interface; any stands for all of them. Repeat it for several.", valueName: "interface"))
  var interfaces: [String] = []

  @Flag(
    name: [.long, .customShort("D")],
    help: "Name the interfaces that can be captured, and which of them would see the VIP.")
  var listInterfaces = false

  @Flag(help: "Print the capture filter that is made from the services, and stop.")
  var printFilter = false

  @Flag(name: .customShort("p"), help: "Do not put interfaces into promiscuous mode.")
  var isSelfish = false

  @Option(
    name: .customShort("Q", allowingJoined: true),
    help: ArgumentHelp(
      "Capture what comes in alone, or what goes out, as tcpdump does. One direction shows one half of the flows.",
      valueName: "direction"))
  var direction: LiveInterface.Direction?

  @Option(
    name: .customShort("B", allowingJoined: true),
    help: ArgumentHelp("The kernel's buffer, in KiB. (default: 8192)", valueName: "kib"),
    transform: positive(argument:))
  var bufferSize: Int?

  @Option(
    help: ArgumentHelp("Capture for so long: 30s, 500ms, 2m, 1h.", valueName: "time"),
    transform: Duration.init(argument:))
  var duration: Duration?

  @Option(
    help: ArgumentHelp("Stop once so many flows are decided.", valueName: "count"), transform: positive(argument:))
  var flows: Int?

  @Flag(help: "Stop as soon as the verdict is decided: a fault is proved, or --flows, else --min-flows, flows are.")
  var untilVerdict = false

  @Option(
    name: .customShort("w", allowingJoined: true),
    help: ArgumentHelp(
      """
      Keep what was judged in this file, as pcapng, with a comment on every frame that is evidence; of a file (verify -r) \
      what proves the verdict.
      """, valueName: "file"), completion: .file())
  var savePath: String?

  @Option(
    name: .customShort("Z", allowingJoined: true),
    help: ArgumentHelp(
      "Become this user once the interfaces are open. (default: who called sudo, else dsrproof or nobody)",
      valueName: "user"))
  var user: String?

  @OptionGroup var probes: ProbeOptions

  @Flag(
    name: [.long, .customShort("v")],
    help: ArgumentHelp(
      """
      Say every ten seconds how far it is, where standard error is no terminal; list each probe in the text report.
      """))
  var verbose = false

  func validate() throws {
    let isLive = !interfaces.isEmpty
    let needing: [(Bool, String)] = [
      (duration != nil, "--duration"), (flows != nil, "--flows"), (untilVerdict, "--until-verdict"),
      (user != nil, "-Z"), (bufferSize != nil, "-B"), (isSelfish, "-p"),
      (direction != nil, "-Q"),
      (probes.probe != nil, "--probe"), (probes.neighbourProbe, "--neighbour-probe"),
    ]
    if !isLive, let (_, name) = needing.first(where: \.0) {
      throw ValidationError("\(name) is for live captures: name an interface with -i.")
    }
    if Set(interfaces).count < interfaces.count { throw ValidationError("An interface is named twice.") }
  }
}

extension LiveOptions {
  /// Of what commands it cuts a file down: elsewhere -w is for live captures.
  func refuseCutting() throws {
    if interfaces.isEmpty, savePath != nil {
      throw ValidationError("-w is for live captures, and for verify: name an interface with -i.")
    }
  }

  /// Nothing but a filter may hide one half of the flows.
  var showsBothDirections: Bool { direction ?? .inout == .inout }
  var makesTraffic: Bool { probes.probe != nil || probes.neighbourProbe }
  /// Nothing else ends the run but what it asked for itself, and signals.
  var hasNoOtherEnd: Bool { duration == nil && flows == nil && !untilVerdict }
}

extension Duration {
  /// Reads `30s`, `500ms`, `2m`, `1h`; a number alone counts seconds.
  init(argument: String) throws {
    let units: [(suffix: String, milliseconds: Double)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
    let unit = units.first { argument.hasSuffix($0.suffix) }
    let digits = argument.dropLast(unit?.suffix.count ?? 0)
    guard let number = Double(digits), number > 0, number < 1e9, digits.utf8.allSatisfy({ $0 != UInt8(ascii: "e") })
    else {
      throw ValidationError("Expected a time like 30s, 500ms, 2m or 1h.")
    }
    self = .milliseconds(number * (unit?.milliseconds ?? 1000))
  }
}
