import Evidence
import Testing
import Wire

@testable import Simulator

/// Prefixes, detours, servers without a balancer, and what goes on beside a service.
@Suite struct OddNetworkTests {
  @Test func `A near address in another network is reached through a router`() {
    let playing = Playing {
      $0.approach = .oneRouter
      $0.prefix = .init(length: 25, isOtherNetwork: true)
    }
    let client = playing.network.address(of: playing.network.clients[0])
    #expect(client.low >> 8 == playing.network.vip.low >> 8)
    #expect(playing.legs(at: .behindRouter)[0].to == playing.router(at: 1))
    #expect(playing.fates == [.direct])
  }

  @Test(arguments: [23, 22, 20, 16])
  func `A far address on the link is reached without one`(length: Int) {
    let playing = Playing {
      $0.approach = .nearWide
      $0.prefix = .init(length: length, isOtherNetwork: false)
    }
    #expect(playing.network.address(of: playing.network.clients[0]).low >> 8 != playing.network.vip.low >> 8)
    #expect(playing.legs(at: .client)[0].to == playing.balancer)
    #expect(playing.fates == [.direct])
  }

  @Test func `IPv6 networks of 112 bits are two networks in one slash 64`() {
    let playing = Playing {
      $0.isIPv6 = true
      $0.approach = .oneRouter
      $0.prefix = .init(length: 112, isOtherNetwork: true)
    }
    #expect(playing.network.address(of: playing.network.clients[0]).high == playing.network.vip.high)
    #expect(playing.legs(at: .behindRouter)[0].to == playing.router(at: 1))
  }

  // MARK: Detours

  private func detour(tells: Bool, heeds: Bool, isIPv6: Bool = false) -> Playing {
    Playing {
      $0.family = .plain
      $0.flows = 6
      $0.isIPv6 = isIPv6
      $0.detour = .init(tells: tells, heeds: heeds)
    }
  }

  private func redirects(_ playing: Playing) -> [IPAddress] {
    playing.frames { frame in
      if case .redirect(_, let destination, _) = frame.content { return destination }
      return nil
    }
  }

  @Test(arguments: [false, true])
  func `A router of the same network brings the request and tells a better way`(isIPv6: Bool) {
    let playing = detour(tells: true, heeds: false, isIPv6: isIPv6)
    let legs = playing.legs(at: .mirror)
    #expect(legs[0] == Leg(half: .request, from: playing.client, to: playing.router(at: 0), ttl: 64))
    #expect(legs[1] == Leg(half: .request, from: playing.router(at: 0), to: playing.backend, ttl: 63))
    #expect(legs[2] == Leg(half: .reply, from: playing.backend, to: playing.client, ttl: 64))
    #expect(legs.count == 3 && playing.fates == [.plain])
    #expect(!redirects(playing).isEmpty && redirects(playing).allSatisfy { $0 == playing.network.vip })
    #expect(playing.sightings(at: .client).hasRedirect)
    #expect(playing.sightings(at: .client).speakAgainst([]))
  }

  @Test func `Who heeds it goes straight from then on, and some routers tell nothing`() {
    let heeding = detour(tells: true, heeds: true)
    #expect(redirects(heeding).count == 1)
    #expect(heeding.legs(at: .client).contains { $0.half == .request && $0.to == heeding.backend })
    #expect(redirects(detour(tells: false, heeds: true)).isEmpty)
  }

  // MARK: Servers

  @Test(arguments: [Scenario.ServiceMAC.controller, .virtualBox])
  func `A server is asked at one MAC and sends from another`(kind: Scenario.ServiceMAC) {
    let playing = Playing {
      $0.family = .plain
      $0.serviceMAC = kind
    }
    let legs = playing.legs(at: .client)
    #expect(legs.count == 2 && legs[0].to != legs[1].from && legs[1].from == playing.backend)
    if kind == .virtualBox {
      #expect(legs[0].to == MACAddress(0x5254_0012_3503) && legs[1].from == MACAddress(0x5254_0012_3502))
    }
    #expect(playing.fates == [.plain])
  }

  @Test(arguments: [Scenario.Family.plain, .rewrite])
  func `In a cloud one MAC is the far end of every frame of a host`(family: Scenario.Family) {
    let playing = Playing {
      $0.family = family
      $0.isFabric = true
      $0.vantage = .client
    }
    let fabric = Network.fabricMAC
    for vantage in [Scenario.Vantage.client, .backend] {
      for leg in playing.legs(at: vantage) { #expect((leg.from == fabric) != (leg.to == fabric)) }
    }
    #expect(playing.sightings(at: .client).claims.allSatisfy { $0.owner == fabric })
    #expect(playing.fates == (family == .plain ? [.plain] : [.direct]))
  }

  // MARK: Beside the service

  @Test(arguments: [Scenario.Checks.ping, .tcp])
  func `A backend that is checked asks for the balancer's own address`(checks: Scenario.Checks) {
    let playing = Playing { $0.checks = checks }
    let own = playing.network.address(of: playing.network.nodes[0])
    let asked = playing.frames { frame -> Int? in
      if case .question(own, _, _) = frame.content { return playing.network.interfaces[frame.sender].station }
      // Or it has learnt the address from the balancer's own question.
      if case .question(_, own, _) = frame.content { return playing.network.backends[0] }
      return nil
    }
    #expect(asked.contains(playing.network.backends[0]))
    let pings = playing.network.frames.compactMap(\.datagram?.ping)
    #expect(pings.isEmpty == (checks == .tcp) && pings.contains(where: \.isAnswer) == (checks == .ping))
  }

  @Test func `A backend that asks the VIP is answered by another, and never by itself`() {
    let playing = Playing {
      $0.family = .undoneByBackend
      $0.backendsAsk = .vip
      $0.backends = 3
      $0.flows = 16
    }
    let asking = playing.network.truths.filter { truth in
      playing.network.backends.contains { playing.network.isOwn(truth.flow.client.address, of: $0) }
    }
    #expect(asking.count > 8 && asking.allSatisfy { $0.fates == [.direct] })
  }

  @Test(arguments: [Scenario.Asked.otherVIP, .balancer])
  func `A backend may ask for another service of the balancer`(asked: Scenario.Asked) {
    let playing = Playing {
      $0.backendsAsk = asked
      $0.backends = 3
    }
    let probes = playing.network.probes.filter { playing.network.backends.contains($0.clientStation) }
    #expect(probes.count == 3 && probes.allSatisfy { $0.serverStation != nil && $0.serverStation != $0.clientStation })
    #expect(playing.fates == [.direct])
  }
}
