import PacketBuilder
import Wire

/// The network of the article and the lab, in which most fixtures play: everybody on one Ethernet.
struct Network: Sendable {
  struct Station: Sendable, Hashable {
    var mac: MACAddress
    var ip: IPAddress
  }

  var client: Station
  var balancer: Station
  var backend1: Station
  var backend2: Station
  var router: Station
  var vip: IPAddress

  static let v4 = Network(
    client: Station(mac: mac("06:ba:49:38:53:f0"), ip: ip("10.1.10.100")),
    balancer: Station(mac: mac("06:1f:8a:6c:8e:d2"), ip: ip("10.1.10.11")),
    backend1: Station(mac: mac("06:d2:0a:b1:14:20"), ip: ip("10.1.10.21")),
    backend2: Station(mac: mac("06:d2:0a:b1:14:21"), ip: ip("10.1.10.22")),
    router: Station(mac: mac("06:ff:00:00:00:01"), ip: ip("10.1.10.1")),
    vip: ip("10.1.10.10"))

  static let v6 = Network(
    client: Station(mac: v4.client.mac, ip: ip("fd00:10::100")),
    balancer: Station(mac: v4.balancer.mac, ip: ip("fd00:10::11")),
    backend1: Station(mac: v4.backend1.mac, ip: ip("fd00:10::21")),
    backend2: Station(mac: v4.backend2.mac, ip: ip("fd00:10::22")),
    router: Station(mac: v4.router.mac, ip: ip("fd00:10::1")),
    vip: ip("fd00:10::10"))

  /// 2024-03-01 12:00:00 UTC.
  static let start = Timestamp(seconds: 1_709_294_400, nanoseconds: 0)

  /// `--vip` for a service of this network.
  func argument(_ port: UInt16 = 80, udp: Bool = false) -> String {
    let host = vip.version == .v4 ? vip.description : "[\(vip)]"
    return "--vip \(udp ? "udp://" : "")\(host):\(port)"
  }

  // MARK: Who has an address

  /// `asker` wants to know who has `address`, and each of `owners` says that it has.
  func resolve(
    _ address: IPAddress, by asker: Station, answers owners: [MACAddress], at time: Timestamp = start
  ) -> [TimedFrame] {
    let question =
      address.version == .v4
      ? Packet.arpRequest(for: address, by: asker.mac, asker.ip)
      : Packet.ndpRequest(for: address, by: asker.mac, asker.ip)
    let replies = owners.map { owner in
      address.version == .v4
        ? Packet.arpReply(address, isAt: owner, to: asker.mac, asker.ip)
        : Packet.ndpReply(address, isAt: owner, to: asker.mac, asker.ip)
    }
    return ([question] + replies).enumerated().map { TimedFrame($1, at: time + .microseconds(40 * $0)) }
  }

  /// The client asks for the VIP, and the balancer answers.
  var clientFindsBalancer: [TimedFrame] { resolve(vip, by: client, answers: [balancer.mac]) }

  /// The balancer asks for its backends, and they answer.
  var balancerFindsBackends: [TimedFrame] {
    resolve(backend1.ip, by: balancer, answers: [backend1.mac], at: Self.start + .milliseconds(2))
      + resolve(backend2.ip, by: balancer, answers: [backend2.mac], at: Self.start + .milliseconds(3))
  }

  // MARK: Conversations

  /// A conversation between the client's port and the service, as it is seen at one place.
  func conversation(
    port: UInt16, with service: UInt16 = 80, along route: Route, at vantage: Vantage, start: Timestamp? = nil,
    clientIP: IPAddress? = nil
  ) -> Conversation {
    Conversation(
      client: .init(clientIP ?? client.ip, port), server: .init(vip, service),
      at: start ?? Self.start + .milliseconds(10 * Int(port % 100) + 10),
      requests: vantage.sightings(of: route.requests), replies: vantage.sightings(of: route.replies),
      clientSequence: 1_000_000 &* UInt32(port), serverSequence: 77_000_000 &* UInt32(port))
  }

  /// A whole HTTP exchange.
  func http(
    port: UInt16, along route: Route, at vantage: Vantage, start: Timestamp? = nil, clientIP: IPAddress? = nil
  ) -> [TimedFrame] {
    var talk = conversation(port: port, along: route, at: vantage, start: start, clientIP: clientIP)
    talk.exchange()
    return talk.frames
  }

  /// The balancer asks its first backend whether it is well, at the backend's own address, and gets an answer.
  var healthCheck: [TimedFrame] { healthCheck(of: backend1) }

