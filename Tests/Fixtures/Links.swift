import PacketBuilder
import Wire

extension Fixture {
  /// Link types with one MAC or none, and VLANs.
  static let links: [Fixture] = cooked + bare + vlans

  private static func file(
    _ name: String, _ linkType: LinkType, _ arguments: String, _ verdict: Verdict, failing: [String] = [],
    _ flows: Flows?, _ explanation: String, _ frames: [TimedFrame]
  ) -> Fixture {
    Fixture(
      "traps/\(name).pcap", arguments, verdict, failing: failing, flows, explanation,
      pcap(frames, linkType: linkType))
  }

  private static func exchange(_ net: Network, requests: [Packet], replies: [Packet]) -> [TimedFrame] {
    var talk = Conversation(
      client: .init(net.client.ip, 40001), server: .init(net.vip, 80), at: Network.start + .milliseconds(10),
      requests: requests.map { Sighting($0) }, replies: replies.map { Sighting($0) })
    talk.exchange()
    return talk.frames
  }

  private static var cooked: [Fixture] {
    let net = Network.v4
    let vip = net.argument()
    let (client, balancer, backend) = (net.client.mac, net.balancer.mac, net.backend1.mac)
    let (router, second) = (net.router.mac, MACAddress(0x0a11_3ecb_ec63))
    let versions: [(name: String, type: LinkType, link: (CookedLayer.Direction, MACAddress, UInt32) -> Packet)] = [
      ("sll", .linuxSLL, { direction, mac, _ in .sll(direction, from: mac) }),
      ("sll2", .linuxSLL2, { .sll2($0, from: $1, interface: $2) }),
    ]
    return versions.flatMap { version in
      let link = version.link
      let asks = Packet.arp(.request, sender: client, net.client.ip, target: MACAddress(0), net.vip)
      let answers = Packet.arp(.reply, sender: balancer, net.vip, target: client, net.client.ip)
      let found = [
        TimedFrame(link(.fromUs, client, 2) / asks, at: Network.start),
        TimedFrame(link(.toUs, balancer, 2) / answers, at: Network.start + .microseconds(40)),
      ]
      let routerAsks = Packet.arp(.request, sender: router, net.router.ip, target: MACAddress(0), net.vip)
      let answersRouter = Packet.arp(.reply, sender: balancer, net.vip, target: router, net.router.ip)
      let asked = [
        TimedFrame(link(.broadcast, router, 2) / routerAsks, at: Network.start),
        TimedFrame(link(.fromUs, balancer, 2) / answersRouter, at: Network.start + .microseconds(40)),
      ]
      return [
        file(
          "\(version.name)-backend-good", version.type, vip, .inconclusive, .undecided(1),
          "Cooked (-i any) at a backend: no destination MAC, the replies' way stays open.",
          exchange(net, requests: [link(.toUs, balancer, 2)], replies: [link(.fromUs, backend, 2)])),
        file(
          "\(version.name)-client-good", version.type, vip, .inconclusive, .undecided(1),
          "Cooked at the client: where requests went is not in the frames.",
          exchange(net, requests: [link(.fromUs, client, 2)], replies: [link(.toUs, backend, 2)])),
        file(
          "\(version.name)-client-bad", version.type, vip, .fail, failing: ["reply-via-balancer"], .via(1),
          "Cooked at the client: the replies' sender is the only MAC that has the VIP.",
          found + exchange(net, requests: [link(.fromUs, client, 2)], replies: [link(.toUs, balancer, 2)])),
        file(
          "\(version.name)-balancer-bond-bad", version.type, vip, .inconclusive, .undecided(1),
          "Cooked at a balancer that sends from its bond's second MAC: this one sends requests and replies.",
          asked
            + exchange(
              net, requests: [link(.toUs, router, 2), link(.fromUs, second, 2)],
              replies: [link(.toUs, backend, 2), link(.fromUs, second, 2)])),
        file(
          "\(version.name)-router-good", version.type, vip, .pass, .direct(1),
          "Cooked at the router that asked for the VIP, and has one MAC on both sides.",
          asked
            + exchange(
              net, requests: [link(.toUs, client, 3), link(.fromUs, router, 2)],
              replies: [link(.toUs, backend, 2), link(.fromUs, router, 3)])),
        file(
          "\(version.name)-bond-twice", version.type, vip, .inconclusive, .undecided(1),
          "Cooked at a backend with a bond: every frame twice, on the bond and on its member.",
          exchange(
            net, requests: [link(.toUs, balancer, 2), link(.toUs, balancer, 4)],
            replies: [link(.fromUs, backend, 4), link(.fromUs, backend, 2)])),
      ]
    }
  }

