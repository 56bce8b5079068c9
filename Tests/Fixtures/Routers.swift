import PacketBuilder
import Wire

extension Fixture {
  /// Routers on the way, balancers with several interfaces, and devices that answer whoever sent.
  static let routers: [Fixture] = behindRouters + severalInterfaces + returnToSender

  private static let via = ["reply-via-balancer"]

  private static var behindRouters: [Fixture] {
    let net = Network.v4
    var far = Network.v4
    far.vip = ip("203.0.113.10")
    let vip = far.argument()
    let second = mac("06:ff:00:00:00:02")
    func talk(from replier: MACAddress) -> [TimedFrame] {
      far.http(
        port: 40001,
        along: Route(
          requests: [.init(far.client.mac, far.router.mac)], replies: [.init(replier, far.client.mac, ttl: 61)]),
        at: far.atClient)
    }
    let gateway = far.resolve(far.router.ip, by: far.client, answers: [far.router.mac])

    // A client of another network on a mirror of the server's: its router has an address and a MAC here.
    let remote = ip("198.51.100.7")
    let router = net.router.mac
    let routedDirect = Route(
      requests: [.init(router, net.balancer.mac, ttl: 61), .init(net.balancer.mac, net.backend1.mac, ttl: 60)],
      replies: [.init(net.backend1.mac, router)])
    let routedVia = Route(
      requests: routedDirect.requests,
      replies: [.init(net.backend1.mac, net.balancer.mac), .init(net.balancer.mac, router, ttl: 63)])
    let routerFinds = net.resolve(net.vip, by: net.router, answers: [net.balancer.mac])

    // A mirror of both sides of a router.
    let both = Route(
      requests: [
        .init(net.client.mac, router), .init(router, net.balancer.mac, ttl: 63),
        .init(net.balancer.mac, net.backend1.mac, ttl: 62),
      ],
      replies: [.init(net.backend1.mac, router), .init(router, net.client.mac, ttl: 63)])
    let plain = Route(
      requests: [.init(net.client.mac, router), .init(router, net.backend1.mac, ttl: 63)],
      replies: [.init(net.backend1.mac, router), .init(router, net.client.mac, ttl: 63)])
    let clientSide = Network.Station(mac: net.client.mac, ip: remote)
    let asksGateway = net.resolve(ip("198.51.100.1"), by: clientSide, answers: [router])
    let remoteFlow = { (route: Route, vantage: Vantage) in
      net.http(port: 40001, along: route, at: vantage, clientIP: remote)
    }

    return [
      trap(
        "behind-router", vip, .inconclusive, .undecided(1),
        "At a client behind a router: one MAC on both halves.", talk(from: far.router.mac)),
      trap(
        "behind-router-resolved", vip, .inconclusive, .undecided(1),
        "The same, with the question for the gateway.", gateway + talk(from: far.router.mac)),
      trap(
        "two-routers-resolved", vip, .inconclusive, .undecided(1),
        "At a client with two routers (ECMP, MLAG): requests go to the one, replies come from the other.",
        gateway + talk(from: second)),
      trap(
        "two-routers", vip, .inconclusive, .undecided(1),
        "The same with the addresses resolved before: only the replies' TTL of 61 tells that they were routed.",
        talk(from: second)),
      trap(
        "two-routers-client-resolved", vip, .inconclusive, .undecided(1),
        "The same, and the second router asks for the client: that the client is known here does not put the VIP here.",
        far.resolve(
          far.client.ip, by: Network.Station(mac: second, ip: ip("10.1.10.2")), answers: [far.client.mac])
          + talk(from: second)),
      trap(
        "routed-client-backend-good", net.argument(), .pass, .direct(1),
        "At a backend, the client behind a router: requests come from the balancer, which asked for the backend's own address; replies go to the router.",
        net.balancerFindsBackends + remoteFlow(routedDirect, net.atBackend1)),
      trap(
        "routed-client-backend-resolved-before", net.argument(), .inconclusive, .undecided(1),
        "The same without that question: two routers in front of a plain server look the same.",
        remoteFlow(routedDirect, net.atBackend1)),
      trap(
        "routed-client-balancer-good", net.argument(), .pass, .direct(1),
        "At the balancer, the client behind a router.",
        routerFinds + net.balancerFindsBackends + net.healthCheck + remoteFlow(routedDirect, net.atBalancer)),
      trap(
        "routed-client-mirror-good", net.argument(), .pass, .direct(1),
        "On a mirror, the client behind a router: replies go to the router, not to the balancer.",
        routerFinds + remoteFlow(routedDirect, .mirror)),
      trap(
        "routed-client-mirror-bad", net.argument(), .fail, failing: via, .via(1),
        "On a mirror, the client behind a router: replies go to the balancer and on to the router.",
        routerFinds + remoteFlow(routedVia, .mirror)),
      trap(
        "mirror-both-sides-of-router", net.argument(), .pass, .direct(1),
        "On a mirror of both sides of a router, which forwards both halves, as routers do; the VIP is the balancer's.",
        asksGateway + net.resolve(net.vip, by: net.router, answers: [net.balancer.mac]) + remoteFlow(both, .mirror)),
      trap(
        "mirror-routed-frame-twice", net.argument(), .inconclusive, .undecided(1),
        "On a mirror of both sides of a router, a plain server behind it: every frame twice, TTL one less.",
        asksGateway + remoteFlow(plain, .mirror)),
    ]
  }

