import Foundation
import TestSupport
import Testing
import Wire

@testable import dsrproof

/// What is said before the first frame, by interfaces and routes made up.
@Suite struct LiveAdviceTests {
  private static let vip = IPAddress("10.1.10.10")!
  private static let gateway = IPAddress("10.1.20.1")!

  private func captured(
    _ name: String, isLoopback: Bool = false, hasAddress: Bool = true
  ) -> LiveAdvice.Captured { .init(name: name, isLoopback: isLoopback, hasAddress: hasAddress) }

  private func warning(
    _ captured: LiveAdvice.Captured..., answer: HostRoute.Answer, asks: Bool = false
  ) -> LiveAdvice.Warning? {
    LiveAdvice.all(captured, routes: [(Self.vip, answer)], asks: asks) { $0 == $1 || ($0, $1) == ("eth1", "bond0") }
      .first?.warning
  }

  private static let near = HostRoute.Answer.route(HostRoute(interface: "eth1"))
  private static let routed = HostRoute.Answer.route(HostRoute(interface: "eth1", gateway: gateway))
  private static let own = HostRoute.Answer.route(HostRoute(interface: "lo", isLocal: true))

  @Test func whereAllIsRightNothingIsSaid() {
    #expect(warning(captured("eth1"), answer: Self.near, asks: true) == nil)
    #expect(warning(captured("eth0"), captured("eth1"), answer: Self.near, asks: true) == nil)
    // On a balancer or a backend the VIP is its own.
    #expect(warning(captured("eth1"), answer: Self.own) == nil)
    // A bond's port.
    #expect(warning(captured("eth1"), answer: .route(HostRoute(interface: "bond0")), asks: true) == nil)
    #expect(warning(captured("eth1"), answer: .unknown, asks: true) == nil)
  }

  @Test func anotherInterfaceIsToldWhereItCounts() {
    #expect(warning(captured("eth0"), answer: Self.near) == .leavesElsewhere(by: "eth1"))
    #expect(warning(captured("mon0", hasAddress: false), answer: Self.near, asks: true) == .leavesElsewhere(by: "eth1"))
    // A mirror's, and what this host asks itself is no matter.
    #expect(warning(captured("mon0", hasAddress: false), answer: Self.near) == nil)
  }

  @Test func aGatewayAnyAndLoopbackAreTold() {
    #expect(warning(captured("eth1"), answer: Self.routed) == .gateway(Self.gateway, by: "eth1"))
    #expect(warning(captured("any"), answer: Self.near) == .everyInterface(better: "eth1"))
    #expect(warning(captured("any"), answer: Self.own) == .everyInterface(better: nil))
    #expect(warning(captured("any"), answer: .unknown) == .everyInterface(better: nil))
    let loopback = captured("lo", isLoopback: true)
    #expect(warning(loopback, answer: Self.near) == .loopback(better: "eth1"))
    #expect(warning(loopback, answer: Self.own) == .loopback(better: nil))
  }

  @Test func whatItAsksItselfHasToGetThere() {
    #expect(warning(captured("eth1"), answer: Self.own, asks: true) == .staysHere)
    #expect(warning(captured("eth1"), answer: .unreachable, asks: true) == .noRoute)
    #expect(warning(captured("eth1"), answer: .unreachable) == nil)
  }

  @Test func oneLineStandsForAllVIPsOfAKind() throws {
    let other = try #require(IPAddress("10.1.10.11"))
    let found = LiveAdvice.all(
      [captured("eth0")], routes: [(Self.vip, Self.near), (other, Self.near)], asks: false, passes: ==)
    #expect(found.map(\.vips) == [[Self.vip, other]])
    #expect(
      found.first?.text { "dsrproof -i \($0)" }
        == "this host reaches 10.1.10.10, 10.1.10.11 by eth1, which is not captured: dsrproof -i eth1")
  }

  @Test func theCommandIsThisOneWithTheRightInterface() {
    let vip = ["--vip", "10.1.10.10:80"]
    #expect(LiveAdvice.command(["-i", "eth0"] + vip, on: "eth1") == "dsrproof -i eth1 --vip 10.1.10.10:80")
    #expect(
      LiveAdvice.command(["verify", "-ieth0"] + vip, on: "eth1") == "dsrproof verify -i eth1 --vip 10.1.10.10:80")
    #expect(LiveAdvice.command(["-i", "a"] + vip + ["-i", "b"], on: "eth1") == "dsrproof -i eth1 --vip 10.1.10.10:80")
    #expect(
      LiveAdvice.command(["-i", "a", "host 10.1.10.10 or arp", "it's"], on: "eth1")
        == #"dsrproof -i eth1 'host 10.1.10.10 or arp' 'it'\''s'"#)
  }
}

