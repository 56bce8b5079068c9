import PacketBuilder
import Wire

extension Fixture {
  /// Who is the balancer changes while the capture runs, or looks as if it did. One machine is the balancer first, and serves
  /// while the other is.
  static let changingRoles: [Fixture] = nodes + peers + formerOwners + hostsWithTwoMACs

  private static let net = Network.v4
  private static let vip = net.argument()
  private static let (client, first, second) = (net.client.mac, net.balancer.mac, net.backend1.mac)
  private static let secondInterface = mac("06:ff:00:00:00:03")

  private static func later(_ milliseconds: Int) -> Timestamp { Network.start + .milliseconds(milliseconds) }

  private static func http(
    _ requests: [Route.Leg], _ replies: [Route.Leg], port: UInt16, at milliseconds: Int = 0
  ) -> [TimedFrame] {
    net.http(port: port, along: Route(requests: requests, replies: replies), at: .mirror, start: later(milliseconds))
  }

  private static func asked(_ owners: [MACAddress], by asker: Network.Station? = nil, at milliseconds: Int = 0)
    -> [TimedFrame]
  {
    net.resolve(net.vip, by: asker ?? net.client, answers: owners, at: later(milliseconds))
  }

  private static func announced(by owner: MACAddress, at milliseconds: Int) -> [TimedFrame] {
    [TimedFrame(.gratuitousARP(.request, net.vip, isAt: owner), at: later(milliseconds))]
  }

  private static func advertised(by address: IPAddress, from sender: MACAddress, at milliseconds: Int) -> TimedFrame {
    TimedFrame(
      .vrrpAdvertisement(virtualRouter: 9, addresses: [net.vip], by: address, at: sender), at: later(milliseconds))
  }

  // MARK: Two nodes that serve for each other

  private static let nodes: [Fixture] = {
    let firstServed = http([.init(client, first)], [.init(second, client)], port: 40001, at: 1)
    let secondServed = { (port: UInt16, time: Int) in
      http([.init(client, second)], [.init(first, client)], port: port, at: time)
    }
    let handedBack = http(
      [.init(second, first, ttl: 63)], [.init(first, net.router.mac)], port: 40002, at: 9000)
    return [
      trap(
        "nodes-swap-between-claims", vip, .inconclusive, .undecided(2),
        "At the client: a flow ran after the one node's last claim and before the other's first: either was the balancer.",
        asked([first]) + firstServed + announced(by: first, at: 4000) + secondServed(40002, 8000)
          + announced(by: second, at: 9000)),
      trap(
        "nodes-swap-ports-reused", vip, .inconclusive, .undecided(1),
        "At the client: the same ports before and after two nodes changed roles: each answers while the other balances.",
        asked([first]) + firstServed + announced(by: second, at: 8000) + secondServed(40001, 9000)),
      trap(
        "nodes-swap-silently", vip, .inconclusive, .direct(1, undecided: 1),
        "At a node: it hands requests to the other; then, and no frame says so, the other hands requests to it.",
        asked([first])
          + http([.init(client, first), .init(first, second, ttl: 63)], [.init(second, client)], port: 40001, at: 1)
          + handedBack),
      trap(
        "owner-answers-unseen-requests", vip, .inconclusive, .direct(1, undecided: 1),
        "At a node: the requests of one flow came in a form that the capture cut off, as to a backend.",
        asked([first])
          + http([.init(client, first), .init(first, second, ttl: 63)], [.init(second, client)], port: 40001, at: 1)
          + http([], [.init(first, net.router.mac)], port: 40002, at: 9000)),
    ]
  }()

  // MARK: Two balancers

