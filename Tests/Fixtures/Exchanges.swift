import PacketBuilder
import Wire

extension Fixture {
  /// Services that answer and do not work, and what looks like that and is well: stalled exchanges (DSR009), loops (DSR010), a
  /// VIP that nobody owns (ARP005), answers that move (DSR003), ports that are used again (DSR004), scanners.
  static let exchanges: [Fixture] = exchanges(Network.v4, "v4") + exchanges(Network.v6, "v6") + oneExchanges

  private static let large = [UInt8](repeating: 0x78, count: 1400)

  /// A SYN that is repeated in vain, and a redirect about it after each.
  private static func redirected(
    by station: Network.Station, to gateway: IPAddress, sentTo next: Network.Station
  ) -> [TimedFrame] {
    let net = Network.v4
    var talk = net.conversation(port: 40001, along: net.direct(net.backend1), at: net.atClient)
    talk.requests = [Sighting(.ethernet(from: net.client.mac, to: next.mac))]
    talk.replies = []
    talk.send(.syn, from: .client)
    for seconds in [1, 2] {
      talk.interject(
        .ethernet(from: station.mac, to: net.client.mac) / .ip(from: station.ip, to: net.client.ip)
          / .icmpRedirect(to: gateway, quoting: talk.lastPacket(from: .client, ttl: 63)))
      talk.resend(from: .client, after: .seconds(seconds))
    }
    return net.clientFindsBalancer + talk.frames
  }

  /// A SYN went to the router, in a frame that the capture lacks; the client heeds the redirect, and asks in vain.
  private static func redirectedFirst() -> [TimedFrame] {
    let net = Network.v4
    var talk = net.conversation(port: 40001, along: net.direct(net.backend1), at: net.atClient)
    talk.replies = []
    talk.send(.syn, from: .client)
    let lost = talk.frames.count
    talk.interject(
      .ethernet(from: net.router.mac, to: net.client.mac) / .ip(from: net.router.ip, to: net.client.ip)
        / .icmpRedirect(to: net.vip, quoting: talk.lastPacket(from: .client, ttl: 63)))
    for seconds in [1, 2, 4] { talk.resend(from: .client, after: .seconds(seconds)) }
    return net.clientFindsBalancer + talk.frames.dropFirst(lost)
  }

