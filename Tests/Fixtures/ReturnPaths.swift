import PacketBuilder
import Wire

extension Fixture {
  /// DSR001 and DSR002: which way the two halves go, at every vantage, good and bad beside each other.
  static let returnPaths: [Fixture] = returnPaths(Network.v4, "v4") + returnPaths(Network.v6, "v6")

  private static let via = ["reply-via-balancer"]
  private static let bypassed = ["balancer-bypassed"]

  private static func returnPaths(_ net: Network, _ name: String) -> [Fixture] {
    let vip = net.argument()
    let known = "\(vip) --balancer-mac \(net.balancer.mac)"
    let (b1, b2) = (net.backend1, net.backend2)

    /// Two connections, one to each backend.
    func two(_ first: Route, _ second: Route, _ vantage: Vantage) -> [TimedFrame] {
      net.http(port: 40001, along: first, at: vantage) + net.http(port: 40002, along: second, at: vantage)
    }
    func direct(at vantage: Vantage) -> [TimedFrame] { two(net.direct(b1), net.direct(b2), vantage) }
    func viaBalancer(at vantage: Vantage) -> [TimedFrame] { two(net.viaBalancer(b1), net.viaBalancer(b2), vantage) }
    let one = net.http(port: 40001, along: net.direct(b1), at: net.atBackend1)
    let oneVia = net.http(port: 40001, along: net.viaBalancer(b1), at: net.atBackend1)
    let found = net.clientFindsBalancer
    let backendsFound = net.balancerFindsBackends
    let backendFound = net.resolve(b1.ip, by: net.balancer, answers: [b1.mac])

    return [
      // At the client.
      trap(
        "client-tcp-\(name)-good", vip, .pass, .direct(2),
        "At the client: requests to the balancer, replies from two backends.", found + direct(at: net.atClient)),
      trap(
        "client-tcp-\(name)-bad", vip, .fail, failing: via, .via(2),
        "At the client: the balancer, the VIP's only owner, sends the replies.",
        found + viaBalancer(at: net.atClient)),
      trap(
        "client-tcp-\(name)-bad-one-backend", vip, .fail, failing: via, .direct(1, via: 1),
        "At the client: one of two backends returns through the balancer, which was seen to ask for the other.",
        found + net.resolve(b1.ip, by: net.balancer, answers: [b1.mac])
          + two(net.direct(b1), net.viaBalancer(b2), net.atClient)),
      trap(
        "client-tcp-\(name)-bad-one-backend-unknown", vip, .fail, failing: via, .direct(0, via: 1, undecided: 1),
        "The same, but nothing shows that the other MAC is not the balancer's own second one.",
        found + two(net.direct(b1), net.viaBalancer(b2), net.atClient)),
      trap(
        "client-tcp-\(name)-good-unresolved", vip, .pass, .direct(2),
        "At the client, addresses resolved before: two different MACs are the proof.", direct(at: net.atClient)),
      trap(
        "client-tcp-\(name)-same-mac-unresolved", vip, .inconclusive, .undecided(2),
        "At the client, addresses resolved before: one MAC on both halves may be a balancer or a router.",
        viaBalancer(at: net.atClient)),
      again(
        "client-tcp-\(name)-same-mac-unresolved", known, .fail, failing: via, .via(2),
        "The same, the balancer known."),
      trap(
        "client-udp-\(name)-good", net.argument(53, udp: true), .pass, .direct(1),
        "At the client, DNS: the answer comes from a backend.",
        found + net.dns(port: 40001, along: net.direct(b1), at: net.atClient)),
      trap(
        "client-udp-\(name)-bad", net.argument(53, udp: true), .fail, failing: via, .via(1),
        "At the client, DNS: the answer comes from the balancer.",
        found + net.dns(port: 40001, along: net.viaBalancer(b1), at: net.atClient)),
      trap(
        "client-tcp-\(name)-translated", vip, .fail, failing: via, .via(2),
        "At the client of a translating balancer (IPVS Masq): replies from the balancer.",
        found + two(net.translated(b1), net.translated(b2), net.atClient)),

      // Past the balancer.
      trap(
        "bypass-client-\(name)-bad", vip, .fail, failing: bypassed, .direct(1, bypassed: 1),
        "At the client: the second connection goes straight to a backend, as after a poisoned ARP cache.",
        found + two(net.direct(b1), net.bypassing(b1), net.atClient)),
      trap(
        "bypass-mirror-\(name)-bad", vip, .fail, failing: bypassed, .direct(1, bypassed: 1),
        "On a mirror: the second connection goes straight to a backend.",
        found + two(net.direct(b1), net.bypassing(b1), .mirror)),

      // At a backend: the request's source and the reply's destination.
      trap(
        "backend-tcp-\(name)-good", vip, .pass, .direct(1),
        "At a backend: requests come from the balancer, replies go to the client.", backendFound + one),
      trap(
        "backend-tcp-\(name)-bad", known, .fail, failing: via, .via(1),
        "At a backend whose gateway is the balancer: replies go back to where requests came from.",
        backendFound + oneVia),
      again(
        "backend-tcp-\(name)-bad", vip, .inconclusive, .undecided(1),
        "The same, the balancer unknown: the MAC on both halves may be a router's."),
      trap(
        "backend-tcp-\(name)-bad-announced", vip, .fail, failing: via, .via(1),
        "At a backend, the balancer told by its own announcement of the VIP.", announcement(net) + oneVia),
      trap(
        "backend-udp-\(name)-good", net.argument(53, udp: true), .pass, .direct(1),
        "At a backend, DNS.",
        announcement(net) + net.dns(port: 40001, along: net.direct(b1), at: net.atBackend1)),
      trap(
        "backend-udp-\(name)-bad", net.argument(53, udp: true), .fail, failing: via, .via(1),
        "At a backend, DNS, whose gateway is the balancer.",
        announcement(net) + net.dns(port: 40001, along: net.viaBalancer(b1), at: net.atBackend1)),

      // At the balancer: replies that never pass, and yet are acknowledged.
      trap(
        "balancer-tcp-\(name)-good", vip, .pass, .direct(2),
        "At the balancer: requests leave again, replies never pass, and clients acknowledge them. A health check goes both ways.",
        found + backendsFound + net.healthCheck + direct(at: net.atBalancer)),
      trap(
        "balancer-tcp-\(name)-filtered", vip, .inconclusive, .undecided(2),
        "The same with nothing but ARP beside: a filter 'arp or dst host VIP' would show just this where replies do cross.",
        found + backendsFound + direct(at: net.atBalancer)),
      trap(
        "balancer-tcp-\(name)-bad", vip, .fail, failing: via, .via(2),
        "At the balancer: replies arrive and leave.",
        found + backendsFound + net.healthCheck + viaBalancer(at: net.atBalancer)),
      trap(
        "balancer-tcp-\(name)-translated", vip, .fail, failing: via, .via(2),
        "At a translating balancer: replies arrive from the backend's address and leave from the VIP.",
        found + backendsFound + two(net.translated(b1), net.translated(b2), net.atBalancer)),
      trap(
        "balancer-udp-\(name)", net.argument(53, udp: true), .inconclusive, .undecided(1),
        "At the balancer, DNS: no answer passes, but UDP acknowledges nothing, so nothing proves that there was one.",
        found + backendsFound + net.dns(port: 40001, along: net.direct(b1), at: net.atBalancer)),

      // On a mirror: everything.
      trap(
        "mirror-tcp-\(name)-good", vip, .pass, .direct(2), "On a mirror: every leg is seen.",
        found + backendsFound + direct(at: .mirror)),
      trap(
        "mirror-tcp-\(name)-bad", vip, .fail, failing: via, .via(2),
        "On a mirror: replies go to the balancer and on to the client.",
        found + backendsFound + viaBalancer(at: .mirror)),
      trap(
        "mirror-tcp-\(name)-bad-one-backend", vip, .fail, failing: via, .direct(1, via: 1),
        "On a mirror: one of two backends returns through the balancer.",
        found + backendsFound + two(net.direct(b1), net.viaBalancer(b2), .mirror)),
      trap(
        "mirror-tcp-\(name)-translated", vip, .fail, failing: via, .via(2),
        "On a mirror, a translating balancer.",
        found + backendsFound + two(net.translated(b1), net.translated(b2), .mirror)),
      trap(
        "mirror-udp-\(name)-good", net.argument(53, udp: true), .pass, .direct(1), "On a mirror, DNS.",
        found + net.dns(port: 40001, along: net.direct(b1), at: .mirror)),
      trap(
        "mirror-udp-\(name)-bad", net.argument(53, udp: true), .fail, failing: via, .via(1),
        "On a mirror, DNS: the answer goes to the balancer and on to the client.",
        found + net.dns(port: 40001, along: net.viaBalancer(b1), at: .mirror)),
    ]
  }

  /// The balancer says, unasked, that it has the VIP.
  static func announcement(_ net: Network) -> [TimedFrame] {
    let packet =
      net.vip.version == .v4
      ? Packet.gratuitousARP(.request, net.vip, isAt: net.balancer.mac)
      : Packet.unsolicitedAdvertisement(net.vip, isAt: net.balancer.mac)
    return [TimedFrame(packet, at: Network.start)]
  }
}
