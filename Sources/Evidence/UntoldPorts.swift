public import Wire

/// UDP ports of which nobody said that there is a tunnel, and what datagrams to them look like.
///
/// One datagram that is no tunnel settles a port, whatever others look like: that keeps what is counted the same in whatever
/// order frames come.
public struct UntoldPorts: Hashable, Sendable {
  public struct Look: Hashable, Sendable {
    public var port: UInt16
    public var tunnel: Tunnel

    package init(port: UInt16, tunnel: Tunnel) { (self.port, self.tunnel) = (port, tunnel) }
  }

  /// Datagrams by what they look like, of ports at which all look like some tunnel.
  public private(set) var looks: [Look: UInt64] = [:]
  /// A bit for each port that is no tunnel's; empty where there is none.
  private var others: [UInt64] = []

  public init() {}

  /// A port at which all datagrams look like one tunnel, and how many there are.
  public struct Hint: Hashable, Sendable {
    public var port: UInt16
    public var tunnel: Tunnel
    public var frames: UInt64
  }

  /// In the order of the ports. One datagram may be chance.
  public var hints: [Hint] {
    Dictionary(grouping: looks, by: \.key.port).values.compactMap { all in
      guard all.count == 1, let only = all.first, only.value > 1 else { return nil }
      return Hint(port: only.key.port, tunnel: only.key.tunnel, frames: only.value)
    }.sorted { $0.port < $1.port }
  }

  package var otherPorts: [UInt16] { others.isEmpty ? [] : (0...UInt16.max).filter(isOther) }

  @inline(__always)
  func isOther(_ port: UInt16) -> Bool {
    !others.isEmpty && others[Int(port >> 6)] >> UInt64(port & 63) & 1 == 1
  }

  package mutating func add(_ frames: UInt64, of look: Look) {
    if !isOther(look.port) { looks[look, default: 0] = (looks[look] ?? 0).addingSaturated(frames) }
  }

  package mutating func settle(_ port: UInt16) {
    if others.isEmpty { others = Array(repeating: 0, count: 1 << 10) }
    others[Int(port >> 6)] |= 1 << UInt64(port & 63)
    if !looks.isEmpty { looks = looks.filter { $0.key.port != port } }
  }

  mutating func note(_ frame: borrowing Dissection, _ bytes: Span<UInt8>) {
    guard case .udp(let datagram) = frame.content, !isOther(datagram.destinationPort),
      let (port, likeness) = frame.likeness(in: bytes)
    else { return }
    switch likeness {
    case .tunnel(let tunnel): add(1, of: Look(port: port, tunnel: tunnel))
    case .none: settle(port)
    case .unknown: break
    }
  }

  mutating func merge(_ other: UntoldPorts) {
    if !other.others.isEmpty {
      if others.isEmpty {
        others = other.others
      } else {
        for index in others.indices { others[index] |= other.others[index] }
      }
    }
    for (look, frames) in other.looks { looks[look] = (looks[look] ?? 0).addingSaturated(frames) }
    if !looks.isEmpty, !others.isEmpty { looks = looks.filter { !isOther($0.key.port) } }
  }
}
