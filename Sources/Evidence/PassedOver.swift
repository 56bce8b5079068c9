public import Wire

/// Why a frame says nothing here of the flow that it may carry.
public enum PassedOver: Hashable, Sendable {
  /// It is in a tunnel of a kind that is not opened.
  case tunnel(Tunnel)
  /// It is in more tunnels than are followed.
  case nested
  /// It contradicts itself.
  case malformed
  /// The capture kept too little of it.
  case cut
  /// It is of a protocol, beside or above IP, that is not looked into.
  case otherProtocol
  /// Its interface has a link type that is not read.
  case foreignLink
  /// A line of text that is no packet, or none that can be read.
  case unreadLine

  /// The tunnel that it is in, where that is the reason.
  public var tunnel: Tunnel? {
    guard case .tunnel(let tunnel) = self else { return nil }
    return tunnel
  }

  /// `nil` for a frame that was read to its end.
  init?(_ dissection: borrowing Dissection) {
    switch dissection.stop?.reason {
    case .captureEnded?: self = .cut
    case .malformed?: self = .malformed
    case .tooManyTunnels?: self = .nested
    case .unknownProtocol?:
      guard case .other(let number) = dissection.content, let tunnel = Tunnel(protocolNumber: number) else {
        self = .otherProtocol
        return
      }
      self = .tunnel(tunnel)
    case nil:
      switch dissection.content {
      case .udp(let udp):
        guard let tunnel = dissection.tunnelPorts[udp.destinationPort] else { return nil }
        self = .tunnel(tunnel)
      case .other(let number):
        // Of ICMP the messages that matter here are read.
        guard number != IPProtocol.icmp, number != IPProtocol.icmpv6 else { return nil }
        self = Tunnel(protocolNumber: number).map(PassedOver.tunnel) ?? .otherProtocol
      default: return nil
      }
    }
  }
}

extension PassedOver: Comparable {
  private var rank: (Int, String) {
    switch self {
    case .tunnel(let tunnel): (0, tunnel.entry.name)
    case .nested: (1, "")
    case .malformed: (2, "")
    case .cut: (3, "")
    case .otherProtocol: (4, "")
    case .foreignLink: (5, "")
    case .unreadLine: (6, "")
    }
  }

  public static func < (a: PassedOver, b: PassedOver) -> Bool { a.rank < b.rank }
}
