/// The UDP destination ports at which tunnels are looked for.
///
/// It is asked for every datagram, so that it lies in one place of fixed size.
public struct TunnelPorts: Sendable {
  /// How many ports there can be.
  public static let limit = 32

  /// The port in the upper half, the tunnel in the lower.
  private var entries: InlineArray<32, UInt32> = .init(repeating: 0)
  private var count = 0
  /// One bit for the lower six of each port: most other ports end here.
  private var filter: UInt64 = 0

  /// Those that the tunnels' own entries give.
  public static let standard: TunnelPorts = {
    var ports = TunnelPorts()
    for tunnel in Tunnel.allCases {
      for case .udpPort(let port) in tunnel.entry.carriers { _ = ports.add(port, tunnel) }
    }
    return ports
  }()

  private init() {}

  /// Looks for `tunnel` at `port`, in the place of any other. False where there is no room.
  public mutating func add(_ port: UInt16, _ tunnel: Tunnel) -> Bool {
    let entry = UInt32(port) << 16 | UInt32(tunnel.rawValue)
    for index in 0..<count where entries[index] >> 16 == UInt32(port) {
      entries[index] = entry
      return true
    }
    guard count < Self.limit else { return false }
    entries[count] = entry
    count += 1
    filter |= 1 << UInt64(port & 63)
    return true
  }

  /// The tunnel of a port; `nil` where there is none.
  @inline(__always)
  public subscript(port: UInt16) -> Tunnel? {
    guard filter >> UInt64(port & 63) & 1 == 1 else { return nil }
    return find(port)
  }

  private func find(_ port: UInt16) -> Tunnel? {
    for index in 0..<count where entries[index] >> 16 == UInt32(port) {
      return Tunnel(rawValue: UInt8(truncatingIfNeeded: entries[index]))
    }
    return nil
  }

  /// Every port with its tunnel, in the order of the ports.
  public var all: [(port: UInt16, tunnel: Tunnel)] {
    (0..<count).compactMap { index in
      Tunnel(rawValue: UInt8(truncatingIfNeeded: entries[index])).map {
        (UInt16(truncatingIfNeeded: entries[index] >> 16), $0)
      }
    }.sorted { $0.port < $1.port }
  }
}