  private static func exchanges(_ net: Network, _ name: String) -> [Fixture] {
    let vip = net.argument()
    let found = net.clientFindsBalancer
    let direct = net.direct(net.backend1)
    let backend = Vantage.station(net.backend1.mac)

    func talk(
      _ vantage: Vantage? = nil, port: UInt16 = 40001, _ script: (inout Conversation) -> Void
    ) -> [TimedFrame] {
      var talk = net.conversation(port: port, along: direct, at: vantage ?? net.atClient)
      script(&talk)
      return found + talk.frames
    }
    let resetInPlaceOfAnswer = talk {
      $0.open()
      $0.request("GET / HTTP/1.1\r\n\r\n")
      $0.send(.rst, from: .server, after: .milliseconds(1))
    }
    let dns = net.argument(53, udp: true)
    /// One question by UDP, at the client where nothing else is said, and what becomes of it.
    func question(_ vantage: Vantage? = nil, _ script: (inout Conversation) -> Void) -> [TimedFrame] {
      var talk = net.conversation(port: 40001, with: 53, along: direct, at: vantage ?? net.atClient)
      talk.datagram(from: .client, DNS.query)
      script(&talk)
      return found + talk.frames
    }
    /// On a mirror: the question is answered, and `station` says by ICMP what became of the answer.
    func answered(then station: Network.Station, by message: (Packet) -> Packet, ttl: UInt8 = 64) -> [TimedFrame] {
      question(.mirror) { talk in
        talk.datagram(from: .server, DNS.answer)
        talk.interject(
          .ethernet(from: station.mac, to: net.backend1.mac) / .ip(from: station.ip, to: net.vip)
            / message(talk.lastPacket(from: .server, ttl: ttl)))
      }
    }
    func portUnreachable(quoting packet: Packet) -> Packet {
      name == "v4"
        ? .icmpUnreachable(code: 3, quoting: packet, length: 56) : .icmpv6Unreachable(code: 4, quoting: packet)
    }
    func timeExceeded(quoting packet: Packet) -> Packet {
      name == "v4" ? .icmpTimeExceeded(quoting: packet) : .icmpv6TimeExceeded(quoting: packet)
    }

    return [
      trap(
        "stalled-handshake-\(name)-bad", vip, .fail, failing: ["exchange-stalls"], .unanswered(1),
        "At the client: a firewall drops what is no SYN. The client's data and the server's SYN-ACK are repeated.",
        talk {
          $0.open()
          $0.stall(Array("GET / HTTP/1.1\r\n\r\n".utf8), answeredBy: [.syn, .ack])
        }),
      trap(
        "stalled-late-\(name)-bad", vip, .fail, failing: ["exchange-stalls"], .unanswered(1),
        "At the client: a small request is answered, and a large segment is sent again and again.",
        talk {
          $0.open()
          $0.request("POST /txt HTTP/1.1\r\nExpect: 100-continue\r\n\r\n")
          $0.reply("HTTP/1.1 100 Continue\r\n\r\n")
          $0.stall(large)
        }),
      trap(
        "stalled-\(name)-good", vip, .pass, .direct(1),
        "At the client: a segment is lost three times and then delivered.",
        talk {
          $0.open()
          $0.send([.psh, .ack], from: .client, large)
          for tenths in [2, 4, 8] { $0.resend(from: .client, after: .milliseconds(100 * tenths)) }
          $0.send(.ack, from: .server)
          $0.reply("HTTP/1.1 204 No Content\r\n\r\n")
          $0.close()
        }),
      trap(
        "stalled-answer-late-\(name)-bad", vip, .fail, failing: ["exchange-stalls"], .unanswered(1),
        "At the client: the answer begins, and then a segment comes again and again that the client, which is there, never acknowledges.",
        talk {
          $0.answerBegins()
          $0.stallAnswer(large)
        }),
      trap(
        "stalled-answer-late-\(name)-good", vip, .pass, .direct(1),
        "The same, and at last the segment is acknowledged: a line that loses.",
        talk {
          $0.answerBegins()
          $0.stallAnswer(large)
          $0.send(.ack, from: .client)
          $0.close()
        }),
      trap(
        "stalled-answer-probes-\(name)-good", vip, .pass, .direct(1),
        "A client that is full is asked with single bytes whether it has room again.",
        talk {
          $0.answerBegins()
          $0.stallAnswer([0x78])
        }),
      trap(
        "stalled-answer-silent-\(name)", vip, .inconclusive, .undecided(1),
        "The answer is repeated, and the client says nothing more: it may be gone.",
        talk {
          $0.answerBegins()
          $0.stallAnswer(large, answered: false)
        }),
      trap(
        "stalled-mirror-\(name)-bad", vip, .fail, failing: ["exchange-stalls"], .unanswered(1),
        "On a mirror: the balancer hands the SYN on, and nothing that follows.",
        talk(.mirror) {
          $0.send(.syn, from: .client)
          $0.send([.syn, .ack], from: .server)
          $0.requests = Array($0.requests.prefix(1))
          $0.send(.ack, from: .client)
          $0.stall(Array("GET / HTTP/1.1\r\n\r\n".utf8), answeredBy: [.syn, .ack])
        }),
      trap(
        "balancer-drops-\(name)-bad", vip, .fail, failing: ["exchange-stalls"], .unanswered(1),
        "At the balancer, which no reply passes: it hands on what comes at first, and then drops what the client repeats.",
        net.healthCheck
          + talk(net.atBalancer) {
            $0.open()
            $0.request("GET /1 HTTP/1.1\r\n\r\n")
            $0.requests = Array($0.requests.prefix(1))
            $0.stall(Array("GET /2 HTTP/1.1\r\n\r\n".utf8))
          }),
      trap(
        "reset-unanswered-\(name)", vip, .inconclusive, .undecided(1),
        "At the client: the server takes the request, and resets the connection in place of an answer.",
        resetInPlaceOfAnswer),
      trap(
        "reset-unanswered-\(name)-good", vip, .pass, .direct(2),
        "The same, and another flow is answered by the same host: it closes what it does not want.",
        resetInPlaceOfAnswer + net.http(port: 40099, along: direct, at: net.atClient)),
      trap(
        "answers-expire-\(name)-bad", vip, .fail, failing: ["request-unanswered"], .unanswered(1),
        "At a backend: its SYN-ACK runs out of hops, ICMP says so, and its next one bears another number.",
        talk(backend) { talk in
          talk.send(.syn, from: .client)
          for seconds in [1, 2] {
            talk.send([.syn, .ack], from: .server)
            talk.interject(
              .ethernet(from: net.router.mac, to: net.balancer.mac) / .ip(from: net.router.ip, to: net.vip)
                / timeExceeded(quoting: talk.lastPacket(from: .server, ttl: 1)))
            talk.resend(from: .client, after: .seconds(seconds))
          }
          talk.send([.syn, .ack], from: .server)
        }),
      trap(
        "answered-from-other-port-\(name)-bad", vip, .fail, failing: ["reply-not-from-vip"], mayFailMore: true, nil,
        "At the client: the backend translates the port on the way in alone, and its SYN-ACK comes from another port of the VIP.",
        found + net.answeredFromOtherPort()),
      trap(
        "defer-accept-\(name)-good", vip, .pass, .direct(1),
        "At the client: a listener that waits for data (TCP_DEFER_ACCEPT) repeats its SYN-ACK until they come.",
        talk {
          $0.open()
          for seconds in [1, 2] {
            $0.resend(from: .server, after: .seconds(seconds))
            $0.send(.ack, from: .client)
          }
          $0.request("GET / HTTP/1.1\r\n\r\n")
          $0.reply("HTTP/1.1 204 No Content\r\n\r\n")
          $0.close()
        }),
      trap(
        "half-open-backend-\(name)", vip, .inconclusive, .undecided(1),
        "At a backend: nothing but SYN-ACKs again and again. A scanner's look so, and those of a client whose answer is dropped.",
        talk(backend) {
          $0.send(.syn, from: .client)
          $0.send([.syn, .ack], from: .server)
          for seconds in [1, 2, 4] { $0.resend(from: .server, after: .seconds(seconds)) }
        }),
      trap(
        "half-open-replies-alone-\(name)", "\(vip) --balancer-mac \(net.balancer.mac)", .inconclusive, .undecided(1),
        "At a backend, of replies alone: the same says nothing else.",
        {
          var talk = net.conversation(
            port: 40001, along: Route(requests: [], replies: direct.replies), at: backend)
          talk.send(.syn, from: .client)
          talk.send([.syn, .ack], from: .server)
          for seconds in [1, 2, 4] { talk.resend(from: .server, after: .seconds(seconds)) }
          return talk.frames
        }()),
      trap(
        "pauses-after-one-byte-\(name)-good", vip, .pass, .direct(1),
        "At the balancer: one byte is asked, and the client says for some seconds that it has no room for more of the answer.",
        net.healthCheck
          + talk(net.atBalancer) {
            $0.open()
            $0.request("D")
            $0.reply(large)
            $0.send(.ack, from: .client)
            for seconds in [1, 2, 1] { $0.resend(from: .client, after: .seconds(seconds)) }
          }),
      trap(
        "answered-at-last-\(name)", vip, .inconclusive, nil,
        "At the client: a SYN three times, and behind the last one SYN-ACK that nobody acknowledges. Another flow is well.",
        talk {
          $0.send(.syn, from: .client)
          for seconds in [1, 2] { $0.resend(from: .client, after: .seconds(seconds)) }
          $0.send([.syn, .ack], from: .server)
        } + net.http(port: 40099, along: direct, at: net.atClient)),
      trap(
        "answered-by-strays-\(name)-bad", vip, .fail, failing: ["request-unanswered"], nil,
        "The same, but what comes behind the last SYN acknowledges an earlier connection: no SYN-ACK.",
        talk {
          $0.send(.syn, from: .client)
          for seconds in [1, 2] { $0.resend(from: .client, after: .seconds(seconds)) }
          $0.send(.ack, from: .server)
        } + net.http(port: 40099, along: direct, at: net.atClient)),
      trap(
        "answer-moves-\(name)-bad", vip, .fail, failing: ["reply-not-from-vip"], mayFailMore: true, .unanswered(1),
        "At the client: the handshake is the VIP's, and what follows comes from the backend's own address.",
        talk { talk in
          talk.open()
          talk.send([.psh, .ack], from: .client, Array("GET / HTTP/1.1\r\n\r\n".utf8))
          talk.replies = [Sighting(.ethernet(from: net.backend1.mac, to: net.client.mac), server: net.backend1.ip)]
          talk.send(.ack, from: .server)
          talk.send([.psh, .ack], from: .server, Array("HTTP/1.1 204 No Content\r\n\r\n".utf8))
          talk.resend(from: .client, after: .milliseconds(200))
        }),
      trap(
        "reset-from-backend-\(name)-bad", vip, .fail, failing: ["reply-not-from-vip"], mayFailMore: true,
        .unanswered(1),
        "At the client: in mid flow a backend that does not know it resets it, from its own address.",
        talk { talk in
          talk.open()
          talk.request("GET / HTTP/1.1\r\n\r\n")
          talk.replies = [Sighting(.ethernet(from: net.backend1.mac, to: net.client.mac), server: net.backend1.ip)]
          talk.send(.rst, from: .server, after: .seconds(1))
        }),
      trap(
        "ports-reused-then-lost-\(name)-bad", vip, .fail, failing: ["request-unanswered"], .unanswered(1),
        "At the client: a port is used again, and its second connection gets no answer.",
        talk { $0.exchange() }
          + net.unansweredAgain(
            port: 40001, sequence: 1_000_000 &* 40001 &+ 900_000, at: Network.start + .seconds(10))),
      trap(
        "packet-too-big-got-over-\(name)-good", vip, .pass, .direct(1),
        "At the client: the balancer says that a request is too big, the client sends smaller segments and is answered.",
        talk { talk in
          talk.open()
          talk.send([.psh, .ack], from: .client, large)
          let message =
            name == "v4"
            ? Packet.icmpFragmentationNeeded(mtu: 1300, quoting: talk.lastPacket(from: .client))
            : Packet.icmpv6PacketTooBig(mtu: 1300, quoting: talk.lastPacket(from: .client))
          talk.interject(
            .ethernet(from: net.balancer.mac, to: net.client.mac) / .ip(from: net.balancer.ip, to: net.client.ip)
              / message)
          talk.resend(from: .client, after: .milliseconds(1))
          talk.send(.ack, from: .server)
          talk.reply("HTTP/1.1 204 No Content\r\n\r\n")
          talk.close()
        }),
      trap(
        "answer-lost-inside-\(name)", vip, .fail, failing: ["request-unanswered"], .unanswered(1),
        "At the backend: it answers, and the client repeats its SYN.",
        talk(backend) {
          $0.send(.syn, from: .client)
          $0.send([.syn, .ack], from: .server)
          $0.repeatSYN(answered: true)
        }),
      trap(
        "answer-lost-outside-\(name)", "\(vip) -r traps/answer-lost-inside-\(name).pcap", .fail,
        failing: ["request-unanswered"], .unanswered(1),
        "At the client, beside the backend's capture: the answer never comes here.",
        talk {
          $0.replies = []
          $0.send(.syn, from: .client)
          $0.repeatSYN(answered: false)
        }),
      trap(
        "datagram-expires-\(name)", dns, .inconclusive, .undecided(1),
        "On a mirror: a backend's answer by UDP runs out of hops, and ICMP says so.",
        answered(then: net.router, by: timeExceeded, ttl: 1)),
      trap(
        "datagram-late-\(name)-good", dns, .pass, .direct(1),
        "On a mirror: the answer by UDP arrives, and the client, who waits no longer, says that its port is closed.",
        answered(then: net.client, by: portUnreachable)),
      trap(
        "datagram-lost-inside-\(name)", dns, .pass, .direct(1),
        "At the backend: it answers by UDP, and nothing tells whether that arrives.",
        question(backend) { $0.datagram(from: .server, DNS.answer) }),
      trap(
        "datagram-lost-outside-\(name)",
        "\(dns) -r traps/datagram-lost-inside-\(name).pcap", .inconclusive, .undecided(1),
        "At the client, beside the backend's capture: the answer never comes here.",
        question { _ in }
          + net.resolve(net.router.ip, by: net.client, answers: [net.router.mac], at: Network.start + .seconds(9))),
      trap(
        "loop-client-\(name)-bad", vip, .fail, failing: ["request-loops"], .unanswered(1),
        "At the client: a backend without the VIP, which forwards packets, says that the SYN ran out of hops.",
        talk { talk in
          talk.send(.syn, from: .client)
          talk.interject(
            .ethernet(from: net.backend1.mac, to: net.client.mac) / .ip(from: net.backend1.ip, to: net.client.ip)
              / timeExceeded(quoting: talk.lastPacket(from: .client, ttl: 1)))
        }),
      trap(
        "loop-mirror-\(name)-bad", vip, .fail, failing: ["request-loops"], .unanswered(1),
        "On a mirror: the balancer and a backend without the VIP hand the SYN to each other.",
        talk(.mirror) { talk in
          talk.requests =
            [Sighting(.ethernet(from: net.client.mac, to: net.balancer.mac))]
            + (0..<20).map { lap in
              let (from, to) = lap % 2 == 0 ? (net.balancer, net.backend1) : (net.backend1, net.balancer)
              return Sighting(.ethernet(from: from.mac, to: to.mac), ttl: UInt8(63 - lap))
            }
          talk.send(.syn, from: .client)
        }),
      trap(
        "vip-unowned-\(name)-bad", vip, .fail, failing: ["vip-unowned"], .direct(0),
        "At the client: it asks for the VIP five times and gets no answer, and others when it asks for its router and a host.",
        net.resolve(net.router.ip, by: net.client, answers: [net.router.mac])
          + net.resolve(net.backend1.ip, by: net.client, answers: [net.backend1.mac])
          + (0..<5).flatMap { net.resolve(net.vip, by: net.client, answers: [], at: Network.start + .seconds(1 + $0)) }),
      trap(
        "vip-unowned-\(name)-at-another", vip, .inconclusive, .direct(0),
        "The same with answers of the router alone: on the router no answer of another host would show.",
        net.resolve(net.router.ip, by: net.client, answers: [net.router.mac])
          + (0..<5).flatMap { net.resolve(net.vip, by: net.client, answers: [], at: Network.start + .seconds(1 + $0)) }),
      trap(
        "vip-unowned-\(name)-elsewhere", vip, .inconclusive, .direct(0),
        "The same where nobody answers the asker at all: the capture may not show what goes to it alone.",
        (0..<5).flatMap { net.resolve(net.vip, by: net.client, answers: [], at: Network.start + .seconds(1 + $0)) }),
      trap(
        "scanned-\(name)-good", "\(vip) --balancer-mac \(net.balancer.mac)", .pass, .direct(1),
        "At a backend: one client is served, and SYNs of strangers come whose SYN-ACKs nobody answers.",
        net.http(port: 40001, along: direct, at: backend)
          + net.strangers.flatMap { stranger -> [TimedFrame] in
            var talk = net.conversation(port: 50000, along: direct, at: backend, clientIP: stranger)
            talk.send(.syn, from: .client)
            talk.send([.syn, .ack], from: .server)
            for seconds in [1, 2, 4] { talk.resend(from: .server, after: .seconds(seconds)) }
            return talk.frames
          }),
    ]
  }

