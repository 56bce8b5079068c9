import ArgumentParser
import Checks
import Evidence
import Platform
import Wire

/// The traffic that a live run makes itself.
struct ProbeOptions: ParsableArguments {
  /// What is opened to the VIP.
  enum Kind: Equatable {
    case tcp
    case udp
    /// The whole URL.
    case http(String)
  }

  @Option(
    help: ArgumentHelp(
      """
      Open connections to the VIP while capturing: TCP; or with a URL an HTTP request each, whose host is asked at the \
      VIP; or udp, a datagram each.
      """, valueName: "tcp|udp|url"),
    transform: Kind.init(argument:))
  var probe: Kind?

  @Option(
    help: ArgumentHelp("How many connections --probe opens. (default: 10)", valueName: "count"),
    transform: positive(argument:))
  var probeCount = 10

  @Option(
    help: ArgumentHelp("How long --probe waits between two of them. (default: 100ms)", valueName: "time"),
    transform: Duration.init(argument:))
  var probeInterval = Duration.milliseconds(100)

  @Option(
    help: ArgumentHelp("The address that --probe and --neighbour-probe ask from.", valueName: "address"),
    transform: ipAddress(argument:))
  var probeFrom: IPAddress?

  @Flag(help: "Ask once, by ARP or neighbour discovery, who has the VIP: all who answer are in the report.")
  var neighbourProbe = false

  /// `--probe` alone is one of TCP: a parser of options with values cannot know.
  static func completed(_ arguments: [String]) -> [String] {
    arguments.indices.flatMap { index -> [String] in
      guard arguments[index] == "--probe" else { return [arguments[index]] }
      let next = arguments.indices.contains(index + 1) ? arguments[index + 1] : "-"
      return (try? Kind(argument: next)) == nil ? ["--probe", "tcp"] : ["--probe"]
    }
  }

  /// The services that are asked, each at its port.
  func targets(among services: [ServicePattern]) throws(Failure) -> [ServicePattern] {
    guard let probe else { return [] }
    let transport: TransportProtocol = probe == .udp ? .udp : .tcp
    let targets = services.filter { ($0.transport ?? transport) == transport && ($0.port != nil || probe.port != nil) }
    guard !targets.isEmpty else {
      throw .usage("--probe needs a VIP with a port: --vip \(transport == .udp ? "udp://" : "")10.1.10.10:80")
    }
    return targets.map { ServicePattern(address: $0.address, transport: transport, port: $0.port ?? probe.port) }
  }
}

extension ProbeOptions.Kind {
  init(argument: String) throws {
    switch argument {
    case "tcp": self = .tcp
    case "udp": self = .udp
    default:
      guard ProbeURL(argument) != nil else {
        throw ValidationError("Expected tcp, udp, or a URL like http://example.org/path.")
      }
      self = .http(argument)
    }
  }

  /// The port of a URL.
  var port: UInt16? {
    if case .http(let text) = self { ProbeURL(text)?.port } else { nil }
  }
}

/// Reads an IPv4 or IPv6 address.
func ipAddress(argument: String) throws -> IPAddress {
  guard let address = IPAddress(argument) else { throw ValidationError("Expected an address like 10.1.10.100.") }
  return address
}
