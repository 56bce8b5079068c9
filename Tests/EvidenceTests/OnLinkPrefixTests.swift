import Evidence
import PacketBuilder
import TestSupport
import Testing
import Wire

/// What routers say is on their links.
@Suite struct OnLinkPrefixTests {
  private static let router = Scene.balancer
  private static let routerIP6 = ip("fe80::1")
  private static let prefix = ip("fd00:10::")

  private func advertisement(
    _ prefixes: [Packet.AdvertisedPrefix] = [.init(Self.prefix)], from source: IPAddress = Self.routerIP6,
    vlan: UInt16? = nil, hopLimit: UInt8 = 255
  ) -> Packet {
    .routerAdvertisement(prefixes, by: Self.router, source, vlan: vlan, hopLimit: hopLimit)
  }

  @Test func aRouterNamesThePrefixesOfItsLink() throws {
    let packet = advertisement([
      .init(Self.prefix), .init(ip("fd00:20::"), length: 48), .init(ip("fd00:30::"), isOnLink: false),
    ])
    let evidence = Scene.evidence([packet, packet])
    #expect(
      Set(evidence.prefixes.keys) == [
        OnLinkPrefix(point: 0, router: Self.router, prefix: Self.prefix, length: 64),
        OnLinkPrefix(point: 0, router: Self.router, prefix: ip("fd00:20::"), length: 48),
      ])
    #expect(evidence.prefixes.values.allSatisfy { $0.frames == 2 && $0.firstFrame == 1 })
    #expect(evidence.claims.isEmpty)
  }

  /// RFC 4861 section 6.1.2: a router elsewhere cannot speak for this link.
  @Test func onlyARouterOnTheLinkIsBelieved() {
    #expect(Scene.evidence([advertisement(hopLimit: 254)]).prefixes.isEmpty)
    #expect(Scene.evidence([advertisement(from: ip("fd00:10::1"))]).prefixes.isEmpty)
    let tunnelled =
      Scene.toBackend / .ip(from: Scene.balancerIP, to: ip("10.1.10.21"))
      / .ipv6(from: Self.routerIP6, to: ip("ff02::1"), hopLimit: 255) / .routerAdvertisement([.init(Self.prefix)])
    #expect(Scene.evidence([tunnelled]).prefixes.isEmpty)
  }

  @Test func linksAreToldByVLAN() {
    let evidence = Scene.evidence([advertisement(vlan: 10), advertisement(vlan: 20)])
    #expect(Set(evidence.prefixes.keys.map(\.vlan.outer)) == [10, 20])
  }

  /// It goes to a group, and resolves no address: a filter of unicast would have dropped it.
  @Test func anAdvertisementShowsThatGroupsAreCaptured() {
    #expect(Scene.evidence([advertisement()]).pointsWithMulticast == [0])
    #expect(Scene.evidence([advertisement([])]).pointsWithMulticast == [0])
    let solicited =
      Packet.ethernet(from: Self.router, to: Scene.client)
      / .ipv6(from: Self.routerIP6, to: ip("fe80::100"), hopLimit: 255) / .routerAdvertisement([.init(Self.prefix)])
    let evidence = Scene.evidence([solicited])
    #expect(evidence.pointsWithMulticast.isEmpty)
    #expect(evidence.prefixes.count == 1)
  }
}
