import Wire

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

  /// A kind of tunnel that is not opened, told by an IP protocol number or by the UDP port that IANA, or common use, gives
  /// it.
  public enum Tunnel: String, Sendable, CaseIterable {
    case gre, vxlan, geneve, esp, ah, l2tp, gtp
    case etherIP = "etherip"
    case vxlanGPE = "vxlan-gpe"
    case mplsOverUDP = "mpls-over-udp"

    init?(udpPort port: UInt16) {
      switch port {
      case 4789, 8472: self = .vxlan
      case 4790: self = .vxlanGPE
      case 6081: self = .geneve
      case 4500: self = .esp
      case 1701: self = .l2tp
      case 6635: self = .mplsOverUDP
      case 2152: self = .gtp
      default: return nil
      }
    }

    init?(protocolNumber: UInt8) {
      switch protocolNumber {
      case IPProtocol.gre: self = .gre
      case 50: self = .esp
      case 51: self = .ah
      case 97: self = .etherIP
      case 115: self = .l2tp
      default: return nil
      }
    }
  }

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
      self = dissection.stop?.layer == .gre ? .tunnel(.gre) : .otherProtocol
    case nil:
      switch dissection.content {
      case .udp(let udp):
        guard let tunnel = Tunnel(udpPort: udp.destinationPort) else { return nil }
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
    case .tunnel(let tunnel): (0, tunnel.rawValue)
    case .nested: (1, "")
    case .malformed: (2, "")
    case .cut: (3, "")
    case .otherProtocol: (4, "")
    }
  }

  public static func < (a: PassedOver, b: PassedOver) -> Bool { a.rank < b.rank }
}