  /// What one address family shows as well as both.
  private static let oneExchanges: [Fixture] = {
    let net = Network.v4
    let other = ip("10.1.10.12")
    let answering = Sighting(.ethernet(from: net.backend1.mac, to: net.client.mac), server: net.vip)
    var first = net.conversation(port: 40001, along: net.direct(net.backend1), at: net.atClient)
    first.exchange()
    var second = Conversation(
      client: .init(net.client.ip, 40001), server: .init(other, 80), at: Network.start + .seconds(10),
      requests: [Sighting(.ethernet(from: net.client.mac, to: net.balancer.mac))], replies: [answering],
      clientSequence: 600_000, serverSequence: 700_000)
    second.send(.syn, from: .client)
    second.send([.syn, .ack], from: .server)
    for seconds in [1, 2, 4] {
      second.resend(from: .client, after: .seconds(seconds))
      second.resend(from: .server, after: .microseconds(200))
    }
    var stray = net.conversation(port: 40002, along: net.direct(net.backend1), at: net.atClient)
    stray.exchange()
    let unseen =
      Packet.ip(from: net.client.ip, to: net.vip) / .tcp(from: 40999, to: 80, seq: 77, payload: large)
    let unsent = Packet.ip(from: net.client.ip, to: net.vip) / .tcp(from: 40002, to: 80, seq: 77, payload: large)
    for quoted in [unseen, unsent] {
      stray.interject(
        .ethernet(from: net.router.mac, to: net.client.mac) / .ip(from: net.router.ip, to: net.client.ip)
          / .icmpFragmentationNeeded(mtu: 1280, quoting: quoted))
    }
    // A host asks at four ports of the VIP, once at each, and nobody listens there.
    let scanner = [UInt16](arrayLiteral: 22, 81, 443, 8080).flatMap { port -> [TimedFrame] in
      var talk = net.conversation(
        port: 41000, with: port, along: net.direct(net.backend1), at: net.atClient, start: Network.start + .seconds(2))
      talk.send(.syn, from: .client)
      talk.refuse()
      return talk.frames
    }
    // A client gives up each time before it would repeat its SYN, and comes back.
    let inVain = (0..<4).flatMap { attempt -> [TimedFrame] in
      var talk = net.conversation(
        port: 43000 + UInt16(attempt), along: net.direct(net.backend2), at: net.atClient,
        start: Network.start + .seconds(1 + attempt * 4), clientIP: ip("10.1.10.101"))
      talk.send(.syn, from: .client)
      return talk.frames
    }
    let afterwards = net.http(
      port: 40009, along: net.direct(net.backend1), at: net.atClient, start: Network.start + .seconds(20))
    // Of six questions three get no answer.
    let halfAnswered = (0..<6).flatMap { attempt -> [TimedFrame] in
      var talk = net.conversation(
        port: 44000 + UInt16(attempt), with: 53,
        along: net.direct(attempt % 2 == 0 ? net.backend1 : net.backend2), at: net.atClient,
        start: Network.start + .seconds(1 + attempt * 2))
      talk.datagram(from: .client, DNS.query)
      if attempt % 2 == 0 { talk.datagram(from: .server, DNS.answer) }
      return talk.frames
    }
    // The balancer asks for the service from an address of its own, through itself.
    let ownAddress = ip("10.1.10.15")
    var ownCheck = net.conversation(
      port: 42000, along: Route(requests: [], replies: [.init(net.backend1.mac, net.balancer.mac)]), at: .mirror,
      clientIP: ownAddress)
    ownCheck.exchange()
    let balancersOwn = net.resolve(ownAddress, by: net.backend1, answers: [net.balancer.mac])
    let repliesOnly = Route(requests: [], replies: net.direct(net.backend1).replies)
    return [
      trap(
        "client-in-vain", net.argument(), .inconclusive, .direct(2, undecided: 4),
        "At the clients: one is served, and another comes back four times, with one SYN each, and gets no answer.",
        net.clientFindsBalancer + net.http(port: 40001, along: net.direct(net.backend1), at: net.atClient) + inVain
          + afterwards),
      trap(
        "questions-half-answered", net.argument(53, udp: true), .inconclusive, .direct(3, undecided: 3),
        "At the client: every other question by UDP gets no answer, each from a port of its own.",
        net.clientFindsBalancer + halfAnswered + afterwards),
      trap(
        "ports-scanned-good", "--vip 10.1.10.10", .pass, .direct(1),
        "At the client: beside a flow that is well somebody asks at four ports, once at each, where nobody listens.",
        net.clientFindsBalancer + net.http(port: 40001, along: net.direct(net.backend1), at: net.atClient) + scanner),
      trap(
        "own-checks-replies", net.argument(), .pass, .direct(1, undecided: 1),
        "Replies alone: those to an address that the balancer itself has answer its own check.",
        net.clientFindsBalancer + balancersOwn + net.http(port: 40001, along: repliesOnly, at: .mirror)
          + ownCheck.frames),
      trap(
        "loop-told-by-redirect-bad", net.argument(), .fail, failing: ["request-loops", "request-unanswered"],
        .unanswered(1),
        "At the client: a backend without the VIP, which forwards packets, says that the balancer is the better next hop.",
        redirected(by: net.backend1, to: net.vip, sentTo: net.balancer)),
      trap(
        "redirected-and-unanswered", net.argument(), .fail, failing: ["request-unanswered"], .unanswered(1),
        "The client's own router says that the balancer is the better next hop, which is no loop; nobody answers.",
        redirected(by: net.router, to: net.vip, sentTo: net.router)),
      trap(
        "redirected-first-and-unanswered", net.argument(), .fail, failing: ["request-unanswered"], .unanswered(1),
        "A router's redirect comes before any request that was captured; the client heeds it, and nobody answers.",
        redirectedFirst()),
      trap(
        "answered-from-other-vip-bad", "--vip \(other):80", .fail, failing: ["reply-not-from-vip"], mayFailMore: true,
        .unanswered(1), "At the client: a port that one VIP served before asks another, and the first answers.",
        net.clientFindsBalancer + net.resolve(other, by: net.client, answers: [net.balancer.mac]) + first.frames
          + second.frames),
      trap(
        "errors-about-nothing-sent-good", net.argument(), .pass, .direct(1),
        "At the client: ICMP quotes a flow of which no frame passed, and a sequence number that was never sent.",
        net.clientFindsBalancer + stray.frames),
    ]
  }()
}

