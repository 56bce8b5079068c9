import Evidence
import Testing
import Wire

@testable import Simulator

/// The frames of one flow at each place, against what was worked out by hand from the hosts' rules: the balancer lowers
/// the TTL by one and writes its own MAC, and so does a router.
@Suite struct LegTests {
  @Test func `A rewriting balancer's flow, at each place`() {
    let playing = Playing()
    let (client, balancer, backend) = (playing.client, playing.balancer, playing.backend)
    let asked = Leg(half: .request, from: client, to: balancer, ttl: 64)
    let passedOn = Leg(half: .request, from: balancer, to: backend, ttl: 63)
    let answered = Leg(half: .reply, from: backend, to: client, ttl: 64)
    #expect(playing.legs(at: .client) == [asked, answered])
    #expect(playing.legs(at: .balancer) == [asked, passedOn])
    #expect(playing.legs(at: .backend) == [passedOn, answered])
    #expect(playing.legs(at: .mirror) == [asked, passedOn, answered])
    #expect(playing.fates == [.direct])
  }

  @Test func `A router lowers the TTL on both ways`() {
    let playing = Playing { $0.approach = .oneRouter }
    let (near, far) = (playing.router(at: 0), playing.router(at: 1))
    #expect(
      playing.legs(at: .behindRouter) == [
        Leg(half: .request, from: playing.client, to: far, ttl: 64),
        Leg(half: .reply, from: far, to: playing.client, ttl: 63),
      ])
    #expect(
      playing.legs(at: .mirror) == [
        Leg(half: .request, from: near, to: playing.balancer, ttl: 63),
        Leg(half: .request, from: playing.balancer, to: playing.backend, ttl: 62),
        Leg(half: .reply, from: playing.backend, to: near, ttl: 64),
      ])
    #expect(playing.legs(at: .trunk).count == 5)
  }

  @Test func `One router brings the requests and the other takes the replies`() {
    let playing = Playing { $0.approach = .routerEachWay }
    let legs = playing.legs(at: .behindRouter)
    #expect(legs.map(\.half) == [.request, .reply])
    #expect(legs[0].to == playing.router(0, at: 1) && legs[1].from == playing.router(1, at: 1))
  }

  @Test(arguments: [Scenario.Family.ipip, .gre, .gue])
  func `A tunnel wraps the leg to the backend and nothing else`(family: Scenario.Family) {
    let playing = Playing { $0.family = family }
    #expect(
      playing.legs(at: .mirror) == [
        Leg(half: .request, from: playing.client, to: playing.balancer, ttl: 64),
        Leg(half: .request, from: playing.balancer, to: playing.backend, ttl: 63, isWrapped: true),
        Leg(half: .reply, from: playing.backend, to: playing.client, ttl: 64),
      ])
    #expect(playing.fates == [.direct])
  }

  @Test func `A backend whose gateway is the balancer`() {
    let playing = Playing {
      $0.fault = .returnsViaBalancer
      $0.faulty = [0]
    }
    #expect(
      playing.legs(at: .client) == [
        Leg(half: .request, from: playing.client, to: playing.balancer, ttl: 64),
        Leg(half: .reply, from: playing.balancer, to: playing.client, ttl: 63),
      ])
    #expect(playing.fates == [.viaBalancer])
  }

  @Test func `A balancer that keeps the client's MAC shows by the TTL alone`() {
    let playing = Playing { $0.keepsClientMAC = true }
    #expect(
      playing.legs(at: .backend) == [
        Leg(half: .request, from: playing.client, to: playing.backend, ttl: 63),
        Leg(half: .reply, from: playing.backend, to: playing.client, ttl: 64),
      ])
  }

  @Test func `Who owns an address by a virtual MAC is asked there, and sends from its own`() throws {
    let playing = Playing { $0.balancerRedundancy = .vrrp }
    let legs = playing.legs(at: .mirror)
    #expect(legs[0].to.redundancyProtocol == .vrrp)
    #expect(legs[1].from == playing.balancer)
  }
}
