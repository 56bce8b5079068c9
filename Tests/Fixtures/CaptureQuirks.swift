import PacketBuilder
import Wire

extension Fixture {
  /// What capturing does to frames: cuts, duplicates, offload; and packets of rare shape.
  static let captureQuirks: [Fixture] = cuts + duplicates + offload + shapes

  private static let net = Network.v4
  private static let vip = net.argument()
  private static let found = net.clientFindsBalancer
  private static let flow = net.http(port: 40001, along: net.direct(net.backend1), at: net.atClient)
  private static let flowVia = net.http(port: 40001, along: net.viaBalancer(net.backend1), at: net.atClient)

  private static var cuts: [Fixture] {
    let v6 = Network.v6
    let flow6 = v6.http(port: 40001, along: v6.direct(v6.backend1), at: v6.atClient)
    func cut(
      _ length: Int, _ name: String, _ arguments: String, _ verdict: Verdict, _ flows: Flows?, _ explanation: String,
      _ frames: [TimedFrame]
    ) -> Fixture {
      Fixture(
        "traps/snaplen-\(length)-\(name).pcap", arguments, verdict, flows, explanation,
        pcap(frames, snapLength: length))
    }
    let wrapped = Packet.ip(from: net.backend1.ip, to: net.router.ip) / .gre()
    let repliesInGRE = Route(
      requests: net.direct(net.backend1).requests,
      replies: [
        .init(net.backend1.mac, net.balancer.mac, inside: wrapped),
        .init(net.balancer.mac, net.router.mac, inside: wrapped),
      ])
    let unknown =
      Packet.ip(from: net.backend1.ip, to: net.router.ip) / .udp(from: 42901, to: 5555) / .vxlan(7)
      / .ethernet(from: net.backend2.mac, to: net.client.mac)
    let repliesInUnknown = Route(
      requests: net.direct(net.backend1).requests,
      replies: [
        .init(net.backend1.mac, net.balancer.mac, inside: unknown),
        .init(net.balancer.mac, net.router.mac, inside: unknown),
      ])
    return [
      trap(
        "replies-in-unopened-tunnel", vip, .inconclusive, .undecided(1),
        "At the balancer: replies cross it in VXLAN at a port of which nobody said so.",
        found + net.balancerFindsBackends + net.healthCheck
          + net.http(port: 40001, along: repliesInUnknown, at: net.atBalancer)),
      cut(
        64, "replies-in-gre", vip, .inconclusive, .undecided(1),
        "At the balancer: replies cross it in GRE, cut before the ports inside, so they are no flow's.",
        found + net.balancerFindsBackends + net.healthCheck
          + net.http(port: 40001, along: repliesInGRE, at: net.atBalancer)),
      cut(54, "v4", vip, .pass, .direct(1), "Frames cut right behind the TCP header.", found + flow),
      cut(68, "v4", vip, .pass, .direct(1), "tcpdump's old default snap length.", found + flow),
      cut(74, "v6", v6.argument(), .pass, .direct(1), "IPv6 cut right behind the TCP header.", flow6),
      cut(68, "v6", v6.argument(), .pass, .direct(1), "IPv6 cut in the TCP header, behind its ports.", flow6),
      cut(34, "v4", vip, .inconclusive, nil, "Cut behind the IP header: no ports, so no flows.", found + flow),
      cut(14, "v4", vip, .inconclusive, nil, "Cut behind the Ethernet header.", found + flow),
    ]
  }

