import PacketBuilder
import Wire

extension Fixture {
  /// What the simulator and reviews found: captures of which a rule once said too much, each the smallest that shows it.
  static let simulated: [Fixture] = missingFrames + otherMACs + pastConnections + ledAstray + madeUp

  private static let net = Network.v4
  private static let vip = net.argument()
  private static let (client, balancer, backend) = (net.client.mac, net.balancer.mac, net.backend1.mac)
  private static let router = net.router.mac
  private static let routerBehind = mac("06:ff:00:00:00:02")
  private static let virtual = MACAddress.vrrp(9)

  private static func later(_ milliseconds: Int) -> Timestamp { Network.start + .milliseconds(milliseconds) }

  private static func http(
    _ requests: [Route.Leg], _ replies: [Route.Leg], port: UInt16 = 40001, start: Timestamp? = nil
  ) -> [TimedFrame] {
    net.http(port: port, along: Route(requests: requests, replies: replies), at: .mirror, start: start)
  }

  // MARK: Frames that the capture missed

  private static let missingFrames: [Fixture] = {
    let udp = net.argument(53, udp: true)
    let direct = net.direct(net.backend1)
    var asksAgain = net.conversation(
      port: 40002, with: 53, along: Route(requests: direct.requests, replies: []), at: net.atClient)
    for pause in [0, 2] { asksAgain.datagram(from: .client, DNS.query, after: .seconds(pause)) }
    var syns = net.conversation(port: 40001, along: direct, at: net.atClient)
    syns.send(.syn, from: .client)
    syns.resend(from: .client, after: .seconds(1))
    syns.interject(.gratuitousARP(.request, net.backend1.ip, isAt: backend), after: .seconds(2))
    let whole = net.http(port: 40001, along: direct, at: net.atBalancer)
    let translated = Route(
      requests: [.init(client, balancer)], replies: [.init(backend, routerBehind, server: net.backend1.ip)])
    var halfTranslated = net.conversation(port: 40001, with: 53, along: translated, at: .mirror)
    halfTranslated.datagram(from: .client, DNS.query)
    halfTranslated.datagram(from: .server, DNS.answer)
    let onlyReplies = net.http(port: 40001, along: Route(requests: [], replies: direct.replies), at: .mirror)
    var misses = net.conversation(port: 40001, along: direct, at: net.atBalancer)
    misses.exchange()
    var twice = net.conversation(port: 40002, along: direct, at: net.atBalancer)
    twice.exchange()
    let leaves = twice.frames.last.map { [TimedFrame($0.bytes, at: $0.time + .microseconds(30))] } ?? []
    return [
      trap(
        "balancer-misses-what-another-repeats", vip, .inconclusive, .undecided(2),
        "At the balancer: of one flow a request was not seen to leave, and of another one left twice.",
        net.clientFindsBalancer + net.balancerFindsBackends + net.healthCheck + misses.frames.dropLast() + twice.frames
          + leaves),
      trap(
        "udp-asked-again", udp, .inconclusive, .direct(1, undecided: 1),
        "At the client: one query is answered, another sent twice without an answer. The capture may have missed it.",
        net.dns(port: 40001, along: direct, at: net.atClient) + asksAgain.frames),
      trap(
        "syn-sent-twice", vip, .inconclusive, .undecided(1),
        "At the client: a SYN, the same a second later, and nothing more: a third would have followed.", syns.frames),
      trap(
        "balancer-misses-frames", vip, .inconclusive, .undecided(1),
        "At the balancer: a request arrived that was not seen to leave. Where requests are missing, replies may be.",
        net.clientFindsBalancer + net.balancerFindsBackends + net.healthCheck + whole.dropLast()),
      trap(
        "balancer-host-filter", vip, .inconclusive, .undecided(1),
        "At the balancer: the VIP's ARP answer and nothing else beside. 'arp or dst host VIP' may show just this.",
        net.clientFindsBalancer + whole),
      trap(
        "translated-leg-alone", udp, .inconclusive, .undecided(1),
        "On a mirror: a backend's answer on its way to the balancer's other MAC, which puts the VIP in its place.",
        halfTranslated.frames),
      trap(
        "requests-missed", vip, .inconclusive, .undecided(1),
        "At the client: replies alone, in a capture that shows both halves of another flow: requests are missing.",
        net.clientFindsBalancer + onlyReplies
          + net.resolve(net.backend2.ip, by: net.client, answers: [net.backend2.mac], at: later(3))
          + otherFlow),
      trap(
        "reply-seen-behind-router", vip, .inconclusive, .undecided(1),
        "On a trunk: the reply is seen behind the router alone. Its first leg, which was missed, may cross the balancer.",
        net.resolve(net.vip, by: net.router, answers: [balancer])
          + http(
            [.init(client, routerBehind), .init(router, balancer, ttl: 63)], [.init(routerBehind, client, ttl: 63)])),
    ]
  }()

