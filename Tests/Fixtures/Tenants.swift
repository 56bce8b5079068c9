import PacketBuilder
import Wire

extension Fixture {
  /// Two tenants of one underlay, with the same addresses, the same VIP and even the same ports, each in a VNI of its own: on
  /// the wire between a host with the clients and one with balancers and backends.
  static let tenants: [Fixture] = tenants(Network.v4, "v4") + tenants(Network.v6, "v6")

  private static func tenants(_ net: Network, _ name: String) -> [Fixture] {
    let (one, other) = (Tenant(net, vni: 101), Tenant(net, vni: 102))
    let vip = net.argument()
    let working =
      one.finds([one.net.balancer.mac])
      + one.talk(one.net.direct(one.net.backend1), sequence: 1_000_000) { $0.exchange() }
    let found = other.finds([other.net.balancer.mac])
    let direct = other.net.direct(other.net.backend1)
    let answered = { (route: Route) in other.talk(route, sequence: 900_000_000) { $0.exchange() } }
    return [
      trap(
        "tenants-\(name)-good", vip, .pass, .direct(2),
        "Two tenants in VNIs of their own have the same VIP, client and ports; both replies are direct.",
        working + found + answered(direct)),
      trap(
        "tenants-\(name)-bad", vip, .fail, failing: ["reply-via-balancer"], .direct(1, via: 1),
        "The same, and in one of them the replies go through the balancer.",
        working + found + answered(other.net.viaBalancer(other.net.backend1))),
      trap(
        "tenants-\(name)-unanswered", vip, .fail, failing: ["request-unanswered"], .direct(1, unanswered: 1),
        "The same ports, and in one of them nobody answers: the other's answers do not hide that.",
        working + found
          + other.talk(direct, sequence: 900_000_000) {
            $0.send(.syn, from: .client)
            for seconds in [1, 2, 4] { $0.resend(from: .client, after: .seconds(seconds)) }
          }),
      trap(
        "tenants-\(name)-contested", vip, .fail, failing: ["backend-answers-arp"], mayFailMore: true, nil,
        "In one of them a backend answers for the VIP as well, again and again: that counts there as ever.",
        working
          + (0..<4).flatMap { round in
            other.finds(
              [other.net.balancer.mac, other.net.backend1.mac], at: Network.start + .seconds(round))
          } + answered(direct)),
    ]
  }
}

/// A network inside a VNI, of which the capture shows what passes between two hosts.
private struct Tenant {
  let net: Network
  private let vni: UInt32

  private static let clients = mac("06:00:00:00:00:a1")
  private static let servers = mac("06:00:00:00:00:a2")

  /// The same addresses as `net`, and other stations.
  init(_ net: Network, vni: UInt32) {
    var own = net
    let station = { (number: UInt64) in MACAddress(0x0e00_0000_0000 | UInt64(vni) << 8 | number) }
    own.client.mac = station(1)
    own.balancer.mac = station(2)
    own.backend1.mac = station(3)
    self.net = own
    self.vni = vni
  }

  private func underlay(fromClient: Bool) -> (from: MACAddress, to: MACAddress, headers: Packet) {
    let (from, to) = fromClient ? (net.router.ip, net.backend2.ip) : (net.backend2.ip, net.router.ip)
    return (
      fromClient ? Self.clients : Self.servers, fromClient ? Self.servers : Self.clients,
      .ip(from: from, to: to) / .udp(from: 50001, to: 4789) / .vxlan(vni)
    )
  }

  /// The client asks for the VIP, and each of `owners` answers.
  func finds(_ owners: [MACAddress], at time: Timestamp = Network.start) -> [TimedFrame] {
    net.resolve(net.vip, by: net.client, answers: owners, at: time).enumerated().map { index, frame in
      let (from, to, headers) = underlay(fromClient: index == 0)
      return TimedFrame(
        .ethernet(from: from, to: to) / headers / .payload(frame.bytes), at: frame.time)
    }
  }

  /// All that the client sends or gets.
  func talk(_ route: Route, sequence: UInt32, _ script: (inout Conversation) -> Void) -> [TimedFrame] {
    let sightings = { (legs: [Route.Leg]) in
      Vantage.mirror.sightings(
        of: legs.filter { $0.from == net.client.mac || $0.to == net.client.mac }.map { leg in
          let (from, to, headers) = underlay(fromClient: leg.from == net.client.mac)
          return Route.Leg(from, to, ttl: leg.ttl, inside: headers / .ethernet(from: leg.from, to: leg.to))
        })
    }
    var talk = Conversation(
      client: .init(net.client.ip, 40001), server: .init(net.vip, 80), at: Network.start + .milliseconds(20),
      requests: sightings(route.requests), replies: sightings(route.replies), clientSequence: sequence,
      serverSequence: sequence &+ 500_000_000)
    script(&talk)
    return talk.frames
  }
}