  private static var duplicates: [Fixture] {
    let direct = net.http(port: 40001, along: net.direct(net.backend1), at: .mirror)
    let via = net.http(port: 40001, along: net.viaBalancer(net.backend1), at: .mirror)
    func doubled(_ frames: [TimedFrame]) -> [TimedFrame] {
      frames + frames.map { TimedFrame($0.bytes, at: $0.time + .microseconds(3)) }
    }
    var unidentified = net.conversation(port: 40001, along: net.direct(net.backend1), at: .mirror)
    unidentified.identifies = false
    unidentified.exchange()
    return [
      trap(
        "mirror-duplicates-good", vip, .pass, .direct(1),
        "A mirror of ingress and egress: every frame twice, unchanged.",
        doubled(found + direct)),
      trap(
        "mirror-duplicates-bad", vip, .fail, failing: ["reply-via-balancer"], .via(1),
        "The same, replies through the balancer.", doubled(found + via)),
      trap(
        "id-zero-mirror-good", vip, .pass, .direct(1),
        "On a mirror: every IPv4 identification is 0, so it tells no frames apart.", found + unidentified.frames),
      trap(
        "mirror-duplicate-syn", vip, .inconclusive, .undecided(1),
        "A mirror shows one SYN twice, 3 µs apart: no retransmission, and the capture ends.",
        doubled(
          {
            var talk = net.conversation(port: 40001, along: net.direct(net.backend1), at: net.atClient)
            talk.send(.syn, from: .client)
            return talk.frames
          }())),
    ]
  }

  private static var offload: [Fixture] {
    let (client, server) = (net.client, net.vip)
    let large = [UInt8](repeating: 0x78, count: 20_000)
    func captured(from source: MACAddress, _ checksum: UInt16) -> [TimedFrame] {
      let base = net.conversation(port: 40001, along: net.direct(net.backend1), at: net.atClient)
      var talk = base
      talk.open()
      let time = talk.clock
      let request =
        Packet.ethernet(from: client.mac, to: net.balancer.mac) / .ipv4(from: client.ip, to: server, checksum: 0)
        / .tcp(
          from: 40001, to: 80, seq: 1_000_000 &* 40001 &+ 1, ack: 77_000_000 &* 40001 &+ 1, flags: [.psh, .ack],
          payload: Array("PUT /big HTTP/1.1\r\n\r\n".utf8), checksum: checksum)
      let reply =
        Packet.ethernet(from: source, to: client.mac) / .ipv4(from: server, to: client.ip, totalLength: 0, checksum: 0)
        / .tcp(
          from: 80, to: 40001, seq: 77_000_000 &* 40001 &+ 1, ack: 1_000_000 &* 40001 &+ 22, flags: [.psh, .ack],
          payload: large, checksum: checksum)
      let acknowledgment =
        Packet.ethernet(from: client.mac, to: net.balancer.mac) / .ipv4(from: client.ip, to: server)
        / .tcp(from: 40001, to: 80, seq: 1_000_000 &* 40001 &+ 22, ack: 77_000_000 &* 40001 &+ 20_001, flags: .ack)
      return talk.frames + [
        TimedFrame(request, at: time + .milliseconds(1)), TimedFrame(reply, at: time + .milliseconds(2)),
        TimedFrame(acknowledgment, at: time + .milliseconds(3)),
      ]
    }
    return [
      trap(
        "offload-good", vip, .pass, .direct(1),
        "At the client: total length 0 of a 20,000 byte segment, and checksums that offload had yet to fill in.",
        found + captured(from: net.backend1.mac, 0x1234))
    ]
  }

