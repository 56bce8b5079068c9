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
    let bridged = Packet.ethernet(from: mac("0e:00:00:00:01:11"), to: mac("0e:00:00:00:01:21"))
    let nothing = Packet.ethernet(from: MACAddress(0), to: MACAddress(0))
    let datagram = { (port: UInt16) in outer / .udp(from: 50001, to: port) }
    kinds += [
      ("gretap", "GRE with a key and Ethernet inside", outer / .gre(key: 7) / bridged),
      ("vxlan", "VXLAN", datagram(4789) / .vxlan(101) / bridged),
      ("geneve", "Geneve with an option", datagram(6081) / .geneve(42, options: [1, 2, 3, 0]) / bridged),
    ]
    // These differ in their headers alone: one vantage and one version tell.
    let headers: [(name: String, text: String, header: Packet)] = [
      ("vxlan-linux", "VXLAN on Linux's own port", datagram(8472) / .vxlan(101) / bridged),
      // Calico's eBPF mode: felix/bpf-gpl/nat.h.
      ("calico", "VXLAN with MACs of zeros, as Calico has it", datagram(4789) / .vxlan(0xca11c0) / nothing),
      ("vxlan-gpe", "VXLAN-GPE without Ethernet", datagram(4790) / .vxlan(101, isGPE: true)),
      ("mpls-udp", "MPLS in UDP", datagram(6635) / .mpls(18)),
      ("etherip", "EtherIP", outer / .etherIP / bridged),
    ]
    if name == "v4" {
      // Private data as GitHub's GLB writes it: a second backend to try (glb-director docs/development/gue-header.md).
      let second: [UInt8] = [0, 0, 0, 1, 10, 1, 10, 22]
      kinds.append(
        ("glb", "GUE with GLB's private data", outer / .udp(from: 50001, to: 19523) / .gue(fields: second)))
    }
    let atBackend = (kinds + (name == "v4" ? headers : [])).flatMap { kind in
      [
        trap(
          "tunnel-\(kind.name)-\(name)-backend-good", vip, .pass, .direct(1),
          "At a backend: requests come from the balancer in \(kind.text), replies go bare to the client.",
          net.http(port: 40001, along: net.direct(net.backend1, tunnel: kind.header), at: net.atBackend1)),
        trap(
          "tunnel-\(kind.name)-\(name)-backend-bad", known, .fail, failing: via, .via(1),
          "The same, but replies go to the balancer, the backend's gateway.",
          net.http(port: 40001, along: net.viaBalancer(net.backend1, tunnel: kind.header), at: net.atBackend1)),
      ]
    }
    let onMirror = kinds.flatMap { kind in
      let direct = net.direct(net.backend1, tunnel: kind.header)
      let viaBalancer = net.viaBalancer(net.backend1, tunnel: kind.header)
      return [
        trap(
          "tunnel-\(kind.name)-\(name)-mirror-good", vip, .pass, .direct(1),
          "On a mirror: bare to the balancer, in \(kind.text) to the backend, bare to the client.",
          net.clientFindsBalancer + net.http(port: 40001, along: direct, at: .mirror)),
        trap(
          "tunnel-\(kind.name)-\(name)-mirror-bad", vip, .fail, failing: via, .via(1),
          "The same, but replies go to the balancer and on to the client.",
          net.clientFindsBalancer + net.http(port: 40001, along: viaBalancer, at: .mirror)),
      ]
    }
    return atBackend + onMirror + untold(net, name) + links(net, name) + twoWays(net, name) + routed(net, name)
      + overlay(net, name) + mirrored(net, name)
  }

  /// A tunnel at a port that is in no table: only told it is opened, and until then it is hinted at.
  private static func untold(_ net: Network, _ name: String) -> [Fixture] {
    let header =
      Packet.ip(from: net.balancer.ip, to: net.backend1.ip) / .udp(from: 50001, to: 8473) / .vxlan(101)
      / .ethernet(from: mac("0e:00:00:00:01:11"), to: mac("0e:00:00:00:01:21"))
    return [
      trap(
        "tunnel-untold-port-\(name)", net.argument(), .inconclusive, .undecided(1),
        "At a backend: requests come in VXLAN at port 8473, which nobody told; the report hints at it.",
        net.http(port: 40001, along: net.direct(net.backend1, tunnel: header), at: net.atBackend1)),
      again(
        "tunnel-untold-port-\(name)", "\(net.argument()) --tunnel vxlan:8473", .pass, .direct(1),
        "The same with the port told."),
    ]
  }

  /// Clients behind a router, which puts a label or a session on what it hands to the balancer: no tunnel of the balancer's.
  private static func links(_ net: Network, _ name: String) -> [Fixture] {
    let kinds: [(name: String, text: String, header: Packet)] = [
      ("mpls", "with a label", .mpls(18)), ("pppoe", "in a PPPoE session", .pppoe(7)),
    ]
    return kinds.flatMap { kind, text, header in
      let requests: [Route.Leg] = [
        .init(net.client.mac, net.router.mac), .init(net.router.mac, net.balancer.mac, ttl: 63, inside: header),
        .init(net.balancer.mac, net.backend1.mac, ttl: 62),
      ]
      let found = net.resolve(net.vip, by: net.router, answers: [net.balancer.mac])
      return [
        trap(
          "link-\(kind)-\(name)-good", net.argument(), .pass, .direct(1),
          "On a mirror: a router hands requests on \(text), and is no balancer for that.",
          found
            + net.http(
              port: 40001,
              along: Route(
                requests: requests,
                replies: [
                  .init(net.backend1.mac, net.router.mac), .init(net.router.mac, net.client.mac, ttl: 63),
                ]), at: .mirror)),
        trap(
          "link-\(kind)-\(name)-bad", net.argument(), .fail, failing: ["reply-via-balancer"], .via(1),
          "The same, and the replies go through the balancer, \(text) as well.",
          found
            + net.http(
              port: 40001,
              along: Route(
                requests: requests,
                replies: [
                  .init(net.backend1.mac, net.balancer.mac),
                  .init(net.balancer.mac, net.router.mac, ttl: 63, inside: header),
                  .init(net.router.mac, net.client.mac, ttl: 62),
                ]), at: .mirror)),
      ]
    }
  }

  /// Two balancers, one of which was set up for another VNI.
  private static func twoWays(_ net: Network, _ name: String) -> [Fixture] {
    let vxlan = { (identifier: UInt32) in
      Packet.ip(from: net.balancer.ip, to: net.backend1.ip) / .udp(from: 50001, to: 4789) / .vxlan(identifier)
        / .ethernet(from: mac("0e:00:00:00:01:11"), to: mac("0e:00:00:00:01:21"))
    }
    let working = net.http(port: 40001, along: net.direct(net.backend1, tunnel: vxlan(101)), at: net.atBackend1)
    let other = net.direct(net.backend1, tunnel: vxlan(102))
    var silent = net.conversation(port: 40002, along: other, at: net.atBackend1)
    silent.send(.syn, from: .client)
    for seconds in [1, 2, 4] { silent.resend(from: .client, after: .seconds(seconds)) }
    return [
      trap(
        "tunnel-two-ways-\(name)-bad", net.argument(), .fail,
        failing: ["encapsulation-inconsistent", "request-unanswered"], mayFailMore: true, nil,
        "At a backend: requests in VNI 101 are answered, those in VNI 102 are not.", working + silent.frames),
      trap(
        "tunnel-two-ways-\(name)-good", net.argument(), .pass, .direct(2),
        "The same, and the backend has both VNIs.",
        working + net.http(port: 40002, along: other, at: net.atBackend1)),
    ]
  }

  /// Everything in one VXLAN between two hosts: client and balancer on the one, backends on the other. The outer addresses
  /// are the same pair for request and reply.
  private static func overlay(_ net: Network, _ name: String) -> [Fixture] {
    let hosts = [mac("06:00:00:00:00:a1"), mac("06:00:00:00:00:a2")]
    let wrapped = { (leg: Route.Leg) -> Route.Leg in
      let fromBackend = leg.from == net.backend1.mac
      let (from, to) = fromBackend ? (hosts[1], hosts[0]) : (hosts[0], hosts[1])
      let outer = Packet.ip(
        from: fromBackend ? net.backend2.ip : net.router.ip, to: fromBackend ? net.router.ip : net.backend2.ip)
      return Route.Leg(
        from, to, ttl: leg.ttl,
        inside: outer / .udp(from: 50001, to: 4789) / .vxlan(7) / .ethernet(from: leg.from, to: leg.to))
    }
    let inOverlay = { (route: Route) in
      // What stays on one host does not cross the wire between them.
      Route(
        requests: route.requests.filter { $0.to != net.balancer.mac }.map(wrapped), replies: route.replies.map(wrapped))
    }
    return [
      trap(
        "overlay-\(name)-good", "\(net.argument()) --balancer-mac \(net.balancer.mac)", .pass, .direct(1),
        "Between two hosts with an overlay: the inner MACs tell that the reply does not go to who sent the request.",
        net.http(port: 40001, along: inOverlay(net.direct(net.backend1)), at: .mirror)),
      trap(
        "overlay-\(name)-bad", "\(net.argument()) --balancer-mac \(net.balancer.mac)", .fail,
        failing: ["reply-via-balancer"], .via(1),
        "The same, but the reply goes back to the balancer.",
        net.http(port: 40001, along: inOverlay(net.viaBalancer(net.backend1)), at: .mirror)),
    ]
  }

  /// A mirror's copies in ERSPAN, at the host that collects them: what is inside counts as captured there.
  private static func mirrored(_ net: Network, _ name: String) -> [Fixture] {
    let collector = Packet.ip(from: net.router.ip, to: net.backend2.ip)
    let kinds: [(ERSPANLayer.Kind, String)] = [(.i, "i"), (.ii, "ii"), (.iii, "iii")]
    return kinds.flatMap { kind, number in
      let copied = { (route: Route) in
        let copy = { (leg: Route.Leg) in
          Route.Leg(
            net.router.mac, net.backend2.mac, ttl: leg.ttl,
            inside: collector / .erspan(kind) / .ethernet(from: leg.from, to: leg.to))
        }
        return Route(requests: route.requests.map(copy), replies: route.replies.map(copy))
      }
      return [
        trap(
          "erspan-\(number)-\(name)-good", net.argument(), .pass, .direct(1),
          "A mirror's copies in ERSPAN type \(number.uppercased()): every leg, and direct.",
          net.http(port: 40001, along: copied(net.direct(net.backend1)), at: .mirror)),
        trap(
          "erspan-\(number)-\(name)-bad", "\(net.argument()) --balancer-mac \(net.balancer.mac)", .fail,
          failing: ["reply-via-balancer"], .via(1),
          "The same, but replies go to the balancer and on to the client.",
          net.http(port: 40001, along: copied(net.viaBalancer(net.backend1)), at: .mirror)),
      ]
    }
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
        "tunnel-rp-filter-\(name)-bad", net.argument(), .fail,
        failing: ["request-unanswered", "tunnel-not-decapsulated"], .unanswered(1),
        "At a backend: SYNs arrive in the tunnel, rp_filter drops them behind it, and no SYN-ACK leaves.",
        net.resolve(net.backend1.ip, by: .init(mac: router, ip: net.router.ip), answers: [net.backend1.mac])
          + silent.frames),
    ]
  }
}