  func healthCheck(of backend: Station) -> [TimedFrame] {
    var talk = Conversation(
      client: .init(balancer.ip, 50001), server: .init(backend.ip, 80), at: Self.start + .milliseconds(4),
      requests: [Sighting(.ethernet(from: balancer.mac, to: backend.mac), ttl: 64)],
      replies: [Sighting(.ethernet(from: backend.mac, to: balancer.mac), ttl: 64)], clientSequence: 4_000_000,
      serverSequence: 5_000_000)
    talk.exchange()
    return talk.frames
  }

  /// A DNS query and its answer.
  func dns(port: UInt16, along route: Route, at vantage: Vantage) -> [TimedFrame] {
    var talk = conversation(port: port, with: 53, along: route, at: vantage)
    talk.datagram(from: .client, DNS.query)
    talk.datagram(from: .server, DNS.answer)
    return talk.frames
  }
}

extension Conversation {
  /// Handshake, request, reply, end.
  mutating func exchange() {
    open()
    request("GET /txt HTTP/1.1\r\nHost: dsr.example\r\n\r\n")
    reply("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n")
    close()
  }
}

/// Who has `dsr.example`, and 192.0.2.1 has it (RFC 1035 section 4).
enum DNS {
  static let question: [UInt8] = [3] + Array("dsr".utf8) + [7] + Array("example".utf8) + [0, 0, 1, 0, 1]
  static let query: [UInt8] = [0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0] + question
  static let answer: [UInt8] =
    [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0] + question
    + [0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]
}

/// The legs that the frames of a flow go, each from one station's MAC to another's.
struct Route: Sendable {
  struct Leg: Sendable {
    var from: MACAddress
    var to: MACAddress
    var ttl: UInt8
    /// VLAN tags and outer headers of a tunnel.
    var inside: Packet
    /// The server's address, where it has been translated.
    var server: IPAddress?
    /// The option of a SYN that names the VIP to a backend.
    var synOption: [UInt8]
    /// A sender which keeps the source MAC that the frame came with is not seen in the frame, but is its sender.
    var sender: MACAddress?

    init(
      _ from: MACAddress, _ to: MACAddress, ttl: UInt8 = 64, inside: Packet = Packet(), server: IPAddress? = nil,
      synOption: [UInt8] = [], sender: MACAddress? = nil
    ) {
      self.from = from
      self.to = to
      self.ttl = ttl
      self.inside = inside
      self.server = server
      self.synOption = synOption
      self.sender = sender
    }
  }

  var requests: [Leg]
  var replies: [Leg]
}

extension Network {
  /// Direct Server Return as it should be.
  func direct(_ backend: Station, tunnel: Packet = Packet()) -> Route {
    Route(
      requests: [
        .init(client.mac, balancer.mac), .init(balancer.mac, backend.mac, ttl: 63, inside: tunnel),
      ],
      replies: [.init(backend.mac, client.mac)])
  }

  /// The backend's gateway is the balancer, so replies cross it.
  func viaBalancer(_ backend: Station, tunnel: Packet = Packet()) -> Route {
    Route(
      requests: direct(backend, tunnel: tunnel).requests,
      replies: [.init(backend.mac, balancer.mac), .init(balancer.mac, client.mac, ttl: 63)])
  }

  /// The balancer translates the destination, and the replies come back to it.
  func translated(_ backend: Station) -> Route {
    Route(
      requests: [.init(client.mac, balancer.mac), .init(balancer.mac, backend.mac, ttl: 63, server: backend.ip)],
      replies: [.init(backend.mac, balancer.mac, server: backend.ip), .init(balancer.mac, client.mac, ttl: 63)])
  }

  /// The client talks to the backend straight.
  func bypassing(_ backend: Station) -> Route {
    Route(requests: [.init(client.mac, backend.mac)], replies: [.init(backend.mac, client.mac)])
  }
}

/// A place to capture at: the frames that a station sends or receives, or all of them.
enum Vantage: Sendable {
  case station(MACAddress)
  case mirror

  func sightings(of legs: [Route.Leg]) -> [Sighting] {
    legs.filter { leg in
      switch self {
      case .station(let mac): [leg.from, leg.to, leg.sender].contains(mac)
      case .mirror: true
      }
    }.map {
      Sighting(
        .ethernet(from: $0.from, to: $0.to) / $0.inside, ttl: $0.ttl, server: $0.server, synOption: $0.synOption)
    }
  }
}

extension Network {
  var atClient: Vantage { .station(client.mac) }
  var atBalancer: Vantage { .station(balancer.mac) }
  var atBackend1: Vantage { .station(backend1.mac) }
}
