import PacketBuilder
import Wire

extension Fixture {
  /// ARP001 to ARP004: who says that it has the VIP.
  static let claims: [Fixture] = claims(Network.v4, "v4") + claims(Network.v6, "v6") + arpForms

  private static func claims(_ net: Network, _ name: String) -> [Fixture] {
    let vip = net.argument()
    let known = "\(vip) --balancer-mac \(net.balancer.mac)"
    let flow = net.http(port: 40001, along: net.direct(net.backend1), at: net.atClient)
    let (balancer, backend) = (net.balancer.mac, net.backend1.mac)
    let later = Network.start + .seconds(5)

    func asked(_ owners: MACAddress...) -> [TimedFrame] { net.resolve(net.vip, by: net.client, answers: owners) }
    func announced(_ owner: MACAddress) -> [TimedFrame] {
      let packet =
        name == "v4"
        ? Packet.gratuitousARP(.reply, net.vip, isAt: owner) : .unsolicitedAdvertisement(net.vip, isAt: owner)
      return [TimedFrame(packet, at: later)]
    }
    /// A backend looks for the client and gives `source` as its own address.
    func looked(from source: IPAddress) -> [TimedFrame] {
      net.resolve(
        net.client.ip, by: Network.Station(mac: backend, ip: source), answers: [net.client.mac], at: later)
    }

    return [
      trap(
        "arp-answer-\(name)-bad", known, .fail, failing: ["backend-answers-arp"], .direct(1),
        "At the client: a backend answers the question for the VIP.", asked(backend) + flow),
      trap(
        "arp-answer-\(name)-good", known, .pass, .direct(1), "The same, answered by the balancer.",
        asked(balancer) + flow),
      trap(
        "arp-answers-\(name)-bad", known, .fail, failing: ["backend-answers-arp", "vip-owner-contested"], .direct(1),
        "At the client: the balancer and a backend both answer.", asked(balancer, backend) + flow),
      again(
        "arp-answers-\(name)-bad", vip, .fail, failing: ["vip-owner-contested"], mayFailMore: true, nil,
        "The same, the balancer not named: two MACs claim the VIP."),
      trap(
        "arp-announce-\(name)-bad", known, .fail, failing: ["backend-announces-vip"], .direct(1),
        "At the client: a backend announces the VIP.", flow + announced(backend)),
      trap(
        "arp-announce-\(name)-good", known, .pass, .direct(1), "The same, announced by the balancer.",
        flow + announced(balancer)),
      trap(
        "arp-sender-\(name)-bad", known, .fail, failing: ["vip-as-arp-sender"], .direct(1),
        "At the client: a backend looks for it with the VIP as its own address (arp_announce below 2).",
        flow + looked(from: net.vip)),
      trap(
        "arp-sender-\(name)-good", known, .pass, .direct(1), "The same, with the backend's own address.",
        flow + looked(from: net.backend1.ip)),
      trap(
        "owner-contested-\(name)-bad", vip, .fail, failing: ["vip-owner-contested"], nil,
        "At the client: two machines, neither of them known, answer for the VIP again and again.",
        asked(balancer, net.router.mac)
          + net.resolve(net.vip, by: net.client, answers: [net.router.mac, balancer], at: later) + flow),
      trap(
        "owner-failover-\(name)-good", vip, .pass, .direct(2),
        "At the client: a second balancer announces the VIP and has it from then on; the first is silent.",
        asked(balancer) + flow + announced(net.router.mac)
          + net.resolve(net.vip, by: net.client, answers: [net.router.mac], at: later + .seconds(60))
          + after(net, in: 61)),
      trap(
        "vrrp-virtual-mac-\(name)-good", "\(vip) --backend \(net.backend1.ip)=\(backend)", .pass, .direct(1),
        "At the client: two routers advertise the VIP in turn, both with the virtual MAC; backends answer directly.",
        vrrp(net, by: net.balancer.ip, from: nil, priority: 100, at: Network.start)
          + net.resolve(net.vip, by: net.client, answers: [.vrrp(10, version: net.vip.version)])
          + virtual(net).frames
          + vrrp(net, by: net.router.ip, from: nil, priority: 90, at: later)),
      trap(
        "vrrp-own-mac-\(name)-good", vip, .pass, .direct(2),
        "At the client: VRRP without a virtual MAC; one router resigns (priority 0), another announces the VIP.",
        vrrp(net, by: net.balancer.ip, from: balancer, priority: 100, at: Network.start) + asked(balancer) + flow
          + vrrp(net, by: net.balancer.ip, from: balancer, priority: 0, at: later)
          + vrrp(net, by: net.router.ip, from: net.router.mac, priority: 90, at: later) + announced(net.router.mac)
          + after(net, in: 61)),
    ]
  }

