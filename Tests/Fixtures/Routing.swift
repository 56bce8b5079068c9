import PacketBuilder
import Wire

extension Fixture {
  /// Who routes, translates or answers for whom: a balancer that is its backends' router, a gateway that serves, a switch that
  /// answers ARP, and captures that show a part of a balancer's ports.
  static let routing: [Fixture] =
    routing(Network.v4, "v4") + routing(Network.v6, "v6") + [answersForOthers, servesBehindItsOwn]

  /// A balancer and a gateway whose addresses a switch tells in their place.
  private static var answersForOthers: Fixture {
    let net = Network.v4
    let responder = mac("06:ee:00:00:00:01")
    func answers(for other: Network.Station, at time: Timestamp) -> [TimedFrame] {
      [
        TimedFrame(.arpRequest(for: other.ip, by: net.backend1.mac, net.backend1.ip), at: time),
        TimedFrame(
          .ethernet(from: responder, to: net.backend1.mac)
            / .arp(.reply, sender: other.mac, other.ip, target: net.backend1.mac, net.backend1.ip),
          at: time + .microseconds(40)),
      ]
    }
    let byRouter = Route(
      requests: [.init(net.balancer.mac, net.backend1.mac, ttl: 62)], replies: [.init(net.backend1.mac, net.router.mac)]
    )
    return trap(
      "arp-answered-by-switch", "\(net.argument()) --balancer-mac \(net.balancer.mac)", .inconclusive, .undecided(1),
      "At a backend: a switch answers ARP for the balancer and for the gateway, their MACs inside, as a bond of both would.",
      answers(for: net.balancer, at: Network.start) + answers(for: net.router, at: Network.start + .milliseconds(2))
        + net.http(port: 40001, along: byRouter, at: .mirror))
  }

  /// A plain server, which the user calls a backend, tells the VIP at another MAC of its own.
  private static var servesBehindItsOwn: Fixture {
    let net = Network.v4
    let second = mac("06:3f:47:03:62:b9")
    let told = [
      TimedFrame(.arpRequest(for: net.vip, by: net.client.mac, net.client.ip), at: Network.start),
      TimedFrame(
        .ethernet(from: net.backend1.mac, to: net.client.mac)
          / .arp(.reply, sender: second, net.vip, target: net.client.mac, net.client.ip),
        at: Network.start + .microseconds(40)),
    ]
    let plain = Route(requests: [.init(net.client.mac, second)], replies: [.init(net.backend1.mac, net.client.mac)])
    return trap(
      "plain-second-mac-named", "\(net.argument()) --backend \(net.backend1.ip)=\(net.backend1.mac)", .inconclusive,
      .undecided(1), "At the client: the host that answers for the VIP, with another MAC inside, serves it itself.",
      told
        + net.resolve(net.router.ip, by: net.backend1, answers: [net.router.mac], at: Network.start + .milliseconds(2))
        + net.http(port: 40001, along: plain, at: .mirror))
  }

