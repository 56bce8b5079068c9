import PacketBuilder
import Wire

extension Fixture {
  /// DSR003 to DSR008: flows that get no answer, a wrong one, or an error.
  static let answers: [Fixture] = answers(Network.v4, "v4") + answers(Network.v6, "v6")

  private static func answers(_ net: Network, _ name: String) -> [Fixture] {
    let vip = net.argument()
    let dns = net.argument(53, udp: true)
    let found = net.clientFindsBalancer
    let direct = net.direct(net.backend1)
    let other = mac("06:ff:00:00:00:02")
    let byOther: [Route.Leg] = [.init(net.client.mac, other), .init(other, net.backend2.mac, ttl: 63)]

    func talk(
      _ vantage: Vantage? = nil, port: UInt16 = 40001, service: UInt16 = 80, _ script: (inout Conversation) -> Void
    ) -> [TimedFrame] {
      var talk = net.conversation(port: port, with: service, along: direct, at: vantage ?? net.atClient)
      script(&talk)
      return found + talk.frames
    }
    /// From one MAC to another, a packet that some host in between sends to the client, or to the backend.
    func error(from sender: MACAddress, _ source: IPAddress, to target: Network.Station, _ message: Packet) -> Packet {
      .ethernet(from: sender, to: target.mac) / .ip(from: source, to: target.ip) / message
    }
    func unreachable(_ code4: UInt8, _ code6: UInt8, quoting packet: Packet) -> Packet {
      name == "v4" ? .icmpUnreachable(code: code4, quoting: packet) : .icmpv6Unreachable(code: code6, quoting: packet)
    }
    func tooBig(quoting packet: Packet) -> Packet {
      name == "v4"
        ? .icmpFragmentationNeeded(mtu: 1480, quoting: packet) : .icmpv6PacketTooBig(mtu: 1460, quoting: packet)
    }
    let large = [UInt8](repeating: 0x78, count: 1400)

    let reset = talk {
      $0.open()
      $0.request("GET /one HTTP/1.1\r\n\r\n")
      $0.reply("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\none\n")
      $0.replies = Vantage.station(net.client.mac).sightings(of: net.direct(net.backend2).replies)
      $0.send([.psh, .ack], from: .client, Array("GET /two HTTP/1.1\r\n\r\n".utf8), after: .seconds(2))
      $0.send(.rst, from: .server, window: 0)
    }
    let changed = reset + net.http(port: 40099, along: net.direct(net.backend2), at: net.atClient)
    return [
      // DSR003: the backend answers from its own address.
      trap(
        "own-address-udp-\(name)-bad", dns, .fail, failing: ["reply-not-from-vip"], nil,
        "DNS at the client: a server bound to any address answers from the backend's own.",
        talk(service: 53) {
          $0.datagram(from: .client, DNS.query)
          $0.replies = [
            Sighting(.ethernet(from: net.backend1.mac, to: net.client.mac), server: net.backend1.ip)
          ]
          $0.datagram(from: .server, DNS.answer)
        }),
      trap(
        "own-address-udp-\(name)-good", dns, .pass, .direct(1), "The same, answered from the VIP.",
        talk(service: 53) {
          $0.datagram(from: .client, DNS.query)
          $0.datagram(from: .server, DNS.answer)
        }),
      trap(
        "own-address-tcp-\(name)-bad", vip, .fail, failing: ["reply-not-from-vip"], mayFailMore: true, .unanswered(1),
        "TCP at the client: the SYN-ACK comes from the backend's own address, the client resets it and tries again.",
        talk { talk in
          let stray = Sighting(.ethernet(from: net.backend1.mac, to: net.client.mac), server: net.backend1.ip)
          let refusal =
            Packet.ethernet(from: net.client.mac, to: net.backend1.mac)
            / .ip(from: net.client.ip, to: net.backend1.ip)
            / .tcp(from: 40001, to: 80, seq: 1_000_000 &* 40001 &+ 1, flags: .rst, window: 0)
          talk.replies = [stray]
          talk.send(.syn, from: .client)
          talk.send([.syn, .ack], from: .server)
          talk.interject(refusal)
          for seconds in [1, 2] {
            talk.resend(from: .client, after: .seconds(seconds))
            talk.resend(from: .server, after: .microseconds(200))
            talk.interject(refusal)
          }
        }),
      trap(
        "own-address-udp-mirror-\(name)-bad", dns, .fail, failing: ["reply-not-from-vip"], nil,
        "DNS on a mirror: the answer comes from the backend's own address.",
        talk(.mirror, service: 53) {
          $0.datagram(from: .client, DNS.query)
          $0.replies = [
            Sighting(.ethernet(from: net.backend1.mac, to: net.client.mac), server: net.backend1.ip)
          ]
          $0.datagram(from: .server, DNS.answer)
        }),

      // DSR004: nothing answers.
      trap(
        "unanswered-\(name)-bad", vip, .fail, failing: ["request-unanswered"], .unanswered(1),
        "At the client: a SYN sent again after 1, 3 and 7 s, and no answer.",
        talk {
          $0.send(.syn, from: .client)
          for seconds in [1, 2, 4] { $0.resend(from: .client, after: .seconds(seconds)) }
        }),
      trap(
        "unanswered-\(name)-good", vip, .pass, .direct(1), "At the client: a lost SYN, sent again and answered.",
        talk {
          $0.send(.syn, from: .client)
          $0.resend(from: .client, after: .seconds(1))
          $0.send([.syn, .ack], from: .server)
          $0.send(.ack, from: .client)
          $0.request("GET / HTTP/1.0\r\n\r\n")
          $0.reply("HTTP/1.0 204 No Content\r\n\r\n")
          $0.close()
        }),
      trap(
        "unanswered-one-of-two-\(name)-bad", vip, .fail, failing: ["request-unanswered"],
        .direct(1, unanswered: 1), "At the client: one connection works, the other's SYN gets no answer.",
        talk { $0.exchange() }
          + talk(port: 40002) {
            $0.send(.syn, from: .client)
            for seconds in [1, 2, 4] { $0.resend(from: .client, after: .seconds(seconds)) }
          }),
      trap(
        "unanswered-backend-\(name)-bad", vip, .fail, failing: ["request-unanswered"], .unanswered(1),
        "At a backend: SYNs arrive and it stays silent (the VIP is missing, or rp_filter drops them).",
        talk(net.atBackend1) {
          $0.send(.syn, from: .client)
          for seconds in [1, 2, 4] { $0.resend(from: .client, after: .seconds(seconds)) }
        }),
      trap(
        "unanswered-mirror-\(name)-bad", vip, .fail, failing: ["request-unanswered"], .unanswered(1),
        "On a mirror: SYNs reach the backend, and no answer comes.",
        talk(.mirror) {
          $0.send(.syn, from: .client)
          for seconds in [1, 2, 4] { $0.resend(from: .client, after: .seconds(seconds)) }
        }),
      trap(
        "one-backend-silent-mirror-\(name)", vip, .fail, failing: ["request-unanswered"], .direct(1, unanswered: 1),
        "On a mirror: one backend answers its connection, the other keeps silent on its own.",
        net.clientFindsBalancer + net.balancerFindsBackends + talk(.mirror) { $0.exchange() }
          + talk(.mirror, port: 40002) {
            $0.requests = Vantage.mirror.sightings(of: net.direct(net.backend2).requests)
            $0.send(.syn, from: .client)
            for seconds in [1, 2, 4] { $0.resend(from: .client, after: .seconds(seconds)) }
          }),
      trap(
        "unanswered-at-the-end-\(name)", vip, .pass, .direct(1, undecided: 1),
        "At the client: the capture ends right after the second connection's SYN.",
        talk { $0.exchange() } + talk(port: 40002) { $0.send(.syn, from: .client) }),
      trap(
        "one-way-udp-\(name)", net.argument(514, udp: true), .inconclusive, .undecided(1),
        "Syslog at the client: UDP that nobody answers, and need not.",
        talk(service: 514) {
          for _ in 0..<3 { $0.datagram(from: .client, Array("<13>hello".utf8), after: .seconds(5)) }
        }
      ),

      // DSR005: a refusal.
      trap(
        "refused-\(name)-bad", vip, .fail, failing: ["connection-refused"], .unanswered(1),
        "At the client: a backend answers the SYN with a RST.",
        talk {
          $0.send(.syn, from: .client)
          $0.refuse()
        }),
      trap(
        "refused-mirror-\(name)-bad", vip, .fail, failing: ["connection-refused"], .unanswered(1),
        "On a mirror: the balancer forwards the SYN, and the backend answers it with a RST.",
        talk(.mirror) {
          $0.send(.syn, from: .client)
          $0.refuse()
        }),
      trap(
        "refused-\(name)-good", vip, .pass, .direct(1), "At the client: it hangs up with a RST after the reply.",
        talk {
          $0.open()
          $0.request("GET / HTTP/1.0\r\n\r\n")
          $0.reply("HTTP/1.0 200 OK\r\n\r\nhello\n")
          $0.send([.rst, .ack], from: .client, window: 0)
        }),
      trap(
        "unreachable-tcp-\(name)-bad", vip, .fail, failing: ["connection-refused"], .unanswered(1),
        "At the client: a backend's firewall answers the SYN with ICMP, administratively prohibited.",
        talk {
          $0.send(.syn, from: .client)
          $0.interject(
            error(
              from: net.backend1.mac, net.vip, to: net.client,
              unreachable(13, 1, quoting: $0.lastPacket(from: .client, ttl: 63))))
        }),
      trap(
        "unreachable-udp-\(name)-bad", dns, .fail, failing: ["connection-refused"], .unanswered(1),
        "DNS at the client: the backend answers with ICMP, port unreachable.",
        talk(service: 53) {
          $0.datagram(from: .client, DNS.query)
          $0.interject(
            error(
              from: net.backend1.mac, net.vip, to: net.client,
              unreachable(3, 4, quoting: $0.lastPacket(from: .client, ttl: 63))))
        }),

      // DSR006: the balancer resets what it cannot see.
      trap(
        "reset-by-balancer-\(name)-bad", vip, .fail, failing: ["reset-by-balancer"], nil,
        "At the client: after an idle time the balancer, not the backend, sends a RST in the VIP's name.",
        talk {
          $0.open()
          $0.request("GET /slow HTTP/1.1\r\n\r\n")
          $0.replies = [Sighting(.ethernet(from: net.balancer.mac, to: net.client.mac), ttl: 255)]
          $0.send([.rst, .ack], from: .server, window: 0, after: .seconds(300))
        }),
      trap(
        "reset-by-balancer-\(name)-good", vip, .pass, .direct(1), "The same, but the RST comes from the backend.",
        talk {
          $0.open()
          $0.request("GET /slow HTTP/1.1\r\n\r\n")
          $0.send([.rst, .ack], from: .server, window: 0, after: .seconds(300))
        }),
      trap(
        "reset-by-balancer-mirror-\(name)-bad", vip, .fail, failing: ["reset-by-balancer"], nil,
        "On a mirror: the balancer resets both ends after an idle time.",
        talk(.mirror) {
          $0.open()
          $0.request("GET /slow HTTP/1.1\r\n\r\n")
          $0.replies = [Sighting(.ethernet(from: net.balancer.mac, to: net.client.mac), ttl: 255)]
          $0.send([.rst, .ack], from: .server, window: 0, after: .seconds(300))
          $0.requests = [Sighting(.ethernet(from: net.balancer.mac, to: net.backend1.mac), ttl: 255)]
          $0.send([.rst, .ack], from: .client, window: 0)
        }),

      // DSR007: one connection, two backends.
      trap(
        "backend-changes-\(name)-bad", vip, .fail, failing: ["backend-changes-mid-flow"], nil,
        "At the client: in the middle of a connection another backend answers, which does not know it, with a RST.",
        changed),
      trap(
        "backend-changes-\(name)-owner-unseen", vip, .inconclusive, nil,
        "The same, and nobody was asked for the VIP: nothing but the user's word shows that it has a balancer.",
        Array(changed.dropFirst(found.count))),
      trap(
        "backend-changes-\(name)-stranger", vip, .inconclusive, nil,
        "The same, and nothing shows that the one who resets is a backend: it may be a firewall.",
        reset),
      trap(
        "backend-changes-mirror-\(name)-bad", vip, .fail, failing: ["backend-changes-mid-flow"], nil,
        "On a mirror: in the middle of a connection the balancer turns to another backend.",
        talk(.mirror) {
          $0.open()
          $0.request("GET /one HTTP/1.1\r\n\r\n")
          $0.reply("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\none\n")
          $0.requests = Vantage.mirror.sightings(of: net.direct(net.backend2).requests)
          $0.replies = Vantage.mirror.sightings(of: net.direct(net.backend2).replies)
          $0.send([.psh, .ack], from: .client, Array("GET /two HTTP/1.1\r\n\r\n".utf8), after: .seconds(2))
          $0.send(.rst, from: .server, window: 0)
        }),
      trap(
        "backend-changes-before-an-answer-\(name)",
        "\(vip) --balancer-mac \(net.balancer.mac) --balancer-mac \(other)"
          + [net.backend1, net.backend2].map { " --backend \($0.ip)=\($0.mac)" }.joined(), .inconclusive, .direct(3),
        "On a mirror that misses frames: a backend leaves a SYN unanswered, and by the other balancer it goes to another.",
        talk(.mirror) {
          $0.send(.syn, from: .client)
          $0.requests = Vantage.mirror.sightings(of: byOther)
          $0.send(.ack, from: .client, after: .seconds(1))
          $0.replies = Vantage.mirror.sightings(of: net.direct(net.backend2).replies)
          $0.reply("220 ready\r\n")
          $0.request("QUIT\r\n")
        } + net.http(port: 40098, along: net.direct(net.backend1), at: .mirror)
          + net.http(
            port: 40099, along: Route(requests: byOther, replies: net.direct(net.backend2).replies), at: .mirror)),
      trap(
        "port-reuse-\(name)", vip, .pass, .direct(1),
        "At the client: the same ports again a minute later, a new connection, which another backend answers.",
        talk { $0.exchange() }
          + net.http(
            port: 40001, along: net.direct(net.backend2), at: net.atClient, start: Network.start + .seconds(60))),

      // DSR008: the tunnel's MTU.
      trap(
        "packet-too-big-\(name)-bad", vip, .fail, failing: ["packet-too-big"], nil,
        "At the client: the balancer says that a request does not fit its tunnel.",
        talk {
          $0.open()
          $0.send([.psh, .ack], from: .client, large)
          $0.interject(
            error(
              from: net.balancer.mac, net.balancer.ip, to: net.client,
              tooBig(quoting: $0.lastPacket(from: .client))))
          for seconds in [1, 2] { $0.resend(from: .client, after: .seconds(seconds)) }
        }),
      trap(
        "packet-too-big-\(name)-good", vip, .pass, .direct(1),
        "The same message, but about a connection of the client to another host.",
        talk {
          $0.open()
          $0.request(large)
          let other =
            Packet.ip(from: net.client.ip, to: net.backend2.ip) / .tcp(from: 40077, to: 80, payload: large)
          $0.interject(error(from: net.balancer.mac, net.balancer.ip, to: net.client, tooBig(quoting: other)))
          $0.reply("HTTP/1.1 204 No Content\r\n\r\n")
          $0.close()
        }),
      trap(
        "packet-too-big-for-reply-\(name)-bad", vip, .fail, failing: ["packet-too-big"], nil,
        "On a mirror: a router says to the VIP that a reply is too big, and the balancer gets it, not the backend.",
        talk(.mirror) {
          $0.open()
          $0.request("GET /big HTTP/1.1\r\n\r\n")
          $0.send([.psh, .ack], from: .server, large)
          let balancer = Network.Station(mac: net.balancer.mac, ip: net.vip)
          $0.interject(
            error(
              from: net.router.mac, net.router.ip, to: balancer, tooBig(quoting: $0.lastPacket(from: .server))))
          for seconds in [1, 2] { $0.resend(from: .server, after: .seconds(seconds)) }
        }),
    ]
  }
}