  /// The client talks to another host.
  private static var otherFlow: [TimedFrame] {
    var talk = Conversation(
      client: .init(net.client.ip, 50002), server: .init(net.backend2.ip, 22), at: later(4),
      requests: [Sighting(.ethernet(from: client, to: net.backend2.mac))],
      replies: [Sighting(.ethernet(from: net.backend2.mac, to: client))])
    talk.open()
    return talk.frames
  }

  // MARK: MACs that nothing names

  private static let otherMACs: [Fixture] = {
    let outer = Packet.ip(from: net.balancer.ip, to: ip("10.4.10.21"), ttl: 64)
    let advertised = [
      TimedFrame(
        .vrrpAdvertisement(virtualRouter: 9, addresses: [net.vip], by: net.balancer.ip, at: virtual),
        at: Network.start)
    ]
    let announced =
      Packet.ethernet(from: balancer, to: .broadcast)
      / .arp(.request, sender: virtual, net.vip, target: MACAddress(0), net.vip)
    let backends = "\(vip) --backend \(net.backend1.ip)=\(net.backend1.mac)"
    let onlyVirtual = "\(vip) --balancer-mac \(virtual)"
    return [
      trap(
        "virtual-mac-named-backend", onlyVirtual, .inconclusive, .undecided(1),
        "At a backend: requests come from the balancer's virtual MAC, and replies go to a MAC that may be its own.",
        http([.init(virtual, backend, ttl: 63)], [.init(backend, balancer)])),
      trap(
        "tunnel-through-router-mirror", vip, .pass, .direct(1),
        "On a mirror of two networks: a router brings the tunnel on. Inside it the TTL does not tell that it passed one.",
        net.clientFindsBalancer
          + http(
            [
              .init(client, balancer), .init(balancer, router, ttl: 63, inside: outer),
              .init(routerBehind, backend, ttl: 63, inside: outer),
            ], [.init(backend, routerBehind), .init(router, client, ttl: 63)])),
      trap(
        "tunnel-through-router-alone", vip, .inconclusive, .undecided(1),
        "At a backend in another network: the router that brings the tunnel is not the balancer, although it takes replies.",
        net.resolve(net.client.ip, by: net.router, answers: [client])
          + http(
            [.init(routerBehind, backend, ttl: 63, inside: outer)],
            [.init(backend, routerBehind), .init(router, client, ttl: 63)])),
      trap(
        "vrrp-own-mac-unknown", backends, .inconclusive, .undecided(1),
        "On a mirror: the balancer is known by its virtual MAC, and an unknown MAC, its own, passes the replies on.",
        advertised
          + http(
            [.init(client, virtual)], [.init(backend, balancer), .init(balancer, client, ttl: 63)])),
      trap(
        "virtual-mac-announced-backend-good", vip, .pass, .direct(1),
        "At a backend: the balancer announces its virtual MAC from its own, by which it is known.",
        [TimedFrame(announced, at: Network.start)]
          + net.resolve(net.backend1.ip, by: net.balancer, answers: [backend], at: later(1))
          + net.resolve(net.client.ip, by: net.backend1, answers: [client], at: later(2))
          + net.http(port: 40001, along: net.direct(net.backend1), at: net.atBackend1)),
      trap(
        "alteon-backend-via", vip, .inconclusive, .undecided(1),
        "At a backend: the balancer keeps the client's MAC in requests, and takes the replies at its own.",
        http([.init(client, backend, ttl: 63)], [.init(backend, balancer)])),
      trap(
        "keeps-mac-and-ttl-mirror", vip, .inconclusive, .undecided(1),
        "On a mirror: the balancer keeps the client's MAC and the TTL. It looks as if the client asked the backend too.",
        net.clientFindsBalancer
          + http([.init(client, balancer), .init(client, backend, sender: balancer)], [.init(backend, client)])),
      trap(
        "leaking-backend-in-tunnel", vip, .inconclusive, .undecided(1),
        "At a backend that answers ARP for the VIP: its requests come in a tunnel, so it is not the balancer.",
        net.resolve(net.vip, by: net.client, answers: [backend])
          + net.http(
            port: 40001, along: net.direct(net.backend1, tunnel: .ip(from: net.balancer.ip, to: net.backend1.ip)),
            at: net.atBackend1)),
    ]
  }()

  // MARK: The same ports again