  private static func routing(_ net: Network, _ name: String) -> [Fixture] {
    let vip = net.argument()
    let found = net.clientFindsBalancer + net.balancerFindsBackends + net.healthCheck
    let direct = net.direct(net.backend1)
    let (balancer, backend, router, client) = (net.balancer.mac, net.backend1.mac, net.router.mac, net.client.mac)

    /// What the backend sends to its router by way of the balancer, and what is in it nobody can tell.
    var vpn = Conversation(
      client: .init(net.backend1.ip, 41194), server: .init(net.router.ip, 41194), at: Network.start + .milliseconds(30),
      requests: [
        Sighting(.ethernet(from: backend, to: balancer)), Sighting(.ethernet(from: balancer, to: router), ttl: 63),
      ], replies: [])
    for byte in 0..<4 { vpn.datagram(from: .client, [UInt8](repeating: UInt8(byte) &* 77 &+ 31, count: 80)) }

    // The backend is a client of the service as well.
    let asking = Route(
      requests: [.init(backend, balancer), .init(balancer, net.backend2.mac, ttl: 63)],
      replies: [.init(net.backend2.mac, backend)])

    // The clients' router is a backend as well.
    let returned = Route(requests: [.init(router, balancer, ttl: 63), .init(balancer, router, ttl: 62)], replies: [])

    // Answers leave by a router that lets no SYN-ACK pass whose SYN it has not seen.
    let oneWay = Route(requests: direct.requests, replies: [.init(backend, router)])
    let unheard = net.strangers.flatMap { stranger -> [TimedFrame] in
      var talk = net.conversation(port: 50000, along: oneWay, at: .mirror, clientIP: stranger)
      talk.send(.syn, from: .client)
      talk.send([.syn, .ack], from: .server)
      for seconds in [1, 2, 4] { talk.resend(from: .server, after: .seconds(seconds)) }
      return talk.frames
    }

    // A SYN proxy in front of Masq has numbers of its own, and answers from another MAC than it receives at.
    let second = mac("06:1f:8a:6c:8e:77")
    let outside = Route(requests: [.init(client, balancer)], replies: [.init(second, client)])
    var inside = Conversation(
      client: .init(net.client.ip, 40001), server: .init(net.backend1.ip, 80), at: Network.start + .milliseconds(21),
      requests: [Sighting(.ethernet(from: balancer, to: backend), ttl: 63)],
      replies: [Sighting(.ethernet(from: backend, to: balancer))],
      clientSequence: 1_000_000 &* 40001, serverSequence: 4_242_424)
    inside.exchange()

    // Full NAT: the backend answers the balancer, which answers from another MAC than it receives at.
    var fullNAT = net.conversation(port: 40001, along: Route(requests: [], replies: []), at: .mirror)
    fullNAT.requests = [
      Sighting(.ethernet(from: client, to: balancer)),
      Sighting(.ethernet(from: balancer, to: backend), ttl: 63, client: net.balancer.ip, server: net.backend1.ip),
    ]
    fullNAT.replies = [
      Sighting(.ethernet(from: backend, to: balancer), client: net.balancer.ip, server: net.backend1.ip),
      Sighting(.ethernet(from: second, to: client), ttl: 63),
    ]
    fullNAT.exchange()

    // One port of the balancer's bond: it shows what the balancer sends to a backend, and not what comes back.
    var check = Conversation(
      client: .init(net.balancer.ip, 50001), server: .init(net.backend1.ip, 80), at: Network.start + .milliseconds(4),
      requests: [Sighting(.ethernet(from: balancer, to: backend))], replies: [])
    check.exchange()

    // The tap misses what the balancer hands on to its second backend.
    let vanishing = Route(requests: [.init(client, balancer)], replies: [])

    return [
      trap(
        "replies-in-vpn-\(name)", vip, .inconclusive, .undecided(1),
        "At the balancer: no reply crosses it, and it routes a VPN between the backend and the router.",
        found + net.http(port: 40001, along: direct, at: net.atBalancer) + vpn.frames),
      trap(
        "backend-asks-too-\(name)-good", vip, .pass, .direct(2),
        "At the balancer: a backend is a client of the service as well.",
        found + net.http(port: 40001, along: direct, at: net.atBalancer)
          + net.http(port: 40002, along: asking, at: net.atBalancer, clientIP: net.backend1.ip)),
      trap(
        "gateway-serves-\(name)", vip, .inconclusive, .undecided(1),
        "On the VIP's network: the clients' gateway is the backend, so the request goes back to where it came from, once.",
        net.http(port: 40001, along: returned, at: .mirror)),
      trap(
        "half-open-one-way-\(name)", vip, .inconclusive, .direct(1, undecided: net.strangers.count),
        "On a mirror: one client is served, and no handshake ends of those whose answers leave by the router.",
        net.clientFindsBalancer + net.http(port: 40001, along: direct, at: .mirror) + unheard),
      trap(
        "masq-other-numbers-\(name)-bad", vip, .fail, failing: ["reply-via-balancer"], .via(1),
        "On a mirror: Masq behind a SYN proxy, whose numbers differ, by a balancer with two MACs.",
        net.clientFindsBalancer + net.http(port: 40001, along: outside, at: .mirror) + inside.frames),
      trap(
        "full-nat-second-mac-\(name)-bad", vip, .fail, failing: ["reply-via-balancer"], .via(1),
        "On a mirror: full NAT by a balancer that sends to clients from another MAC than it receives at.",
        net.clientFindsBalancer + fullNAT.frames),
      trap(
        "bond-port-alone-\(name)", vip, .inconclusive, .undecided(1),
        "At one port of the balancer's bond: it acknowledges answers of a backend that this port does not show.",
        net.clientFindsBalancer + check.frames + net.http(port: 40001, along: direct, at: net.atBalancer)),
      trap(
        "requests-vanish-\(name)", vip, .inconclusive, .undecided(2),
        "At the balancer: of one flow nothing leaves it, and its client acknowledges answers: the tap misses frames.",
        found + net.http(port: 40001, along: direct, at: net.atBalancer)
          + net.http(port: 40002, along: vanishing, at: net.atBalancer)),
    ]
  }
}
