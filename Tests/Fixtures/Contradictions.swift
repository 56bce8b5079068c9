import PacketBuilder
import Wire

extension Fixture {
  /// Captures in which the pair of MACs alone would say more than the rest of the frames bears out.
  static let contradictions: [Fixture] = {
    let net = Network.v4
    let vip = net.argument()
    let (client, balancer, backend) = (net.client.mac, net.balancer.mac, net.backend1.mac)
    let router = net.router.mac
    let found = net.clientFindsBalancer
    func http(_ route: Route, _ vantage: Vantage = .mirror, port: UInt16 = 40001) -> [TimedFrame] {
      net.http(port: port, along: route, at: vantage)
    }
    let own = net.http(
      port: 40002, along: Route(requests: [.init(balancer, backend)], replies: [.init(backend, balancer)]), at: .mirror,
      clientIP: net.balancer.ip)
    let asksForBalancer = net.resolve(
      net.balancer.ip, by: net.backend1, answers: [balancer], at: Network.start + .milliseconds(5))
    let unseen = Route(requests: net.direct(net.backend2).requests, replies: [])
    let unasked = Route(requests: [], replies: net.direct(net.backend2).replies)
    let backToTunnel = Packet.ip(from: net.backend1.ip, to: net.balancer.ip, ttl: 64)
    return [
      trap(
        "balancer-asks-itself", vip, .pass, .direct(1, undecided: 1),
        "On a mirror: beside a client's flow the balancer asks the backend for the VIP itself, as monitors do.",
        found + net.balancerFindsBackends + http(net.direct(net.backend1)) + own),
      trap(
        "proxy-arp", vip, .inconclusive, .undecided(1),
        "At a client: a router answers ARP for the VIP and for another host, and sends on what others originate.",
        net.resolve(net.vip, by: net.client, answers: [router])
          + net.resolve(ip("10.1.10.50"), by: net.client, answers: [router], at: Network.start + .milliseconds(1))
          + http(Route(requests: [.init(client, router)], replies: [.init(router, client, ttl: 62)]), net.atClient)),
      trap(
        "balancer-received-only", vip, .inconclusive, .undecided(1),
        "At the balancer, frames that it received: replies go to the very MAC that requests go to.",
        http(Route(requests: [.init(client, balancer)], replies: [.init(backend, balancer)]))),
      trap(
        "balancer-seen-in-part", vip, .inconclusive, .undecided(1),
        "On a mirror that lost the backend's frames: the MAC that passes requests on sends the replies.",
        http(Route(requests: net.direct(net.backend1).requests, replies: [.init(balancer, client, ttl: 63)]))),
      trap(
        "tunnelled-replies", vip, .inconclusive, .undecided(1),
        "At a backend: replies leave in a tunnel to the balancer's address, by another MAC than requests came from.",
        http(
          Route(
            requests: [.init(balancer, backend, ttl: 63)], replies: [.init(backend, router, inside: backToTunnel)]),
          net.atBackend1)),
      trap(
        "backend-asks-for-balancer", vip, .inconclusive, .undecided(1),
        "At the balancer, no reply in sight: but the backend asked for the balancer's own address, as for a gateway's.",
        found + net.balancerFindsBackends + net.healthCheck(of: net.backend2) + asksForBalancer
          + http(net.direct(net.backend1), net.atBalancer)),
      trap(
        "backend-answers-health-check", vip, .pass, .direct(1),
        "The same, and it answers the balancer's health check, for which it has to know that address.",
        found + net.balancerFindsBackends + net.healthCheck(of: net.backend1) + asksForBalancer
          + http(net.direct(net.backend1), net.atBalancer)),
      trap(
        "remote-backend-replies", vip, .pass, .direct(1),
        "At the client: the balancer asked for its tunnel's far backend elsewhere, and two routers carried the reply.",
        found
          + http(Route(requests: [.init(client, balancer)], replies: [.init(router, client, ttl: 62)]), net.atClient)),
      trap(
        "one-backend-unproved", vip, .inconclusive, .direct(1, undecided: 1),
        "On a mirror: one backend's replies go straight to the client, the other's are not seen at all.",
        found + http(net.direct(net.backend1)) + http(unseen, port: 40002)),
      trap(
        "another-answers-unseen-requests", vip, .inconclusive, .direct(1, undecided: 1),
        "At the client: one backend's reply is direct; of another flow only replies were seen, and of their sender nothing else.",
        found + http(net.direct(net.backend1), net.atClient) + http(unasked, net.atClient, port: 40002)),
      trap(
        "backend-answers-unseen-requests", vip + " --backend 10.1.10.22=\(net.backend2.mac)", .pass,
        .direct(1, undecided: 1), "The same, and the user says that this sender is a backend.",
        found + http(net.direct(net.backend1), net.atClient) + http(unasked, net.atClient, port: 40002)),
    ]
  }()
}