  private static var severalInterfaces: [Fixture] {
    let net = Network.v4
    let vip = net.argument()
    let (outside, inside) = (net.balancer.mac, mac("06:1f:8a:6c:8e:d3"))
    let b1 = net.backend1.mac
    let requests: [Route.Leg] = [.init(net.client.mac, outside), .init(inside, b1, ttl: 63)]
    let direct = Route(requests: requests, replies: [.init(b1, net.client.mac)])
    let asymmetric = Route(
      requests: requests, replies: [.init(b1, inside), .init(inside, net.client.mac, ttl: 63)])
    let found = net.clientFindsBalancer
    let bonded = mac("06:d2:0a:b1:14:2f")
    var alternating = net.conversation(port: 40001, along: net.direct(net.backend1), at: net.atClient)
    let slaves = [b1, bonded].map { Sighting(.ethernet(from: $0, to: net.client.mac)) }
    alternating.open()
    for turn in 0..<4 {
      alternating.replies = [slaves[turn % 2]]
      alternating.request("GET /\(turn) HTTP/1.1\r\n\r\n")
      alternating.reply("HTTP/1.1 204 No Content\r\n\r\n")
    }
    alternating.close()
    return [
      trap(
        "two-nics-mirror-good", vip, .pass, .direct(1),
        "On a mirror: the balancer gets requests on one interface and sends them from another; replies are direct.",
        found + net.http(port: 40001, along: direct, at: .mirror)),
      trap(
        "two-nics-mirror-bad", vip, .fail, failing: via, .via(1),
        "On a mirror: replies go to the interface that requests leave from, and from there to the client.",
        found + net.http(port: 40001, along: asymmetric, at: .mirror)),
      trap(
        "two-nics-client-bad", "\(vip) --balancer-mac \(outside) --balancer-mac \(inside)", .fail, failing: via,
        .via(1), "At the client: the balancer replies from its second interface; both its MACs are named.",
        found + net.http(port: 40001, along: asymmetric, at: net.atClient)),
      trap(
        "backend-bond-alternates", vip, .pass, .direct(1),
        "At the client: a backend's bond (balance-tlb) sends one connection from two MACs, its sequence unbroken.",
        found + alternating.frames),
    ]
  }

  private static var returnToSender: [Fixture] {
    let net = Network.v4
    var far = Network.v4
    far.vip = ip("203.0.113.10")
    let lastHop = Route(
      requests: [.init(far.client.mac, far.router.mac)], replies: [.init(far.router.mac, far.client.mac, ttl: 63)])
    let keepsClient = Route(
      requests: [
        .init(net.client.mac, net.balancer.mac),
        .init(net.client.mac, net.backend1.mac, ttl: 63, sender: net.balancer.mac),
      ],
      replies: [.init(net.backend1.mac, net.client.mac)])
    return [
      trap(
        "auto-last-hop", far.argument(), .inconclusive, .undecided(1),
        "At a client whose gateway answers whoever sent (F5 Auto Last Hop, PAN symmetric return, NetScaler MBF).",
        far.resolve(far.router.ip, by: far.client, answers: [far.router.mac])
          + far.http(port: 40001, along: lastHop, at: far.atClient)),
      trap(
        "alteon-backend", net.argument(), .inconclusive, .undecided(1),
        "At a backend of an Alteon, which keeps the client's source MAC: the balancer is invisible.",
        net.http(port: 40001, along: keepsClient, at: net.atBackend1)),
      trap(
        "alteon-mirror", net.argument(), .pass, .direct(1),
        "On a mirror: an Alteon forwards requests with the client's source MAC; replies go to the client.",
        net.clientFindsBalancer + net.http(port: 40001, along: keepsClient, at: .mirror)),
    ]
  }
}