  private static let pastConnections: [Fixture] = {
    let direct = net.direct(net.backend1)
    let first = net.http(port: 40001, along: direct, at: net.atClient).dropFirst()
    var second = net.conversation(
      port: 40001, along: net.direct(net.backend2), at: net.atClient, start: later(60_000))
    second = second.continued(at: 2_283_800_000)
    second.exchange()
    var refused = net.conversation(
      port: 40001, along: Route(requests: direct.requests, replies: [.init(balancer, client, ttl: 63)]),
      at: net.atClient, start: later(60_000))
    refused.send(.syn, from: .client)
    refused.refuse()
    let answered = net.http(port: 40001, along: Route(requests: direct.requests, replies: []), at: net.atClient)
    var reset = net.conversation(port: 40001, along: direct, at: net.atClient, start: later(60_000))
    reset = reset.continued(at: 2_283_800_000)
    reset.open()
    reset.request("GET /slow HTTP/1.1\r\n\r\n")
    reset.replies = [Sighting(.ethernet(from: balancer, to: client), ttl: 255)]
    reset.send([.rst, .ack], from: .server, window: 0, after: .seconds(300))
    var refusedBefore = net.conversation(
      port: 40001, along: Route(requests: direct.requests, replies: [.init(balancer, client, ttl: 255)]),
      at: net.atClient)
    refusedBefore.send(.syn, from: .client)
    refusedBefore.refuse()
    let third = mac("06:d2:0a:b1:14:22")
    func segment(by server: MACAddress, seq: UInt32, flags: TCPHeader.Flags) -> Packet {
      .ethernet(from: server, to: client) / .ip(from: net.vip, to: net.client.ip, ttl: 64, id: 7)
        / .tcp(from: 80, to: 40001, seq: seq, ack: 1_000_000 &* 40001 &+ 1, flags: flags)
    }
    var answeredTwice = net.conversation(port: 40001, along: direct, at: net.atClient, start: later(30))
    answeredTwice.send(.syn, from: .client)
    for server in [third, mac("06:d2:0a:b1:14:23")] {
      answeredTwice.interject(segment(by: server, seq: 5000, flags: .ack))
    }
    answeredTwice.interject(segment(by: net.backend2.mac, seq: 7000, flags: [.syn, .ack]))
    answeredTwice.send([.syn, .ack], from: .server)
    answeredTwice.send(.ack, from: .client)
    return [
      trap(
        "syn-answered-by-two-backends", vip, .fail, failing: ["backend-changes-mid-flow"], .direct(1),
        "At the client: late segments of earlier connections, and then two backends answer one SYN.",
        net.clientFindsBalancer + answeredTwice.frames),
      trap(
        "port-reuse-refused-then-reset", vip, .fail, failing: ["reset-by-balancer"], nil,
        "At the client: the balancer refuses a connection, and resets a later one of the same ports after an idle time.",
        net.clientFindsBalancer + refusedBefore.frames + reset.frames),
      trap(
        "port-reuse-first-syn-missed", vip, .pass, .direct(1),
        "At the client: a connection whose SYN was missed, and a later one of the same ports at another backend.",
        net.clientFindsBalancer + first + second.frames),
      trap(
        "port-reuse-refused", vip, .inconclusive, .undecided(1),
        "At the client: after a connection of which replies were missed, the same ports are refused. No idle timeout.",
        net.clientFindsBalancer + answered + refused.frames),
    ]
  }()

  // MARK: Requests led astray

