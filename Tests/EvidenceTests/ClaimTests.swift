import Evidence
import PacketBuilder
import TestSupport
import Testing
import Wire

/// Who says that it owns an address, and how.
@Suite struct ClaimTests {
  private static let balancerIP6 = ip("fd00:10::11")
  private static let clientIP6 = ip("fd00:10::100")
  private static let vip6 = ip("fd00:10::10")

  private func claims(_ packets: Packet...) -> [Claim] { Array(Scene.evidence(packets).claims.keys) }

  @Test func anARPReplyAnswersWhoAsked() throws {
    let found = claims(.arpReply(Scene.vip, isAt: Scene.balancer, to: Scene.client, Scene.clientIP))
    let claim = try #require(found.first)
    #expect(found.count == 1)
    #expect(claim.kind == .arpReply && claim.kind.isAnswer)
    #expect(claim.address == Scene.vip && claim.mac == Scene.balancer)
    #expect(claim.receiver == Scene.client)
    #expect(claim.askedFor == nil)
  }

  @Test func anARPRequestClaimsTheAskersOwnAddressAndNotWhatItAsksFor() throws {
    let found = claims(.arpRequest(for: Scene.vip, by: Scene.client, Scene.clientIP))
    let claim = try #require(found.first)
    #expect(found.count == 1)
    #expect(claim.kind == .arpSender && claim.kind.isSender)
    #expect(claim.address == Scene.clientIP && claim.mac == Scene.client)
    #expect(claim.askedFor == Scene.vip)
  }

  @Test func gratuitousARPIsToldAsRequestAndAsReply() {
    let request = claims(.gratuitousARP(.request, Scene.vip, isAt: Scene.balancer))
    let reply = claims(.gratuitousARP(.reply, Scene.vip, isAt: Scene.balancer))
    #expect(request.map(\.kind) == [.gratuitousRequest])
    #expect(reply.map(\.kind) == [.gratuitousReply])
    for claim in request + reply {
      #expect(claim.kind.isAnnouncement)
      #expect(claim.address == Scene.vip && claim.mac == Scene.balancer)
      #expect(claim.receiver == nil)
    }
  }

  /// Some announce with a reply to everybody whose target is not the address itself.
  @Test func aReplyToEverybodyIsAnAnnouncement() {
    let found = claims(
      .ethernet(from: Scene.balancer, to: .broadcast)
        / .arp(.reply, sender: Scene.balancer, Scene.vip, target: .broadcast, ip("0.0.0.0")))
    #expect(found.map(\.kind) == [.gratuitousReply])
  }

  /// RFC 5227 section 2.1.1: a probe asks, with the sender address 0, before it takes an address.
  @Test func aProbeClaimsNothing() {
    #expect(claims(.arpRequest(for: Scene.vip, by: Scene.client, ip("0.0.0.0"))).isEmpty)
  }

  @Test func aGroupAddressOwnsNothing() {
    #expect(claims(.arpReply(Scene.vip, isAt: .broadcast, to: Scene.client, Scene.clientIP)).isEmpty)
  }

  @Test func aMACThatIsClaimedByAnotherIsToldFromIt() throws {
    let virtual = MACAddress.vrrp(7)
    let found = claims(
      .ethernet(from: Scene.balancer, to: .broadcast)
        / .arp(.request, sender: virtual, Scene.vip, target: MACAddress(0), Scene.vip))
    #expect(found.map(\.mac) == [virtual])
    #expect(found.map(\.sender) == [Scene.balancer])
  }

  @Test func aSolicitedAdvertisementIsAnAnswer() throws {
    let found = claims(.ndpReply(Self.vip6, isAt: Scene.balancer, to: Scene.client, Self.clientIP6))
    let claim = try #require(found.first)
    #expect(found.count == 1)
    #expect(claim.kind == .advertisement && claim.kind.isAnswer)
    #expect(claim.address == Self.vip6 && claim.mac == Scene.balancer && claim.receiver == Scene.client)
  }

  @Test func anUnsolicitedAdvertisementIsAnAnnouncement() {
    let found = claims(.unsolicitedAdvertisement(Self.vip6, isAt: Scene.balancer))
    #expect(found.map(\.kind) == [.unsolicitedAdvertisement])
    #expect(found.allSatisfy { $0.kind.isAnnouncement && $0.address == Self.vip6 && $0.mac == Scene.balancer })
  }

  @Test func aSolicitationClaimsTheAskersOwnAddress() {
    let found = claims(.ndpRequest(for: Self.vip6, by: Scene.client, Self.clientIP6))
    #expect(found.map(\.kind) == [.solicitationSender])
    #expect(found.map(\.address) == [Self.clientIP6])
    #expect(found.map(\.askedFor) == [Self.vip6])
  }

