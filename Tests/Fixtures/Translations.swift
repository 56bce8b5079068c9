import PacketBuilder
import Wire

extension Fixture {
  /// The balancer translates the destination, and the backend answers in the VIP's name all the same.
  static let translations: [Fixture] = translations(Network.v4, "v4") + translations(Network.v6, "v6")

  private static func translations(_ net: Network, _ name: String) -> [Fixture] {
    let vip = net.argument()
    let known = "\(vip) --balancer-mac \(net.balancer.mac)"
    // cilium/cilium bpf/lib/dsr.h: what the option holds is not looked at here.
    let option: [UInt8] =
      name == "v4" ? [0x9a, 8, 0, 80, 10, 1, 10, 10] : [0x1b, 20] + net.vip.octets + [0, 80, 0, 0]
    let route = { (replies: [Route.Leg], synOption: [UInt8]) in
      Route(
        requests: [
          .init(net.client.mac, net.balancer.mac),
          .init(net.balancer.mac, net.backend1.mac, ttl: 63, server: net.backend1.ip, synOption: synOption),
        ], replies: replies)
    }
    let direct = route([.init(net.backend1.mac, net.client.mac)], [])
    let masqueraded = route(
      [
        .init(net.backend1.mac, net.balancer.mac, server: net.backend1.ip),
        .init(net.balancer.mac, net.client.mac, ttl: 63),
      ], [])
    let marked = route([.init(net.backend1.mac, net.client.mac)], option)
    // Behind a firewall that drops options: the backend takes the request for its own.
    let firewall = net.router.mac
    let lost = Route(
      requests: [
        .init(net.client.mac, net.balancer.mac),
        .init(net.balancer.mac, firewall, ttl: 63, server: net.backend1.ip, synOption: option),
        .init(firewall, net.backend1.mac, ttl: 62, server: net.backend1.ip),
      ],
      replies: [.init(net.backend1.mac, net.client.mac, server: net.backend1.ip)])
    var refused = net.conversation(port: 40001, along: lost, at: .mirror)
    refused.send(.syn, from: .client)
    refused.send([.syn, .ack], from: .server)
    for seconds in [1, 2, 4] { refused.resend(from: .client, after: .seconds(seconds)) }
    // The backend's gateway is another that translates: its address is the router's here.
    let peer = route(
      [
        .init(net.backend1.mac, net.router.mac, server: net.backend1.ip),
        .init(net.router.mac, net.client.mac, ttl: 63),
      ], [])
    let second = mac("06:1f:8a:6c:8e:77")
    let bySecond = route(
      [
        .init(net.backend1.mac, net.balancer.mac, server: net.backend1.ip),
        .init(second, net.client.mac, ttl: 63),
      ], [])
    return [
      trap(
        "masq-second-mac-\(name)-bad", vip, .fail, failing: ["reply-via-balancer"], .via(1),
        "On a mirror: Masq by a balancer that sends to clients from another MAC than it receives at.",
        net.clientFindsBalancer + net.http(port: 40001, along: bySecond, at: .mirror)),
      trap(
        "masq-second-mac-udp-\(name)-bad", net.argument(53, udp: true), .fail, failing: ["reply-via-balancer"], .via(1),
        "The same by UDP: the answer's content tells that it is the backend's.",
        net.clientFindsBalancer + net.dns(port: 40001, along: bySecond, at: .mirror)),
      trap(
        "translated-by-another-\(name)", vip, .inconclusive, .undecided(1),
        "On a mirror: the balancer translates requests, and another device translates the replies, which it gets from the backend.",
        net.clientFindsBalancer + net.http(port: 40001, along: peer, at: .mirror)),
      trap(
        "l3dsr-\(name)-backend-good", known, .pass, .direct(1),
        "L3DSR at a backend: requests come to its own address, replies leave from the VIP.",
        net.http(port: 40001, along: direct, at: net.atBackend1)),
      trap(
        "l3dsr-\(name)-mirror-good", vip, .pass, .direct(1),
        "L3DSR on a mirror: the leg to the backend bears its own address and the client's own numbers.",
        net.clientFindsBalancer + net.http(port: 40001, along: direct, at: .mirror)),
      trap(
        "l3dsr-\(name)-mirror-masq", vip, .fail, failing: ["reply-via-balancer"], .via(1),
        "The same leg by Masq: its replies come back on it, and the balancer passes them on.",
        net.clientFindsBalancer + net.http(port: 40001, along: masqueraded, at: .mirror)),
      again(
        "l3dsr-\(name)-mirror-good", "", .pass, .direct(1),
        "The same without --vip: the backend's own address is no service, for its only flow is a leg of another."),
      trap(
        "l3dsr-\(name)-balancer-good", vip, .pass, .direct(1),
        "L3DSR at the balancer alone: it sends on what it takes, to another address, and no reply passes.",
        net.clientFindsBalancer + net.healthCheck + net.http(port: 40001, along: direct, at: net.atBalancer)),
      trap(
        "l3dsr-\(name)-balancer-one-direction", vip, .inconclusive, .undecided(1),
        "The same with nothing beside that shows both directions: replies may have been filtered out.",
        net.clientFindsBalancer + net.http(port: 40001, along: direct, at: net.atBalancer)),
      trap(
        "l3dsr-\(name)-balancer-mixed", vip, .fail, failing: ["reply-via-balancer"], mayFailMore: true, nil,
        "At the balancer: replies of one flow come back to it, as by Masq; those of the other were not captured.",
        net.clientFindsBalancer + net.healthCheck + net.http(port: 40001, along: masqueraded, at: net.atBalancer)
          + net.http(port: 40002, along: direct, at: net.atBalancer)),
      trap(
        "cilium-option-\(name)-backend-good", known, .pass, .direct(1),
        "Cilium's DSR at a backend: the SYN names the VIP in an option.",
        net.http(port: 40001, along: marked, at: net.atBackend1)),
      trap(
        "cilium-option-\(name)-mirror-good", vip, .pass, .direct(1),
        "Cilium's DSR on a mirror.",
        net.clientFindsBalancer + net.http(port: 40001, along: marked, at: .mirror)),
      again(
        "cilium-option-\(name)-mirror-good", "", .pass, .direct(1),
        "The same without --vip: the option tells that the backend's own address is no service."),
      trap(
        "cilium-option-\(name)-lost-bad", vip, .fail, failing: ["dsr-option-lost"], mayFailMore: true, nil,
        "A firewall drops the option: the backend answers from its own address, and the client waits.",
        net.clientFindsBalancer + refused.frames),
    ]
  }
}
