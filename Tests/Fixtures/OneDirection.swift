import PacketBuilder
import Wire

extension Fixture {
  /// Captures that hold one half only, or begin in the middle.
  static let oneDirection: [Fixture] = {
    let net = Network.v4
    let vip = net.argument()
    let direct = net.direct(net.backend1)
    let found = net.clientFindsBalancer
    func half(_ requests: Bool, _ vantage: Vantage, _ route: Route) -> [TimedFrame] {
      let route = Route(requests: requests ? route.requests : [], replies: requests ? [] : route.replies)
      return net.http(port: 40001, along: route, at: vantage)
    }
    var late = net.conversation(port: 40001, along: direct, at: net.atClient)
    for turn in 0..<3 {
      late.request("GET /\(turn) HTTP/1.1\r\n\r\n")
      late.reply("HTTP/1.1 204 No Content\r\n\r\n")
    }
    var lateVia = net.conversation(port: 40001, along: net.viaBalancer(net.backend1), at: net.atClient)
    for turn in 0..<3 {
      lateVia.request("GET /\(turn) HTTP/1.1\r\n\r\n")
      lateVia.reply("HTTP/1.1 204 No Content\r\n\r\n")
    }
    return [
      trap(
        "one-direction-balancer-requests", vip, .inconclusive, .undecided(1),
        "At the balancer, filter 'dst host 10.1.10.10': only requests, so missing replies prove nothing.",
        half(true, net.atBalancer, net.viaBalancer(net.backend1))),
      trap(
        "one-direction-client-requests", vip, .inconclusive, .undecided(1),
        "At the client: requests only, and the acknowledgments in them.", found + half(true, net.atClient, direct)),
      trap(
        "one-direction-client-replies", vip, .inconclusive, .undecided(1), "At the client: replies only.",
        half(false, net.atClient, direct)),
      trap(
        "one-direction-backend-requests", vip, .inconclusive, .undecided(1), "At a backend: requests only.",
        half(true, net.atBackend1, direct)),
      trap(
        "one-direction-backend-replies", vip, .inconclusive, .undecided(1), "At a backend: replies only.",
        half(false, net.atBackend1, direct)),
      trap(
        "middle-good", vip, .pass, .direct(1), "At the client: the capture begins in the middle of a connection.",
        found + late.frames),
      trap(
        "middle-bad", vip, .fail, failing: ["reply-via-balancer"], .via(1),
        "The same, replies through the balancer.", found + lateVia.frames),
    ]
  }()
}