  private static let peers: [Fixture] = {
    let seen = http([.init(client, first), .init(first, second, ttl: 63)], [.init(second, client)], port: 40001, at: 1)
    let turns = (0..<4).flatMap { turn in
      [
        advertised(by: net.balancer.ip, from: first, at: turn * 5000),
        advertised(by: net.router.ip, from: net.router.mac, at: turn * 5000 + 2000),
      ]
    }
    let takenByPeer = http(
      [.init(client, first), .init(first, second, ttl: 63)], [.init(second, net.router.mac)], port: 40002, at: 8000)
    return [
      trap(
        "vrrp-by-turns-bad", vip, .fail, failing: ["vip-owner-contested"], .direct(1),
        "On a mirror that loses frames: two masters advertise by turns, each before it could take the other for dead.",
        asked([first]) + seen + turns),
      trap(
        "peer-takes-reply", vip, .inconclusive, .direct(1, undecided: 1),
        "On a mirror: a reply goes to another that claims the VIP at another time, and that did not ask.",
        asked([first]) + seen + takenByPeer + announced(by: net.router.mac, at: 20000)),
      trap(
        "peer-asked-before-it-claims", vip, .inconclusive, .direct(1, undecided: 1),
        "On a mirror: the client asks one that served before, and that claims the VIP later: no backend that leaks.",
        asked([first]) + seen + http([.init(client, second)], [.init(second, client)], port: 40002, at: 8000)
          + announced(by: second, at: 20000)),
      trap(
        "asked-for-vip-by-next-hop", vip, .inconclusive, .undecided(1),
        "At the client: the next hop asks for the VIP, so it is a router, and the server answers the client itself.",
        [TimedFrame(.arpRequest(for: net.vip, by: first, net.balancer.ip), at: later(0))]
          + http([.init(client, first)], [.init(second, client)], port: 40001, at: 1)),
    ]
  }()

  // MARK: Those who owned the VIP before