  /// RFC 4862 section 5.4.2: duplicate address detection asks from the unspecified address.
  @Test func duplicateAddressDetectionClaimsNothing() {
    let group = Self.vip6.solicitedNodeMulticast
    let probe =
      Packet.ethernet(from: Scene.client, to: group.multicastMAC) / .ipv6(from: ip("::"), to: group, hopLimit: 255)
      / .neighborSolicitation(for: Self.vip6)
    #expect(claims(probe).isEmpty)
  }

  @Test(arguments: [UInt8(2), 3])
  func aVRRPAdvertisementClaimsEveryAddressItLists(version: UInt8) {
    let addresses = [Scene.vip, ip("10.1.10.12")]
    let found = claims(
      .vrrpAdvertisement(version: version, virtualRouter: 7, addresses: addresses, by: Scene.balancerIP))
    #expect(Set(found.map(\.address)) == Set(addresses))
    #expect(found.allSatisfy { $0.kind == .vrrp && $0.mac == MACAddress.vrrp(7) })
    #expect(found.allSatisfy { $0.speaker == Scene.balancerIP && $0.priority == 100 })
    #expect(found.allSatisfy { $0.advertisementInterval == 1000 })
  }

  /// Both routers of a pair speak from the virtual MAC: their own addresses tell them apart.
  @Test func routersThatSpeakForOneAddressAreTold() {
    let other = ip("10.1.10.12")
    let found = claims(
      .vrrpAdvertisement(virtualRouter: 7, priority: 200, addresses: [Scene.vip], by: Scene.balancerIP),
      .vrrpAdvertisement(virtualRouter: 7, priority: 0, addresses: [Scene.vip], by: Scene.balancerIP),
      .vrrpAdvertisement(virtualRouter: 7, interval: 25, addresses: [Scene.vip], by: other))
    #expect(found.count == 3)
    #expect(Set(found.filter { $0.speaker == Scene.balancerIP }.map(\.priority)) == [0, 200])
    #expect(found.filter { $0.speaker == other }.map(\.advertisementInterval) == [250])
    #expect(Set(found.map(\.mac)) == [.vrrp(7)])
  }

  @Test func onlyVRRPNamesASpeaker() {
    let found = claims(
      .arpReply(Scene.vip, isAt: Scene.balancer, to: Scene.client, Scene.clientIP),
      .unsolicitedAdvertisement(Self.vip6, isAt: Scene.balancer))
    #expect(found.count == 2)
    #expect(found.allSatisfy { $0.speaker == nil && $0.priority == nil && $0.advertisementInterval == nil })
  }

  @Test func aVRRPAdvertisementOverIPv6ClaimsItsAddresses() {
    let addresses = [ip("fe80::1"), Self.vip6]
    let found = claims(
      .vrrpAdvertisement(virtualRouter: 7, addresses: addresses, by: ip("fe80::11"), at: Scene.balancer))
    #expect(Set(found.map(\.address)) == Set(addresses))
    #expect(found.allSatisfy { $0.kind == .vrrp && $0.mac == Scene.balancer })
  }

  @Test func theSameClaimAgainIsCounted() throws {
    let reply = Packet.arpReply(Scene.vip, isAt: Scene.balancer, to: Scene.client, Scene.clientIP)
    let other = Packet.arpReply(Scene.vip, isAt: Scene.backend, to: Scene.client, Scene.clientIP)
    let evidence = Scene.evidence([other, reply, reply])
    let tallies = evidence.claims.filter { $0.key.mac == Scene.balancer }.map(\.value)
    let tally = try #require(tallies.first)
    #expect(evidence.claims.count == 2 && tallies.count == 1)
    #expect(tally.frames == 2)
    #expect(tally.firstFrame == 2)
    #expect(tally.firstTime == Scene.start + .milliseconds(1))
    #expect(tally.lastTime == Scene.start + .milliseconds(2))
  }

  /// A pause is seen: claims before and after it are two stretches.
  @Test func aTallyTellsWhen() throws {
    let reply = Packet.arpReply(Scene.vip, isAt: Scene.balancer, to: Scene.client, Scene.clientIP)
    let moments = [0, 10, 8000].map { Scene.start + .milliseconds($0) }
    let evidence = Scene.evidence(moments.map { TimedFrame(reply, at: $0) })
    let tally = try #require(evidence.claims.values.first)
    #expect(tally.times.spans.count == 2)
    #expect(moments.allSatisfy { tally.times.contains($0) })
    #expect(!tally.times.contains(Scene.start + .milliseconds(4000)))
  }

  @Test func claimsInSeveralVLANsAreSeveral() {
    let inVLAN = { (vlan: UInt16) in
      Packet.ethernet(from: Scene.balancer, to: Scene.client, vlan: vlan)
        / .arp(.reply, sender: Scene.balancer, Scene.vip, target: Scene.client, Scene.clientIP)
    }
    #expect(Set(claims(inVLAN(10), inVLAN(20)).map(\.vlan.outer)) == [10, 20])
  }
}