  private static let ledAstray: [Fixture] = {
    let direct = net.direct(net.backend1)
    var talk = net.conversation(port: 40001, along: direct, at: .mirror)
    talk.open()
    talk.request("GET /one HTTP/1.1\r\n\r\n")
    talk.reply("HTTP/1.1 204 No Content\r\n\r\n")
    talk.requests = [Sighting(.ethernet(from: client, to: backend))]
    talk.clock = later(3000)
    talk.request("GET /two HTTP/1.1\r\n\r\n")
    talk.reply("HTTP/1.1 204 No Content\r\n\r\n")
    talk.close()
    /// Of what comes to the balancer and what leaves it no frame is seen on both legs.
    func leaking(_ answerer: Network.Station, _ port: UInt16) -> [TimedFrame] {
      var talk = net.conversation(port: port, along: net.direct(answerer), at: .mirror)
      talk.requests = [Sighting(.ethernet(from: router, to: balancer), ttl: 63)]
      talk.replies = [Sighting(.ethernet(from: answerer.mac, to: router))]
      talk.open()
      talk.requests = [Sighting(.ethernet(from: balancer, to: answerer.mac), ttl: 62)]
      talk.close()
      return talk.frames
    }
    let named = "\(vip) --balancer-mac \(balancer)"
    // What one leg shows of the connection the other misses, so that no frame tells that both are the router's.
    var trunk = net.conversation(port: 40001, along: direct, at: .mirror)
    trunk.requests = [Sighting(.ethernet(from: client, to: routerBehind))]
    trunk.replies = [Sighting(.ethernet(from: routerBehind, to: client), ttl: 62)]
    trunk.open()
    trunk.request("GET /one HTTP/1.1\r\n\r\n")
    trunk.reply("HTTP/1.1 204 No Content\r\n\r\n")
    trunk.requests = [
      Sighting(.ethernet(from: router, to: balancer), ttl: 63),
      Sighting(.ethernet(from: balancer, to: backend), ttl: 62),
    ]
    trunk.close()
    var beside = net.conversation(port: 40001, along: direct, at: .mirror)
    beside.open()
    beside.requests = [Sighting(.ethernet(from: router, to: backend), ttl: 63)]
    beside.request("GET /one HTTP/1.1\r\n\r\n")
    beside.reply("HTTP/1.1 204 No Content\r\n\r\n")
    beside.close()
    var astray = net.conversation(port: 40001, along: direct, at: net.atClient)
    astray.open()
    astray.requests = [Sighting(.ethernet(from: client, to: net.backend2.mac))]
    astray.request("GET /one HTTP/1.1\r\n\r\n")
    astray.close()
    return [
      trap(
        "leaking-backend-among-others", vip, .inconclusive, .undecided(2),
        "On a trunk that loses frames: one of two backends that get requests claims the VIP, and nobody else is seen to.",
        net.resolve(net.vip, by: net.router, answers: [net.backend2.mac]) + leaking(net.backend1, 40001)
          + leaking(net.backend2, 40002)),
      trap(
        "router-takes-and-brings", named, .inconclusive, .undecided(1),
        "On a trunk that loses frames: the router which takes the request and brings the reply is no backend.",
        trunk.frames),
      trap(
        "bypass-beside-balancer", named, .inconclusive, .undecided(1),
        "On a mirror: a backend gets requests of one connection from the balancer, and later ones from a MAC beside it.",
        beside.frames),
      trap(
        "two-next-hops-client", vip, .inconclusive, .undecided(1),
        "At the client: requests of one connection go to two MACs. One of them may be a backend, and nothing tells which.",
        astray.frames),
      trap(
        "bypass-in-mid-flow", vip, .fail, failing: ["balancer-bypassed"], .bypassed(1),
        "On a mirror: a connection through the balancer whose later requests go straight to the backend.",
        net.clientFindsBalancer + talk.frames),
    ]
  }()

  // MARK: What no network does

  private static let madeUp: [Fixture] = {
    let stations = (0..<80).map { MACAddress(0x0200_0000_0000 + UInt64($0)) }
    func syn(_ from: Int, by address: String) -> Packet {
      .ethernet(from: stations[from], to: balancer)
        / .ip(from: ip(address), to: net.vip, ttl: 64, id: 1)
        / .tcp(from: 40000, to: 80, seq: 1000, ack: 0, flags: .syn)
    }
    let claim =
      Packet.ethernet(from: mac("40:00:00:00:00:05"), to: .broadcast)
      / .arp(.request, sender: mac("40:00:00:00:00:05"), ip("10.2.2.1"), target: MACAddress(0), ip("10.2.2.1"))
    let alike =
      [claim] + (0..<6).map { syn($0, by: "10.9.9.\($0)") }
      + [syn(1, by: "10.2.2.1"), syn(1, by: "10.2.2.2"), syn(5, by: "10.2.2.2")]
    let crowd = stations.indices.map { syn($0, by: "10.2.2.2") }
    let timed = { (packets: [Packet]) in packets.enumerated().map { TimedFrame($1, at: later($0)) } }
    let answer =
      Packet.ethernet(from: balancer, to: client) / .ip(from: net.vip, to: ip("10.2.2.2"), ttl: 64, id: 1)
      / .tcp(from: 80, to: 40000, seq: 1, ack: 1001, flags: [.syn, .ack])
    return [
      trap(
        "flows-almost-alike", vip, .inconclusive, .undecided(8),
        "A MAC and an address chosen so that two flows over different hops look alike to a hasty comparison.",
        timed(alike)),
      trap(
        "flow-over-eighty-hops", vip, .inconclusive, .undecided(1),
        "One SYN from eighty MACs: more than any network has, and each comparison of two of them would take long.",
        timed(crowd)),
      trap(
        "flow-over-eighty-hops-via", "\(vip) --balancer-mac \(balancer)", .fail, failing: ["reply-via-balancer"],
        .via(1),
        "The same, answered by the balancer.", timed(crowd + [answer])),
    ]
  }()
}

extension Conversation {
  /// The same ends, later: both begin with another sequence number.
  fileprivate func continued(at sequence: UInt32) -> Conversation {
    Conversation(
      client: client, server: server, at: clock, requests: requests, replies: replies, clientSequence: sequence,
      serverSequence: sequence &+ 7)
  }
}
