import Capture
import Checks
import Report
import Wire

/// What is to be said of a live run before its first frame: whether it stands where the VIP's traffic passes.
struct LiveAdvice: Equatable {
  enum Warning: Equatable {
    /// What this host asks of the VIP leaves by an interface that is not captured.
    case leavesElsewhere(by: String)
    /// It is handed to a router: both halves bear that one's MAC.
    case gateway(IPAddress, by: String)
    /// No interface is captured, but all of them at once. The interface to name in their place, where it is known.
    case everyInterface(better: String?)
    /// Loopback alone is captured.
    case loopback(better: String?)
    /// The VIP is this host's own, so that what it asks of it never leaves.
    case staysHere
    case noRoute
  }

  var vips: [IPAddress]
  var warning: Warning

  /// An interface that is captured.
  struct Captured {
    var name: String
    var isLoopback: Bool
    /// One without an address may be a mirror's, and this host's own way says nothing of what passes there.
    var hasAddress: Bool
    var isAny: Bool { name == "any" }
  }

  /// One piece of advice for all VIPs that it holds for. `passes`: whether what leaves by the second interface passes the
  /// first.
  static func all(
    _ captured: [Captured], routes: [(vip: IPAddress, answer: HostRoute.Answer)], asks: Bool,
    passes: (_ captured: String, _ route: String) -> Bool
  ) -> [LiveAdvice] {
    var found: [LiveAdvice] = []
    for (vip, answer) in routes {
      guard let warning = warning(captured, answer, asks: asks, passes: passes) else { continue }
      if let index = found.firstIndex(where: { $0.warning == warning }) {
        found[index].vips.append(vip)
      } else {
        found.append(LiveAdvice(vips: [vip], warning: warning))
      }
    }
    return found
  }

  private static func warning(
    _ captured: [Captured], _ answer: HostRoute.Answer, asks: Bool, passes: (String, String) -> Bool
  ) -> Warning? {
    let isLoopback = captured.allSatisfy(\.isLoopback)
    switch answer {
    case .unknown:
      return captured.contains(where: \.isAny) ? .everyInterface(better: nil) : nil
    case .unreachable:
      return asks ? .noRoute : nil
    case .route(let route) where route.isLocal:
      if asks { return .staysHere }
      if isLoopback { return .loopback(better: nil) }
      return captured.contains(where: \.isAny) ? .everyInterface(better: nil) : nil
    case .route(let route):
      if captured.contains(where: \.isAny) { return .everyInterface(better: route.interface) }
      if captured.contains(where: { passes($0.name, route.interface) }) {
        return route.gateway.map { .gateway($0, by: route.interface) }
      }
      if isLoopback { return .loopback(better: route.interface) }
      return asks || captured.contains(where: \.hasAddress) ? .leavesElsewhere(by: route.interface) : nil
    }
  }
}

extension LiveAdvice {
  /// One line, with the command that would be right: `command` gives it for an interface.
  func text(command: (_ interface: String) -> String) -> String {
    let vip = listed(vips) { $0.description }
    switch warning {
    case .leavesElsewhere(let interface):
      return "this host reaches \(vip) by \(interface), which is not captured: \(command(interface))"
    case .gateway(let gateway, let interface):
      return
        "this host reaches \(vip) by the gateway \(gateway) (\(interface)): both halves bear the gateway's MAC, which leaves "
        + "the return path open; on the balancer, a backend, or a client in the VIP's network: \(command(unknown))"
    case .everyInterface(let better):
      return
        "any captures no destination MAC, which leaves most return paths open; name one interface: \(command(better ?? unknown))"
    case .loopback(let better):
      return
        "loopback shows only what this host says to itself, and not what reaches \(vip): \(command(better ?? unknown))"
    case .staysHere:
      return "\(vip) is this host's own, so what it asks never leaves it; ask from a client, and here only capture"
    case .noRoute:
      return "this host has no route to \(vip): nothing that it asks gets there"
    }
  }

  /// Stands for an interface that is not known.
  private var unknown: String { "INTERFACE" }

  /// The arguments of this run with another interface, as a shell takes them.
  static func command(_ arguments: [String], on interface: String) -> String {
    var words: [String] = []
    var isNamed = false
    var index = arguments.startIndex
    while index < arguments.endIndex {
      let word = arguments[index]
      index += 1
      guard word.hasPrefix("-i") else {
        words.append(word)
        continue
      }
      if word == "-i" { index += 1 }
      if !isNamed { words += ["-i", interface] }
      isNamed = true
    }
    return (["dsrproof"] + words.map(\.quoted)).joined(separator: " ")
  }
}

extension String {
  /// As one word for a shell.
  fileprivate var quoted: String {
    let isPlain =
      !isEmpty
      && utf8.allSatisfy { byte in
        Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber
          || "-_./:=,%@+[]".utf8.contains(byte)
      }
    return isPlain ? self : "'" + replacing("'", with: #"'\''"#) + "'"
  }
}
