/// The tunnels that were passed to reach the innermost packet, outermost first, and among them what belongs to a link (MPLS,
/// PPPoE), which is no tunnel of the packet.
///
/// A tunnel that carries Ethernet frames is an overlay: the frame inside has MAC addresses and VLAN tags of its own. What
/// stands around it is kept with the tunnel.
public struct Encapsulation: Sendable {
  /// How many tunnels in each other are followed.
  public static let depthLimit = 4

  public struct Layer: Hashable, Sendable {
    public var tunnel: Tunnel
    /// What `Tunnel.Entry.identifier` names; `nil` where the header has none.
    public var identifier: UInt32?
    /// The ends of the tunnel; `nil` for what is of a link, whose ends are the two MACs.
    public var source: IPAddress?
    public var destination: IPAddress?
    /// The addresses of the frame that the tunnel itself was in, where it carries frames with addresses of their own.
    public var carrier: LinkAddresses?

    public init(
      _ tunnel: Tunnel, identifier: UInt32? = nil, from source: IPAddress? = nil, to destination: IPAddress? = nil,
      carrier: LinkAddresses? = nil
    ) {
      self.tunnel = tunnel
      self.identifier = identifier
      self.source = source
      self.destination = destination
      self.carrier = carrier
    }
  }

  private var storage: InlineArray<4, Layer>
  public private(set) var depth = 0
  /// So many of the layers stand outside the frame that the packet is in; the others between that frame and the packet.
  public private(set) var overlayDepth = 0

  public init() {
    storage = InlineArray(repeating: Layer(.ipip))
  }

  /// As it was kept: `isOutside` where it is seen from outside every overlay. `nil` for more layers than are followed.
  package init?(_ layers: [Layer], isOutside: Bool) {
    guard layers.count <= Self.depthLimit else { return nil }
    self.init()
    for layer in layers { push(layer) }
    if isOutside { overlayDepth = 0 }
  }

  /// Without touching what it held.
  mutating func clear() { (depth, overlayDepth) = (0, 0) }

  public var isEmpty: Bool { depth == 0 }
  /// The packet is in a tunnel, and not at once in the frame whose MAC addresses it is seen with.
  public var wrapsPacket: Bool {
    for index in overlayDepth..<depth where !storage[index].tunnel.isOfLink { return true }
    return false
  }
  /// There is a tunnel, be it around the frame or between the frame and the packet.
  public var hasTunnels: Bool { overlayDepth > 0 || wrapsPacket }
  /// The frame is itself in a tunnel.
  public var hasOverlay: Bool { overlayDepth > 0 }

  public mutating func push(_ layer: Layer) {
    guard depth < Self.depthLimit else { return }
    storage[depth] = layer
    depth += 1
    if layer.carrier != nil { overlayDepth = depth }
  }

  /// Outermost first.
  public var layers: [Layer] { (0..<depth).map { storage[$0] } }
  /// The innermost tunnel, whatever of its link stands inside.
  public var innermost: Layer? {
    for index in (0..<depth).reversed() where !storage[index].tunnel.isOfLink { return storage[index] }
    return nil
  }
  /// What tells most closely whose packet it is: the identifier of the innermost layer.
  public var identifier: UInt32? { depth == 0 ? nil : storage[depth - 1].identifier }
  /// The ends of the innermost tunnel.
  public var source: IPAddress? { innermost?.source }
  public var destination: IPAddress? { innermost?.destination }

  /// Outermost first.
  public var kinds: [Tunnel] { layers.map(\.tunnel) }

  /// The same as seen from outside every overlay, and the addresses of the frame there; `nil` without an overlay.
  public var outside: (addresses: LinkAddresses, encapsulation: Encapsulation)? {
    for index in 0..<overlayDepth {
      guard let addresses = storage[index].carrier else { continue }
      var encapsulation = self
      encapsulation.overlayDepth = 0
      return (addresses, encapsulation)
    }
    return nil
  }
}

extension Encapsulation: Hashable {
  public static func == (a: Encapsulation, b: Encapsulation) -> Bool {
    guard a.depth == b.depth, a.overlayDepth == b.overlayDepth else { return false }
    for index in 0..<a.depth where a.storage[index] != b.storage[index] { return false }
    return true
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(depth)
    for index in 0..<depth { hasher.combine(storage[index]) }
  }
}

extension Encapsulation: Comparable {
  /// Layer by layer: no two are level.
  public static func < (a: Encapsulation, b: Encapsulation) -> Bool {
    for index in 0..<min(a.depth, b.depth) where a.storage[index] != b.storage[index] {
      return a.storage[index].precedes(b.storage[index])
    }
    return (a.depth, a.overlayDepth) < (b.depth, b.overlayDepth)
  }
}

extension Encapsulation.Layer {
  fileprivate func precedes(_ other: Self) -> Bool {
    if tunnel != other.tunnel { return tunnel.rawValue < other.tunnel.rawValue }
    let order = { (layer: Self) in layer.identifier.map { Int64($0) } ?? -1 }
    if identifier != other.identifier { return order(self) < order(other) }
    for (own, others) in [(source, other.source), (destination, other.destination)] where own != others {
      guard let own else { return true }
      return others.map { own < $0 } ?? false
    }
    let numbers = { (layer: Self) -> [UInt64] in
      guard let carrier = layer.carrier else { return [] }
      return [
        carrier.source.map { $0.rawValue + 1 } ?? 0, carrier.destination.map { $0.rawValue + 1 } ?? 0,
        UInt64(carrier.vlan.depth), UInt64(carrier.vlan.outer), UInt64(carrier.vlan.inner),
      ]
    }
    return numbers(self).lexicographicallyPrecedes(numbers(other))
  }
}

/// What tells where an Ethernet frame comes from and where it goes to.
public struct LinkAddresses: Hashable, Sendable {
  /// `nil` where the link type carries none.
  public var source: MACAddress?
  public var destination: MACAddress?
  public var vlan: VLANStack

  public init(source: MACAddress?, destination: MACAddress?, vlan: VLANStack) {
    self.source = source
    self.destination = destination
    self.vlan = vlan
  }
}
