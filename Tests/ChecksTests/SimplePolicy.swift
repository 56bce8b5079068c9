import Evidence
import TestSupport
import Wire

@testable import Checks

extension Policy {
  /// The options that say who is who; `nil` where there are others.
  init?(simpleArguments arguments: [String]) {
    self.init()
    var words = arguments[...]
    while let option = words.popFirst(), let value = words.popFirst() {
      switch option {
      case "--vip":
        guard let service = ServicePattern(simple: value) else { return nil }
        services.append(service)
      case "--balancer-mac":
        guard let mac = MACAddress(value) else { return nil }
        balancerMACs.insert(mac)
      case "--backend":
        let parts = value.split(separator: "=").map(String.init)
        guard let address = parts.first.flatMap({ IPAddress($0) }) else { return nil }
        backends.append(Backend(address: address, mac: parts.count > 1 ? MACAddress(parts[1]) : nil))
      default: return nil
      }
    }
  }
}

extension ServicePattern {
  /// `10.1.10.10:80`, of TCP and IPv4.
  fileprivate init?(simple text: String) {
    let parts = text.split(separator: ":").map(String.init)
    guard parts.count == 2, let address = IPAddress(parts[0]), let port = UInt16(parts[1]) else { return nil }
    self.init(address: address, transport: .tcp, port: port)
  }
}
