import PacketBuilder
import Wire

extension Fixture {
  /// One network, captured at several places: what the captures show together.
  static let severalPlaces: [Fixture] = {
    let net = Network.v4
    let vip = net.argument()
    let balancer = "-r lb=traps/several-routed-balancer.pcap"
    let backend = "-r be1=traps/several-routed-backend.pcap"
    let routed = RoutedNetwork()
    let translated = RoutedNetwork(translates: true)
    let direct = routed.route()
    let via = routed.route(isDirect: false)

    return [
      // Halves at two places.
      trap(
        "several-in-client", vip, .inconclusive, .undecided(1),
        "At the client: what comes in. Its clock is three hours ahead.",
        halves(
          of: net.direct(net.backend1), requests: false, at: net.atClient, start: Network.start + .seconds(10_800))),
      trap(
        "several-in-backend", vip, .inconclusive, .undecided(1), "At the backend: what comes in.",
        halves(of: net.direct(net.backend1), requests: true, at: net.atBackend1)),
      again(
        "several-in-client", "-r be1=traps/several-in-backend.pcap \(vip)", .pass, .direct(1),
        "Both together: the request comes from another MAC than the reply goes to."),
      trap(
        "several-in-client-two", vip, .inconclusive, .undecided(2), "At the client: what comes in, from two backends.",
        halves(of: net.direct(net.backend1), requests: false, at: net.atClient)
          + halves(of: net.direct(net.backend2), requests: false, at: net.atClient, port: 40002)),
      again(
        "several-in-client-two", "-r be1=traps/several-in-backend.pcap \(vip)", .pass, .direct(1, undecided: 1),
        "With what comes in at one of these: the client's capture shows no requests, so replies alone are no doubt."),
      trap(
        "several-in-backend-strangers", vip, .inconclusive, .undecided(1),
        "At the backend: what comes in, of another conversation with the same ports.",
        halves(
          of: net.direct(net.backend1), requests: true, at: net.atBackend1, start: Network.start + .seconds(30),
          sequences: (99, 777))),
      again(
        "several-in-client", "-r be1=traps/several-in-backend-strangers.pcap \(vip)", .inconclusive, .undecided(2),
        "The same ports and other numbers: two conversations, of which one half each was seen."),

      // A client behind a router.
      trap(
        "several-routed-client", vip, .inconclusive, .undecided(1), "At a client behind a router.",
        routed.arpAtClient + routed.http(along: direct, at: routed.atClient)),
      trap(
        "several-routed-balancer", vip, .inconclusive, .undecided(1),
        "The same flow at the balancer: nothing shows that replies were not filtered out.",
        routed.arpAtBalancer + routed.http(along: direct, at: routed.atBalancer, ahead: .seconds(37))),
      trap(
        "several-routed-backend", vip, .inconclusive, .undecided(1), "The same flow at the backend.",
        routed.http(along: direct, at: routed.atBackend)),
      again(
        "several-routed-client", "\(balancer) \(backend) \(vip)", .pass, .direct(1),
        "All three: every leg, end to end. The balancer's clock is 37 s ahead."),
      trap(
        "several-routed-client-via", vip, .inconclusive, .undecided(1), "At the client, replies through the balancer.",
        routed.arpAtClient + routed.http(along: via, at: routed.atClient)),
      trap(
        "several-routed-backend-via", vip, .inconclusive, .undecided(1), "The same flow at the backend.",
        routed.http(along: via, at: routed.atBackend)),
      trap(
        "several-routed-claims", vip, .inconclusive, .undecided(1),
        "The same flow at the balancer, whose filter lets ARP and requests pass.",
        routed.arpAtBalancer
          + routed.http(along: Route(requests: via.requests, replies: []), at: routed.atBalancer, ahead: .seconds(37))),
      again(
        "several-routed-client-via",
        "-r lb=traps/several-routed-claims.pcap -r be1=traps/several-routed-backend-via.pcap \(vip)", .fail,
        failing: ["reply-via-balancer"], .via(1),
        "All three: the reply goes to the MAC that owns the VIP, which no single one shows."),

      // A router that gives clients another address.
      trap(
        "several-snat-balancer", vip, .inconclusive, .undecided(1),
        "At the balancer, behind a router that gives the client its own address.",
        translated.arpAtBalancer + translated.http(along: direct, at: translated.atBalancer)),
      trap(
        "several-snat-backend", vip, .inconclusive, .undecided(1), "The same flow at the backend.",
        translated.http(along: direct, at: translated.atBackend)),
      again(
        "several-routed-client",
        "-r lb=traps/several-snat-balancer.pcap -r be1=traps/several-snat-backend.pcap \(vip)", .pass, .direct(1),
        "Address and port differ, and the numbers of both ends are the same: one conversation, counted once."),

      // A leg on which a flow is lost.
      trap(
        "several-lost-client", vip, .fail, failing: ["request-unanswered"], .unanswered(1),
        "At a client behind a router: a SYN sent four times, and no answer.",
        routed.arpAtClient + routed.unanswered(at: routed.atClient, answers: false)),
      trap(
        "several-lost-backend", vip, .fail, failing: ["request-unanswered"], .unanswered(1),
        "The same at the backend, which answers each.",
        routed.unanswered(at: routed.atBackend, answers: true)),
      again(
        "several-lost-client", "-r be1=traps/several-lost-backend.pcap \(vip)", .fail, failing: ["request-unanswered"],
        .unanswered(1), "Both: the answer leaves the backend and never comes to the client."),
      again(
        "several-lost-client", "-r be1=traps/several-in-backend.pcap \(vip)", .fail, failing: ["request-unanswered"],
        .direct(0, unanswered: 1, undecided: 1),
        "Beside a stranger of the same ports, whom the backend heard: the fault stays."),
    ]
  }()

