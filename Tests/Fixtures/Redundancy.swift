import PacketBuilder
import Wire

extension Fixture {
  /// First-hop redundancy and cluster addresses: a virtual MAC on the way there and a burned-in one on the way back
  /// is how a single router looks, so it proves nothing.
  static let redundancy: [Fixture] = gateways + owners

  /// The client's gateway answers ARP with a virtual MAC, and forwards replies from its own.
  private static var gateways: [Fixture] {
    let kinds: [(name: String, virtual: MACAddress, version: IPAddress.Version, text: String)] = [
      ("vrrp", mac("00:00:5e:00:01:0a"), .v4, "VRRP or CARP"),
      ("vrrp-v6", mac("00:00:5e:00:02:0a"), .v6, "VRRP for IPv6"),
      ("hsrp", mac("00:00:0c:07:ac:0a"), .v4, "HSRP"),
      ("hsrp2", mac("00:00:0c:9f:f0:0a"), .v4, "HSRP version 2"),
      ("hsrp-v6", mac("00:05:73:a0:00:0a"), .v6, "HSRP for IPv6"),
      ("glbp", mac("00:07:b4:00:0a:01"), .v4, "GLBP"),
      ("vpc", mac("00:23:04:ee:be:0a"), .v4, "a vPC pair"),
      ("nlb", mac("02:bf:0a:01:0a:0a"), .v4, "an MS NLB cluster, whose hosts send from 02:01 and up"),
    ]
    return kinds.flatMap { kind in
      var net = kind.version == .v4 ? Network.v4 : Network.v6
      // The service is in another network; only a router leads there.
      net.vip = kind.version == .v4 ? ip("203.0.113.10") : ip("2001:db8:113::10")
      let own = kind.name == "nlb" ? mac("02:01:0a:01:0a:0a") : net.router.mac
      let route = Route(
        requests: [.init(net.client.mac, kind.virtual)], replies: [.init(own, net.client.mac, ttl: 61)])
      let flow = net.http(port: 40001, along: route, at: net.atClient)
      let resolved = net.resolve(net.router.ip, by: net.client, answers: [kind.virtual])
      return [
        trap(
          "fhrp-\(kind.name)", net.argument(), .inconclusive, .undecided(1),
          "At the client: requests go to the virtual MAC of \(kind.text), replies come from a burned-in one.", flow),
        trap(
          "fhrp-\(kind.name)-resolved", net.argument(), .inconclusive, .undecided(1),
          "The same, with the question for the gateway, which the virtual MAC answers.", resolved + flow),
      ]
    }
  }

  /// The VIP itself is at a virtual MAC.
  private static var owners: [Fixture] {
    let net = Network.v4
    let vip = net.argument()
    let virtual = MACAddress.vrrp(10)
    let found = net.resolve(net.vip, by: net.client, answers: [virtual])
    let direct = net.http(
      port: 40001,
      along: Route(requests: [.init(net.client.mac, virtual)], replies: [.init(net.backend1.mac, net.client.mac)]),
      at: net.atClient)
    let translated = net.http(
      port: 40001,
      along: Route(
        requests: [.init(net.client.mac, virtual)], replies: [.init(net.balancer.mac, net.client.mac, ttl: 63)]),
      at: net.atClient)
    let multicast = mac("03:bf:0a:01:0a:0a")
    let cluster = net.http(
      port: 40001,
      along: Route(requests: [.init(net.client.mac, multicast)], replies: [.init(net.backend1.mac, net.client.mac)]),
      at: net.atClient)
    let bothMACs = "\(vip) --balancer-mac \(virtual) --balancer-mac \(net.balancer.mac)"
    return [
      trap(
        "vip-at-virtual-mac-direct", vip, .inconclusive, .undecided(1),
        "At the client: the VIP is at a VRRP MAC and replies come from another, but whose that is nothing tells.",
        found + direct),
      again(
        "vip-at-virtual-mac-direct", "\(vip) --backend \(net.backend1.ip)=\(net.backend1.mac)", .pass, .direct(1),
        "The same, the backend known: Direct Server Return behind keepalived with use_vmac."),
      again("vip-at-virtual-mac-direct", bothMACs, .pass, .direct(1), "The same, both MACs of the balancer known."),
      trap(
        "vip-at-virtual-mac-translated", vip, .inconclusive, .undecided(1),
        "At the client: a translating balancer has the VIP at a VRRP MAC and replies from its burned-in one.",
        found + translated),
      again(
        "vip-at-virtual-mac-translated", bothMACs, .fail, failing: ["reply-via-balancer"], .via(1),
        "The same, both MACs of the balancer known."),
      trap(
        "nlb-multicast", vip, .inconclusive, .undecided(1),
        "At the client: MS NLB in multicast mode; requests go to a group address, which is nobody's.",
        net.resolve(net.vip, by: net.client, answers: [multicast]) + cluster),
    ]
  }
}
