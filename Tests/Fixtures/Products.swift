import PacketBuilder
import Wire

extension Fixture {
  /// What single products do in their own way: the captures behind docs/recipes.md.
  static let products: [Fixture] = cilium + katran

  /// Cilium's modes opt and geneve: the node that gets the request translates it to the pod's address, and says the VIP in an
  /// option of the SYN; the pod's node answers in the VIP's name (cilium/cilium `bpf/lib/dsr.h`).
  private static let cilium: [Fixture] = {
    let net = Network.v4
    let vip = net.argument()
    let translated = Route(
      requests: [
        .init(net.client.mac, net.balancer.mac),
        .init(net.balancer.mac, net.backend1.mac, ttl: 63, server: ip("10.244.1.7")),
      ],
      replies: [.init(net.backend1.mac, net.client.mac, ttl: 63)])
    let backToTheNode = Route(
      requests: translated.requests,
      replies: [
        .init(net.backend1.mac, net.balancer.mac, ttl: 63, server: ip("10.244.1.7")),
        .init(net.balancer.mac, net.client.mac, ttl: 62),
      ])
    let found = net.clientFindsBalancer
    return [
      trap(
        "cilium-client-good", vip, .pass, .direct(1),
        "At the client of a Cilium that returns directly: the request goes to one node, the reply comes from another.",
        found + net.http(port: 40001, along: translated, at: net.atClient)),
      trap(
        "cilium-client-bad", vip, .fail, failing: ["reply-via-balancer"], .via(1),
        "At the client of a Cilium in its mode snat: the reply comes from the node that got the request.",
        found + net.http(port: 40001, along: backToTheNode, at: net.atClient)),
      trap(
        "cilium-mirror-good", vip, .pass, .direct(1),
        "On a mirror: the request goes on to the pod's own address, which bears no VIP and counts for nothing.",
        found + net.http(port: 40001, along: translated, at: .mirror)),
      trap(
        "cilium-pods-node", vip, .inconclusive, .undecided(1),
        "On the pod's node: replies bear the VIP, requests the pod's address, so that one half is missing.",
        net.http(port: 40001, along: translated, at: net.atBackend1)),
    ]
  }()

  /// Katran's outer source is made up for each connection (facebookincubator/katran `katran/lib/bpf/encap_helpers.h`).
  private static let katran: [Fixture] = {
    let net = Network.v4
    let vip = net.argument()
    let outer = Packet.ip(from: ip("172.16.226.148"), to: net.backend1.ip, ttl: 64)
    let direct = net.direct(net.backend1, tunnel: outer)
    let back = net.viaBalancer(net.backend1, tunnel: outer)
    return [
      trap(
        "katran-backend-good", vip, .pass, .direct(1),
        "At a backend of Katran's: the tunnel's source address belongs to nobody, the MAC is the balancer's.",
        net.http(port: 40001, along: direct, at: net.atBackend1)),
      trap(
        "katran-backend-bad", "\(vip) --balancer-mac \(net.balancer.mac)", .fail, failing: ["reply-via-balancer"],
        .via(1),
        "The same, but replies go to the balancer, the backend's gateway.",
        net.http(port: 40001, along: back, at: net.atBackend1)),
    ]
  }()
}
