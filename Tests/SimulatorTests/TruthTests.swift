import Evidence
import Testing
import Wire

@testable import Simulator

/// What the network says of flows is what was set up.
@Suite struct TruthTests {
  @Test(arguments: [Scenario.Family.rewrite, .ipip, .gre, .gue, .undoneByBackend])
  func `Direct families return directly`(family: Scenario.Family) {
    #expect(Playing { $0.family = family }.fates == [.direct])
  }

  @Test(arguments: [Scenario.Family.fullNAT, .proxy])
  func `Others return through the balancer`(family: Scenario.Family) {
    #expect(Playing { $0.family = family }.fates == [.viaBalancer])
  }

  @Test func `A SYN that goes three times in vain is told, whatever becomes of the flow`() {
    let silent = Playing {
      $0.fault = .lacksVIP
      $0.faulty = [0]
    }
    #expect(silent.network.truths.allSatisfy { $0.isAskedInVain })
    #expect(Playing { $0.family = .rewrite }.network.truths.allSatisfy { !$0.isAskedInVain })
  }

  @Test func `Masquerading too, whose backends stand behind the balancer`() {
    let playing = Playing {
      $0.family = .masquerade
      $0.hasTwoNetworks = true
    }
    #expect(playing.fates == [.viaBalancer])
  }

  @Test func `A plain server has no balancer`() {
    #expect(Playing { $0.family = .plain }.fates == [.plain])
  }

  @Test func `Without the VIP a backend is silent, and the client waits twice as long each time`() {
    let playing = Playing {
      $0.fault = .lacksVIP
      $0.faulty = [0]
    }
    #expect(playing.fates == [.unanswered])
    let times = playing.network.frames.filter {
      $0.datagram != nil && $0.source == playing.client
    }.map(\.time)
    #expect(times.count >= 3)
    for (index, pause) in zip(times.dropFirst(), times).map({ $0 - $1 }).enumerated() {
      #expect(pause >= 1_000_000_000 << index && pause < 1_100_000_000 << index)
    }
  }

  @Test func `A port that nobody listens on is refused`() {
    let playing = Playing {
      $0.fault = .noListener
      $0.faulty = [0]
    }
    #expect(playing.network.truths[0].isRefused)
    let reset = playing.network.frames.compactMap(\.datagram).last { $0.half == .reply }
    #expect(reset?.tcp?.flags == [.rst, .ack] && reset?.tcp?.sequence == 0)
  }

  @Test func `A backend that asks as the VIP draws requests past the balancer`() {
    let playing = Playing {
      $0.fault = .asksAsVIP
      $0.faulty = [0]
      $0.flows = 12
    }
    let fates = playing.network.truths.map(\.fates)
    #expect(fates.contains { $0.contains(.bypassed) })
    #expect(playing.network.misclaims == [.sender])
    let leg = Leg(half: .request, from: playing.client, to: playing.backend, ttl: 64)
    #expect(playing.legs(at: .client).contains(leg))
  }
}