extension Conversation {
  /// The client's SYN twice more, over three seconds.
  fileprivate mutating func repeatSYN(answered: Bool) {
    for seconds in [1, 2] {
      resend(from: .client, after: .seconds(seconds))
      if answered { resend(from: .server, after: .microseconds(200)) }
    }
  }

  /// The client's data go out five times over three seconds, and the server repeats at most a SYN-ACK.
  /// The client asks, and gets and acknowledges a first piece of the answer.
  fileprivate mutating func answerBegins() {
    open()
    request("GET /txt HTTP/1.1\r\n\r\n")
    reply("HTTP/1.1 200 OK\r\n\r\n")
  }

  /// The server sends `payload` six times, and the client answers each time with the acknowledgment that it gave before.
  fileprivate mutating func stallAnswer(_ payload: [UInt8], answered: Bool = true) {
    send([.psh, .ack], from: .server, payload)
    if answered { resend(from: .client, after: .milliseconds(1)) }
    for tenths in [2, 4, 8, 16, 32] {
      resend(from: .server, after: .milliseconds(100 * tenths))
      if answered { resend(from: .client, after: .milliseconds(1)) }
    }
  }

  fileprivate mutating func stall(_ payload: [UInt8], answeredBy flags: TCPHeader.Flags = []) {
    send([.psh, .ack], from: .client, payload)
    for tenths in [2, 4, 8, 16] {
      resend(from: .client, after: .milliseconds(100 * tenths))
      if !flags.isEmpty { resend(from: .server, after: .milliseconds(50)) }
    }
  }
}