  /// A connection through the second balancer, which took the VIP over.
  private static func after(_ net: Network, in seconds: Int) -> [TimedFrame] {
    let second = Route(
      requests: [.init(net.client.mac, net.router.mac)], replies: [.init(net.backend1.mac, net.client.mac)])
    return net.http(port: 40002, along: second, at: net.atClient, start: Network.start + .seconds(5 + seconds))
  }

  /// A connection to the virtual MAC, answered by a backend.
  private static func virtual(_ net: Network) -> Conversation {
    var talk = net.conversation(
      port: 40001,
      along: Route(
        requests: [.init(net.client.mac, .vrrp(10, version: net.vip.version))],
        replies: [.init(net.backend1.mac, net.client.mac)]), at: net.atClient)
    talk.exchange()
    return talk
  }

  private static func vrrp(
    _ net: Network, by router: IPAddress, from sender: MACAddress?, priority: UInt8, at time: Timestamp
  ) -> [TimedFrame] {
    let packet = Packet.vrrpAdvertisement(
      version: net.vip.version == .v4 ? 2 : 3, virtualRouter: 10, priority: priority, addresses: [net.vip],
      by: router, at: sender)
    return [TimedFrame(packet, at: time)]
  }

  /// What only ARP has: an announcement that is a request.
  private static var arpForms: [Fixture] {
    let net = Network.v4
    let known = "\(net.argument()) --balancer-mac \(net.balancer.mac)"
    let flow = net.http(port: 40001, along: net.direct(net.backend1), at: net.atClient)
    let later = Network.start + .seconds(5)
    func announced(_ owner: MACAddress) -> [TimedFrame] {
      [TimedFrame(.gratuitousARP(.request, net.vip, isAt: owner), at: later)]
    }
    let probe = TimedFrame(
      .arpRequest(for: net.vip, by: net.backend1.mac, IPAddress(v4: 0)), at: later)
    // The routers' virtual router has the balancer's number, on a network of its own.
    let gateway = ip("10.2.20.1")
    let virtual = MACAddress.vrrp(10, version: .v4)
    var remote = net.conversation(
      port: 40001,
      along: Route(
        requests: [.init(net.client.mac, virtual)], replies: [.init(net.router.mac, net.client.mac, ttl: 62)]),
      at: net.atClient, clientIP: ip("10.2.20.100"))
    remote.exchange()
    let gatewayFound: [TimedFrame] = [
      TimedFrame(
        .vrrpAdvertisement(
          version: 2, virtualRouter: 10, priority: 100, addresses: [gateway], by: ip("10.2.20.2"), at: net.router.mac),
        at: Network.start)
    ]
    return [
      trap(
        "virtual-mac-of-two-links", "\(known) --balancer-mac \(virtual)", .inconclusive, .undecided(1),
        "At a client behind a router: the balancer's virtual MAC is the routers' here, and all pass the router.",
        gatewayFound + remote.frames),
      trap(
        "arp-announce-request-v4-bad", known, .fail, failing: ["backend-announces-vip"], .direct(1),
        "At the client: a backend announces the VIP with an ARP request.", flow + announced(net.backend1.mac)),
      trap(
        "arp-announce-request-v4-good", known, .pass, .direct(1), "The same, announced by the balancer.",
        flow + announced(net.balancer.mac)),
      trap(
        "arp-probe-v4-good", known, .pass, .direct(1),
        "At the client: an ARP probe (RFC 5227) for the VIP asks whether it is free and claims nothing.",
        flow + [probe]),
    ]
  }
}