  private static var bare: [Fixture] {
    let kinds: [(name: String, type: LinkType, link: Packet, net: Network)] = [
      ("raw-v4", .raw, .raw, .v4), ("raw-v6", .raw, .raw, .v6), ("ipv4", .ipv4, .raw, .v4),
      ("ipv6", .ipv6, .raw, .v6), ("null-v4", .null, .null(), .v4), ("null-v6", .null, .null(ipv6Family: 30), .v6),
      ("loop-v4", .loop, .loop(), .v4), ("loop-v6", .loop, .loop(), .v6),
    ]
    let net = Network.v4
    var silent = Conversation(
      client: .init(net.client.ip, 40001), server: .init(net.vip, 80), at: Network.start,
      requests: [Sighting(.raw)], replies: [])
    silent.send(.syn, from: .client)
    for seconds in [1, 2, 4] { silent.resend(from: .client, after: .seconds(seconds)) }
    return kinds.map { kind in
      file(
        "link-\(kind.name)", kind.type, kind.net.argument(), .inconclusive, .undecided(1),
        "Link type \(kind.type.rawValue): frames without any MAC.",
        exchange(kind.net, requests: [kind.link], replies: [kind.link]))
    } + [
      file(
        "link-raw-v4-unanswered", .raw, net.argument(), .fail, failing: ["request-unanswered"], .unanswered(1),
        "Without any MAC, but SYNs that nobody answers are a fault on every link type.", silent.frames)
    ]
  }

  /// A trunk: the client in VLAN 10, the servers in VLAN 20.
  private static var vlans: [Fixture] {
    let net = Network.v4
    let vip = net.argument()
    let provider = Packet.vlan(100, tagProtocol: EtherType.serviceVLAN)
    return [("vlan", Packet()), ("qinq", provider)].flatMap { (name, outer) in
      let (clients, servers) = (outer / .vlan(10), outer / .vlan(20))
      let requests: [Route.Leg] = [
        .init(net.client.mac, net.balancer.mac, inside: clients),
        .init(net.balancer.mac, net.backend1.mac, ttl: 63, inside: servers),
      ]
      let direct = Route(
        requests: requests,
        replies: [
          .init(net.backend1.mac, net.router.mac, inside: servers),
          .init(net.router.mac, net.client.mac, ttl: 63, inside: clients),
        ])
      let via = Route(
        requests: requests,
        replies: [
          .init(net.backend1.mac, net.balancer.mac, inside: servers),
          .init(net.balancer.mac, net.client.mac, ttl: 63, inside: clients),
        ])
      let answer = Packet.arp(.reply, sender: net.balancer.mac, net.vip, target: net.client.mac, net.client.ip)
      let found = [
        TimedFrame(
          .ethernet(from: net.balancer.mac, to: net.client.mac) / clients / answer, at: Network.start)
      ]
      return [
        trap(
          "\(name)-trunk-good", vip, .pass, .direct(1),
          "On a trunk: balancer from VLAN 10 to 20, replies back through a router of their own.",
          found + net.http(port: 40001, along: direct, at: .mirror)),
        trap(
          "\(name)-trunk-bad", vip, .fail, failing: ["reply-via-balancer"], .via(1),
          "On a trunk: replies return through the balancer.",
          found + net.http(port: 40001, along: via, at: .mirror)),
      ]
    }
  }
}
