import Evidence
import PacketBuilder
import Wire

/// An IP packet on its way, and what is known of it that no capture shows.
struct Datagram {
  struct Segment {
    var flags: TCPHeader.Flags
    var sequence: UInt32
    var acknowledgment: UInt32
    var payload = 0
  }

  struct Ping {
    var isAnswer: Bool
    var sequence: UInt16
  }

  struct Tunnel {
    var family: Scenario.Family
    var source: IPAddress
    var destination: IPAddress
    var ttl: UInt8 = 64
    var sourcePort: UInt16 = 0
  }

  /// The talk that it belongs to.
  var talk: Int
  var half: Half
  var source: Endpoint
  var destination: Endpoint
  var ttl: UInt8
  var identification: UInt16
  /// `nil` for UDP, and for a ping.
  var tcp: Segment?
  /// An ICMP echo, or the answer to one.
  var ping: Ping?
  /// UDP: bytes of payload, and what sets this datagram apart from others.
  var payload = 0
  var mark: UInt8 = 0
  var tunnel: Tunnel?
  /// The stations it has passed, its sender first.
  var visited: [Int] = []
  /// It was sent, or passed on, by who was a balancer then.
  var hasMetBalancer = false
  /// Identifications of the segments that a card joined to this one.
  var absorbed: [UInt16] = []

  /// Where the next router looks.
  var currentDestination: IPAddress { tunnel?.destination ?? destination.address }

  var packet: Packet {
    var outer = Packet()
    if let tunnel {
      outer = .ip(from: tunnel.source, to: tunnel.destination, ttl: tunnel.ttl, id: identification &+ 77)
      switch tunnel.family {
      case .gre: outer = outer / .gre()
      case .gue: outer = outer / .udp(from: tunnel.sourcePort, to: 6080) / .gue()
      default: break
      }
    }
    let inner = Packet.ip(from: source.address, to: destination.address, ttl: ttl, id: identification)
    if let ping { return outer / inner / Self.echo(ping, source.address.version, payload) }
    guard let tcp else {
      return outer / inner
        / .udp(from: source.port, to: destination.port, payload: Self.content(payload, mark))
    }
    let isFirst = tcp.flags.contains(.syn)
    return outer / inner
      / .tcp(
        from: source.port, to: destination.port, seq: tcp.sequence, ack: tcp.acknowledgment, flags: tcp.flags,
        window: tcp.flags.contains(.rst) ? 0 : 502,
        options: isFirst ? Self.synOptions : [], payload: Self.content(tcp.payload, 0))
  }

  /// The bytes up to the end of the headers that tell the flow, link layer apart.
  var headerLength: Int {
    let ip = source.address.version == .v4 ? 20 : 40
    var length = ip + (tcp == nil ? 8 : 20)
    if let tunnel {
      length += tunnel.source.version == .v4 ? 20 : 40
      switch tunnel.family {
      case .gre: length += 4
      case .gue: length += 12
      default: break
      }
    }
    return length
  }

  private static func echo(_ ping: Ping, _ version: IPAddress.Version, _ payload: Int) -> Packet {
    let parameter = 0x7a11_0000 | UInt32(ping.sequence)
    let contents = content(payload, 0)
    return version == .v4
      ? .icmp(type: ping.isAnswer ? 0 : 8, parameter: parameter, contents: contents)
      : .icmpv6(type: ping.isAnswer ? 129 : 128, parameter: parameter, contents: contents)
  }

  private static let synOptions: [TCPLayer.Option] = [
    .maximumSegmentSize(1460), .selectiveAcknowledgmentPermitted, .noOperation, .windowScale(7),
  ]

  private static func content(_ count: Int, _ mark: UInt8) -> [UInt8] {
    var bytes = Array(repeating: UInt8(ascii: "x"), count: count)
    if count > 0 { bytes[0] = mark }
    return bytes
  }
}