  private static let formerOwners: [Fixture] = {
    let third = net.backend2.mac
    let handedOn = { (port: UInt16, time: Int, replies: [Route.Leg]) in
      http([.init(client, first), .init(first, second, ttl: 63)], replies, port: port, at: time)
    }
    let direct: [Route.Leg] = [.init(second, client)]
    let routed = { (port: UInt16, node: MACAddress, replies: [Route.Leg], time: Int) in
      http(
        [.init(net.router.mac, node, ttl: 63), .init(node, second, ttl: 62)], replies, port: port, at: time)
    }
    let other = net.router.mac
    let virtual = MACAddress.vrrp(9)
    let advertises = { (address: IPAddress, seconds: ClosedRange<Int>) in
      seconds.map { advertised(by: address, from: virtual, at: $0 * 1000) }
    }
    let ownMACs = [(first, net.balancer.ip), (other, net.router.ip)].map {
      TimedFrame(.arpRequest(for: net.backend1.ip, by: $0.0, $0.1), at: later(0))
    }
    return [
      trap(
        "virtual-mac-handed-back", "\(vip) --balancer-mac \(first) --balancer-mac \(virtual)", .pass, .direct(1),
        "On a mirror: a standby bears the virtual MAC for a while; the user names both MACs of the first node alone.",
        ownMACs + advertises(net.balancer.ip, 0...4) + asked([virtual], at: 1500)
          + http([.init(client, virtual), .init(first, second, ttl: 63)], direct, port: 40001, at: 2000)
          + advertises(net.router.ip, 6...10) + announced(by: virtual, at: 6001) + asked([virtual], at: 7000)
          + advertises(net.balancer.ip, 12...15) + announced(by: virtual, at: 12_001)),
      trap(
        "server-asked-after-claim-moves", vip, .inconclusive, .undecided(2),
        "At the router: a server answers from two of its MACs, while a third says that the VIP is its own.",
        asked([first], by: net.router)
          + http([.init(other, first, ttl: 63)], [.init(second, other)], port: 40001, at: 1)
          + asked([first], by: net.router, at: 2000) + announced(by: third, at: 3000)
          + http([.init(other, first, ttl: 63)], [.init(first, other)], port: 40002, at: 4000)),
      trap(
        "replies-brought-by-claimant", vip, .inconclusive, .direct(1, undecided: 2),
        "On a mirror that loses frames: another that claimed the VIP brings the client replies, of some flows unseen.",
        announced(by: other, at: 0) + asked([first], at: 1000) + handedOn(40001, 2000, direct)
          + handedOn(40002, 3000, [.init(second, other), .init(other, client, ttl: 63)])
          + handedOn(40003, 4000, [.init(other, client, ttl: 63)])),
      trap(
        "leak-beside-former-owner", vip, .fail, failing: ["vip-owner-contested"], .direct(1, undecided: 1),
        "On a mirror: a backend leaks before another takes the VIP over, and after; who owned it before serves since.",
        announced(by: second, at: 0) + asked([third, second], at: 4000)
          + http([.init(client, third)], [.init(third, client)], port: 40001, at: 4001) + asked([third], at: 4100)
          + announced(by: first, at: 7000) + asked([first, third], by: net.router, at: 16000)
          + handedOn(40002, 16001, direct)),
      trap(
        "owner-announces-again", vip, .inconclusive, .direct(2, undecided: 1),
        "On a mirror: a standby that serves takes the VIP over, answers for it, and hands it back a moment later.",
        announced(by: first, at: 0) + handedOn(40001, 1000, direct) + announced(by: second, at: 5000)
          + http([.init(client, second)], [.init(second, client)], port: 40002, at: 6000)
          + asked([second], at: 11_024) + announced(by: first, at: 11_043) + handedOn(40003, 12_000, direct)),
      trap(
        "owner-leaves-question-open", vip, .inconclusive, .undecided(1),
        "At a node, replies alone: it answers for the VIP, then leaves the same host's question open, and serves it.",
        asked([first]) + asked([], at: 8000) + http([], [.init(first, client)], port: 40001, at: 8010)),
      trap(
        "owner-asked-again-answers-bad", vip, .fail, failing: ["reply-via-balancer"], .via(1),
        "The same, but it answers when the host asks again.",
        asked([first]) + asked([], at: 8000) + asked([first], at: 9000)
          + http([], [.init(first, client)], port: 40001, at: 9010)),
      trap(
        "requests-past-doubtful-owner", vip, .inconclusive, .direct(1, undecided: 1),
        "On a mirror that loses frames: the owner leaves a question open, and then requests go straight to the backend.",
        asked([first]) + handedOn(40001, 1, direct) + asked([], at: 8000)
          + http([.init(client, second)], [], port: 40002, at: 8010)),
      trap(
        "requests-past-sure-owner-bad", vip, .fail, failing: ["balancer-bypassed"], .direct(1, bypassed: 1),
        "The same, without the question: the owner had the VIP.",
        asked([first]) + handedOn(40001, 1, direct) + http([.init(client, second)], [], port: 40002, at: 8010)),
      trap(
        "asked-again-between-answers", vip, .inconclusive, .undecided(2),
        "At the client: two nodes swap, and it asks again 40 ms after the one's answer: the other answers that question.",
        asked([first]) + http([.init(client, first)], [.init(second, client)], port: 40001, at: 1)
          + asked([first], at: 8000) + asked([second], at: 8040)
          + http([.init(client, second)], [.init(first, client)], port: 40002, at: 8050)),
      trap(
        "asked-as-often-as-answered", vip, .inconclusive, .undecided(2),
        "The same, and it asks later too: of four questions the evidence does not keep each moment, and each has one answer.",
        asked([first]) + http([.init(client, first)], [.init(second, client)], port: 40001, at: 1)
          + asked([first], at: 8000) + asked([second], at: 8040)
          + http([.init(client, second)], [.init(first, client)], port: 40002, at: 8050) + asked([second], at: 12_000)),
      trap(
        "advertised-after-reply", vip, .inconclusive, .direct(1, undecided: 1),
        "At the client: a standby serves until it takes the VIP back, and replies 50 ms before it advertises that.",
        ownMACs + (0...3).map { advertised(by: net.balancer.ip, from: virtual, at: $0 * 1000) }
          + asked([virtual], at: 1500)
          + http([.init(client, virtual)], [.init(other, client)], port: 40001, at: 2000)
          + (0...2).map { advertised(by: net.router.ip, from: virtual, at: 4000 + $0 * 1000) }
          + http([.init(client, virtual)], [.init(first, client)], port: 40002, at: 6500)
          + (0...3).map { advertised(by: net.balancer.ip, from: virtual, at: 6553 + $0 * 1000) }),
      trap(
        "advertised-after-owner-replied", vip, .inconclusive, .direct(1, undecided: 1),
        "At the client: an owner answers a flow itself, 50 ms before the other advertises that it took the VIP back.",
        ownMACs + advertises(net.balancer.ip, 0...3) + asked([virtual], at: 1500)
          + http([.init(client, virtual)], [.init(other, client)], port: 40001, at: 2000)
          + (0...2).map { advertised(by: net.router.ip, from: virtual, at: 4000 + $0 * 1000) }
          + http([.init(client, virtual)], [.init(other, client)], port: 40002, at: 6500)
          + (0...3).map { advertised(by: net.balancer.ip, from: virtual, at: 6553 + $0 * 1000) }),
      trap(
        "replied-before-two-answer", vip, .inconclusive, .undecided(1),
        "At a backend: a reply goes to one of two that answer the next question for the VIP, and its requests are not there.",
        http([], [.init(second, other)], port: 40001, at: 1) + asked([other, first], by: net.backend1, at: 1000)),
      trap(
        "announced-and-not-advertised", vip, .inconclusive, .direct(1, undecided: 1),
        "At the client: the virtual MAC is announced, and no advertisement says by whom; the owner before serves since.",
        ownMACs + advertises(net.router.ip, 0...1) + advertises(net.balancer.ip, 4...6) + asked([virtual], at: 4500)
          + http([.init(client, virtual)], [.init(other, client)], port: 40001, at: 5000)
          + announced(by: virtual, at: 6755)
          + http([.init(client, virtual)], [.init(first, client)], port: 40002, at: 7900)),
      trap(
        "announced-and-advertised-bad", vip, .fail, failing: ["reply-via-balancer"], .direct(1, via: 1),
        "The same, and the owner before goes on advertising: it announced the address itself.",
        ownMACs + advertises(net.router.ip, 0...1) + advertises(net.balancer.ip, 4...9) + asked([virtual], at: 4500)
          + http([.init(client, virtual)], [.init(other, client)], port: 40001, at: 5000)
          + announced(by: virtual, at: 6755)
          + http([.init(client, virtual)], [.init(first, client)], port: 40002, at: 7900)),
      trap(
        "another-asked-by-router", vip, .inconclusive, .direct(1, undecided: 1),
        "On a mirror that loses frames: who owned the VIP replies, and the request went to another, which never claims it.",
        announced(by: first, at: 0)
          + http([.init(client, first), .init(first, second, ttl: 63)], direct, port: 40001, at: 1000)
          + http([.init(client, second)], [.init(first, client)], port: 40002, at: 8000)),
      trap(
        "peer-in-same-place", "\(vip) --backend \(net.backend1.ip)=\(second)", .inconclusive, .direct(1, undecided: 2),
        "On a mirror that loses frames: another takes the same router's requests and hands them on, also to the owner.",
        asked([first], by: net.router) + routed(40001, first, direct, 1000)
          + routed(40002, third, direct, 8000)
          + http([.init(third, first, ttl: 62)], [.init(first, client)], port: 40003, at: 8500)),
    ]
  }()