  /// One half of a conversation.
  private static func halves(
    of route: Route, requests: Bool, at vantage: Vantage, port: UInt16 = 40001, start: Timestamp = Network.start,
    sequences: (UInt32, UInt32)? = nil
  ) -> [TimedFrame] {
    let net = Network.v4
    let half = Route(requests: requests ? route.requests : [], replies: requests ? [] : route.replies)
    var talk = Conversation(
      client: .init(net.client.ip, port), server: .init(net.vip, 80), at: start,
      requests: vantage.sightings(of: half.requests), replies: vantage.sightings(of: half.replies),
      clientSequence: sequences?.0 ?? 1_000_000, serverSequence: sequences?.1 ?? 5_000_000)
    talk.exchange()
    return talk.frames
  }
}

/// The article's network, with its client behind a router.
private struct RoutedNetwork {
  private let net = Network.v4
  private let client = Network.Station(mac: Network.v4.client.mac, ip: ip("10.2.20.100"))
  private let outside = Network.Station(mac: mac("06:ff:00:00:00:02"), ip: ip("10.2.20.1"))
  /// The router gives the client its own address, and another port.
  var translates = false

  var atClient: Vantage { .station(client.mac) }
  var atBalancer: Vantage { .station(net.balancer.mac) }
  var atBackend: Vantage { .station(net.backend1.mac) }

  func route(isDirect: Bool = true) -> Route {
    let (balancer, backend, router) = (net.balancer.mac, net.backend1.mac, net.router.mac)
    return Route(
      requests: [
        .init(client.mac, outside.mac, ttl: 64), .init(router, balancer, ttl: 63), .init(balancer, backend, ttl: 62),
      ],
      replies: isDirect
        ? [.init(backend, router, ttl: 64), .init(outside.mac, client.mac, ttl: 63)]
        : [
          .init(backend, balancer, ttl: 64), .init(balancer, router, ttl: 63), .init(outside.mac, client.mac, ttl: 62),
        ])
  }

  var arpAtClient: [TimedFrame] { net.resolve(outside.ip, by: client, answers: [outside.mac]) }
  var arpAtBalancer: [TimedFrame] {
    net.resolve(net.vip, by: net.router, answers: [net.balancer.mac], at: Network.start + .seconds(37))
  }

  private func talk(
    along route: Route, at vantage: Vantage, ahead: Duration, client first: UInt32 = 3_000_000_000,
    server second: UInt32 = 123_456_789
  ) -> Conversation {
    let own = translates ? Conversation.Peer(net.router.ip, 51_234) : Conversation.Peer(client.ip, 40_001)
    return Conversation(
      client: own, server: .init(net.vip, 80), at: Network.start + .seconds(1) + ahead,
      requests: vantage.sightings(of: route.requests), replies: vantage.sightings(of: route.replies),
      clientSequence: first, serverSequence: second)
  }

  func http(along route: Route, at vantage: Vantage, ahead: Duration = .zero) -> [TimedFrame] {
    var talk = talk(along: route, at: vantage, ahead: ahead)
    talk.exchange()
    return talk.frames
  }

  /// A SYN sent four times. The answers get as far as the backend's own link.
  func unanswered(at vantage: Vantage, answers: Bool) -> [TimedFrame] {
    var way = route()
    if !answers { way.replies = [] }
    var talk = talk(along: way, at: vantage, ahead: .seconds(60), client: 2_000_000_000, server: 987_654_321)
    talk.send(.syn, from: .client)
    if answers { talk.send([.syn, .ack], from: .server) }
    for seconds in [1, 2, 4] {
      talk.resend(from: .client, after: .seconds(seconds))
      if answers { talk.resend(from: .server, after: .microseconds(200)) }
    }
    return talk.frames
  }
}