extension Network {
  var strangers: [IPAddress] {
    (1...8).map { ip(vip.version == .v4 ? "198.51.100.\($0)" : "2001:db8::\($0)") }
  }

  /// A SYN of a new connection on a port used before, three times over three seconds, at the client.
  fileprivate func unansweredAgain(port: UInt16, sequence: UInt32, at start: Timestamp) -> [TimedFrame] {
    var talk = Conversation(
      client: .init(client.ip, port), server: .init(vip, 80), at: start,
      requests: [Sighting(.ethernet(from: client.mac, to: balancer.mac))], replies: [], clientSequence: sequence)
    talk.send(.syn, from: .client)
    for seconds in [1, 2] { talk.resend(from: .client, after: .seconds(seconds)) }
    return talk.frames
  }
}

extension Network {
  /// A SYN to port 80 that port 8080 of the VIP answers, three times.
  fileprivate func answeredFromOtherPort() -> [TimedFrame] {
    var asking = conversation(port: 40001, along: direct(backend1), at: atClient)
    var answering = conversation(port: 40001, with: 8080, along: direct(backend1), at: atClient)
    asking.send(.syn, from: .client)
    answering.send(.syn, from: .client)
    answering.send([.syn, .ack], from: .server)
    for seconds in [1, 2] { asking.resend(from: .client, after: .seconds(seconds)) }
    return asking.frames + answering.frames.suffix(1)
  }
}