  private static var shapes: [Fixture] {
    let v6 = Network.v6
    let dns = net.argument(53, udp: true)
    let large = [UInt8](repeating: 0x78, count: 2400)

    /// A DNS answer of 2400 bytes in two fragments.
    func fragmented(_ net: Network, _ answerer: MACAddress) -> [TimedFrame] {
      var talk = net.conversation(port: 40001, with: 53, along: net.direct(net.backend1), at: net.atClient)
      talk.datagram(from: .client, DNS.query)
      let datagram = Packet.udp(from: 53, to: 40001, payload: large)
        .bytes(within: Carrier(from: net.vip, to: net.client.ip))
      let parts = [(0, datagram[..<1440]), (1440, datagram[1440...])]
      for (offset, part) in parts {
        let link = Packet.ethernet(from: answerer, to: net.client.mac)
        let (at, more) = (UInt16(offset), offset == 0)
        let header =
          net.vip.version == .v4
          ? Packet.ipv4(
            from: net.vip, to: net.client.ip, id: 0x77, dontFragment: false, moreFragments: more, fragmentOffset: at)
          : .ipv6(from: net.vip, to: net.client.ip) / .ipv6Fragment(id: 0x77, offset: at, moreFragments: more)
        talk.interject(link / header / .payload(Array(part), as: IPProtocol.udp))
      }
      return talk.frames
    }
    // Record route, RFC 791: space for three addresses. Hop-by-hop router alert, RFC 2711, and a padding option.
    let recordRoute: [UInt8] = [7, 15, 4] + Array(repeating: 0, count: 12)
    let to = { (net: Network) in Packet.ethernet(from: net.client.mac, to: net.balancer.mac) }
    func datagrams(_ net: Network, _ header: Packet, _ answer: Packet) -> [TimedFrame] {
      [
        TimedFrame(
          to(net) / header / .udp(from: 40001, to: 53, payload: DNS.query), at: Network.start + .milliseconds(9)),
        TimedFrame(
          .ethernet(from: net.backend1.mac, to: net.client.mac) / answer
            / .udp(from: 53, to: 40001, payload: DNS.answer), at: Network.start + .milliseconds(10)),
      ]
    }
    let manyClients = (0..<20).flatMap { index -> [TimedFrame] in
      var one = net
      // Locally administered, unicast: as phones and laptops choose them anew for each network.
      one.client.mac = MACAddress(0x02a4_0000_0000 | UInt64(index) &* 0x9e_3779_b1 & 0xffff_ffff)
      one.client.ip = IPAddress(v4: 0x0a01_0ac8 + UInt32(index))
      let backend = index.isMultiple(of: 2) ? one.backend1 : one.backend2
      return one.http(port: 40001 + UInt16(index), along: one.direct(backend), at: .mirror)
    }
    return [
      trap(
        "fragments-v4-good", dns, .pass, .direct(1), "DNS at the client: an answer in two fragments.",
        found + fragmented(net, net.backend1.mac)),
      trap(
        "fragments-v4-bad", dns, .fail, failing: ["reply-via-balancer"], .via(1),
        "The same, from the balancer.", found + fragmented(net, net.balancer.mac)),
      trap(
        "fragments-v6-good", v6.argument(53, udp: true), .pass, .direct(1),
        "DNS at the client over IPv6: an answer in two fragments.", fragmented(v6, v6.backend1.mac)),
      trap(
        "options-v4-good", dns, .pass, .direct(1), "DNS at the client: IPv4 headers with a record-route option.",
        found
          + datagrams(
            net, .ipv4(from: net.client.ip, to: net.vip, options: recordRoute),
            .ipv4(from: net.vip, to: net.client.ip, options: recordRoute))),
      trap(
        "extension-headers-v6-good", v6.argument(53, udp: true), .pass, .direct(1),
        "DNS at the client over IPv6: hop-by-hop options, a routing header and destination options.",
        datagrams(
          v6,
          .ipv6(from: v6.client.ip, to: v6.vip) / .ipv6Extension(IPv6ExtensionLayer.hopByHop, [5, 2, 0, 0])
            / .ipv6Extension(IPv6ExtensionLayer.destinationOptions),
          .ipv6(from: v6.vip, to: v6.client.ip) / .ipv6Extension(IPv6ExtensionLayer.routing, [253, 0, 0, 0, 0, 0])
            / .ipv6Extension(IPv6ExtensionLayer.destinationOptions))),
      trap(
        "random-client-macs-good", vip, .pass, .direct(20),
        "On a mirror: twenty clients with randomised MACs, two backends.", found + manyClients),
    ]
  }
}
