import ArgumentParser
import Wire

/// A UDP port at which the user's network has a tunnel.
struct TunnelPort {
  var tunnel: Tunnel
  var port: UInt16

  /// Reads `gue:19523`.
  init(argument: String) throws {
    let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let tunnel = Tunnel(name: parts[0].lowercased()), tunnel.isCarriedByUDP,
      let port = UInt16(parts[1]), port > 0
    else {
      let names = Tunnel.allCases.filter(\.isCarriedByUDP).map(\.entry.name).joined(separator: ", ")
      throw ValidationError("Expected a tunnel and its UDP port, such as gue:19523; the tunnels are \(names).")
    }
    self.tunnel = tunnel
    self.port = port
  }
}

extension TunnelPorts {
  /// The usual ports and these.
  init(adding ports: [TunnelPort]) throws {
    self = .standard
    for port in ports where !add(port.port, port.tunnel) {
      throw ValidationError("There can be \(Self.limit) ports of tunnels at most, the usual ones among them.")
    }
  }
}
