/// The network that a frame belongs to, as the identifiers of the tunnels around it tell, outermost first: none for a frame
/// outside every tunnel, or in one without an identifier.
///
/// The ends of the tunnels are no part of it, for one network has many; nor are numbers that do not stand for a network:
/// labels, which each end chooses for what comes to it (RFC 3031 section 3.1), and the sessions of mirrors and of PPPoE.
public struct OverlayNetwork: Hashable, Sendable {
  public struct Layer: Hashable, Sendable {
    public var tunnel: Tunnel
    public var identifier: UInt32

    public init(_ tunnel: Tunnel, _ identifier: UInt32) { (self.tunnel, self.identifier) = (tunnel, identifier) }
  }

  public var layers: [Layer]

  public init(_ layers: [Layer] = []) { self.layers = layers }

  public init(_ encapsulation: Encapsulation) {
    layers = []
    if encapsulation.isEmpty { return }
    for layer in encapsulation.layers where layer.tunnel.identifiesNetwork {
      if let identifier = layer.identifier { layers.append(Layer(layer.tunnel, identifier)) }
    }
  }

  /// Outside every tunnel that has an identifier.
  public var isBare: Bool { layers.isEmpty }
}

extension OverlayNetwork: Comparable {
  public static func < (a: Self, b: Self) -> Bool {
    let numbers = { (network: Self) in network.layers.flatMap { [UInt32($0.tunnel.rawValue), $0.identifier] } }
    return numbers(a).lexicographicallyPrecedes(numbers(b))
  }
}

extension Tunnel {
  /// Its identifier stands for a network: frames of one never are of another.
  public var identifiesNetwork: Bool {
    switch self {
    case .vxlan, .vxlanGPE, .geneve, .gre: true
    default: false
    }
  }

  /// Each direction may have an identifier of its own: Linux lets a GRE device send with another key than it receives with
  /// (ip-link(8), ikey and okey).
  public var mayDifferByDirection: Bool { self == .gre }
}