#if os(Linux)
  /// What the kernel says, read from its messages and asked of networks of the test's own.
  @Suite struct HostRouteTests {
    @Test func loopbackIsThisHostsOwn() throws {
      let address = try #require(IPAddress("127.0.0.1"))
      guard case .route(let route) = HostRoute.towards(address) else {
        Issue.record("no route to loopback")
        return
      }
      #expect(route == HostRoute(interface: "lo", isLocal: true))
    }

    @Test func aMessageThatIsCutGivesNoMore() {
      #expect(Netlink.Answer([]) == .none)
      #expect(Netlink.Answer([UInt8](repeating: 0, count: 16)) == .none)
      #expect(Netlink.Answer([20, 0, 0, 0, 2, 0, 0, 0] + [UInt8](repeating: 0, count: 8)) == .none)
      let refused: [UInt8] = [20, 0, 0, 0, 2, 0, 0, 0] + [UInt8](repeating: 0, count: 8) + [0x9b, 0xff, 0xff, 0xff]
      #expect(Netlink.Answer(refused) == .refused(101))
      // An attribute that is longer than what is there, and one without an end.
      for rest in [[200, 0, 4, 0, 1, 0, 0, 0], [3, 0, 4, 0], [8, 0, 4, 0, 1]] as [[UInt8]] {
        let message = Netlink.Message(type: 24, body: [UInt8](repeating: 0, count: 12) + rest)
        #expect(message.attributes(after: 12).isEmpty)
        #expect(HostRoute(message) == nil)
      }
    }
  }

  /// The lines on standard error of live runs in networks of their own.
  @Suite(.enabled(if: NetworkNamespaces.isRoot, Comment(rawValue: NetworkNamespaces.needs)))
  struct LiveWarningTests {
    private func errors(_ network: NetworkNamespaces, _ arguments: String...) throws -> String {
      let fixed = [Executable.url.path, "--duration", "200ms", "--vip", "10.1.10.10:80"]
      return try network.runAll("client", fixed + arguments).errors
    }

    @Test func theWayToTheVIPIsHeldAgainstWhatIsCaptured() throws {
      let network = try NetworkNamespaces([LiveNetwork.client])
      try network.configure("client", "link", "add", "eth2", "type", "veth", "peer", "name", "eth3")
      try network.configure("client", "address", "add", "192.0.2.1/24", "dev", "eth2")
      try network.configure("client", "link", "set", "eth2", "up")
      #expect(try !errors(network, "-i", "eth1").contains("warning"))
      #expect(
        try errors(network, "-i", "eth1").contains(
          "listening on eth1 (EN10MB) for tcp://10.1.10.10:80, until 0.2 s have passed, or Ctrl-C or SIGTERM"))
      #expect(
        try errors(network, "-i", "eth2").contains(
          "warning: this host reaches 10.1.10.10 by eth1, which is not captured: dsrproof --duration 200ms --vip "
            + "10.1.10.10:80 -i eth1"))
      #expect(try errors(network, "-i", "any").contains("warning: any captures no destination MAC"))
      #expect(try errors(network, "-i", "lo").contains("warning: loopback shows only"))
      // What leaves by one end of a pair comes in at the other, and neither is the end of all others.
      try network.configure("client", "link", "set", "eth3", "up")
      try network.configure("client", "route", "add", "10.1.10.10", "dev", "eth2")
      #expect(try !errors(network, "-i", "eth3").contains("warning"))
      #expect(try errors(network, "-i", "eth1").contains("warning: this host reaches 10.1.10.10 by eth2"))
      try network.configure("client", "route", "delete", "10.1.10.10")
      // A bridge has the address, and its port has the frames.
      try network.configure("client", "link", "add", "br1", "type", "bridge")
      try network.configure("client", "address", "flush", "dev", "eth1")
      try network.configure("client", "address", "add", "10.1.10.100/24", "dev", "br1")
      try network.configure("client", "link", "set", "br1", "up")
      #expect(
        try errors(network, "-i", "eth1", "--probe", "--probe-count", "1").contains("by br1, which is not captured"))
      try network.configure("client", "link", "set", "eth1", "master", "br1")
      #expect(try !errors(network, "-i", "eth1", "--probe", "--probe-count", "1").contains("warning"))
      #expect(try !errors(network, "-i", "br1").contains("warning"))
    }

    @Test func aGatewayAndNoRouteAreTold() throws {
      let network = try NetworkNamespaces([.init("client", mac: LiveNetwork.client.mac, address: "10.1.20.100")])
      #expect(
        try errors(network, "-i", "eth1", "--probe", "--probe-count", "1").contains(
          "warning: this host has no route to 10.1.10.10"))
      try network.configure("client", "route", "add", "default", "via", "10.1.20.1")
      #expect(
        try errors(network, "-i", "eth1").contains(
          "warning: this host reaches 10.1.10.10 by the gateway 10.1.20.1 (eth1)"))
      try network.configure("client", "address", "add", "10.1.10.10/32", "dev", "lo")
      #expect(try !errors(network, "-i", "eth1").contains("warning"))
      #expect(
        try errors(network, "-i", "eth1", "--probe", "--probe-count", "1").contains(
          "warning: 10.1.10.10 is this host's own"))
    }
  }
#endif
