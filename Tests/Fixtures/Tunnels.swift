import PacketBuilder
import Wire

extension Fixture {
  /// Requests that reach the backend inside a tunnel.
  static let tunnels: [Fixture] = tunnels(Network.v4, "v4") + tunnels(Network.v6, "v6")

  private static func tunnels(_ net: Network, _ name: String) -> [Fixture] {
    let vip = net.argument()
    let known = "\(vip) --balancer-mac \(net.balancer.mac)"
    let via = ["reply-via-balancer"]
    let outer = Packet.ip(from: net.balancer.ip, to: net.backend1.ip, ttl: 64)
    let other = name == "v4" ? Network.v6 : Network.v4
    var kinds: [(name: String, text: String, header: Packet)] = [
      ("ipip", "IP in IP", outer),
      ("gre", "GRE", outer / .gre()),
      ("gue", "GUE variant 0", outer / .udp(from: 50001, to: 6080) / .gue()),
      ("gue1", "GUE variant 1", outer / .udp(from: 50001, to: 6080)),
      (
        "ip-in-other", name == "v4" ? "IPv4 in IPv6" : "IPv6 in IPv4",
        Packet.ip(from: other.balancer.ip, to: other.backend1.ip)
      ),
    ]
    if name == "v4" {
      // Private data as GitHub's GLB writes it: a second backend to try (glb-director docs/development/gue-header.md).
      let second: [UInt8] = [0, 0, 0, 1, 10, 1, 10, 22]
      kinds.append(
        ("glb", "GUE with GLB's private data", outer / .udp(from: 50001, to: 19523) / .gue(fields: second)))
    }
    return kinds.flatMap { kind in
      let direct = net.direct(net.backend1, tunnel: kind.header)
      let viaBalancer = net.viaBalancer(net.backend1, tunnel: kind.header)
      return [
        trap(
          "tunnel-\(kind.name)-\(name)-backend-good", vip, .pass, .direct(1),
          "At a backend: requests come from the balancer in \(kind.text), replies go bare to the client.",
          net.http(port: 40001, along: direct, at: net.atBackend1)),
        trap(
          "tunnel-\(kind.name)-\(name)-backend-bad", known, .fail, failing: via, .via(1),
          "The same, but replies go to the balancer, the backend's gateway.",
          net.http(port: 40001, along: viaBalancer, at: net.atBackend1)),
        trap(
          "tunnel-\(kind.name)-\(name)-mirror-good", vip, .pass, .direct(1),
          "On a mirror: bare to the balancer, in \(kind.text) to the backend, bare to the client.",
          net.clientFindsBalancer + net.http(port: 40001, along: direct, at: .mirror)),
        trap(
          "tunnel-\(kind.name)-\(name)-mirror-bad", vip, .fail, failing: via, .via(1),
          "The same, but replies go to the balancer and on to the client.",
          net.clientFindsBalancer + net.http(port: 40001, along: viaBalancer, at: .mirror)),
      ]
    } + routed(net, name)
  }

  /// The backend is in another network than the balancer: both halves bear the router's MAC.
  private static func routed(_ net: Network, _ name: String) -> [Fixture] {
    let router = net.router.mac
    let header = Packet.ip(from: name == "v4" ? ip("192.0.2.11") : ip("2001:db8:2::11"), to: net.backend1.ip, ttl: 62)
    let route = Route(
      requests: [.init(router, net.backend1.mac, ttl: 60, inside: header)],
      replies: [.init(net.backend1.mac, router)])
    var silent = net.conversation(
      port: 40001, along: net.direct(net.backend1, tunnel: header), at: net.atBackend1)
    silent.send(.syn, from: .client)
    for seconds in [1, 2, 4] { silent.resend(from: .client, after: .seconds(seconds)) }
    return [
      trap(
        "tunnel-routed-\(name)-backend", net.argument(), .inconclusive, .undecided(1),
        "At a backend in another network than the balancer: tunnel and replies use the same router.",
        net.http(port: 40001, along: route, at: net.atBackend1)),
      trap(
        "tunnel-rp-filter-\(name)-bad", net.argument(), .fail, failing: ["request-unanswered"], .unanswered(1),
        "At a backend: SYNs arrive in the tunnel, rp_filter drops them behind it, and no SYN-ACK leaves.",
        silent.frames),
    ]
  }
}