  // MARK: Hosts with two MACs

  private static let hostsWithTwoMACs: [Fixture] = {
    let known = "\(vip) --balancer-mac \(first)"
    let tells = [
      (net.client, first), (net.router, secondInterface), (net.client, first), (net.router, secondInterface),
    ]
    let byTurns = tells.enumerated().flatMap { asked([$1.1], by: $1.0, at: $0 * 1000) }
    let direct = http([.init(client, first)], [.init(second, client)], port: 40001, at: 5000)
    let open = { (requests: [Route.Leg]) in
      var talk = net.conversation(
        port: 40001, along: Route(requests: requests, replies: [.init(second, client)]), at: .mirror, start: later(1))
      talk.open()
      talk.request("GET /one HTTP/1.1\r\n\r\n")
      return talk
    }
    var moved = open([.init(client, first), .init(first, second, ttl: 63)])
    moved.requests = Vantage.mirror.sightings(of: [.init(client, first), .init(first, secondInterface, ttl: 63)])
    moved.request("GET /two HTTP/1.1\r\n\r\n")
    var retried = net.conversation(
      port: 40001,
      along: Route(
        requests: [.init(client, first), .init(first, net.backend2.mac, ttl: 63)], replies: [.init(second, client)]),
      at: .mirror, start: later(1))
    retried.send(.syn, from: .client)
    retried.requests = Vantage.mirror.sightings(of: [.init(client, first), .init(first, second, ttl: 63)])
    retried.resend(from: .client, after: .seconds(1))
    retried.send([.syn, .ack], from: .server)
    retried.send(.ack, from: .client)
    retried.request("GET /one HTTP/1.1\r\n\r\n")
    var brought = open([.init(client, first), .init(first, second, ttl: 63)])
    brought.replies = [Sighting(.ethernet(from: first, to: client), ttl: 63)]
    brought.send([.rst, .ack], from: .server, window: 0, after: .seconds(2))
    var elsewhere = open([.init(client, first), .init(first, second, ttl: 63)])
    elsewhere.requests = Vantage.mirror.sightings(
      of: [.init(client, first), .init(first, net.backend2.mac, ttl: 63)])
    elsewhere.request("GET /two HTTP/1.1\r\n\r\n")
    let backendsAnswer =
      net.resolve(net.backend1.ip, by: net.balancer, answers: [second], at: later(0))
      + net.resolve(net.backend2.ip, by: net.balancer, answers: [net.backend2.mac], at: later(0))
    // At the balancer, of which no ARP frame was captured.
    var idle = net.conversation(
      port: 40001,
      along: Route(
        requests: [.init(client, first), .init(first, second, ttl: 63)], replies: [.init(second, client)]),
      at: .station(first), start: later(1))
    idle.open()
    idle.request("GET /one HTTP/1.1\r\n\r\n")
    idle.replies = [Sighting(.ethernet(from: first, to: client), ttl: 64)]
    idle.send([.rst, .ack], from: .server, window: 0, after: .seconds(2))
    return [
      trap(
        "bond-claims-by-turns", vip, .inconclusive, nil,
        "At the client: a bond tells one asker this member, another that, and no frame ties the two together.",
        byTurns + direct),
      trap(
        "backend-moves-to-second-mac", known, .pass, .direct(1),
        "On a mirror: in the middle of a connection requests go to another MAC, which may be the same backend's.",
        moved.frames),
      trap(
        "syn-retried-at-another-backend", known, .pass, .direct(1),
        "On a mirror: a SYN gets no answer, and the balancer sends its repetition to another backend.", retried.frames),
      trap(
        "reset-brought-by-balancer", vip, .inconclusive, nil,
        "On a mirror: a RST comes from the balancer's MAC after a hop: the backend sent it, and the balancer brings it.",
        asked([first]) + brought.frames),
      trap(
        "backend-moves-to-other-address", known, .inconclusive, .direct(1),
        "On a mirror: in the middle of a connection requests go to another MAC, which claims an address of its own.",
        backendsAnswer + elsewhere.frames),
      trap(
        "reset-by-who-passes-on", vip, .inconclusive, nil,
        "At the balancer, without ARP: who passes the requests on resets the flow in the VIP's name.", idle.frames),
    ]
  }()
}
